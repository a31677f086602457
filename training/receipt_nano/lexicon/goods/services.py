"""Fares, tickets, charges, subscriptions and work."""

from ..phrases import phrases

TRANSPORT = (
    (
        "TRANSPORT",
        {
            "id": phrases(
                "Tarif Tol|Parkir Mobil|Parkir Motor|Tiket Bus|Tiket Kereta|Ongkos Taksi|Gol I|"
                "Gol II|Tiket Kapal|Bagasi|Sewa Mobil|Tiket Pesawat|Ojek"
            ),
            "my": phrases(
                "Tol Kelas 1|Tiket Bas|Bayaran Parkir|Tambang Teksi|Tiket Feri|Sewa Kereta|"
                "Tambang LRT|Tiket Komuter"
            ),
            "en": phrases(
                "Parking Fee|Toll Fare|Bus Ticket|Train Ticket|Taxi Fare|Airport Transfer|"
                "Car Rental|Day Pass|Ferry Ticket|Luggage Fee|Touch N Go Reload|Valet Parking"
            ),
        },
        "plain",
    ),
)

CINEMA = (
    (
        "ENTERTAINMENT",
        {
            "id": phrases(
                "Tiket Bioskop|Tiket Masuk|Karaoke Room|Sewa Ruang|Koin Permainan|Tiket Konser|"
                "Wahana|Tiket Museum"
            ),
            "my": phrases("Tiket Wayang|Tiket Masuk|Bilik Karaoke|Token Permainan|Tiket Konsert"),
            "en": phrases(
                "Movie Ticket|Entrance Ticket|Game Token|Bowling Game|Shoe Rental|Concert Ticket|"
                "Theme Park Pass|Pool Table|VR Session|Karaoke Hour|Museum Entry|Matinee"
            ),
        },
        "plain",
    ),
    (
        "FOOD",
        {
            "en": phrases("Popcorn|Nachos|Soft Drink|Cola|Hotdog|Pretzel"),
            "id": phrases("Berondong Jagung|Minuman Soda|Kentang Goreng"),
        },
        "dish",
    ),
)

UTILITY = (
    (
        "UTILITIES",
        {
            "id": phrases(
                "Token Listrik|Biaya Air|Abonemen|Tagihan Telepon|Internet Rumah|Gas Pipa|"
                "Biaya Administrasi|Sampah|Denda|Tagihan Listrik"
            ),
            "my": phrases("Caj Elektrik|Bil Air|Caj Tetap|Bil Telefon|Jalur Lebar|Caj Pembetungan"),
            "en": phrases(
                "Electricity Usage|Water Usage|Basic Charge|Phone Bill|Broadband|Gas Supply|"
                "Admin Fee|Sewerage|Standing Charge|Data Plan|Prepaid Reload"
            ),
        },
        "plain",
    ),
)

SUBSCRIPTION = (
    (
        "SUBSCRIPTIONS",
        {
            "id": phrases(
                "Langganan TV|Langganan Musik|Paket Data|Keanggotaan Gym|Langganan Koran|"
                "Paket Streaming|Sewa Server"
            ),
            "my": phrases("Langganan TV|Yuran Gim|Pelan Data|Langganan Majalah"),
            "en": phrases(
                "TV Subscription|Music Plan|Cloud Storage|Gym Membership|Newspaper|Streaming Plan|"
                "Server Rental|Software License|Antivirus|VPN|Email Hosting|Magazine|"
                "SSL Certificate|Workspace Seat|Domain Registration"
            ),
        },
        "plain",
    ),
)

SERVICE = (
    (
        "OTHER",
        {
            "id": phrases(
                "Cuci Mobil|Ganti Oli|Laundry Kiloan|Setrika|Potong Rambut|Creambath|Jasa Desain|"
                "Biaya Pengiriman|Jasa Instalasi|Perbaikan|Cetak Foto|Konsultasi|Sewa Tenda|"
                "Biaya Kebersihan|Tukang Cat|Bongkar Pasang"
            ),
            "my": phrases(
                "Cuci Kereta|Servis Enjin|Dobi|Gunting Rambut|Upah Pasang|Caj Penghantaran|Baiki|"
                "Sewa Khemah|Upah"
            ),
            "en": phrases(
                "Car Wash|Oil Change|Dry Cleaning|Haircut|Web Design|Delivery Fee|Installation|"
                "Repair Labour|Photo Print|Consulting|Tent Rental|Cleaning Service|Translation|"
                "Site Survey|Maintenance|Training|Copywriting|Inspection|Project Management|"
                "Transport Charge|Labour"
            ),
        },
        "plain",
    ),
)
