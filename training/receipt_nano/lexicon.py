"""The words themselves. Phrases are separated by |."""


def _split(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split("|") if phrase.strip())


NAME_WORDS = _split(
    "Maju|Jaya|Abadi|Makmur|Sentral|Barokah|Berkah|Mulia|Sejati|Utama|Prima|Indah|Bintang|Mentari|"
    "Surya|Chandra|Melati|Mawar|Anggrek|Kenanga|Garuda|Rajawali|Merpati|Harapan|Setia|Lestari|Anugerah|"
    "Karunia|Tunas|Bina|Karya|Cipta|Dharma|Mitra|Sinar|Pelita|Fajar|Purnama|Samudra|Gunung|Bukit|Lembah|"
    "Danau|Permata|Intan|Berlian|Mutiara|Kencana|Emas|Perak|Pusaka|Warisan|Nirwana|Gemilang|Cemerlang|"
    "Bestari|Perdana|Seri|Wawasan|Damai|Bayu|Pelangi|Kasturi|Tropika|Selera|Rasa|Serumpun|Desa|Kampung|"
    "Tiong|Huat|Hock|Seng|Hin|Lee|Wah|Kong|Ming|Chong|Guan|Heng|Soon|Fatt|Leong|Yew|Kee|Poh|Lian|Bee|"
    "Golden|Silver|Royal|Pacific|Oriental|Global|Premier|Superior|Supreme|Classic|Modern|Urban|Metro|"
    "Fresh|Happy|Lucky|Smart|Quick|Easy|Value|Best|First|Prime|Star|Sun|Moon|Sky|Blue|Green|Red|Black|"
    "White|Orange|Lotus|Orchid|Rose|Lily|Maple|Oak|Cedar|Bamboo|River|Ocean|Lake|Island|Bridge|Tower|"
    "Gate|Corner|Garden|Park|Hill|Valley|Stone|Copper|Iron|Crystal|Diamond|Pearl|Ruby|Jade|Tiger|Eagle|"
    "Falcon|Phoenix|Dragon|Lion|Panda|Koala|Dolphin|Penguin|Rabbit|Fox|Owl|Swan|Peacock|Apex|Zenith|"
    "Summit|Vertex|Nova|Orion|Vega|Atlas|Titan|Delta|Sigma|Omega|Alpha|Gamma|Quantum|Fusion|Matrix|"
    "Nexus|Pixel|Vision|Legend|Heritage|Unity|Harmony|Liberty|Victory|Fortune|Prosper|Bounty|Harvest|"
    "Sunrise|Sunset|Twilight|Breeze|Cosmo|Mega|Giga|Ultra|Super|Econ|Nusa|Bali|Java|Borneo|Sunda|Timur|"
    "Barat|Utara|Selatan|Ratu|Raja|Dewi|Putra|Putri|Bunda|Ibu|Mamak|Nenek|Kakak|Uncle|Auntie|Chef"
)
PEOPLE = _split(
    "Andi|Budiman|Citra|Dian|Eka|Fitri|Gunawan|Hendra|Indra|Joko|Kartika|Lia|Maya|Nurul|Oki|Putu|Ratna|"
    "Sari|Tono|Umar|Vina|Wati|Yanti|Zul|Ahmad|Aisyah|Farid|Hafiz|Iskandar|Jamal|Khairul|Liyana|Mazlan|"
    "Nadia|Osman|Rahman|Salleh|Tan|Lim|Ng|Wong|Chan|Cheong|Kumar|Devi|Raj|Siva|Muthu|Angela|Brian|Cindy|"
    "David|Emily|Frank|Grace|Henry|Irene|Jason|Karen|Leon|Michelle|Nathan|Olivia|Peter|Queenie|Robert|"
    "Susan|Thomas|Ursula|Victor|Wendy|Xavier|Yvonne|Zara|Hock|Eswaran|Suhaimi|Rosnah|Wahyu|Bayu|Agnes"
)
STREETS = _split(
    "Kenari|Flamboyan|Cempaka|Teratai|Pahlawan|Veteran|Kartini|Ahmad Yani|Gajah Mada|Hayam Wuruk|Asia|"
    "Imam Bonjol|Pemuda|Diponogoro|Thamrin|Antasari|Pajajaran|Siliwangi|Braga|Setiabudi|Cihampelas|"
    "SS|PJU|USJ|Bukit Bintang|Ampang|Ipoh|Kuching|Klang Lama|Tun Razak|Raja Laut|Sultan Ismail|Meru|"
    "Permas|Molek|Austin|Kebun Baru|Seri Sentosa|Desa Aman|Perindustrian|Puteri|Wangsa|Melawati|"
    "Main|Market|Station|Church|King|Queen|Victoria|Orchard|Bay|Mill|Lincoln|Garden|High|Elm|Second"
)
CITIES = {
    "id": _split(
        "Jakarta Pusat|Jakarta Barat|Bandung|Semarang|Surabaya|Medan|Makassar|Denpasar|Malang|Bogor|"
        "Depok|Tangerang|Bekasi|Solo|Palembang|Padang|Pekanbaru|Manado|Balikpapan|Kuta|Cirebon|Batam"
    ),
    "my": _split(
        "KUALA LUMPUR|PETALING JAYA|SHAH ALAM|KLANG|SUBANG JAYA|JOHOR BAHRU|PUCHONG|KAJANG|SERI KEMBANGAN|"
        "BATU CAVES|IPOH|MELAKA|SEREMBAN|GEORGE TOWN|KOTA KINABALU|KUCHING|SKUDAI|CHERAS|RAWANG"
    ),
    "en": _split(
        "Springfield|Singapore|London|Boston|Portland|Austin|Sydney|Dublin|Denver|Oakland|Perth|Bristol"
    ),
}

