"""More of what is sold, to train with: by kind of shop, and by group of its goods.

These words came after the evaluation set was drawn, so that it does not have them.
"""

from ..phrases import phrases

MORE = {
    "market": (
        {
            "id": phrases(
                "Beras Pandan Wangi|Beras Ketan|Gula Merah|Gula Aren|Tepung Beras|Tepung Tapioka|"
                "Tepung Maizena|Tepung Roti|Tepung Bumbu|Minyak Goreng|Minyak Kelapa|Minyak Wijen|"
                "Kecap Asin|Saus Tiram|Saus Tomat|Cuka Makan|Terasi|Petis Udang|Bumbu Rendang|"
                "Bumbu Nasi Goreng|Kaldu Jamur|Penyedap Rasa|Merica Bubuk|Ketumbar|Kunyit|Jahe|"
                "Lengkuas|Serai|Daun Salam|Daun Jeruk|Kayu Manis|Cengkeh|Bihun|Soun|Mie Telur|"
                "Makaroni|Spageti|Susu Kental Manis|Susu Bubuk|Susu Kedelai|Yoghurt|Keju Parut|"
                "Mentega|Telur Ayam|Telur Asin|Telur Puyuh|Ayam Fillet|Sayap Ayam|Hati Ayam|"
                "Iga Sapi|Daging Giling|Kornet|Abon Sapi|Ikan Teri|Ikan Asin|Ikan Gurame|"
                "Ikan Tongkol|Ikan Nila|Cumi|Kepiting|Kerang|Bakso Beku|Kentang Beku|Siomay Beku|"
                "Brokoli|Kembang Kol|Kubis|Sawi Hijau|Sawi Putih|Selada|Terong|Timun|Labu Siam|"
                "Buncis|Kacang Panjang|Tauge|Jamur Tiram|Jagung Manis|Ubi Jalar|Singkong|Paprika|"
                "Seledri|Daun Bawang|Mangga Harum|Pepaya|Nanas|Salak|Rambutan|Duku|Alpukat|"
                "Jambu Biji|Anggur Merah|Pir|Kelengkeng|Melon|Buah Naga|Kurma|Kacang Hijau|"
                "Kacang Mete|Emping|Rengginang|Opak|Kue Kering|Biskuit Kelapa|Cokelat Batang|"
                "Selai Kacang|Selai Nanas|Madu Hutan|Meses|Agar Agar|Nata de Coco|Kolang Kaling|"
                "Teh Melati|Teh Hijau Botol|Kopi Sachet|Kopi Instan|Jus Jambu|Air Mineral|"
                "Air Soda|Minuman Isotonik|Es Lilin|Sarikaya|Dodol|Wingko|Bakpia|Rempeyek"
            ),
            "my": phrases(
                "Beras Siam|Beras Pulut|Beras Basmati|Gula Melaka|Tepung Jagung|Tepung Pulut|"
                "Minyak Sawit|Minyak Kelapa|Kicap Cair|Sos Tiram|Sos Tomato|Cuka|Cencaluk|Budu|"
                "Rempah Kari|Serbuk Kunyit|Lada Hitam|Kayu Manis|Halia|Serai|Lengkuas|Bihun|Suhun|"
                "Laksa Kering|Susu Segar|Susu Tepung|Keju Hiris|Mentega|Telur Masin|Ayam Kampung|"
                "Kepak Ayam|Daging Batang|Daging Kisar|Ikan Kembung|Ikan Tenggiri|Ikan Siakap|"
                "Ikan Masin|Sotong|Ketam|Kerang|Bebola Ikan|Kek Ikan|Sawi Bunga|Kailan|"
                "Kubis Bulat|Terung|Timun|Kacang Buncis|Bendi|Petola|Labu|Cendawan|Jagung|Keledek|"
                "Ubi Kayu|Lobak Merah|Lobak Putih|Daun Bawang|Mangga|Betik|Nenas|Rambutan|Manggis|"
                "Durian|Cempedak|Jambu|Anggur|Pisang Berangan|Kurma|Kacang Hijau|Kacang Dal|"
                "Kuih Bahulu|Kuih Kapit|Maruku|Kerepek Pisang|Kaya|Madu|Agar Agar|"
                "Teh Tarik Segera|Kopi O|Koko Peket|Air Kotak|Air Mineral|Air Soya|Ais Krim"
            ),
            "en": phrases(
                "Jasmine Rice|Basmati Rice|Brown Rice|Caster Sugar|Icing Sugar|Plain Flour|"
                "Self Raising Flour|Corn Starch|Sunflower Oil|Sesame Oil|Canola Oil|Vinegar|"
                "Oyster Sauce|Fish Sauce|Tomato Ketchup|Mayonnaise|Mustard|Black Pepper|Paprika|"
                "Cinnamon|Turmeric|Ginger|Bay Leaves|Curry Powder|Vermicelli|Spaghetti|Macaroni|"
                "Penne|Lasagne Sheets|Skimmed Milk|Soy Milk|Almond Milk|Condensed Milk|"
                "Whipping Cream|Sour Cream|Mozzarella|Parmesan|Cottage Cheese|Eggs Grade A|"
                "Free Range Eggs|Chicken Thigh|Chicken Wings|Whole Chicken|Lamb Chop|Beef Steak|"
                "Pork Belly|Bacon|Ham|Turkey Slices|Meatballs|Tuna Chunk|Mackerel|Cod Fillet|"
                "Squid|Crab Stick|Fish Fingers|Frozen Peas|Frozen Pizza|French Fries|Broccoli|"
                "Cauliflower|Cabbage|Lettuce|Cucumber|Eggplant|Zucchini|Green Beans|Mushrooms|"
                "Sweet Corn|Sweet Potato|Pumpkin|Bell Pepper|Celery|Spring Onion|Leek|Asparagus|"
                "Mango|Papaya|Pineapple|Avocado|Grapes|Pear|Kiwi|Lemon|Lime|Strawberries|"
                "Blueberries|Peach|Plum|Dates|Raisins|Cashew Nuts|Almonds|Walnuts|Pistachio|"
                "Popcorn|Pretzels|Crackers|Cookies|Chocolate Bar|Gummy Bears|Chewing Gum|"
                "Strawberry Jam|Marmalade|Maple Syrup|Granola|Muesli|Pancake Mix|Baking Powder|"
                "Yeast|Vanilla Essence|Jelly|Pudding|Croissant|Bagel|Wholemeal Bread|Tortilla|"
                "Pita Bread|Hummus|Olives|Pickles|Baked Beans|Kidney Beans|Lentils|Chickpeas|"
                "Chicken Soup|Instant Coffee|Green Tea|Orange Juice|Apple Juice|Cola|"
                "Sparkling Water|Sports Drink|Beer Can|Red Wine|Cat Food|Dog Biscuit"
            ),
        },
        {
            "id": phrases(
                "Sabun Mandi|Sabun Cuci Piring|Pelembut Pakaian|Pemutih|Kondisioner|Deodoran|"
                "Bedak Bayi|Minyak Telon|Cairan Pel|Kapur Barus|Sikat WC|Kain Pel|Lap Tangan|"
                "Tisu Basah|Tisu Toilet|Kapas|Cotton Bud|Pembalut|Pisau Cukur|Sisir|Karet Gelang|"
                "Plastik Sampah|Aluminium Foil|Kertas Nasi|Sedotan|Gelas Plastik|Piring Kertas|"
                "Baterai|Lampu|Hanger|Jepitan Baju|Gayung|Keset"
            ),
            "my": phrases(
                "Sabun Mandi|Sabun Pinggan|Pelembut Kain|Peluntur|Bedak|Pewangi|Berus Gigi|"
                "Berus Tandas|Kain Lap|Mop|Tisu Basah|Tuala Wanita|Pisau Cukur|Kapas|Bateri|"
                "Mentol|Penyangkut Baju|Gelas Kertas|Kerajang Aluminium|Ubat Nyamuk"
            ),
            "en": phrases(
                "Hand Soap|Body Wash|Conditioner|Hair Gel|Deodorant|Shaving Cream|Razor|Mouthwash|"
                "Dental Floss|Face Wash|Hand Cream|Cotton Buds|Sanitary Pads|Baby Diapers|"
                "Baby Wipes|Kitchen Towel|Toilet Paper|Bleach|Fabric Softener|Floor Cleaner|"
                "Glass Cleaner|Toilet Brush|Mop Head|Rubber Gloves|Cling Wrap|Foil|Paper Plates|"
                "Straws|Matches|Lighter|Light Bulb|Clothes Pegs|Hangers|Bucket|Doormat|"
                "Insect Spray|Shoe Polish"
            ),
        },
    ),
    "restaurant": (
        {
            "id": phrases(
                "Nasi Goreng Kambing|Nasi Goreng Seafood|Nasi Campur|Nasi Padang|Nasi Liwet|"
                "Nasi Bakar|Nasi Kebuli|Nasi Pecel|Nasi Gudeg|Lontong Sayur|Ketupat|Bubur Ayam|"
                "Mie Goreng|Mie Aceh|Kwetiau Goreng|Kwetiau Siram|Bihun Goreng|Capcay|Fuyunghai|"
                "Ayam Bakar|Ayam Goreng|Ayam Penyet|Ayam Geprek|Ayam Rica|Ayam Kremes|Ayam Betutu|"
                "Bebek Goreng|Bebek Bakar|Sate Ayam|Sate Kambing|Sate Padang|Sate Lilit|"
                "Gulai Ikan|Gulai Kambing|Rendang Daging|Dendeng Balado|Tongseng|Tengkleng|"
                "Sop Buntut|Sop Iga|Soto Ayam|Soto Madura|Coto Makassar|Konro Bakar|Rawon Daging|"
                "Pempek|Otak Otak|Siomay|Batagor|Martabak Telur|Martabak Manis|Gado Gado|Ketoprak|"
                "Karedok|Pecel Lele|Lele Goreng|Gurame Bakar|Ikan Bakar|Udang Goreng|"
                "Udang Saus Padang|Cumi Goreng Tepung|Kepiting Saus Tiram|Tumis Kangkung|"
                "Cah Brokoli|Sayur Asem|Sayur Lodeh|Tahu Goreng|Tempe Mendoan|Perkedel|"
                "Pisang Goreng|Es Campur|Es Teler|Es Cendol|Es Teh|Es Jeruk|Teh Panas|Jus Alpukat|"
                "Jus Mangga|Kelapa Muda|Wedang Jahe|Kerupuk|Sambal|Rice Bowl"
            ),
            "my": phrases(
                "Nasi Ayam|Nasi Kandar|Nasi Kerabu|Nasi Dagang|Nasi Tomato|Nasi Goreng Kampung|"
                "Nasi Goreng Pattaya|Nasi Briyani|Mee Goreng Mamak|Mee Rebus|Mee Kari|Mee Bandung|"
                "Char Kuey Teow|Kuey Teow Sup|Bihun Goreng|Laksa Johor|Asam Laksa|Lontong|"
                "Soto Ayam|Sup Tulang|Sup Ekor|Tom Yam|Ikan Bakar|Ikan Tiga Rasa|Sotong Goreng|"
                "Udang Masak Lemak|Ayam Percik|Ayam Masak Merah|Ayam Goreng Berempah|Daging Salai|"
                "Kambing Bakar|Satay|Rojak|Pasembur|Popiah|Karipap|Roti Telur|Roti Bom|Roti Tisu|"
                "Thosai|Capati|Murtabak|Roti Jala|Apam Balik|Cendol|Ais Kacang|Teh Ais|Teh Tarik|"
                "Teh O Limau|Kopi Ais|Koko Ais|Sirap Bandung|Limau Ais|Barli|Air Suam|"
                "Jus Tembikai|Kailan Ikan Masin|Telur Dadar|Taufu Bakar|Ulam|Sambal Belacan|"
                "Papadom"
            ),
            "en": phrases(
                "Chicken Rice|Fried Noodles|Wonton Soup|Dumplings|Spring Rolls|"
                "Sweet and Sour Fish|Kung Pao Chicken|Beef Noodle|Pork Ribs|Roast Duck|"
                "Peking Duck|Dim Sum|Char Siew|Hot Pot|Butter Chicken|Tandoori Chicken|"
                "Garlic Naan|Vegetable Curry|Lamb Curry|Chicken Chop|Lamb Shank|Grilled Salmon|"
                "Fish and Chips|Beef Burger|Chicken Burger|Cheeseburger|Club Sandwich|"
                "Caesar Salad|Greek Salad|Mushroom Soup|Pumpkin Soup|Clam Chowder|"
                "Margherita Pizza|Pepperoni Pizza|Carbonara|Bolognese|Aglio Olio|Lasagna|Risotto|"
                "Ribeye Steak|Sirloin|T-Bone|Mashed Potato|Onion Rings|Coleslaw|Garlic Bread|"
                "Chicken Nuggets|Hot Dog|Tacos|Burrito|Nachos|Quesadilla|Sushi Platter|"
                "Salmon Sashimi|California Roll|Chicken Katsu|Ramen|Udon|Tempura|Bento Set|"
                "Miso Soup|Bibimbap|Kimchi|Bulgogi|Pad Thai|Green Curry|Papaya Salad|"
                "Mango Sticky Rice|Pho|Kebab|Falafel|Shawarma|Apple Pie|Brownie|Cheesecake|"
                "Tiramisu|Ice Cream Sundae|Fruit Platter|Lemonade|Iced Tea|Cola|Soda Float|"
                "Orange Juice|Mineral Water|Draft Beer|House Wine|Mojito|Set Lunch|Kids Meal"
            ),
        },
    ),
    "cafe": (
        {
            "id": phrases(
                "Kopi Tubruk|Kopi Susu|Kopi Hitam|Kopi Gula Aren|Es Kopi|Teh Tarik|Cokelat Panas|"
                "Susu Jahe|Roti Panggang|Roti Keju|Roti Cokelat|Pisang Keju|Kue Lapis|Kue Lumpur|"
                "Donat|Onde Onde|Risoles|Lemper|Lumpia|Singkong Keju|Kentang Goreng|Es Kopyor|"
                "Jus Stroberi|Mie Tiaw|Mie Instan Telur|Bolu Pandan"
            ),
            "my": phrases(
                "Kopi Tarik|Kopi Cham|Roti Kahwin|Roti Kaya|Telur Separuh Masak|Kek Pandan|"
                "Kek Lapis|Donat|Kuih Lapis|Kuih Talam|Seri Muka|Onde Onde|Pulut Inti|"
                "Coklat Panas|Teh Hijau|Jus Oren|Jus Epal|Sandwic Telur|Wafel"
            ),
            "en": phrases(
                "Espresso|Double Espresso|Americano|Cappuccino|Caffe Latte|Flat White|Macchiato|"
                "Mocha|Cold Brew|Affogato|Iced Latte|Hazelnut Latte|Caramel Frappe|Matcha Latte|"
                "Chai Latte|Hot Chocolate|Earl Grey|Peppermint Tea|Bubble Tea|Milk Tea|Smoothie|"
                "Mango Juice|Blueberry Muffin|Banana Bread|Carrot Cake|Red Velvet|Scone|"
                "Almond Croissant|Danish|Cinnamon Roll|Doughnut|Macaron|Egg Tart|Waffle|"
                "Pancake Stack|French Toast|Avocado Toast|Eggs Benedict|Tuna Sandwich|Panini|"
                "Quiche|Soup of the Day"
            ),
        },
    ),
    "pharmacy": (
        {
            "id": phrases(
                "Paracetamol|Amoxicillin|Ibuprofen|Antasida|Obat Flu|Obat Maag|Obat Diare|"
                "Obat Mata|Obat Kumur|Minyak Kayu Putih|Balsem|Koyo|Plester|Perban|Kasa Steril|"
                "Alkohol|Obat Merah|Termometer|Masker Medis|Hand Sanitizer|Vitamin C|Vitamin D|"
                "Zat Besi|Susu Ibu Hamil|Obat Masuk Angin|Oralit|Tetes Telinga|Salep Kulit|"
                "Obat Cacing|Tes Kehamilan|Jamu"
            ),
            "my": phrases(
                "Ubat Batuk|Ubat Selsema|Ubat Demam|Ubat Gastrik|Minyak Angin|Plaster Luka|"
                "Kain Kasa|Pelitup Muka|Sanitasi Tangan|Vitamin B|Minyak Ikan|Ubat Mata|"
                "Krim Gatal|Jangka Suhu|Tablet Kalsium"
            ),
            "en": phrases(
                "Aspirin|Cetirizine|Loratadine|Omeprazole|Metformin|Antibiotic Cream|Cough Drops|"
                "Nasal Spray|Saline Solution|Contact Lens Solution|First Aid Kit|Bandage|Gauze|"
                "Plasters|Surgical Mask|Face Mask|Digital Thermometer|Blood Pressure Monitor|"
                "Test Strips|Probiotic|Zinc Tablet|Magnesium|Omega 3|Glucosamine|Collagen|"
                "Folic Acid|Iron Tablet|Fibre Powder|Heat Patch|Muscle Rub|Antacid|Laxative|"
                "Oral Rehydration|Eye Ointment|Ear Drops|Sunblock|Lip Balm|Consultation|"
                "Dental Scaling|X-Ray|Blood Test|Vaccination"
            ),
        },
    ),
    "fuel": (
        {
            "id": phrases("Bensin Super|Solar Murni|Solar|Bio Solar|Bensin|Premium Unleaded"),
            "my": phrases("Petrol 97|Diesel Euro 5|Minyak Pelincir|Gas NGV|Petrol 95"),
            "en": phrases(
                "Unleaded 95|Super 98|Premium Diesel|Super Plus|Gasohol|E10|Autogas|EV Charging|"
                "Pump 3|Regular Unleaded|Fuel Save 95"
            ),
        },
    ),
    "transport": (
        {
            "id": phrases(
                "Tiket Kereta|Tiket Bus|Tiket Kapal|Tiket Pesawat|Taksi|Ojek|Sewa Mobil|"
                "Sewa Motor|Tol|Travel Bandara|Bagasi|Parkir Mobil|Angkot|Bajaj|Kapal Feri"
            ),
            "my": phrases(
                "Tiket Bas|Tiket Feri|Tiket Komuter|Teksi|Sewa Van|Tol Lebuh Raya|Letak Kereta|"
                "Tambang LRT|Tambah Nilai|E-hailing"
            ),
            "en": phrases(
                "Train Ticket|Bus Pass|Metro Ride|Airport Shuttle|Ferry Ticket|Flight Ticket|"
                "Extra Baggage|Seat Selection|Taxi Fare|Ride Share|Car Rental|Bike Rental|"
                "Toll Charge|Parking Fee|Valet Parking|Day Pass|Return Ticket|Express Train|"
                "Booking Fee"
            ),
        },
    ),
    "hardware": (
        {
            "id": phrases(
                "Semen|Cat Tembok|Cat Kayu|Kuas Cat|Rol Cat|Paku Beton|Sekrup|Baut|Mur|"
                "Engsel Pintu|Gembok|Kunci Inggris|Obeng|Tang Potong|Palu|Gergaji|Bor Listrik|"
                "Mata Bor|Meteran|Waterpas|Pipa|Kran Air|Selang|Kabel Listrik|Stop Kontak|Saklar|"
                "Fitting|Lem Besi|Amplas|Triplek|Keramik|Besi Siku|Kawat|Rantai|Roda|Tangga|Sekop|"
                "Cangkul|Terpal"
            ),
            "my": phrases(
                "Simen|Cat Dinding|Berus Cat|Paku Konkrit|Skru|Bolt|Nat|Engsel|Mangga|Spanar|"
                "Pemutar Skru|Playar|Tukul|Gergaji|Gerudi|Pita Ukur|Paip|Kepala Paip|Hos Getah|"
                "Wayar|Suis|Plag|Gam|Kertas Pasir|Papan Lapis|Jubin|Dawai|Rantai|Cangkul|Tangga"
            ),
            "en": phrases(
                "Cement Bag|Wall Paint|Primer|Paint Roller|Concrete Nails|Wood Screws|Hex Bolt|"
                "Washer|Door Hinge|Padlock|Door Lock|Spanner|Allen Key|Screwdriver Set|Pliers|"
                "Claw Hammer|Hand Saw|Cordless Drill|Drill Bit|Tape Measure|Spirit Level|"
                "Copper Pipe|Ball Valve|Water Tap|Shower Head|Garden Hose|Extension Cord|Socket|"
                "Wall Switch|Circuit Breaker|Cable Tie|Super Glue|Silicone Sealant|Sandpaper|"
                "Plywood|Floor Tile|Angle Bar|Steel Wire|Chain|Castor Wheel|Ladder|Shovel|"
                "Wheelbarrow|Tarpaulin|Safety Helmet|Work Gloves|Toolbox"
            ),
        },
    ),
    "stationery": (
        {
            "id": phrases(
                "Pulpen|Pensil 2B|Penghapus|Rautan|Penggaris|Buku Tulis|Buku Gambar|Kertas HVS|"
                "Kertas Kado|Map Plastik|Amplop|Lem Kertas|Gunting|Cutter|Spidol|Stabilo|Krayon|"
                "Cat Air|Stapler|Isi Staples|Klip Kertas|Lakban|Kalkulator|Tinta Printer|Meterai"
            ),
            "my": phrases(
                "Pen Bola|Pensel|Pemadam|Pengasah|Pembaris|Buku Latihan|Buku Lukisan|Kertas Warna|"
                "Sampul Surat|Gam Kertas|Gunting|Pen Penanda|Krayon|Stapler|Klip|Pita Pelekat|"
                "Kalkulator|Dakwat"
            ),
            "en": phrases(
                "Ballpoint Pen|Gel Pen|Mechanical Pencil|Eraser|Sharpener|Steel Ruler|"
                "Exercise Book|Sketch Pad|Copy Paper|Wrapping Paper|Plastic Folder|Envelope|"
                "Glue Stick|Scissors|Paper Cutter|Whiteboard Marker|Highlighter|Crayons|"
                "Watercolour|Stapler|Paper Clips|Packing Tape|Calculator|Ink Cartridge|Toner|"
                "Sticky Notes|Desk Calendar|Diary|Photo Frame|Greeting Card|Laminating Film|"
                "Rubber Stamp|Push Pins|Clipboard"
            ),
        },
    ),
    "fashion": (
        {
            "id": phrases(
                "Kemeja|Kaos Oblong|Celana Panjang|Celana Pendek|Rok|Gaun|Daster|Kebaya|Batik|"
                "Jaket|Sweater|Kaos Kaki|Sepatu|Sandal Jepit|Tas Ransel|Dompet|Ikat Pinggang|Topi|"
                "Syal|Kerudung|Mukena|Sarung|Piyama|Pakaian Dalam"
            ),
            "my": phrases(
                "Kemeja|Baju T|Seluar Panjang|Seluar Pendek|Skirt|Baju Melayu|Jaket|Stokin|Kasut|"
                "Selipar|Beg Sandang|Dompet|Tali Pinggang|Topi|Selendang|Kain Pelikat|Telekung"
            ),
            "en": phrases(
                "Polo Shirt|Dress Shirt|Tank Top|Chino Pants|Shorts|Leggings|Maxi Dress|Blazer|"
                "Hoodie|Cardigan|Raincoat|Ankle Socks|Sneakers|Running Shoes|High Heels|"
                "Flip Flops|Backpack|Handbag|Wallet|Leather Belt|Baseball Cap|Scarf|Gloves|"
                "Sunglasses|Necklace|Earrings|Bracelet|Watch Strap|Pyjamas|Underwear|Swimsuit"
            ),
        },
    ),
    "electronics": (
        {
            "id": phrases(
                "Kabel Charger|Kepala Charger|Powerbank|Earphone|Speaker|Kipas Angin|"
                "Setrika Listrik|Rice Cooker|Blender|Dispenser|Televisi|Kulkas|Mesin Cuci|"
                "Lampu Meja|Flashdisk|Kartu Memori|Pelindung Layar|Casing HP|Baterai Laptop"
            ),
            "my": phrases(
                "Kabel Pengecas|Pengecas|Fon Telinga|Pembesar Suara|Kipas Meja|Seterika|"
                "Periuk Nasi|Pengisar|Cerek Elektrik|Pemacu Kilat|Kad Memori"
            ),
            "en": phrases(
                "Lightning Cable|Wall Charger|Wireless Charger|Headphones|Earbuds|"
                "Bluetooth Speaker|Desk Fan|Steam Iron|Kettle|Toaster|Microwave Oven|Air Fryer|"
                "Vacuum Cleaner|Hair Dryer|Monitor|Graphics Card|Memory Card|Hard Drive|SSD|"
                "Router|Network Switch|Webcam|Printer|Tablet|Smart Watch|Phone Case|"
                "Screen Protector|Laptop Stand|Game Controller|Projector"
            ),
        },
    ),
    "cinema": (
        {
            "id": phrases(
                "Tiket Film|Tiket Konser|Karcis Masuk|Tiket Museum|Sewa Lapangan|Karaoke"
            ),
            "my": phrases("Tiket Wayang|Tiket Konsert|Tiket Muzium|Bilik Karaoke|Boling"),
            "en": phrases(
                "Concert Ticket|Museum Entry|Zoo Admission|Theme Park|Bowling Game|Karaoke Room|"
                "Arcade Token|Escape Room|Ice Skating|Court Rental|Swimming Entry|Theatre Seat|"
                "Matinee Show|VIP Seat|Laser Tag"
            ),
        },
        {
            "id": phrases("Popcorn Karamel|Popcorn Asin|Minuman Soda|Kentang Goreng"),
            "en": phrases("Salted Popcorn|Sweet Popcorn|Soft Drink|Nachos Cheese|Hot Dog|Slush"),
        },
    ),
    "utility": (
        {
            "id": phrases(
                "Token Listrik|Tagihan Air|Tagihan Internet|Pulsa|Gas Elpiji|Biaya Beban|Abonemen|"
                "Pemakaian Listrik|Iuran Sampah"
            ),
            "my": phrases(
                "Bil Elektrik|Bil Internet|Gas Memasak|Bil Mudah Alih|Caj Perkhidmatan Air"
            ),
            "en": phrases(
                "Energy Charge|Demand Charge|Water Supply|Waste Water|Refuse Collection|Gas Usage|"
                "Line Rental|Mobile Plan|Fibre Internet|Call Charges|SMS Charges|Meter Rental"
            ),
        },
    ),
    "subscription": (
        {
            "id": phrases(
                "Langganan Film|Iuran Anggota|Paket Premium|Hosting|Langganan Aplikasi|Domain"
            ),
            "my": phrases("Langganan Akhbar|Yuran Ahli|Pelan Premium|Langganan Muzik|Hos Web"),
            "en": phrases(
                "Video Streaming|Audio Plan|Office Suite|Photo Storage|Backup Plan|"
                "Password Manager|News Digital|Online Course|Premium Membership|API Plan|"
                "Team Plan|Gaming Pass|E-book Plan|Fitness App|Meal Plan|Support Plan"
            ),
        },
    ),
    "service": (
        {
            "id": phrases(
                "Servis AC|Servis Motor|Tambal Ban|Ganti Ban|Jahit Baju|Pijat|Facial|Manicure|"
                "Jasa Notaris|Jasa Angkut|Ongkos Kirim|Sewa Ruang|Sewa Alat|Jasa Cetak|Fotokopi|"
                "Jilid Buku|Kursus Bahasa|Les Privat|Biaya Admin|Uang Muka"
            ),
            "my": phrases(
                "Servis Aircond|Tukar Minyak|Tukar Tayar|Jahit Baju|Urutan|Rawatan Muka|Fotostat|"
                "Cetak|Jilid|Sewa Dewan|Kelas Tuisyen|Yuran Pendaftaran|Kos Penghantaran|Upah Cat"
            ),
            "en": phrases(
                "Aircon Service|Tyre Change|Wheel Alignment|Brake Service|Tailoring|Massage|"
                "Facial|Manicure|Hair Colour|Legal Fee|Notary Fee|Accounting|Audit Fee|Courier|"
                "Postage|Room Rental|Equipment Rental|Printing|Photocopy|Binding|Language Course|"
                "Tuition Fee|Registration Fee|Service Fee|Pest Control|Plumbing Work|"
                "Electrical Work|Painting Work|Garden Service|Pet Grooming|Room Charge|"
                "Security Deposit|Locksmith|Key Cutting"
            ),
        },
    ),
}
