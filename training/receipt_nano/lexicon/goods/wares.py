"""What is carried home, or in the tank."""

from ..phrases import phrases

PHARMACY = (
    (
        "HEALTHCARE",
        {
            "id": phrases(
                "Obat Batuk|Obat Flu|Minyak Kayu Putih|Plester|Kasa Steril|Masker Medis|Termometer|"
                "Jamu|Vitamin B|Suplemen|Koyo|Alkohol|Betadin|Tes Gula Darah|Biaya Konsultasi|"
                "Jasa Racik|Oralit|Antasida"
            ),
            "my": phrases(
                "Ubat Batuk|Ubat Selsema|Minyak Angin|Plaster|Topeng Muka|Vitamin C Kunyah|"
                "Konsultasi Doktor|Ubat Sakit Kepala|Minyak Gamat|Krim Luka"
            ),
            "en": phrases(
                "Ibuprofen|Cetirizine|Loratadine|Omeprazole|Metformin|Amlodipine|Aspirin|"
                "Cough Syrup|Eye Drops|Nasal Spray|Bandage|Antiseptic|Face Mask|Thermometer|"
                "Multivitamin|Fish Oil|Calcium|Zinc|Glucosamine|Lozenges|Antacid|Probiotic|"
                "Sunscreen|Consultation|Dental Scaling|Blood Test|X-Ray|Azithromycin|Ranitidine|"
                "Captopril|Dexamethasone|Mefenamic Acid|Salbutamol"
            ),
        },
        "med",
    ),
)

FUEL = (
    (
        "TRANSPORT",
        {
            "id": phrases(
                "Pertalite|Dexlite|Bio Solar|Pertamina Dex|Solar|Premium 88|Revvo 90|Revvo 92|"
                "BP 92|Super Diesel"
            ),
            "my": phrases(
                "RON 95|RON 97|Diesel B10|V-Power 97|FuelSave 95|Diesel Euro 5|Primax 95|Blaze 97|"
                "Turbo Diesel"
            ),
            "en": phrases(
                "Unleaded|Premium Unleaded|Diesel|Super 98|Regular 87|E10|AdBlue|Mid-grade 89"
            ),
        },
        "plain",
    ),
)

HARDWARE = (
    (
        "SHOPPING",
        {
            "id": phrases(
                "Semen|Cat Tembok|Paku|Kawat|Pipa|Keran Air|Lampu|Kabel|Saklar|Stop Kontak|Engsel|"
                "Gembok|Lem|Amplas|Kuas|Obeng|Tang|Palu|Bor|Baut|Mur|Oli Mesin|Busi|Aki|Ban Luar|"
                "Kampas Rem"
            ),
            "my": phrases(
                "Simen|Cat Minyak|Paku Besi|Dawai|Paip|Mentol|Kabel|Suis|Engsel Pintu|Mangga|Gam|"
                "Kertas Pasir|Berus|Pemutar Skru|Playar|Tukul|Skru|Minyak Hitam"
            ),
            "en": phrases(
                "Cement|Wall Paint|Nails|Wire|Pipe|Water Tap|LED Bulb|LED Track Light|Cable|Switch|"
                "Socket|Hinge|Padlock|Glue|Sandpaper|Brush|Screwdriver|Pliers|Hammer|Drill Bit|"
                "Bolt|Nut|Engine Oil|Spark Plug|Car Battery|Tyre|Brake Pad|M.One Tape|Cable Tie|"
                "T5 Joint|Downlight|Ceiling Fan|Silicone|Thinner|Hose|Bracket|Square Frame|"
                "Measuring Tape|Epoxy"
            ),
        },
        "hard",
    ),
)

STATIONERY = (
    (
        "SHOPPING",
        {
            "id": phrases(
                "Buku Tulis|Pensil|Penghapus|Penggaris|Kertas HVS|Map Plastik|Amplop|Lakban|"
                "Gunting|Spidol|Tinta Printer|Fotokopi|Jilid|Cetak Banner|Stempel|Kalkulator|Komik|"
                "Novel"
            ),
            "my": phrases(
                "Buku Latihan|Pensel|Pemadam|Pembaris|Kertas A4|Fail|Sampul Surat|Pita Pelekat|"
                "Gunting|Pen Marker|Fotostat|Kad Ucapan|Buku Cerita"
            ),
            "en": phrases(
                "Exercise Book|Pencil|Eraser|Steel Ruler|A4 Paper|Ring File|Lion File|Envelope|"
                "Clear Tape|Scissors|Marker|Ink Cartridge|Photocopy|Binding|Laminating Film|"
                "Laminate Film|Badge Clip|Stapler|Calculator|Sticky Notes|Highlighter|Gel Pen|"
                "Greeting Card|Dictionary|Story Book|Glue Stick|Clipboard|Misc"
            ),
        },
        "hard",
    ),
)

FASHION = (
    (
        "SHOPPING",
        {
            "id": phrases(
                "Kemeja|Kaos|Celana Jeans|Rok|Gamis|Kerudung|Jaket|Sandal|Sepatu|Kaos Kaki|Tas|"
                "Dompet|Ikat Pinggang|Topi|Sarung|Batik Tulis|Daster"
            ),
            "my": phrases(
                "Baju Kurung|Baju Melayu|Tudung|Seluar|Kasut|Selipar|Beg Tangan|Stokin|"
                "Tali Pinggang|Kain Pelikat"
            ),
            "en": phrases(
                "T-Shirt|Polo Shirt|Jeans|Skirt|Dress|Jacket|Sneakers|Socks|Handbag|Wallet|Belt|"
                "Cap|Scarf|Sweater|Shorts|Blouse|Lipstick|Perfume|Watch|Sunglasses|Hoodie"
            ),
        },
        "wear",
    ),
)

ELECTRONICS = (
    (
        "SHOPPING",
        {
            "id": phrases(
                "Charger HP|Kabel Data|Kipas Angin|Setrika|Rice Cooker|Blender|Dispenser|"
                "Lampu Meja|Kulkas|Televisi|Pulsa|Kartu Perdana"
            ),
            "my": phrases(
                "Pengecas|Kipas Meja|Seterika|Periuk Nasi|Pengisar|Peti Sejuk|Kad Prabayar"
            ),
            "en": phrases(
                "Phone Case|Charger|HDMI Cable|Earphones|Power Bank|Memory Card|Keyboard|Mouse|"
                "Monitor|Router|Webcam|Speaker|Headset|SSD|Tablet|Laptop Bag|Screen Protector|"
                "Printer|Smart Watch|USB Hub"
            ),
        },
        "hard",
    ),
)