# Words before and after a company's name, by kind of shop and country.
HOUSES = {
    "market": {
        "id": (
            _split("TOKO|Swalayan|Warung|Minimarket|Grosir|Pasar Swalayan"),
            _split("MART|Swalayan|Mini Market|Supermarket|Fresh"),
        ),
        "my": (
            _split("PASARAYA|KEDAI RUNCIT|PERNIAGAAN|RESTU"),
            _split("MINI MARKET|SUPERMARKET|MART|TRADING|HYPERMARKET|CASH & CARRY|FRESH MART"),
        ),
        "en": ((), _split("Market|Grocery|Supermarket|Foods|Superstore|Deli")),
    },
    "restaurant": {
        "id": (
            _split("RM|Rumah Makan|Warung|Kedai|Depot|Resto|Dapur|Bakmi|Ayam Bakar"),
            _split("Resto|Restaurant|Kitchen|Seafood|Steak House|Cafe"),
        ),
        "my": (
            _split("RESTORAN|KEDAI MAKANAN|RESTAURANT|WARUNG|NASI KANDAR"),
            _split("RESTAURANT|CAFE|KITCHEN|SEAFOOD|CORNER|BISTRO|FOOD COURT|STEAMBOAT|DELIGHTS"),
        ),
        "en": (
            _split("The|Cafe|Chez"),
            _split("Diner|Grill|Restaurant|Bistro|Pizzeria|Kitchen|Tavern|BBQ"),
        ),
    },
    "cafe": {
        "id": (
            _split("Kopi|Kedai Kopi|Warkop|Roti"),
            _split("Coffee|Bakery|Kopi|Cake & Pastry|Roastery"),
        ),
        "my": (
            _split("KOPITIAM|KEDAI KOPI|ROTI"),
            _split("COFFEE|BAKERY|KOPITIAM|CAKE HOUSE|TEA HOUSE|CONFECTIONERY"),
        ),
        "en": (_split("Cafe"), _split("Coffee|Bakery|Tea Room|Espresso|Creamery|Donuts")),
    },
    "pharmacy": {
        "id": (_split("APOTEK|Apotik|KLINIK|RS"), _split("Farma|Medika|Pharmacy|Husada")),
        "my": (
            _split("FARMASI|KLINIK|POLIKLINIK"),
            _split("PHARMACY|HEALTHCARE|DENTAL|MEDICAL HALL|WELLNESS"),
        ),
        "en": ((), _split("Pharmacy|Drugs|Chemist|Clinic|Health")),
    },
    "fuel": {
        "id": (_split("SPBU|POM BENSIN|Stasiun"), _split("Energi|SPBU|Petrol")),
        "my": (
            _split("PETRON|STESEN MINYAK|SHELL|CALTEX"),
            _split("PETROL STATION|SERVICE STATION|PETRO TRADING|OIL"),
        ),
        "en": (_split("Gas"), _split("Fuel|Gas Station|Petroleum|Service Station")),
    },
    "transport": {
        "id": (
            _split("TOL|PARKIR|TAKSI|Travel|PO|KERETA"),
            _split("Parking|Trans|Travel|Taxi|Tol|Shuttle"),
        ),
        "my": (
            _split("PLUS|LEBUHRAYA|TEKSI|PARKING"),
            _split("PARKING|EXPRESS|TAXI|HIGHWAY|TRANSPORT|CAR PARK"),
        ),
        "en": ((), _split("Parking|Transit|Cabs|Tollway|Rail|Shuttle")),
    },
    "hardware": {
        "id": (
            _split("TB|Toko Bangunan|Toko Besi|Toko Listrik|UD"),
            _split("Teknik|Bangunan|Elektrik|Hardware|Motor"),
        ),
        "my": (
            _split("KEDAI PERKAKASAN|SYARIKAT"),
            _split(
                "HARDWARE|HARDWARE & ELECTRICAL|HARDWARE TRADING|LIGHTING|AUTO PARTS|MACHINERY|PAINT CENTRE|GALLERY"
            ),
        ),
        "en": ((), _split("Hardware|Tools|Lumber|Electrical|Auto Parts|Plumbing")),
    },
    "stationery": {
        "id": (
            _split("Toko Buku|Fotokopi|Percetakan|Toko"),
            _split("Stationery|Digital Printing|Books|Copy Center"),
        ),
        "my": (
            _split("KEDAI BUKU|PUSAT"),
            _split("STATIONERY & BOOKS|STATIONERY|BOOK STORE|PRINTING|OFFICE SUPPLIES|GIFT SHOP"),
        ),
        "en": ((), _split("Books|Stationers|Office Supply|Paper Co|Print Shop")),
    },
    "fashion": {
        "id": (_split("Butik|Toko|Distro|Batik"), _split("Fashion|Collection|Busana|Store|Shoes")),
        "my": (
            _split("BUTIK|KEDAI PAKAIAN"),
            _split("FASHION|BOUTIQUE|TEXTILES|SHOES|DEPARTMENT STORE|BEAUTY"),
        ),
        "en": ((), _split("Apparel|Outfitters|Clothing|Shoes|Boutique")),
    },
    "electronics": {
        "id": (_split("Toko|Sentra"), _split("Cell|Komputer|Elektronik|Gadget|Phone")),
        "my": (
            _split("KEDAI ELEKTRIK"),
            _split("COMPUTER|MOBILE|ELECTRONICS|DIGITAL|GADGET|IT SOLUTIONS"),
        ),
        "en": ((), _split("Electronics|Computers|Mobile|Gadgets|Audio")),
    },
    "cinema": {
        "id": (
            _split("Bioskop|Karaoke|Taman"),
            _split("Cineplex|Karaoke|Waterpark|Game Zone|Studio XXI"),
        ),
        "my": (_split("PANGGUNG"), _split("CINEMAS|KARAOKE|BOWLING|THEME PARK|ARCADE|FAMILY KTV")),
        "en": (_split("The"), _split("Cinema|Theatre|Bowling|Arcade|Museum|Park")),
    },
    "utility": {
        "id": (_split("PDAM|PLN|Gas|Telkom"), _split("Listrik|Air Minum|Gas|Internet|Energi|Net")),
        "my": (_split("SYARIKAT AIR|TENAGA"), _split("ENERGY|WATER|TELECOM|BROADBAND|POWER")),
        "en": ((), _split("Energy|Water|Power|Telecom|Internet|Gas & Electric")),
    },
    "subscription": {
        "id": ((), _split("TV|Musik|Cloud|Digital|Premium|Play")),
        "my": ((), _split("TV|CLOUD|FITNESS|DIGITAL|STREAM")),
        "en": ((), _split("Cloud|TV|Stream|Software|Fitness|News|Music|Hosting")),
    },
    "service": {
        "id": (
            _split("Bengkel|Laundry|Salon|Biro|Jasa"),
            _split("Laundry|Service|Konsultan|Kreasi|Salon|Motor|Konstruksi|Studio Foto"),
        ),
        "my": (
            _split("BENGKEL|DOBI"),
            _split("SERVICES|LAUNDRY|SALON|ENGINEERING|CONSULTANCY|AUTO SERVICE|CONSTRUCTION"),
        ),
        "en": ((), _split("Services|Laundry|Consulting|Design|Repair|Studio|Partners|Cleaning")),
    },
}

