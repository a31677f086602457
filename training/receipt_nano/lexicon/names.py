"""What companies, people, streets and cities are called."""

from .phrases import phrases

NAME_WORDS = phrases(
    "Maju|Jaya|Abadi|Makmur|Sentral|Barokah|Berkah|Mulia|Sejati|Utama|Prima|Indah|Bintang|Mentari|"
    "Surya|Chandra|Melati|Mawar|Anggrek|Kenanga|Garuda|Rajawali|Merpati|Harapan|Setia|Lestari|"
    "Anugerah|Karunia|Tunas|Bina|Karya|Cipta|Dharma|Mitra|Sinar|Pelita|Fajar|Purnama|Samudra|"
    "Gunung|Bukit|Lembah|Danau|Permata|Intan|Berlian|Mutiara|Kencana|Emas|Perak|Pusaka|Warisan|"
    "Nirwana|Gemilang|Cemerlang|Bestari|Perdana|Seri|Wawasan|Damai|Bayu|Pelangi|Kasturi|Tropika|"
    "Selera|Rasa|Serumpun|Desa|Kampung|Tiong|Huat|Hock|Seng|Hin|Lee|Wah|Kong|Ming|Chong|Guan|Heng|"
    "Soon|Fatt|Leong|Yew|Kee|Poh|Lian|Bee|Golden|Silver|Royal|Pacific|Oriental|Global|Premier|"
    "Superior|Supreme|Classic|Modern|Urban|Metro|Fresh|Happy|Lucky|Smart|Quick|Easy|Value|Best|"
    "First|Prime|Star|Sun|Moon|Sky|Blue|Green|Red|Black|White|Orange|Lotus|Orchid|Rose|Lily|Maple|"
    "Oak|Cedar|Bamboo|River|Ocean|Lake|Island|Bridge|Tower|Gate|Corner|Garden|Park|Hill|Valley|"
    "Stone|Copper|Iron|Crystal|Diamond|Pearl|Ruby|Jade|Tiger|Eagle|Falcon|Phoenix|Dragon|Lion|"
    "Panda|Koala|Dolphin|Penguin|Rabbit|Fox|Owl|Swan|Peacock|Apex|Zenith|Summit|Vertex|Nova|Orion|"
    "Vega|Atlas|Titan|Delta|Sigma|Omega|Alpha|Gamma|Quantum|Fusion|Matrix|Nexus|Pixel|Vision|"
    "Legend|Heritage|Unity|Harmony|Liberty|Victory|Fortune|Prosper|Bounty|Harvest|Sunrise|Sunset|"
    "Twilight|Breeze|Cosmo|Mega|Giga|Ultra|Super|Econ|Nusa|Bali|Java|Borneo|Sunda|Timur|Barat|"
    "Utara|Selatan|Ratu|Raja|Dewi|Putra|Putri|Bunda|Ibu|Mamak|Nenek|Kakak|Uncle|Auntie|Chef"
)

PEOPLE = phrases(
    "Andi|Budiman|Citra|Dian|Eka|Fitri|Gunawan|Hendra|Indra|Joko|Kartika|Lia|Maya|Nurul|Oki|Putu|"
    "Ratna|Sari|Tono|Umar|Vina|Wati|Yanti|Zul|Ahmad|Aisyah|Farid|Hafiz|Iskandar|Jamal|Khairul|"
    "Liyana|Mazlan|Nadia|Osman|Rahman|Salleh|Tan|Lim|Ng|Wong|Chan|Cheong|Kumar|Devi|Raj|Siva|Muthu|"
    "Angela|Brian|Cindy|David|Emily|Frank|Grace|Henry|Irene|Jason|Karen|Leon|Michelle|Nathan|"
    "Olivia|Peter|Queenie|Robert|Susan|Thomas|Ursula|Victor|Wendy|Xavier|Yvonne|Zara|Hock|Eswaran|"
    "Suhaimi|Rosnah|Wahyu|Bayu|Agnes"
)

STREETS = phrases(
    "Kenari|Flamboyan|Cempaka|Teratai|Pahlawan|Veteran|Kartini|Ahmad Yani|Gajah Mada|Hayam Wuruk|"
    "Asia|Imam Bonjol|Pemuda|Diponogoro|Thamrin|Antasari|Pajajaran|Siliwangi|Braga|Setiabudi|"
    "Cihampelas|SS|PJU|USJ|Bukit Bintang|Ampang|Ipoh|Kuching|Klang Lama|Tun Razak|Raja Laut|"
    "Sultan Ismail|Meru|Permas|Molek|Austin|Kebun Baru|Seri Sentosa|Desa Aman|Perindustrian|Puteri|"
    "Wangsa|Melawati|Main|Market|Station|Church|King|Queen|Victoria|Orchard|Bay|Mill|Lincoln|"
    "Garden|High|Elm|Second"
)

CITIES = {
    "id": phrases(
        "Jakarta Pusat|Jakarta Barat|Bandung|Semarang|Surabaya|Medan|Makassar|Denpasar|Malang|"
        "Bogor|Depok|Tangerang|Bekasi|Solo|Palembang|Padang|Pekanbaru|Manado|Balikpapan|Kuta|"
        "Cirebon|Batam"
    ),
    "my": phrases(
        "KUALA LUMPUR|PETALING JAYA|SHAH ALAM|KLANG|SUBANG JAYA|JOHOR BAHRU|PUCHONG|KAJANG|"
        "SERI KEMBANGAN|BATU CAVES|IPOH|MELAKA|SEREMBAN|GEORGE TOWN|KOTA KINABALU|KUCHING|SKUDAI|"
        "CHERAS|RAWANG"
    ),
    "en": phrases(
        "Springfield|Singapore|London|Boston|Portland|Austin|Sydney|Dublin|Denver|Oakland|Perth|"
        "Bristol"
    ),
}

CUSTOMERS = phrases(
    "CASH|CASH SALES|Walk-in customer|Umum|Pelanggan Umum|THE PERIPHERY SDN BHD|Warung Kopi Tiga|"
    "Ms. Lestari|Mr. Tan|Ibu Kartika|Kedai Serbaneka|Blue Door LLC|CV Tirta Agung|Studio Lima"
)
