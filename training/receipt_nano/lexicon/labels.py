"""Ways to label a field, by country."""

from .phrases import phrases

LABELS = {
    "number": {
        "id": phrases(
            "No. Struk|No Struk|No. Nota|NOTA|No. Faktur|Nomor|No.|No Bon|No. Transaksi|"
            "ID Transaksi|Kode Transaksi|TRX|No. Bukti|No. Order|NO. INVOICE|Struk|Faktur No."
        ),
        "my": phrases(
            "Invoice No|Invoice No.|INVOICE NO|Receipt No|Receipt No.|RECEIPT #|Doc No|Doc No.|"
            "Document No|Bill No|Bill No.|BILL NO|Inv No|INV NO.|Invoice|TRN|Slip No|Receipt|"
            "Invoice#|CB No|Trans No|Tax Invoice No|Rcpt#|No. Resit|Invoice number|Ref No"
        ),
        "en": phrases(
            "Invoice #|Invoice No.|Invoice number|Receipt No|Receipt #|RECEIPT NO|Check #|Order #|"
            "Order No.|Ticket|Trans #|Transaction|Bill #|Ref|Doc No|Check No|No."
        ),
    },
    "date": {
        "id": phrases(
            "Tanggal|TANGGAL|Tgl|Tgl.|TGL|Tgl Transaksi|Waktu|Tanggal Faktur|Date|Tgl/Jam"
        ),
        "my": phrases(
            "Date|DATE|Date|Invoice Date|Bill Date|Tarikh|Doc Date|Date/Time|Inv. Date|TARIKH|"
            "Receipt Date|Dt"
        ),
        "en": phrases(
            "Date|DATE|Invoice date|Issued|Date/Time|Order date|Issue date|Date of issue"
        ),
    },
    "due": {
        "id": phrases(
            "Jatuh Tempo|JATUH TEMPO|Tgl Jatuh Tempo|Bayar sebelum|Batas Bayar|Jatuh tempo tgl"
        ),
        "my": phrases("Due Date|DUE DATE|Payment Due|Pay By|Bayar Sebelum|Due|Terms due"),
        "en": phrases("Due date|Due|Payment due|DUE DATE|Pay by|Due on"),
    },
    "time": {
        "id": phrases("Jam|Waktu|Pukul|JAM"),
        "my": phrases("Time|TIME|Masa"),
        "en": phrases("Time|TIME"),
    },
    "cashier": {
        "id": phrases("Kasir|KASIR|Operator|Pelayan|Op"),
        "my": phrases("Cashier|CASHIER|Cashier #|Salesperson|Served by|Staff|User"),
        "en": phrases("Cashier|Server|Served by|Clerk|Sold by|Operator"),
    },
    "misc": {
        "id": phrases(
            "Meja|Pelanggan|Member|Kassa|No. Antrian|Shift|Terminal|Poin|Jml Tamu|NPWP|Order"
        ),
        "my": phrases(
            "Table|Counter|Member ID|Station|Cover|Pax|Terminal|Code|Name|Terms|Salesperson|"
            "Queue No|Points|Shift|Page|Reg"
        ),
        "en": phrases(
            "Table|Guests|Register|Terminal|Store|Order type|Member|Lane|Covers|Auth|Customer|Tab"
        ),
    },
    "subtotal": {
        "id": phrases(
            "Subtotal|SUBTOTAL|Sub Total|SUB TOTAL|Jumlah|JUMLAH|Total Belanja|Sub-Total|"
            "Harga Jual|Subtotal Rp"
        ),
        "my": phrases(
            "Sub Total|Subtotal|SUB TOTAL|SUBTOTAL|SUB-TOTAL|Sub-Total|Total Sales|Jumlah Kecil|"
            "Gross Amount|Sub Total (RM)|Gross"
        ),
        "en": phrases("Subtotal|Sub Total|SUBTOTAL|Sub-total|Net sales|Items total|Merchandise"),
    },
    "subtotal_net": {
        "id": phrases("DPP|Dasar Pengenaan Pajak|Subtotal|Jumlah|Sub Total|Total sblm Pajak"),
        "my": phrases(
            "Total Excl. GST|Total Sales (Excluding GST)|Sub Total (Excl. GST)|SUB-TOTAL (EX)|"
            "Total (Excluding GST)|Subtotal|Sub Total|Total Excluding Tax|Amount Before GST"
        ),
        "en": phrases("Net amount|Subtotal|Sub Total|Total before tax|Net|Taxable"),
    },
    "tax": {
        "id": phrases("PPN|PPN|PPn|Pajak|PB1|Pajak PB1|Tax|PAJAK|Pajak Resto|PBJT|TAX"),
        "my": phrases(
            "GST|GST|GST|SST|Service Tax|Tax|GST Payable|TOTAL GST|Total Tax|GST Amt|Add GST|"
            "GST/TAX|Cukai|Total GST"
        ),
        "en": phrases("VAT|Tax|Sales tax|TAX|GST|VAT total|State tax"),
    },
    "tax_inside": {
        "id": phrases("Termasuk PPN|Incl. PPN|PPN (termasuk)|Pajak dlm harga"),
        "my": phrases(
            "Includes GST|GST included|GST Amount Incl.|Incl. GST|Inclusive of GST|GST Incl"
        ),
        "en": phrases("Includes VAT|VAT included|Incl. tax|Of which VAT"),
    },
    "discount": {
        "id": phrases(
            "Diskon|DISKON|Discount|Potongan|Promo|PROMO|Voucher|Disc.|Hemat|Potongan Harga|"
            "Diskon Promo|Anda Hemat"
        ),
        "my": phrases(
            "Discount|DISCOUNT|Disc|Total Discount|Less Discount|Diskaun|Voucher|Member Disc|"
            "Bill Disc|Item Discount"
        ),
        "en": phrases(
            "Discount|DISCOUNT|Promo|Coupon|Savings|Member savings|Less discount|Voucher"
        ),
    },
    "service": {
        "id": phrases(
            "Service Charge|Biaya Layanan|Service|SERVICE CHARGE|Srv Chg|Biaya Servis|Layanan"
        ),
        "my": phrases(
            "Service Charge|Svc Chg|SERVICE CHARGE|Serv. Charge|Service Chrg|SVC CHARGE|"
            "Caj Perkhidmatan"
        ),
        "en": phrases("Service charge|Service|SERVICE CHARGE|Service fee|Gratuity|Svc chg"),
    },
    "before_rounding": {
        "my": phrases(
            "Total Incl. GST|Total Amount|Total (Inclusive of GST)|Total Includes GST|Nett Amount|"
            "Total Sales (Inclusive of GST)|Net Total|Total Inclusive Tax"
        ),
        "en": phrases("Total|Total before rounding|Amount"),
    },
    "rounding": {
        "id": phrases("Pembulatan|PEMBULATAN|Rounding"),
        "my": phrases(
            "Rounding|ROUNDING|Rounding Adj|Rounding Adjustment|ROUNDING ADJ|Round Adj|"
            "Rounding Adj.|Pembundaran|Rnd. Adj"
        ),
        "en": phrases("Rounding|Rounding adj."),
    },
    "total": {
        "id": phrases(
            "Total|TOTAL|TOTAL|Grand Total|GRAND TOTAL|Total Bayar|TOTAL BAYAR|Jumlah Bayar|"
            "Total Tagihan|TOTAL TAGIHAN|Jumlah|JUMLAH|Total Pembayaran|TOTAL BELANJA|Netto|"
            "Total Akhir|Harus Dibayar|JUMLAH TOTAL"
        ),
        "my": phrases(
            "TOTAL|TOTAL|Total|Total|GRAND TOTAL|Grand Total|Total Amount|TOTAL AMOUNT|Net Total|"
            "NETT TOTAL|Amount Due|Total Due|TOTAL RM|Total (RM)|TOTAL SALES|Total Payable|Jumlah|"
            "JUMLAH BESAR|Total Amt Payable|Nett|Total Includes GST|Total Sales (Inclusive of GST)|"
            "Total Incl. GST|TOTAL INCL. GST|Total (Inclusive of GST)|Total Sales Inclusive GST|"
            "Total Gross"
        ),
        "en": phrases(
            "TOTAL|Total|Grand total|GRAND TOTAL|Amount due|AMOUNT DUE|Total due|Balance due|"
            "BALANCE DUE|Total to pay|Amount payable|Order total"
        ),
    },
    "total_rounded": {
        "my": phrases(
            "Total Amt Rounded|Total Rounded|TOTAL ROUNDED|Rounded Total|Total Amount Rounded|"
            "TOTAL|Total|Grand Total|Total After Rounding|Nett Total|Amount Due|Total Amt Rounded|"
            "Rounded Total (RM)|TOTAL (RM)|Total Payable"
        ),
        "en": phrases("Total|TOTAL|Amount due|Total rounded"),
    },
    "cash": {
        "id": phrases(
            "Tunai|TUNAI|Bayar|BAYAR|Cash|Bayar Tunai|Uang Tunai|Dibayar|CASH|Uang Diterima"
        ),
        "my": phrases(
            "Cash|CASH|Payment|Cash Tendered|CASH RECEIVED|Tunai|Paid|Amount Tendered|PAID AMOUNT|"
            "Cash Received|Tender"
        ),
        "en": phrases("Cash|CASH|Paid|Cash tendered|Tendered|Amount paid"),
    },
    "change": {
        "id": phrases("Kembali|KEMBALI|Kembalian|Uang Kembali|Change|KEMBALIAN"),
        "my": phrases("Change|CHANGE|Change Due|Balance|Baki|CHANGE DUE|BAKI"),
        "en": phrases("Change|CHANGE|Change due|Change given"),
    },
    "card": {
        "id": phrases(
            "Debit BCA|Kartu Debit|QRIS|GoPay|OVO|Kartu Kredit|DEBIT|Non Tunai|Debit Mandiri|DANA|"
            "Transfer"
        ),
        "my": phrases(
            "VISA|Visa|MASTERCARD|MASTER|Credit Card|DEBIT CARD|AMEX|MyDebit|Touch n Go|eWallet|"
            "GRABPAY|Visa Card"
        ),
        "en": phrases("VISA|Visa|Mastercard|Credit card|AMEX|Debit|Card|Gift card|Apple Pay"),
    },
    "count": {
        "id": phrases("Total Item|Jml Item|Item|Total Qty|Jumlah Barang|Qty"),
        "my": phrases(
            "Total Qty|Item Count|Total Item(s)|Total Quantity|No of Items|Qty Count|TOTAL QTY|"
            "Items|Total Qty."
        ),
        "en": phrases("Items|Item count|# Items sold|Total items|Qty"),
    },
    "item": {
        "id": phrases(
            "Uraian|Nama Barang|Barang|Deskripsi|Keterangan|Menu|Item|Produk|Nama Produk|"
            "NAMA BARANG|ITEM"
        ),
        "my": phrases(
            "Description|DESCRIPTION|Item|ITEM|Product|Particulars|Item Description|Details|Butiran"
        ),
        "en": phrases("Description|DESCRIPTION|Item|Product|Service|Details|ITEM|Item description"),
    },
    "quantity": {
        "id": phrases("Qty|QTY|Jml|Banyak|Kuantitas|Banyaknya|Jumlah Brg"),
        "my": phrases("Qty|QTY|Quantity|Kuantiti|Qty."),
        "en": phrases("Qty|QTY|Quantity|Hours|Units"),
    },
    "price": {
        "id": phrases("Harga|HARGA|Harga Satuan|Hrg Sat.|@Harga|Price|Satuan"),
        "my": phrases(
            "Price|U/P|Unit Price|U.Price|PRICE|S/Price|Harga|U/Price|Unit Price (RM)|PRICE(RM)"
        ),
        "en": phrases("Price|Unit price|Rate|PRICE|Unit|Each"),
    },
    "amount": {
        "id": phrases("Jumlah|Total|TOTAL|JUMLAH|Subtotal|Jumlah (Rp)|Amount|Harga Total"),
        "my": phrases(
            "Amount|AMOUNT|Amt|Total|Amount (RM)|AMOUNT (RM)|Total (RM)|RM|Amt(RM)|Jumlah|Total RM"
        ),
        "en": phrases("Amount|Total|AMOUNT|Line total|Ext. price|Price"),
    },
    "bill_to": {
        "id": phrases("Kepada Yth.|Kepada|Pelanggan|Ditagihkan kepada|Untuk|Yth."),
        "my": phrases("Bill To|BILL TO|To|Customer|Sold To|Attn"),
        "en": phrases("Bill to|BILL TO|Billed to|Customer|Client|Invoice to"),
    },
    "words": {
        "id": phrases("Terbilang|Rekening|Catatan|Transfer ke|Keterangan"),
        "my": phrases("Remark|Bank Acc|Ref|Note|Terms|Ringgit Malaysia"),
        "en": phrases("Notes|Terms|Bank|IBAN|Memo"),
    },
}