MODIFIERS = {
    "dish": _split(
        "Pedas|Biasa|Kampung|Bakar|Goreng|Kuah|Rebus|Keju|Manis|Panas|Dingin|Komplit|Jumbo|Istimewa|Asin|"
        "Cili Padi|Kosong|Ikan|Udang|Sotong|Daging|Kambing|Telur|Sayur|Tahu|Keropok|Ais|Kaw|Tarik|"
        "Crispy|Smoked|Spicy|with Cheese|with Egg|& Fries|Salad|Combo|Set|Deluxe|Classic|Vegetarian|Hot|"
        "Iced|Double|Mushroom|Black Pepper|Sour & Spicy|Thai Style|w/ Peanut|Honey|Garlic|Lemon|Small"
    ),
    "grocery": _split(
        "Original|Merah|Putih|Hijau|Segar|Rasa Jeruk|Rasa Ayam|Sachet|Botol|Kaleng|Refill|Mini|Ekonomis|"
        "Premium|Lite|Extra|Low Fat|Sugar Free|Organic|Twin Pack|Family Pack|Strawberry|Vanilla|Chocolate|"
        "Mango|Apple|Grape|Coconut|Curry|BBQ|Seaweed|Honey Lemon|Asli|Kotak|Isi Ulang|Tin|Paket|Cup"
    ),
    "med": _split(
        "Tab|Kapsul|Sirup|Salep|Forte|Plus|Anak|Dewasa|Strip|Botol|Drops|Cream|Gel|Spray|Kids|Junior|Night|Extra"
    ),
    "hard": _split(
        "Hitam|Biru|Putih|Besar|Kecil|Galvanis|Stainless|Brass|Black|White|Blue|Heavy Duty|LED|PVC|Steel|"
        "2Pin 2Pcs|Cool White|Warm White|Waterproof|Long|Short|Single|Double|Type A|Type B|Grade 1|Matt|Gloss"
    ),
    "wear": _split(
        "Hitam|Navy|Cream|Maroon|Size M|Size L|XL|XXL|Slim Fit|Pria|Wanita|Anak|Kids|Men|Ladies|Cotton|Denim|Striped|Polos|Lengan Panjang"
    ),
    "plain": _split(
        "Reguler|Standar|Ekspres|Premium|Bulanan|Tahunan|Basic|Plus|Pro|Gold|Monthly|Annual|Dewasa|Anak|Adult|Child|Weekend|Harian|Tahap 1|Paket A|Zone 2|Phase 2"
    ),
}

