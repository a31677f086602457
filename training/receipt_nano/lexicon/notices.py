"""Titles and slogans at the head of a receipt, and the lines at its foot."""

from .phrases import phrases

TITLES = {
    "id": phrases(
        "NOTA|STRUK|KUITANSI|BON|STRUK BELANJA|BUKTI PEMBAYARAN|NOTA PENJUALAN|FAKTUR PENJUALAN|"
        "Bukti Transaksi"
    ),
    "my": phrases(
        "TAX INVOICE|TAX INVOICE|Tax Invoice|CASH BILL|RECEIPT|INVOICE|SIMPLIFIED TAX INVOICE|"
        "CASH SALES|RESIT|*** RECEIPT ***|OFFICIAL RECEIPT"
    ),
    "en": phrases(
        "RECEIPT|Receipt|SALES RECEIPT|INVOICE|TAX INVOICE|Guest Check|Order|BILL|Cash Receipt|"
        ">>> Receipt <<<"
    ),
}

SLOGANS = phrases(
    "Hemat Setiap Hari|Fresh Every Day|Quality You Trust|Murah & Lengkap|Best Price Guaranteed|"
    "Since 1987|CUSTOMER COPY|** COPY **|Enak, Bersih, Murah|Your Neighbourhood Store|"
    "www.example.co.id|info@example.com.my|Open 24 Hours|Cabang Utama|BRANCH 03|HQ: 03-5512 8899"
)

FOOTERS = {
    "id": phrases(
        "Terima kasih|Terima kasih atas kunjungannya|Barang yang sudah dibeli|"
        "tidak dapat dikembalikan|Selamat berbelanja kembali|Kritik & saran: 0811-2200-330|"
        "Harga sudah termasuk PPN|Simpan struk ini|Layanan konsumen 1500-999|Selamat menikmati|"
        "Semoga harimu menyenangkan|-- LUNAS --|Follow IG: @toko_kita|"
        "Struk ini bukti pembayaran sah|Cek barang sebelum pulang|Hormat kami,"
    ),
    "my": phrases(
        "THANK YOU|THANK YOU PLEASE COME AGAIN|Goods sold are not returnable|"
        "GOODS SOLD ARE NOT REFUNDABLE|Terima Kasih, Sila Datang Lagi|*** THANK YOU ***|"
        "Please keep this receipt|EXCHANGE WITHIN 7 DAYS WITH RECEIPT|"
        "This is a computer generated invoice|Customer copy|Powered by POS System|"
        "Note: (*) GST item|BANK ACC MBB 5628 0011 7742|Like us on Facebook|E. & O. E.|"
        "All prices in RM"
    ),
    "en": phrases(
        "Thank you!|Thank you for your business|Please come again|Have a nice day :)|"
        "Returns within 14 days|www.example.com/survey|Follow us @example|Keep this receipt|"
        "All sales final|Payment by bank transfer|No refunds w/o receipt|Save 10% next visit|"
        "Rate us *****|Questions? Call 555-0100|Earn 2x points today"
    ),
}
