"""Words before and after a company's name, by kind of shop and country."""

from .phrases import phrases

HOUSES = {
    "market": {
        "id": (
            phrases("TOKO|Swalayan|Warung|Minimarket|Grosir|Pasar Swalayan"),
            phrases("MART|Swalayan|Mini Market|Supermarket|Fresh"),
        ),
        "my": (
            phrases("PASARAYA|KEDAI RUNCIT|PERNIAGAAN|RESTU"),
            phrases("MINI MARKET|SUPERMARKET|MART|TRADING|HYPERMARKET|CASH & CARRY|FRESH MART"),
        ),
        "en": ((), phrases("Market|Grocery|Supermarket|Foods|Superstore|Deli")),
    },
    "restaurant": {
        "id": (
            phrases("RM|Rumah Makan|Warung|Kedai|Depot|Resto|Dapur|Bakmi|Ayam Bakar"),
            phrases("Resto|Restaurant|Kitchen|Seafood|Steak House|Cafe"),
        ),
        "my": (
            phrases("RESTORAN|KEDAI MAKANAN|RESTAURANT|WARUNG|NASI KANDAR"),
            phrases("RESTAURANT|CAFE|KITCHEN|SEAFOOD|CORNER|BISTRO|FOOD COURT|STEAMBOAT|DELIGHTS"),
        ),
        "en": (
            phrases("The|Cafe|Chez"),
            phrases("Diner|Grill|Restaurant|Bistro|Pizzeria|Kitchen|Tavern|BBQ"),
        ),
    },
    "cafe": {
        "id": (
            phrases("Kopi|Kedai Kopi|Warkop|Roti"),
            phrases("Coffee|Bakery|Kopi|Cake & Pastry|Roastery"),
        ),
        "my": (
            phrases("KOPITIAM|KEDAI KOPI|ROTI"),
            phrases("COFFEE|BAKERY|KOPITIAM|CAKE HOUSE|TEA HOUSE|CONFECTIONERY"),
        ),
        "en": (phrases("Cafe"), phrases("Coffee|Bakery|Tea Room|Espresso|Creamery|Donuts")),
    },
    "pharmacy": {
        "id": (phrases("APOTEK|Apotik|KLINIK|RS"), phrases("Farma|Medika|Pharmacy|Husada")),
        "my": (
            phrases("FARMASI|KLINIK|POLIKLINIK"),
            phrases("PHARMACY|HEALTHCARE|DENTAL|MEDICAL HALL|WELLNESS"),
        ),
        "en": ((), phrases("Pharmacy|Drugs|Chemist|Clinic|Health")),
    },
    "fuel": {
        "id": (phrases("SPBU|POM BENSIN|Stasiun"), phrases("Energi|SPBU|Petrol")),
        "my": (
            phrases("PETRON|STESEN MINYAK|SHELL|CALTEX"),
            phrases("PETROL STATION|SERVICE STATION|PETRO TRADING|OIL"),
        ),
        "en": (phrases("Gas"), phrases("Fuel|Gas Station|Petroleum|Service Station")),
    },
    "transport": {
        "id": (
            phrases("TOL|PARKIR|TAKSI|Travel|PO|KERETA"),
            phrases("Parking|Trans|Travel|Taxi|Tol|Shuttle"),
        ),
        "my": (
            phrases("PLUS|LEBUHRAYA|TEKSI|PARKING"),
            phrases("PARKING|EXPRESS|TAXI|HIGHWAY|TRANSPORT|CAR PARK"),
        ),
        "en": ((), phrases("Parking|Transit|Cabs|Tollway|Rail|Shuttle")),
    },
    "hardware": {
        "id": (
            phrases("TB|Toko Bangunan|Toko Besi|Toko Listrik|UD"),
            phrases("Teknik|Bangunan|Elektrik|Hardware|Motor"),
        ),
        "my": (
            phrases("KEDAI PERKAKASAN|SYARIKAT"),
            phrases(
                "HARDWARE|HARDWARE & ELECTRICAL|HARDWARE TRADING|LIGHTING|AUTO PARTS|MACHINERY|"
                "PAINT CENTRE|GALLERY"
            ),
        ),
        "en": ((), phrases("Hardware|Tools|Lumber|Electrical|Auto Parts|Plumbing")),
    },
    "stationery": {
        "id": (
            phrases("Toko Buku|Fotokopi|Percetakan|Toko"),
            phrases("Stationery|Digital Printing|Books|Copy Center"),
        ),
        "my": (
            phrases("KEDAI BUKU|PUSAT"),
            phrases("STATIONERY & BOOKS|STATIONERY|BOOK STORE|PRINTING|OFFICE SUPPLIES|GIFT SHOP"),
        ),
        "en": ((), phrases("Books|Stationers|Office Supply|Paper Co|Print Shop")),
    },
    "fashion": {
        "id": (
            phrases("Butik|Toko|Distro|Batik"),
            phrases("Fashion|Collection|Busana|Store|Shoes"),
        ),
        "my": (
            phrases("BUTIK|KEDAI PAKAIAN"),
            phrases("FASHION|BOUTIQUE|TEXTILES|SHOES|DEPARTMENT STORE|BEAUTY"),
        ),
        "en": ((), phrases("Apparel|Outfitters|Clothing|Shoes|Boutique")),
    },
    "electronics": {
        "id": (phrases("Toko|Sentra"), phrases("Cell|Komputer|Elektronik|Gadget|Phone")),
        "my": (
            phrases("KEDAI ELEKTRIK"),
            phrases("COMPUTER|MOBILE|ELECTRONICS|DIGITAL|GADGET|IT SOLUTIONS"),
        ),
        "en": ((), phrases("Electronics|Computers|Mobile|Gadgets|Audio")),
    },
    "cinema": {
        "id": (
            phrases("Bioskop|Karaoke|Taman"),
            phrases("Cineplex|Karaoke|Waterpark|Game Zone|Studio XXI"),
        ),
        "my": (
            phrases("PANGGUNG"),
            phrases("CINEMAS|KARAOKE|BOWLING|THEME PARK|ARCADE|FAMILY KTV"),
        ),
        "en": (phrases("The"), phrases("Cinema|Theatre|Bowling|Arcade|Museum|Park")),
    },
    "utility": {
        "id": (
            phrases("PDAM|PLN|Gas|Telkom"),
            phrases("Listrik|Air Minum|Gas|Internet|Energi|Net"),
        ),
        "my": (phrases("SYARIKAT AIR|TENAGA"), phrases("ENERGY|WATER|TELECOM|BROADBAND|POWER")),
        "en": ((), phrases("Energy|Water|Power|Telecom|Internet|Gas & Electric")),
    },
    "subscription": {
        "id": ((), phrases("TV|Musik|Cloud|Digital|Premium|Play")),
        "my": ((), phrases("TV|CLOUD|FITNESS|DIGITAL|STREAM")),
        "en": ((), phrases("Cloud|TV|Stream|Software|Fitness|News|Music|Hosting")),
    },
    "service": {
        "id": (
            phrases("Bengkel|Laundry|Salon|Biro|Jasa"),
            phrases("Laundry|Service|Konsultan|Kreasi|Salon|Motor|Konstruksi|Studio Foto"),
        ),
        "my": (
            phrases("BENGKEL|DOBI"),
            phrases("SERVICES|LAUNDRY|SALON|ENGINEERING|CONSULTANCY|AUTO SERVICE|CONSTRUCTION"),
        ),
        "en": ((), phrases("Services|Laundry|Consulting|Design|Repair|Studio|Partners|Cleaning")),
    },
}