_HOUSEHOLD = {
    "id": _split(
        "Deterjen|Pewangi Pakaian|Sampo|Pasta Gigi|Sikat Gigi|Tisu Wajah|Popok Bayi|Pembersih Lantai|Obat Nyamuk|Kantong Plastik|Lilin|Korek Gas|Ember|Sapu Ijuk"
    ),
    "my": _split(
        "Sabun Basuh|Syampu|Ubat Gigi|Tisu Tandas|Beg Plastik|Penyapu|Lampin|Pencuci Lantai|Mancis|Baldi"
    ),
    "en": _split(
        "Dishwash Liquid|Shampoo|Toothpaste|Tissue Roll|Laundry Powder|Plastic Bag|Sponge|Body Lotion|Candle|Battery AA|Trash Bag|Air Freshener"
    ),
}
# (category, names by language, kind of modifier) by kind of shop; the first is what it sells most.
GOODS = {
    "market": (
        (
            "GROCERIES",
            {
                "id": _split(
                    "Gula Pasir|Tepung Terigu|Kecap Manis|Saus Sambal|Mi Instan|Susu UHT|Kopi Bubuk|Teh Celup|Biskuit|Keripik Singkong|Garam Dapur|Kacang Tanah|Bawang Merah|Bawang Putih|Cabai Rawit|Tomat|Wortel|Kentang|Kangkung|Bayam|Jeruk|Apel Fuji|Pisang|Semangka|Daging Sapi|Ayam Potong|Ikan Lele|Udang|Tahu|Tempe|Sarden|Margarin|Roti Tawar|Wafer|Permen|Sirup|Santan|Kerupuk Udang|Air Galon|Beras Merah|Sosis|Nugget|Es Krim"
                ),
                "my": _split(
                    "Beras Wangi|Gula Perang|Tepung Gandum|Kicap Manis|Sos Cili|Mee Segera|Susu Pekat|Kopi Kacip|Teh Uncang|Biskut Kering|Garam Halus|Ikan Bilis|Bawang Besar|Cili Kering|Kentang|Sayur Sawi|Limau|Tembikai|Ayam Segar|Telur Gred A|Sardin|Marjerin|Roti Putih|Serunding|Belacan|Santan Kotak|Minyak Masak|Keropok"
                ),
                "en": _split(
                    "White Rice|Brown Sugar|Wheat Flour|Soy Sauce|Chili Sauce|Instant Noodle|Fresh Milk|Ground Coffee|Tea Bags|Cream Crackers|Potato Chips|Sea Salt|Peanut Butter|Red Onion|Garlic|Tomato|Carrot|Potato|Spinach|Orange|Red Apple|Banana|Watermelon|Chicken Breast|Minced Beef|Salmon Fillet|Prawn|Tofu|Sardine|Margarine|White Bread|Wafer|Candy|Cordial|Coconut Milk|Cereal|Oatmeal|Sausage|Yogurt|Ice Cream|Cheddar|Butter|Olive Oil|Summer Cup|Drinking Water|Energy Drink|Corn Flakes|Honey"
                ),
            },
            "grocery",
        ),
        ("SHOPPING", _HOUSEHOLD, "grocery"),
    ),
    "restaurant": (
        (
            "FOOD",
            {
                "id": _split(
                    "Nasi Uduk|Nasi Kuning|Nasi Putih|Mie Rebus|Mie Ayam|Bakso|Soto Betawi|Rawon|Gado-gado|Pecel Lele|Ayam Geprek|Ayam Penyet|Bebek Goreng|Ikan Gurame|Cumi Asam Manis|Kepiting Saus|Kwetiau|Bihun|Capcay|Rendang|Gulai|Sop Buntut|Iga Penyet|Sate Kambing|Tempe Mendoan|Tahu Isi|Pisang Goreng|Es Jeruk|Es Campur|Es Kelapa|Teh Tawar|Jus Alpukat|Jus Jambu|Kopi Tubruk|Wedang Jahe|Air Mineral|Lontong Sayur|Martabak|Siomay|Batagor|Sambal Terasi"
                ),
                "my": _split(
                    "Nasi Lemak|Nasi Ayam|Nasi Briyani|Nasi Putih|Mee Kari|Mee Hoon|Kuey Teow|Roti Canai|Roti Telur|Tosai|Laksa|Asam Pedas|Tom Yam|Sup Tulang|Satay|Ayam Masak Merah|Ikan Siakap|Sotong Goreng|Kangkung Belacan|Telur Dadar|Teh O|Teh Tarik|Kopi O|Milo|Sirap Bandung|Air Limau|Cendol|Ais Kacang|Char Siew|Wantan Mee|Bak Kut Teh|Yong Tau Foo|Hokkien Mee|Roast Chicken Rice|Braised Pork Rice|Jasmine Green Tea|Barli Suam"
                ),
                "en": _split(
                    "Beef Steak|Chicken Chop|Fish & Chips|Lamb Shank|Pork Ribs|Caesar Salad|Mushroom Soup|French Fries|Spaghetti|Lasagna|Margherita|Pepperoni Pizza|Cheeseburger|Hot Dog|Club Sandwich|Fried Rice|Grilled Salmon|Prawn Tempura|Ramen|Sushi Roll|Chicken Wings|Onion Rings|Garlic Bread|Brownie|Apple Pie|Pancake|Lemonade|Iced Lemon Tea|Orange Juice|Milkshake|Mineral Water|Soda|Draft Beer|House Wine|Roasted Duck|Dumplings|Spring Roll|Noodle Soup"
                ),
            },
            "dish",
        ),
    ),
    "cafe": (
        (
            "FOOD",
            {
                "id": _split(
                    "Kopi Susu|Kopi Hitam|Es Kopi|Roti Bakar|Roti Sobek|Donat|Kue Lapis|Bolu|Pisang Molen|Singkong Keju|Cokelat Panas|Teh Poci|Risol|Kroket|Lumpia|Onde-onde"
                ),
                "my": _split(
                    "Kopi C|Kopi Ais|Roti Bakar Kaya|Kuih Lapis|Karipap|Bun Kacang|Kek Coklat|Donut Gula|Teh C Peng|Cham|Toast Kaya|Egg Tart"
                ),
                "en": _split(
                    "Americano|Latte|Cappuccino|Mocha|Espresso|Flat White|Cold Brew|Matcha|Chai|Hot Chocolate|Croissant|Muffin|Scone|Bagel|Cinnamon Roll|Tiramisu|Carrot Cake|Banana Bread|Cookie|Danish|Baguette|Sourdough|Almond Tart|Bubble Tea|Frappe"
                ),
            },
            "dish",
        ),
    ),
    "pharmacy": (
        (
            "HEALTHCARE",
            {
                "id": _split(
                    "Obat Batuk|Obat Flu|Minyak Kayu Putih|Plester|Kasa Steril|Masker Medis|Termometer|Jamu|Vitamin B|Suplemen|Koyo|Alkohol|Betadin|Tes Gula Darah|Biaya Konsultasi|Jasa Racik|Oralit|Antasida"
                ),
                "my": _split(
                    "Ubat Batuk|Ubat Selsema|Minyak Angin|Plaster|Topeng Muka|Vitamin C Kunyah|Konsultasi Doktor|Ubat Sakit Kepala|Minyak Gamat|Krim Luka"
                ),
                "en": _split(
                    "Ibuprofen|Cetirizine|Loratadine|Omeprazole|Metformin|Amlodipine|Aspirin|Cough Syrup|Eye Drops|Nasal Spray|Bandage|Antiseptic|Face Mask|Thermometer|Multivitamin|Fish Oil|Calcium|Zinc|Glucosamine|Lozenges|Antacid|Probiotic|Sunscreen|Consultation|Dental Scaling|Blood Test|X-Ray|Azithromycin|Ranitidine|Captopril|Dexamethasone|Mefenamic Acid|Salbutamol"
                ),
            },
            "med",
        ),
    ),
    "fuel": (
        (
            "TRANSPORT",
            {
                "id": _split(
                    "Pertalite|Dexlite|Bio Solar|Pertamina Dex|Solar|Premium 88|Revvo 90|Revvo 92|BP 92|Super Diesel"
                ),
                "my": _split(
                    "RON 95|RON 97|Diesel B10|V-Power 97|FuelSave 95|Diesel Euro 5|Primax 95|Blaze 97|Turbo Diesel"
                ),
                "en": _split(
                    "Unleaded|Premium Unleaded|Diesel|Super 98|Regular 87|E10|AdBlue|Mid-grade 89"
                ),
            },
            "plain",
        ),
    ),
    "transport": (
        (
            "TRANSPORT",
            {
                "id": _split(
                    "Tarif Tol|Parkir Mobil|Parkir Motor|Tiket Bus|Tiket Kereta|Ongkos Taksi|Gol I|Gol II|Tiket Kapal|Bagasi|Sewa Mobil|Tiket Pesawat|Ojek"
                ),
                "my": _split(
                    "Tol Kelas 1|Tiket Bas|Bayaran Parkir|Tambang Teksi|Tiket Feri|Sewa Kereta|Tambang LRT|Tiket Komuter"
                ),
                "en": _split(
                    "Parking Fee|Toll Fare|Bus Ticket|Train Ticket|Taxi Fare|Airport Transfer|Car Rental|Day Pass|Ferry Ticket|Luggage Fee|Touch N Go Reload|Valet Parking"
                ),
            },
            "plain",
        ),
    ),
    "hardware": (
        (
            "SHOPPING",
            {
                "id": _split(
                    "Semen|Cat Tembok|Paku|Kawat|Pipa|Keran Air|Lampu|Kabel|Saklar|Stop Kontak|Engsel|Gembok|Lem|Amplas|Kuas|Obeng|Tang|Palu|Bor|Baut|Mur|Oli Mesin|Busi|Aki|Ban Luar|Kampas Rem"
                ),
                "my": _split(
                    "Simen|Cat Minyak|Paku Besi|Dawai|Paip|Mentol|Kabel|Suis|Engsel Pintu|Mangga|Gam|Kertas Pasir|Berus|Pemutar Skru|Playar|Tukul|Skru|Minyak Hitam"
                ),
                "en": _split(
                    "Cement|Wall Paint|Nails|Wire|Pipe|Water Tap|LED Bulb|LED Track Light|Cable|Switch|Socket|Hinge|Padlock|Glue|Sandpaper|Brush|Screwdriver|Pliers|Hammer|Drill Bit|Bolt|Nut|Engine Oil|Spark Plug|Car Battery|Tyre|Brake Pad|M.One Tape|Cable Tie|T5 Joint|Downlight|Ceiling Fan|Silicone|Thinner|Hose|Bracket|Square Frame|Measuring Tape|Epoxy"
                ),
            },
            "hard",
        ),
    ),
    "stationery": (
        (
            "SHOPPING",
            {
                "id": _split(
                    "Buku Tulis|Pensil|Penghapus|Penggaris|Kertas HVS|Map Plastik|Amplop|Lakban|Gunting|Spidol|Tinta Printer|Fotokopi|Jilid|Cetak Banner|Stempel|Kalkulator|Komik|Novel"
                ),
                "my": _split(
                    "Buku Latihan|Pensel|Pemadam|Pembaris|Kertas A4|Fail|Sampul Surat|Pita Pelekat|Gunting|Pen Marker|Fotostat|Kad Ucapan|Buku Cerita"
                ),
                "en": _split(
                    "Exercise Book|Pencil|Eraser|Steel Ruler|A4 Paper|Ring File|Lion File|Envelope|Clear Tape|Scissors|Marker|Ink Cartridge|Photocopy|Binding|Laminating Film|Laminate Film|Badge Clip|Stapler|Calculator|Sticky Notes|Highlighter|Gel Pen|Greeting Card|Dictionary|Story Book|Glue Stick|Clipboard|Misc"
                ),
            },
            "hard",
        ),
    ),
    "fashion": (
        (
            "SHOPPING",
            {
                "id": _split(
                    "Kemeja|Kaos|Celana Jeans|Rok|Gamis|Kerudung|Jaket|Sandal|Sepatu|Kaos Kaki|Tas|Dompet|Ikat Pinggang|Topi|Sarung|Batik Tulis|Daster"
                ),
                "my": _split(
                    "Baju Kurung|Baju Melayu|Tudung|Seluar|Kasut|Selipar|Beg Tangan|Stokin|Tali Pinggang|Kain Pelikat"
                ),
                "en": _split(
                    "T-Shirt|Polo Shirt|Jeans|Skirt|Dress|Jacket|Sneakers|Socks|Handbag|Wallet|Belt|Cap|Scarf|Sweater|Shorts|Blouse|Lipstick|Perfume|Watch|Sunglasses|Hoodie"
                ),
            },
            "wear",
        ),
    ),
    "electronics": (
        (
            "SHOPPING",
            {
                "id": _split(
                    "Charger HP|Kabel Data|Kipas Angin|Setrika|Rice Cooker|Blender|Dispenser|Lampu Meja|Kulkas|Televisi|Pulsa|Kartu Perdana"
                ),
                "my": _split(
                    "Pengecas|Kipas Meja|Seterika|Periuk Nasi|Pengisar|Peti Sejuk|Kad Prabayar"
                ),
                "en": _split(
                    "Phone Case|Charger|HDMI Cable|Earphones|Power Bank|Memory Card|Keyboard|Mouse|Monitor|Router|Webcam|Speaker|Headset|SSD|Tablet|Laptop Bag|Screen Protector|Printer|Smart Watch|USB Hub"
                ),
            },
            "hard",
        ),
    ),
    "cinema": (
        (
            "ENTERTAINMENT",
            {
                "id": _split(
                    "Tiket Bioskop|Tiket Masuk|Karaoke Room|Sewa Ruang|Koin Permainan|Tiket Konser|Wahana|Tiket Museum"
                ),
                "my": _split(
                    "Tiket Wayang|Tiket Masuk|Bilik Karaoke|Token Permainan|Tiket Konsert"
                ),
                "en": _split(
                    "Movie Ticket|Entrance Ticket|Game Token|Bowling Game|Shoe Rental|Concert Ticket|Theme Park Pass|Pool Table|VR Session|Karaoke Hour|Museum Entry|Matinee"
                ),
            },
            "plain",
        ),
        (
            "FOOD",
            {
                "en": _split("Popcorn|Nachos|Soft Drink|Cola|Hotdog|Pretzel"),
                "id": _split("Berondong Jagung|Minuman Soda|Kentang Goreng"),
            },
            "dish",
        ),
    ),
    "utility": (
        (
            "UTILITIES",
            {
                "id": _split(
                    "Token Listrik|Biaya Air|Abonemen|Tagihan Telepon|Internet Rumah|Gas Pipa|Biaya Administrasi|Sampah|Denda|Tagihan Listrik"
                ),
                "my": _split(
                    "Caj Elektrik|Bil Air|Caj Tetap|Bil Telefon|Jalur Lebar|Caj Pembetungan"
                ),
                "en": _split(
                    "Electricity Usage|Water Usage|Basic Charge|Phone Bill|Broadband|Gas Supply|Admin Fee|Sewerage|Standing Charge|Data Plan|Prepaid Reload"
                ),
            },
            "plain",
        ),
    ),
    "subscription": (
        (
            "SUBSCRIPTIONS",
            {
                "id": _split(
                    "Langganan TV|Langganan Musik|Paket Data|Keanggotaan Gym|Langganan Koran|Paket Streaming|Sewa Server"
                ),
                "my": _split("Langganan TV|Yuran Gim|Pelan Data|Langganan Majalah"),
                "en": _split(
                    "TV Subscription|Music Plan|Cloud Storage|Gym Membership|Newspaper|Streaming Plan|Server Rental|Software License|Antivirus|VPN|Email Hosting|Magazine|SSL Certificate|Workspace Seat|Domain Registration"
                ),
            },
            "plain",
        ),
    ),
    "service": (
        (
            "OTHER",
            {
                "id": _split(
                    "Cuci Mobil|Ganti Oli|Laundry Kiloan|Setrika|Potong Rambut|Creambath|Jasa Desain|Biaya Pengiriman|Jasa Instalasi|Perbaikan|Cetak Foto|Konsultasi|Sewa Tenda|Biaya Kebersihan|Tukang Cat|Bongkar Pasang"
                ),
                "my": _split(
                    "Cuci Kereta|Servis Enjin|Dobi|Gunting Rambut|Upah Pasang|Caj Penghantaran|Baiki|Sewa Khemah|Upah"
                ),
                "en": _split(
                    "Car Wash|Oil Change|Dry Cleaning|Haircut|Web Design|Delivery Fee|Installation|Repair Labour|Photo Print|Consulting|Tent Rental|Cleaning Service|Translation|Site Survey|Maintenance|Training|Copywriting|Inspection|Project Management|Transport Charge|Labour"
                ),
            },
            "plain",
        ),
    ),
}

