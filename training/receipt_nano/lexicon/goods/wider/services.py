"""Fares, tickets, charges, subscriptions and work."""

from ...phrases import phrases

SERVICES = {
    "transport": (
        {
            "id": phrases(
                "Gerbang Tol|Karcis Parkir|Parkir Bus|Parkir Inap|Tiket Busway|Tiket MRT|"
                "Tiket LRT|Tiket Commuter|Tiket Travel|Tiket Speedboat|Sewa Bus|Sewa Sepeda|"
                "Antar Jemput|Bagasi Lebih|Biaya Perjalanan|Isi Saldo Kartu|Tarif Dasar|"
                "Tarif Jarak|Airport Tax|Tiket Damri"
            ),
            "my": phrases(
                "Tol Kelas 2|Tol Plaza|Letak Kereta Harian|Tiket ETS|Tiket MRT|Tiket Monorel|"
                "Tiket Kapal Terbang|Sewa Motor|Sewa Bas|Tambang Bas|Tambang Grab|"
                "Caj Lapangan Terbang|Parkir Bermusim|Bot Laju|Bagasi Tambahan"
            ),
            "en": phrases(
                "Hourly Parking|Monthly Parking|Parking Ticket|Highway Toll|Bridge Toll|"
                "Tunnel Toll|Toll Class 1|Single Journey|Round Trip|One Way Ticket|Weekly Pass|"
                "Tram Ticket|Subway Fare|Coach Ticket|Night Bus|Rail Pass|First Class Seat|"
                "Sleeper Berth|Boarding Fee|Airport Tax|Fuel Surcharge|Checked Bag|Cabin Upgrade|"
                "Scooter Ride|Limousine|Van Hire|Motorbike Rental|Child Seat|Base Fare|"
                "Distance Fare|Waiting Time|Card Top Up|EV Charging Session|Boat Ride|Cable Car|"
                "Water Taxi"
            ),
        },
    ),
    "cinema": (
        {
            "id": phrases(
                "Tiket Film Siang|Tiket Bioskop 3D|Tiket Teater|Tiket Pameran|Tiket Kolam Renang|"
                "Tiket Taman|Tiket Kebun Binatang|Tiket Wahana|Sewa Sepatu|Sewa Loker|"
                "Sewa Futsal|Sewa Badminton|Main Biliar|Main Bowling|Koin Game|"
                "Isi Ulang Kartu Main|Karaoke 2 Jam|Outbound"
            ),
            "my": phrases(
                "Tiket Filem|Tiket Teater|Tiket Taman Tema|Tiket Zoo|Tiket Pameran|"
                "Sewa Gelanggang|Sewa Kasut|Sewa Loker|Permainan Boling|Biliard|Token Arked|"
                "Karaoke 1 Jam|Kolam Renang|Tiket Sarkas"
            ),
            "en": phrases(
                "Evening Show|Midnight Show|3D Movie|IMAX Seat|Couple Seat|Balcony Seat|"
                "Stalls Ticket|Opera Ticket|Ballet Ticket|Musical Ticket|Comedy Night|"
                "Festival Pass|Football Match|Stadium Seat|Cricket Match|Aquarium Entry|"
                "Botanic Garden|Gallery Admission|Exhibition Pass|Observatory Deck|Water Park|"
                "Roller Coaster|Go Kart Race|Paintball|Mini Golf|Driving Range|Green Fee|"
                "Tennis Court|Squash Court|Badminton Court|Futsal Pitch|Climbing Wall|Trampoline|"
                "Locker Rental|Skate Rental|Snooker Hour|Darts|Board Game Table|PC Gaming Hour|"
                "Bingo Card|Boat Tour|City Tour|Dance Class|3D Glasses"
            ),
        },
        {
            "id": phrases(
                "Popcorn Keju|Popcorn Mentega|Combo Popcorn|Sosis Bakar|Es Teh|Air Mineral|"
                "Kacang Rebus|Cokelat Dingin"
            ),
            "en": phrases(
                "Butter Popcorn|Popcorn Combo|Chicken Pop|Curly Fries|Ice Lemon Tea|"
                "Mineral Water|Bottled Water|Orange Soda|Candy Mix|Cotton Candy|Churros|Corn Cup|"
                "Ice Cream Cone"
            ),
        },
    ),
    "utility": (
        {
            "id": phrases(
                "Biaya Pemakaian|Biaya Tetap|Biaya Meter|Biaya Materai|Beban Daya|Pemakaian Air|"
                "Air Bersih|Air Limbah|Iuran Kebersihan|Iuran Keamanan|Iuran Lingkungan|"
                "Listrik Pascabayar|Listrik Prabayar|Tagihan Gas|Tagihan Ponsel|Paket Internet|"
                "Paket Telepon|Kuota Data|Sewa Modem|Biaya Keterlambatan|PPJ|Tabung Gas"
            ),
            "my": phrases(
                "Penggunaan Elektrik|Penggunaan Air|Caj Minimum|Caj Lewat|Caj Sambungan|"
                "Caj Perkhidmatan|Sewa Meter|Bil Gas|Indah Water|Cukai Pintu|Cukai Tanah|"
                "Bil Astro|Pelan Pascabayar|Tambah Nilai Prabayar|Internet Gentian|Sewa Modem|"
                "Kutipan Sampah"
            ),
            "en": phrases(
                "Peak Usage|Off Peak Usage|Fixed Charge|Service Charge|Connection Fee|"
                "Reconnection Fee|Late Payment Fee|Meter Reading|Network Charge|"
                "Distribution Charge|Power Consumption|Electric Bill|Water Bill|Gas Bill|"
                "Sewer Charge|Storm Water|Garbage Fee|Recycling Fee|Heating|Hot Water|"
                "LPG Cylinder|Landline Rental|International Calls|Roaming|Data Add-on|"
                "Postpaid Plan|Prepaid Top Up|Fibre Plan|Router Rental|Cable TV|Fuel Adjustment|"
                "Renewable Levy|Account Fee|Paper Bill Fee"
            ),
        },
    ),
    "subscription": (
        {
            "id": phrases(
                "Langganan Bulanan|Langganan Tahunan|Langganan Majalah|Langganan Berita|"
                "Keanggotaan Klub|Iuran Gym|Paket Film|Paket Olahraga TV|Paket Musik|"
                "Lisensi Aplikasi|Lisensi Antivirus|Sewa Domain|Sewa Hosting|Penyimpanan Awan|"
                "Kursus Daring|Paket Belajar"
            ),
            "my": phrases(
                "Langganan Bulanan|Langganan Tahunan|Langganan Filem|Keahlian Kelab|"
                "Yuran Keahlian|Pelan Keluarga|Pelan Sukan|Lesen Perisian|Storan Awan|"
                "Nama Domain|Pengehosan Web|Kursus Dalam Talian|Pakej Pembelajaran"
            ),
            "en": phrases(
                "Monthly Membership|Annual Membership|Family Plan|Student Plan|Starter Plan|"
                "Business Plan|Enterprise Plan|Basic Plan|Pro Plan|Sports Channel|Movie Channel|"
                "Kids Channel|Podcast Plan|Audiobook Credit|Comic Plan|Journal Access|"
                "Newspaper Digital|Weekly Magazine|Coffee Subscription|Snack Box|Razor Box|"
                "Wine Club|Dating App|Language App|Meditation App|Photo Editor|Video Editor|"
                "Design Suite|Accounting Software|CRM Seat|Project Tool|Chat Workspace|"
                "Code Hosting|Virtual Server|Database Plan|CDN Plan|Email Plan|Fax Service|"
                "E-Signature|Security Suite|Identity Guard|Renewal Fee|Co-working Pass|Club Dues|"
                "Yoga Membership|Pool Membership|Season Pass|Game Pass|Cloud Gaming|Car Wash Plan"
            ),
        },
    ),
    "service": (
        {
            "id": phrases(
                "Servis Mobil|Servis Laptop|Servis HP|Servis Kulkas|Cuci AC|Bongkar AC|"
                "Cuci Karpet|Cuci Sepatu|Cuci Sofa|Cuci Helm|Cuci Kering|Setrika Uap|"
                "Potong Rambut Pria|Cat Rambut|Smoothing|Rias Pengantin|Pijat Refleksi|Lulur|Spa|"
                "Spooring|Balancing|Tune Up|Ganti Aki|Ganti Kampas|Las Besi|Jasa Pasang|"
                "Jasa Bangunan|Jasa Arsitek|Jasa Hukum|Jasa Pajak|Jasa Akuntan|Jasa Foto|"
                "Jasa Video|Jasa Terjemahan|Jasa Kebersihan|Jasa Keamanan|Jasa Pindahan|"
                "Jasa Kurir|Jasa Titip|Sewa Gedung|Sewa Kamar|Sewa Kursi|Sewa Sound System|"
                "Sewa Proyektor|Kamar Hotel|Tambahan Kasur|Cetak Spanduk|Cetak Undangan|"
                "Cetak Kartu Nama|Scan Dokumen|Laminating|Uang Sekolah|Uang Kursus|Bimbel|"
                "Daycare|Penitipan Hewan|Grooming Kucing|Biaya Survei|Biaya Pendaftaran|"
                "Biaya Pengemasan|Biaya Asuransi|Donasi|Parkir Valet Acara|Upah Tukang"
            ),
            "my": phrases(
                "Servis Kereta|Servis Motosikal|Servis Komputer|Baiki Telefon|Cuci Aircond|"
                "Tambah Gas|Cuci Karpet|Cuci Kasut|Cuci Kering|Seterika Baju|Gunting Lelaki|"
                "Warna Rambut|Rebonding|Urut Kaki|Spa|Manikur|Alignment|Balancing|Tukar Bateri|"
                "Tukar Brek|Kimpal|Upah Baiki|Upah Gali|Upah Pasang Jubin|Khidmat Guaman|"
                "Khidmat Audit|Khidmat Foto|Khidmat Kebersihan|Khidmat Pindah|Pos Laju|Kurier|"
                "Sewa Bilik|Sewa Kerusi|Sewa PA System|Bilik Hotel|Cetak Banner|Cetak Kad|"
                "Laminasi|Imbas Dokumen|Yuran Sekolah|Yuran Kursus|Tadika|Dandanan Kucing|"
                "Insurans|Cukai Jalan|Derma|Deposit"
            ),
            "en": phrases(
                "Car Service|Engine Tune Up|Tyre Rotation|Battery Replacement|Brake Bleeding|"
                "Windscreen Repair|Car Polish|Towing|Phone Repair|Screen Replacement|"
                "Laptop Repair|Data Recovery|Watch Repair|Shoe Repair|Key Duplicate|"
                "Laundry per kg|Ironing|Carpet Cleaning|Sofa Cleaning|Window Cleaning|"
                "Pool Cleaning|Deep Cleaning|Waste Removal|Moving Service|Storage Unit|"
                "Courier Fee|Shipping|Handling Fee|Packing|Express Delivery|Installation Fee|"
                "Call Out Fee|Hourly Labour|Overtime Labour|Site Visit|Welding|Carpentry|Roofing|"
                "Tiling|Plastering|Landscaping|Tree Cutting|Architect Fee|Engineering Fee|"
                "Surveyor Fee|Legal Advice|Tax Filing|Bookkeeping|Payroll|Audit Service|"
                "Company Secretary|Business Coaching|Marketing Campaign|Brand Guide|UX Review|"
                "App Development|SEO Service|Content Writing|Proofreading|Voice Over|"
                "Video Editing|Photography|Drone Footage|Event Planning|Catering Staff|DJ Hire|"
                "Stage Setup|Sound System Hire|Hall Rental|Meeting Room|Desk Rental|Single Room|"
                "Double Room|Extra Bed|Late Checkout|Resort Fee|Haircut Men|Haircut Ladies|"
                "Blow Dry|Perm|Beard Trim|Pedicure|Waxing|Body Massage|Foot Massage|Sauna|Tattoo|"
                "Makeup|Dog Grooming|Pet Boarding|Vet Visit|Babysitting|Piano Lesson|"
                "Driving Lesson|Swimming Lesson|Workshop|Exam Fee|School Fee|Certificate Fee|"
                "Visa Service|Passport Photo|Document Scan|Large Format Print|Booklet Printing|"
                "Laminating|Engraving|Gift Wrapping|Insurance Fee|Donation|Deposit|"
                "Cancellation Fee|Transport Fee|Setup Fee|Consultancy Hour|Retainer|Server Setup|"
                "Technical Support"
            ),
        },
    ),
}
