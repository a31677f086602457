"""What is carried home, or in the tank."""

from ...phrases import phrases

WARES = {
    "pharmacy": (
        {
            "id": phrases(
                "Obat Alergi|Obat Asma|Obat Darah Tinggi|Obat Kolesterol|Obat Sakit Gigi|"
                "Obat Sakit Kepala|Obat Gatal|Obat Jerawat|Obat Luka|Obat Nyeri|"
                "Obat Penurun Panas|Obat Tetes Mata|Obat Sariawan|Asam Mefenamat|Asam Folat|"
                "Antibiotik|Cefixime|Ciprofloxacin|Simvastatin|Lansoprazole|Domperidone|Ambroxol|"
                "Salep Mata|Salep Luka Bakar|Krim Antijamur|Bedak Gatal|Minyak Tawon|"
                "Minyak Angin|Madu Herbal|Temulawak|Kunyit Asam|Suplemen Zinc|Vitamin B Kompleks|"
                "Vitamin E|Kalsium Tablet|Susu Lansia|Kain Perban|Kapas Medis|"
                "Sarung Tangan Medis|Alat Tensi|Strip Gula Darah|Tes Asam Urat|Kursi Roda|"
                "Tongkat|Cek Kolesterol|Cek Darah|Suntik Vitamin|Biaya Dokter|Rawat Jalan|"
                "Rawat Inap|Tindakan Medis|Cabut Gigi|Tambal Gigi|Behel|Kacamata Baca|"
                "Cairan Softlens|Racikan Puyer"
            ),
            "my": phrases(
                "Ubat Alahan|Ubat Asma|Ubat Darah Tinggi|Ubat Cirit|Ubat Cacing|Ubat Gatal|"
                "Ubat Tahan Sakit|Ubat Kumur|Antibiotik|Titis Mata|Titis Hidung|Sapuan Luka|Balm|"
                "Krim Kulat|Minyak Panas|Tampal Sakit|Vitamin E|Zat Besi|Asid Folik|Madu Lebah|"
                "Susu Warga Emas|Sarung Tangan|Alat Tekanan Darah|Jalur Ujian Gula|"
                "Ujian Kehamilan|Cabut Gigi|Tampal Gigi|Cuci Gigi|Rawatan Klinik|Suntikan|"
                "Sijil Cuti|Pemeriksaan Mata|Kanta Lekap"
            ),
            "en": phrases(
                "Paracetamol Syrup|Naproxen|Diclofenac Gel|Codeine Linctus|Amoxiclav|Doxycycline|"
                "Cefuroxime|Prednisolone|Losartan|Atorvastatin|Simvastatin|Bisoprolol|"
                "Insulin Pen|Inhaler|Antihistamine|Decongestant|Throat Spray|Cough Mixture|"
                "Cold Relief|Flu Relief|Travel Sickness|Antifungal Cream|Hydrocortisone|"
                "Calamine Lotion|Burn Gel|Wart Remover|Acne Gel|Eczema Cream|Diaper Rash Cream|"
                "Head Lice Shampoo|Vitamin D3|Vitamin B12|Evening Primrose|Ginkgo|"
                "Turmeric Capsule|Melatonin|Biotin|Cod Liver Oil|Electrolyte|Glucose Meter|"
                "Lancets|Syringe|Cotton Gauze|Elastic Bandage|Knee Support|Back Brace|Crutches|"
                "Hot Water Bag|Ice Pack|Pregnancy Test|Ovulation Kit|Reading Glasses|Eye Test|"
                "Hearing Test|Flu Shot|Physiotherapy|Ultrasound|ECG|Urine Test|Tooth Filling|"
                "Root Canal|Crown|Teeth Whitening|Medical Report|Ward Charges|Doctor Fee|"
                "Follow Up Visit|Dressing Change|Acupuncture"
            ),
        },
    ),
    "fuel": (
        {
            "id": phrases(
                "Pertamax Turbo|Pertamax Green|Solar B30|Bensin 92|Bensin 95|Shell Super|"
                "Diesel Plus"
            ),
            "my": phrases(
                "Petrol RON95|Petrol RON97|Diesel B20|Super 95|Super 97|Dynamic Diesel|"
                "Minyak Diesel"
            ),
            "en": phrases(
                "Unleaded 91|Unleaded 98|Ultimate 97|V Power|Super Unleaded|Plus 89|Premium 93|"
                "Ultra Low Diesel|Bio Diesel|LPG|CNG|Kerosene|Ethanol E85|Diesel Exhaust Fluid"
            ),
        },
    ),
    "hardware": (
        {
            "id": phrases(
                "Semen Putih|Pasir Halus|Batu Bata|Batako|Genteng|Asbes|Besi Beton|Besi Hollow|"
                "Baja Ringan|Kawat Bendrat|Kawat Nyamuk|Paku Payung|Paku Kayu|Dynabolt|"
                "Sekrup Gypsum|Fischer|Papan Gypsum|Lis Gypsum|Kayu Reng|Multiplek|Engsel Lemari|"
                "Handle Pintu|Kunci Pintu|Rel Laci|Cat Besi|Cat Semprot|Tiner|Dempul|Plamir|"
                "Lem Kayu|Lem Pipa|Lem Tembak|Isolasi|Seal Tape|Pipa PVC 3/4|Elbow|Sambungan T|"
                "Stop Kran|Shower Mandi|Kloset|Wastafel|Bak Air|Tandon Air|Pompa Air|Selang Air|"
                "Lampu LED|Lampu Sorot|Fitting Lampu|Kabel NYM|MCB|Colokan|Steker|"
                "Terminal Listrik|Gergaji Besi|Mata Gerinda|Kikir|Pahat|Linggis|Kape|Ember Cor|"
                "Sarung Tangan Kerja|Sepatu Boot|Helm Proyek|Oli Mesin|Oli Gardan|Busi Motor|"
                "Kampas Rem|Aki Kering|Ban Dalam|Filter Oli|Bohlam Motor|Rantai Motor|Spion|"
                "Wiper|Minyak Rem"
            ),
            "my": phrases(
                "Simen Putih|Pasir|Bata|Kapur|Besi Y12|Besi Hollow|Dawai Duri|Jaring|Skru Kayu|"
                "Skru Gipsum|Bolt Nat|Wasyar|Paku Payung|Siling Gipsum|Papan|Kayu Beroti|"
                "Tombol Pintu|Kunci Pintu|Selak|Cat Undercoat|Cat Sembur|Tiner|Syelek|Gam Kayu|"
                "Gam PVC|Pita PVC|Sambungan T|Siku Paip|Injap|Pili|Sinki|Mangkuk Tandas|"
                "Tangki Air|Pam Air|Getah Paip|Lampu LED|Lampu Kalimantang|Soket|Wayar Elektrik|"
                "Mata Gerudi|Mata Gergaji|Pahat|Sudip|Baldi Simen|Sarung Tangan|Kasut Getah|"
                "Topi Keselamatan|Minyak Brek|Palam Pencucuh|Bateri Kereta|Penapis Minyak|"
                "Mentol Kereta|Tayar"
            ),
            "en": phrases(
                "Sand Bag|Gravel|Clay Brick|Concrete Block|Roof Tile|Rebar|Steel Rod|I-Beam|"
                "Aluminium Sheet|Wire Mesh|Barbed Wire|Drywall Screw|Masonry Nail|Anchor Bolt|"
                "Wing Nut|Rivet|Threaded Rod|Wall Plug|Corner Bracket|Shelf Bracket|Drawer Slide|"
                "Cabinet Knob|Deadbolt|Door Stopper|Window Latch|Gypsum Board|Plasterboard|"
                "MDF Board|Timber Plank|Skirting|Varnish|Wood Stain|Undercoat|Spray Paint|"
                "Paint Thinner|Putty|Grout|Tile Adhesive|Epoxy|Wood Glue|Duct Tape|Masking Tape|"
                "Thread Seal Tape|PVC Elbow|Tee Joint|Gate Valve|Check Valve|Pipe Clamp|"
                "Sink Strainer|Faucet|Toilet Seat|Water Heater|Water Pump|Hose Reel|Sprinkler|"
                "LED Strip|Flood Light|Downlight|Lamp Holder|Dimmer|Junction Box|Fuse|"
                "Power Strip|Battery Charger|Saw Blade|Grinding Disc|Cutting Disc|Chisel|File|"
                "Crowbar|Wrench Set|Socket Set|Utility Knife|Trowel|Pick Axe|Rake|Hoe|"
                "Garden Shears|Lawn Mower|Ear Muffs|Safety Goggles|Dust Mask|Rope|Bungee Cord|"
                "Pulley|Engine Oil|Gear Oil|Brake Pad|Spark Plug|Car Battery|Oil Filter|"
                "Air Filter|Wiper Blade|Headlight Bulb|Coolant|Brake Fluid|Inner Tube|Floor Mat|"
                "Timing Belt"
            ),
        },
    ),
    "stationery": (
        {
            "id": phrases(
                "Pulpen Gel|Pensil Warna|Pensil Mekanik|Isi Pensil|Tipe X|Busur Derajat|Jangka|"
                "Buku Kas|Buku Agenda|Buku Tamu|Buku Kwitansi|Nota Kontan|Kertas Folio|"
                "Kertas Karton|Kertas Origami|Kertas Foto|Kertas Buffalo|Ordner|Stopmap|Binder|"
                "Isi Binder|Papan Ujian|Papan Tulis|Spidol Papan|Penghapus Papan|Tinta Spidol|"
                "Bantalan Stempel|Stempel|Double Tape|Selotip|Lem Stik|Pembolong Kertas|Pines|"
                "Karet Gelang|Label Harga|Kartu Ucapan|Pita Kado|Tas Kertas|Kuas Lukis|Kanvas|"
                "Cat Akrilik|Sampul Buku|Kamus|Majalah|Novel|Komik|Atlas"
            ),
            "my": phrases(
                "Pen Gel|Pensel Warna|Pensel Mekanikal|Cecair Pemadam|Jangka Lukis|Buku Nota|"
                "Buku Log|Buku Resit|Buku Teks|Buku Cerita|Kertas A4|Kertas Kajang|Kertas Manila|"
                "Kad Manila|Fail Poket|Fail Gantung|Fail Lever Arch|Papan Putih|Marker|"
                "Pad Dakwat|Cop Getah|Pita Dua Muka|Pita Lutsinar|Penebuk Lubang|Isi Stapler|"
                "Getah Gelang|Tag Nama|Kad Ucapan|Beg Kertas|Warna Air|Kanvas|Pembalut Buku|"
                "Kamus|Majalah"
            ),
            "en": phrases(
                "Fountain Pen|Rollerball Pen|Colour Pencils|Pencil Case|Correction Tape|"
                "Protractor|Compass|Spiral Notebook|Account Book|Receipt Book|Legal Pad|"
                "Index Cards|Graph Paper|Photo Paper|Card Stock|Construction Paper|Tissue Paper|"
                "Ring Binder|Lever Arch File|Hanging File|Display Book|Document Wallet|"
                "Sheet Protectors|Whiteboard|Cork Board|Board Eraser|Permanent Marker|"
                "Paint Marker|Ink Pad|Date Stamp|Double Sided Tape|Glue Gun|Craft Knife|"
                "Cutting Mat|Hole Punch|Staple Remover|Rubber Bands|Binder Clips|Name Badge|"
                "Lanyard|Price Labels|Address Labels|Bubble Wrap|Mailing Box|Gift Bag|Ribbon|"
                "Acrylic Paint|Oil Pastel|Canvas Board|Easel|Dictionary|Novel|Comic Book|"
                "Travel Guide|Cookbook|Magazine|Puzzle Book|Globe|Wall Calendar|Planner|Shredder|"
                "Label Maker|Desk Lamp|Business Cards|Letterhead"
            ),
        },
    ),
    "fashion": (
        {
            "id": phrases(
                "Kemeja Flanel|Kemeja Batik|Kaos Polo|Kaos Anak|Celana Jeans|Celana Kain|"
                "Celana Olahraga|Celana Dalam|Bra|Singlet|Baju Koko|Baju Gamis|Baju Renang|"
                "Baju Tidur|Blus|Cardigan|Hoodie|Jas Hujan|Jas Pria|Rompi|Rok Plisket|Legging|"
                "Stoking|Sepatu Sneakers|Sepatu Pantofel|Sepatu Anak|Sandal Kulit|Sandal Gunung|"
                "Tas Selempang|Tas Tangan|Koper|Peci|Jilbab|Pasmina|Dasi|Sapu Tangan|Jam Tangan|"
                "Kacamata Hitam|Cincin|Kalung|Gelang|Anting|Bros|Kain Songket|Kain Tenun"
            ),
            "my": phrases(
                "Baju Kurung|Baju Kebaya|Baju Batik|Baju Tidur|Baju Kanak|Kemeja T|Seluar Jeans|"
                "Seluar Sukan|Seluar Dalam|Blaus|Gaun|Kot|Baju Sejuk|Baju Hujan|Tudung Bawal|"
                "Tudung Sarung|Songkok|Samping|Kasut Sukan|Kasut Kulit|Kasut Sekolah|Sandal|"
                "Beg Tangan|Beg Sekolah|Bagasi|Jam Tangan|Cermin Mata Hitam|Cincin|Rantai|Gelang|"
                "Anting|Kerongsang|Sapu Tangan|Tali Leher"
            ),
            "en": phrases(
                "T-Shirt|Crew Neck Tee|V-Neck Tee|Henley|Flannel Shirt|Oxford Shirt|Blouse|"
                "Camisole|Bodysuit|Jumpsuit|Romper|Skirt|Pencil Skirt|Mini Dress|Evening Gown|"
                "Skinny Jeans|Cargo Pants|Joggers|Sweatpants|Trousers|Suit Jacket|Waistcoat|"
                "Trench Coat|Parka|Puffer Jacket|Denim Jacket|Leather Jacket|Sweater|Turtleneck|"
                "Vest|Boxer Briefs|Bra|Tights|Socks 3 Pack|Bathrobe|Nightgown|Slippers|Loafers|"
                "Boots|Ankle Boots|Ballet Flats|Sandals|Wedges|Trainers|School Shoes|Tote Bag|"
                "Clutch|Crossbody Bag|Duffel Bag|Suitcase|Card Holder|Beanie|Sun Hat|Fedora|"
                "Bow Tie|Necktie|Cufflinks|Hair Clip|Headband|Brooch|Ring|Anklet|Wrist Watch|"
                "Baby Romper|Kids Tee|Sports Bra|Yoga Pants|Rash Guard|Football Jersey|"
                "Shoe Laces|Shoe Polish"
            ),
        },
    ),
    "electronics": (
        {
            "id": phrases(
                "Kabel HDMI|Kabel Data|Kabel LAN|Adaptor Laptop|Charger HP|Baterai HP|Headset|"
                "TWS|Mikrofon|Kamera CCTV|Kamera Aksi|Lampu Ring|Tripod|Mouse|Keyboard|Monitor|"
                "Laptop|Komputer|Printer|Tinta Printer|Modem|Router|Kartu SIM|Smartphone|Tablet|"
                "Smartwatch|Antigores|Holder HP|TV LED|Antena|Remote TV|Set Top Box|AC 1 PK|"
                "Kipas Dinding|Magic Com|Panci Listrik|Mixer|Juicer|Oven Listrik|Microwave|"
                "Kompor Gas|Kompor Listrik|Mesin Jahit|Vacuum|Hair Dryer|Catokan|Timbangan|"
                "Jam Dinding|Stabilizer|UPS|Lampu Emergency"
            ),
            "my": phrases(
                "Kabel HDMI|Kabel USB|Penyesuai|Bateri Telefon|Set Kepala|Mikrofon|Kamera|"
                "Tetikus|Papan Kekunci|Skrin|Komputer Riba|Pencetak|Dakwat Pencetak|Penghala|"
                "Kad SIM|Telefon Pintar|Jam Pintar|Pelindung Skrin|Sarung Telefon|Televisyen|"
                "Antena|Alat Kawalan|Penghawa Dingin|Peti Sejuk|Mesin Basuh|Ketuhar|Dapur Gas|"
                "Pembakar Roti|Pengering Rambut|Mesin Jahit|Jam Dinding|Penimbang|Lampu Kecemasan"
            ),
            "en": phrases(
                "USB-C Cable|HDMI Cable|Ethernet Cable|AUX Cable|Travel Adapter|Power Bank|"
                "Phone Battery|AA Batteries|Car Charger|Phone Holder|Selfie Stick|Tripod|"
                "Ring Light|Action Camera|Digital Camera|Camera Lens|Camera Bag|Drone|Microphone|"
                "Headset|Soundbar|Turntable|Radio|Alarm Clock|LED TV|TV Bracket|Remote Control|"
                "HDMI Splitter|Set Top Box|Laptop|Desktop PC|Motherboard|Processor|RAM 16GB|"
                "Power Supply|CPU Cooler|PC Case|Keyboard|Wireless Mouse|Mouse Pad|USB Hub|"
                "Docking Station|Card Reader|Scanner|Ink Tank|Toner Kit|Modem|Mesh Wifi|SIM Card|"
                "Smartphone|E-Reader|Stylus|Fitness Band|Smart Plug|Smart Bulb|Door Bell Cam|"
                "CCTV Kit|Refrigerator|Washing Machine|Dishwasher|Air Conditioner|Heater|"
                "Humidifier|Rice Cooker|Blender|Mixer|Coffee Maker|Slow Cooker|Hot Plate|"
                "Electric Grill|Hair Straightener|Electric Shaver|Toothbrush Head|Sewing Machine|"
                "Game Console|Game Disc|VR Headset|Calculator|Walkie Talkie|Extended Warranty"
            ),
        },
    ),
}