DETAILS = {
    "dish": _split(
        "Pedas level 2|Tidak pedas|Tanpa es|Gula sedikit|Telur setengah matang|Bungkus|Kurang manis|Tambah keju|Less sugar|No ice|Extra hot|Take away|No onion|Add egg|Well done|Medium rare|Sauce on side|Kurang pedas|Tambah sambal|Ais kurang|Less sweet|Oat milk|Add cheese +2.00|no chili|TA|Dine in|Large size|Extra shot"
    ),
    "grocery": _split(
        "Exp 12/2026|Promo member|Rasa stroberi|Buy 1 get 1|Harga spesial|Warna acak|Kemasan baru|Chilled|Clearance|Isi 12|Weight item|Member price|SR|Local product"
    ),
    "med": _split(
        "2 x sehari|Sebelum makan|Sesudah makan|Bila perlu|Oles tipis|1 x 1 malam|After meals|Twice daily|External use|Batch A2203|Exp 08/27|3 kali sehari|Kocok dahulu"
    ),
    "hard": _split(
        "Garansi 1 tahun|Warranty 12 months|Warna putih|Model baru|Made in Japan|S/N 88213-A|Per meter|Isi 10|Grade A|SKU 100-22|Free delivery|Color: black|1059 frame"
    ),
    "wear": _split(
        "Warna hitam|Ukuran L|Size 42|Color: navy|Disc item|Bahan katun|Limited edition|Saiz M"
    ),
    "plain": _split(
        "Periode Maret|Periode Jan - Mar|Perpanjangan|Non-refundable|Per jam|Kursi 12A|Seat F7|Hall 3|Jan 2024|Ref. 22-104|Plat B 2291 KX|Masuk 08:14|Meter 1044 - 1187|Duration 2h 15m|Studio 4|Unit 12-3|incl. materials|per user|12 months|auto renewal"
    ),
}
CUSTOMERS = _split(
    "CASH|CASH SALES|Walk-in customer|Umum|Pelanggan Umum|THE PERIPHERY SDN BHD|Warung Kopi Tiga|Ms. Lestari|Mr. Tan|Ibu Kartika|Kedai Serbaneka|Blue Door LLC|CV Tirta Agung|Studio Lima"
)

