"""What is said of goods, by kind: words after the name, and lines below it."""

from ..phrases import phrases

MODIFIERS = {
    "dish": phrases(
        "Pedas|Biasa|Kampung|Bakar|Goreng|Kuah|Rebus|Keju|Manis|Panas|Dingin|Komplit|Jumbo|"
        "Istimewa|Asin|Cili Padi|Kosong|Ikan|Udang|Sotong|Daging|Kambing|Telur|Sayur|Tahu|Keropok|"
        "Ais|Kaw|Tarik|Crispy|Smoked|Spicy|with Cheese|with Egg|& Fries|Salad|Combo|Set|Deluxe|"
        "Classic|Vegetarian|Hot|Iced|Double|Mushroom|Black Pepper|Sour & Spicy|Thai Style|"
        "w/ Peanut|Honey|Garlic|Lemon|Small"
    ),
    "grocery": phrases(
        "Original|Merah|Putih|Hijau|Segar|Rasa Jeruk|Rasa Ayam|Sachet|Botol|Kaleng|Refill|Mini|"
        "Ekonomis|Premium|Lite|Extra|Low Fat|Sugar Free|Organic|Twin Pack|Family Pack|Strawberry|"
        "Vanilla|Chocolate|Mango|Apple|Grape|Coconut|Curry|BBQ|Seaweed|Honey Lemon|Asli|Kotak|"
        "Isi Ulang|Tin|Paket|Cup"
    ),
    "med": phrases(
        "Tab|Kapsul|Sirup|Salep|Forte|Plus|Anak|Dewasa|Strip|Botol|Drops|Cream|Gel|Spray|Kids|"
        "Junior|Night|Extra"
    ),
    "hard": phrases(
        "Hitam|Biru|Putih|Besar|Kecil|Galvanis|Stainless|Brass|Black|White|Blue|Heavy Duty|LED|PVC|"
        "Steel|2Pin 2Pcs|Cool White|Warm White|Waterproof|Long|Short|Single|Double|Type A|Type B|"
        "Grade 1|Matt|Gloss"
    ),
    "wear": phrases(
        "Hitam|Navy|Cream|Maroon|Size M|Size L|XL|XXL|Slim Fit|Pria|Wanita|Anak|Kids|Men|Ladies|"
        "Cotton|Denim|Striped|Polos|Lengan Panjang"
    ),
    "plain": phrases(
        "Reguler|Standar|Ekspres|Premium|Bulanan|Tahunan|Basic|Plus|Pro|Gold|Monthly|Annual|Dewasa|"
        "Anak|Adult|Child|Weekend|Harian|Tahap 1|Paket A|Zone 2|Phase 2"
    ),
}

DETAILS = {
    "dish": phrases(
        "Pedas level 2|Tidak pedas|Tanpa es|Gula sedikit|Telur setengah matang|Bungkus|"
        "Kurang manis|Tambah keju|Less sugar|No ice|Extra hot|Take away|No onion|Add egg|Well done|"
        "Medium rare|Sauce on side|Kurang pedas|Tambah sambal|Ais kurang|Less sweet|Oat milk|"
        "Add cheese +2.00|no chili|TA|Dine in|Large size|Extra shot"
    ),
    "grocery": phrases(
        "Exp 12/2026|Promo member|Rasa stroberi|Buy 1 get 1|Harga spesial|Warna acak|Kemasan baru|"
        "Chilled|Clearance|Isi 12|Weight item|Member price|SR|Local product"
    ),
    "med": phrases(
        "2 x sehari|Sebelum makan|Sesudah makan|Bila perlu|Oles tipis|1 x 1 malam|After meals|"
        "Twice daily|External use|Batch A2203|Exp 08/27|3 kali sehari|Kocok dahulu"
    ),
    "hard": phrases(
        "Garansi 1 tahun|Warranty 12 months|Warna putih|Model baru|Made in Japan|S/N 88213-A|"
        "Per meter|Isi 10|Grade A|SKU 100-22|Free delivery|Color: black|1059 frame"
    ),
    "wear": phrases(
        "Warna hitam|Ukuran L|Size 42|Color: navy|Disc item|Bahan katun|Limited edition|Saiz M"
    ),
    "plain": phrases(
        "Periode Maret|Periode Jan - Mar|Perpanjangan|Non-refundable|Per jam|Kursi 12A|Seat F7|"
        "Hall 3|Jan 2024|Ref. 22-104|Plat B 2291 KX|Masuk 08:14|Meter 1044 - 1187|Duration 2h 15m|"
        "Studio 4|Unit 12-3|incl. materials|per user|12 months|auto renewal"
    ),
}