FOOTERS = {
    "id": _split(
        "Terima kasih|Terima kasih atas kunjungannya|Barang yang sudah dibeli|tidak dapat dikembalikan|Selamat berbelanja kembali|Kritik & saran: 0811-2200-330|Harga sudah termasuk PPN|Simpan struk ini|Layanan konsumen 1500-999|Selamat menikmati|Semoga harimu menyenangkan|-- LUNAS --|Follow IG: @toko_kita|Struk ini bukti pembayaran sah|Cek barang sebelum pulang|Hormat kami,"
    ),
    "my": _split(
        "THANK YOU|THANK YOU PLEASE COME AGAIN|Goods sold are not returnable|GOODS SOLD ARE NOT REFUNDABLE|Terima Kasih, Sila Datang Lagi|*** THANK YOU ***|Please keep this receipt|EXCHANGE WITHIN 7 DAYS WITH RECEIPT|This is a computer generated invoice|Customer copy|Powered by POS System|Note: (*) GST item|BANK ACC MBB 5628 0011 7742|Like us on Facebook|E. & O. E.|All prices in RM"
    ),
    "en": _split(
        "Thank you!|Thank you for your business|Please come again|Have a nice day :)|Returns within 14 days|www.example.com/survey|Follow us @example|Keep this receipt|All sales final|Payment by bank transfer|No refunds w/o receipt|Save 10% next visit|Rate us *****|Questions? Call 555-0100|Earn 2x points today"
    ),
}
SLOGANS = _split(
    "Hemat Setiap Hari|Fresh Every Day|Quality You Trust|Murah & Lengkap|Best Price Guaranteed|Since 1987|CUSTOMER COPY|** COPY **|Enak, Bersih, Murah|Your Neighbourhood Store|www.example.co.id|info@example.com.my|Open 24 Hours|Cabang Utama|BRANCH 03|HQ: 03-5512 8899"
)
TITLES = {
    "id": _split(
        "NOTA|STRUK|KUITANSI|BON|STRUK BELANJA|BUKTI PEMBAYARAN|NOTA PENJUALAN|FAKTUR PENJUALAN|Bukti Transaksi"
    ),
    "my": _split(
        "TAX INVOICE|TAX INVOICE|Tax Invoice|CASH BILL|RECEIPT|INVOICE|SIMPLIFIED TAX INVOICE|CASH SALES|RESIT|*** RECEIPT ***|OFFICIAL RECEIPT"
    ),
    "en": _split(
        "RECEIPT|Receipt|SALES RECEIPT|INVOICE|TAX INVOICE|Guest Check|Order|BILL|Cash Receipt|>>> Receipt <<<"
    ),
}

# Ways to label a field, by country.
LABELS = {
    "number": {
        "id": _split(
            "No. Struk|No Struk|No. Nota|NOTA|No. Faktur|Nomor|No.|No Bon|No. Transaksi|ID Transaksi|Kode Transaksi|TRX|No. Bukti|No. Order|NO. INVOICE|Struk|Faktur No."
        ),
        "my": _split(
            "Invoice No|Invoice No.|INVOICE NO|Receipt No|Receipt No.|RECEIPT #|Doc No|Doc No.|Document No|Bill No|Bill No.|BILL NO|Inv No|INV NO.|Invoice|TRN|Slip No|Receipt|Invoice#|CB No|Trans No|Tax Invoice No|Rcpt#|No. Resit|Invoice number|Ref No"
        ),
        "en": _split(
            "Invoice #|Invoice No.|Invoice number|Receipt No|Receipt #|RECEIPT NO|Check #|Order #|Order No.|Ticket|Trans #|Transaction|Bill #|Ref|Doc No|Check No|No."
        ),
    },
    "date": {
        "id": _split(
            "Tanggal|TANGGAL|Tgl|Tgl.|TGL|Tgl Transaksi|Waktu|Tanggal Faktur|Date|Tgl/Jam"
        ),
        "my": _split(
            "Date|DATE|Date|Invoice Date|Bill Date|Tarikh|Doc Date|Date/Time|Inv. Date|TARIKH|Receipt Date|Dt"
        ),
        "en": _split("Date|DATE|Invoice date|Issued|Date/Time|Order date|Issue date|Date of issue"),
    },
    "due": {
        "id": _split(
            "Jatuh Tempo|JATUH TEMPO|Tgl Jatuh Tempo|Bayar sebelum|Batas Bayar|Jatuh tempo tgl"
        ),
        "my": _split("Due Date|DUE DATE|Payment Due|Pay By|Bayar Sebelum|Due|Terms due"),
        "en": _split("Due date|Due|Payment due|DUE DATE|Pay by|Due on"),
    },
    "time": {
        "id": _split("Jam|Waktu|Pukul|JAM"),
        "my": _split("Time|TIME|Masa"),
        "en": _split("Time|TIME"),
    },
    "cashier": {
        "id": _split("Kasir|KASIR|Operator|Pelayan|Op"),
        "my": _split("Cashier|CASHIER|Cashier #|Salesperson|Served by|Staff|User"),
        "en": _split("Cashier|Server|Served by|Clerk|Sold by|Operator"),
    },
    "misc": {
        "id": _split(
            "Meja|Pelanggan|Member|Kassa|No. Antrian|Shift|Terminal|Poin|Jml Tamu|NPWP|Order"
        ),
        "my": _split(
            "Table|Counter|Member ID|Station|Cover|Pax|Terminal|Code|Name|Terms|Salesperson|Queue No|Points|Shift|Page|Reg"
        ),
        "en": _split(
            "Table|Guests|Register|Terminal|Store|Order type|Member|Lane|Covers|Auth|Customer|Tab"
        ),
    },
    "subtotal": {
        "id": _split(
            "Subtotal|SUBTOTAL|Sub Total|SUB TOTAL|Jumlah|JUMLAH|Total Belanja|Sub-Total|Harga Jual|Subtotal Rp"
        ),
        "my": _split(
            "Sub Total|Subtotal|SUB TOTAL|SUBTOTAL|SUB-TOTAL|Sub-Total|Total Sales|Jumlah Kecil|Gross Amount|Sub Total (RM)|Gross"
        ),
        "en": _split("Subtotal|Sub Total|SUBTOTAL|Sub-total|Net sales|Items total|Merchandise"),
    },
    "subtotal_net": {
        "id": _split("DPP|Dasar Pengenaan Pajak|Subtotal|Jumlah|Sub Total|Total sblm Pajak"),
        "my": _split(
            "Total Excl. GST|Total Sales (Excluding GST)|Sub Total (Excl. GST)|SUB-TOTAL (EX)|Total (Excluding GST)|Subtotal|Sub Total|Total Excluding Tax|Amount Before GST"
        ),
        "en": _split("Net amount|Subtotal|Sub Total|Total before tax|Net|Taxable"),
    },
    "tax": {
        "id": _split("PPN|PPN|PPn|Pajak|PB1|Pajak PB1|Tax|PAJAK|Pajak Resto|PBJT|TAX"),
        "my": _split(
            "GST|GST|GST|SST|Service Tax|Tax|GST Payable|TOTAL GST|Total Tax|GST Amt|Add GST|GST/TAX|Cukai|Total GST"
        ),
        "en": _split("VAT|Tax|Sales tax|TAX|GST|VAT total|State tax"),
    },
    "tax_inside": {
        "id": _split("Termasuk PPN|Incl. PPN|PPN (termasuk)|Pajak dlm harga"),
        "my": _split(
            "Includes GST|GST included|GST Amount Incl.|Incl. GST|Inclusive of GST|GST Incl"
        ),
        "en": _split("Includes VAT|VAT included|Incl. tax|Of which VAT"),
    },
    "discount": {
        "id": _split(
            "Diskon|DISKON|Discount|Potongan|Promo|PROMO|Voucher|Disc.|Hemat|Potongan Harga|Diskon Promo|Anda Hemat"
        ),
        "my": _split(
            "Discount|DISCOUNT|Disc|Total Discount|Less Discount|Diskaun|Voucher|Member Disc|Bill Disc|Item Discount"
        ),
        "en": _split("Discount|DISCOUNT|Promo|Coupon|Savings|Member savings|Less discount|Voucher"),
    },
    "service": {
        "id": _split(
            "Service Charge|Biaya Layanan|Service|SERVICE CHARGE|Srv Chg|Biaya Servis|Layanan"
        ),
        "my": _split(
            "Service Charge|Svc Chg|SERVICE CHARGE|Serv. Charge|Service Chrg|SVC CHARGE|Caj Perkhidmatan"
        ),
        "en": _split("Service charge|Service|SERVICE CHARGE|Service fee|Gratuity|Svc chg"),
    },
    "before_rounding": {
        "my": _split(
            "Total Incl. GST|Total Amount|Total (Inclusive of GST)|Total Includes GST|Nett Amount|Total Sales (Inclusive of GST)|Net Total|Total Inclusive Tax"
        ),
        "en": _split("Total|Total before rounding|Amount"),
    },
    "rounding": {
        "id": _split("Pembulatan|PEMBULATAN|Rounding"),
        "my": _split(
            "Rounding|ROUNDING|Rounding Adj|Rounding Adjustment|ROUNDING ADJ|Round Adj|Rounding Adj.|Pembundaran|Rnd. Adj"
        ),
        "en": _split("Rounding|Rounding adj."),
    },
    "total": {
        "id": _split(
            "Total|TOTAL|TOTAL|Grand Total|GRAND TOTAL|Total Bayar|TOTAL BAYAR|Jumlah Bayar|Total Tagihan|TOTAL TAGIHAN|Jumlah|JUMLAH|Total Pembayaran|TOTAL BELANJA|Netto|Total Akhir|Harus Dibayar|JUMLAH TOTAL"
        ),
        "my": _split(
            "TOTAL|TOTAL|Total|Total|GRAND TOTAL|Grand Total|Total Amount|TOTAL AMOUNT|Net Total|NETT TOTAL|Amount Due|Total Due|TOTAL RM|Total (RM)|TOTAL SALES|Total Payable|Jumlah|JUMLAH BESAR|Total Amt Payable|Nett|Total Includes GST|Total Sales (Inclusive of GST)|Total Incl. GST|TOTAL INCL. GST|Total (Inclusive of GST)|Total Sales Inclusive GST|Total Gross"
        ),
        "en": _split(
            "TOTAL|Total|Grand total|GRAND TOTAL|Amount due|AMOUNT DUE|Total due|Balance due|BALANCE DUE|Total to pay|Amount payable|Order total"
        ),
    },
    "total_rounded": {
        "my": _split(
            "Total Amt Rounded|Total Rounded|TOTAL ROUNDED|Rounded Total|Total Amount Rounded|TOTAL|Total|Grand Total|Total After Rounding|Nett Total|Amount Due|Total Amt Rounded|Rounded Total (RM)|TOTAL (RM)|Total Payable"
        ),
        "en": _split("Total|TOTAL|Amount due|Total rounded"),
    },
    "cash": {
        "id": _split(
            "Tunai|TUNAI|Bayar|BAYAR|Cash|Bayar Tunai|Uang Tunai|Dibayar|CASH|Uang Diterima"
        ),
        "my": _split(
            "Cash|CASH|Payment|Cash Tendered|CASH RECEIVED|Tunai|Paid|Amount Tendered|PAID AMOUNT|Cash Received|Tender"
        ),
        "en": _split("Cash|CASH|Paid|Cash tendered|Tendered|Amount paid"),
    },
    "change": {
        "id": _split("Kembali|KEMBALI|Kembalian|Uang Kembali|Change|KEMBALIAN"),
        "my": _split("Change|CHANGE|Change Due|Balance|Baki|CHANGE DUE|BAKI"),
        "en": _split("Change|CHANGE|Change due|Change given"),
    },
    "card": {
        "id": _split(
            "Debit BCA|Kartu Debit|QRIS|GoPay|OVO|Kartu Kredit|DEBIT|Non Tunai|Debit Mandiri|DANA|Transfer"
        ),
        "my": _split(
            "VISA|Visa|MASTERCARD|MASTER|Credit Card|DEBIT CARD|AMEX|MyDebit|Touch n Go|eWallet|GRABPAY|Visa Card"
        ),
        "en": _split("VISA|Visa|Mastercard|Credit card|AMEX|Debit|Card|Gift card|Apple Pay"),
    },
    "count": {
        "id": _split("Total Item|Jml Item|Item|Total Qty|Jumlah Barang|Qty"),
        "my": _split(
            "Total Qty|Item Count|Total Item(s)|Total Quantity|No of Items|Qty Count|TOTAL QTY|Items|Total Qty."
        ),
        "en": _split("Items|Item count|# Items sold|Total items|Qty"),
    },
    "item": {
        "id": _split(
            "Uraian|Nama Barang|Barang|Deskripsi|Keterangan|Menu|Item|Produk|Nama Produk|NAMA BARANG|ITEM"
        ),
        "my": _split(
            "Description|DESCRIPTION|Item|ITEM|Product|Particulars|Item Description|Details|Butiran"
        ),
        "en": _split("Description|DESCRIPTION|Item|Product|Service|Details|ITEM|Item description"),
    },
    "quantity": {
        "id": _split("Qty|QTY|Jml|Banyak|Kuantitas|Banyaknya|Jumlah Brg"),
        "my": _split("Qty|QTY|Quantity|Kuantiti|Qty."),
        "en": _split("Qty|QTY|Quantity|Hours|Units"),
    },
    "price": {
        "id": _split("Harga|HARGA|Harga Satuan|Hrg Sat.|@Harga|Price|Satuan"),
        "my": _split(
            "Price|U/P|Unit Price|U.Price|PRICE|S/Price|Harga|U/Price|Unit Price (RM)|PRICE(RM)"
        ),
        "en": _split("Price|Unit price|Rate|PRICE|Unit|Each"),
    },
    "amount": {
        "id": _split("Jumlah|Total|TOTAL|JUMLAH|Subtotal|Jumlah (Rp)|Amount|Harga Total"),
        "my": _split(
            "Amount|AMOUNT|Amt|Total|Amount (RM)|AMOUNT (RM)|Total (RM)|RM|Amt(RM)|Jumlah|Total RM"
        ),
        "en": _split("Amount|Total|AMOUNT|Line total|Ext. price|Price"),
    },
    "bill_to": {
        "id": _split("Kepada Yth.|Kepada|Pelanggan|Ditagihkan kepada|Untuk|Yth."),
        "my": _split("Bill To|BILL TO|To|Customer|Sold To|Attn"),
        "en": _split("Bill to|BILL TO|Billed to|Customer|Client|Invoice to"),
    },
    "words": {
        "id": _split("Terbilang|Rekening|Catatan|Transfer ke|Keterangan"),
        "my": _split("Remark|Bank Acc|Ref|Note|Terms|Ringgit Malaysia"),
        "en": _split("Notes|Terms|Bank|IBAN|Memo"),
    },
}
MONTHS = {
    "id": _split(
        "Januari|Februari|Maret|April|Mei|Juni|Juli|Agustus|September|Oktober|November|Desember"
    ),
    "my": _split(
        "Januari|Februari|Mac|April|Mei|Jun|Julai|Ogos|September|Oktober|November|Disember"
    ),
    "en": _split(
        "January|February|March|April|May|June|July|August|September|October|November|December"
    ),
}
SHORT_MONTHS = {
    "id": _split("Jan|Feb|Mar|Apr|Mei|Jun|Jul|Agu|Sep|Okt|Nov|Des"),
    "my": _split("Jan|Feb|Mac|Apr|Mei|Jun|Jul|Ogo|Sep|Okt|Nov|Dis"),
    "en": _split("Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"),
}
