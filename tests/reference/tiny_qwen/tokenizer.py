"""A byte-level BPE of 560 tokens, learnt from a few lines about receipts."""

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
]
VOCAB_SIZE = 560  # special tokens included; config.json's vocab_size is the same number
IDS = {t: VOCAB_SIZE - len(SPECIAL) + i for i, t in enumerate(SPECIAL)}

# The pre-tokenizer of Qwen2, Qwen2-VL and Qwen3-VL.
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

CORPUS = """
You are a helpful assistant. You read receipts and invoices and answer in JSON only.
Read this receipt and return the vendor, the date, the items and the total as JSON.
What is the total due on this receipt? What is the tax? Who is the vendor?
List every item with its description, quantity, unit price and total price.
Compare the two receipts: which of the pictures shows the higher total amount?
The invoice number and the due date are missing from the picture. Answer null.
Extract the invoice from the image. Do not guess: if a field is not printed, use null.
Thank you for shopping with us. Please come again. Keep this receipt for your records.
Cashier, table, change, cash, debit card, credit card, approved, terminal, reference, amount.
Subtotal, discount, service charge, tax, grand total, rounding, paid, balance, payment method.
Breakfast, coffee, chicken, noodles, water, transport, fuel, medicine, pharmacy, electricity.
Toko Sumber Rejeki, Jalan Merdeka nomor 12, Bandung. Terima kasih atas kunjungan Anda.
Barang yang sudah dibeli tidak dapat ditukar atau dikembalikan. Simpan struk ini.
Warung Makan Sederhana: nasi goreng, mie ayam, sate ayam, es teh manis, kopi susu, air mineral.
Jumlah, harga satuan, total belanja, tunai, kembalian, kasir, tanggal, pajak, diskon, potongan.
Total pembayaran Rp 12.500, tunai Rp 20.000, kembali Rp 7.500. Pajak PB1 10 persen.
Faktur nomor INV/2024/0017, tanggal jatuh tempo 15 Januari 2024, kepada Yth. Bapak Budi.
Apotek Sehat: obat batuk, vitamin, masker, perban. Listrik dan air bulan Februari 2024.
Biaya layanan 5 persen, biaya pengiriman, subtotal, jumlah yang harus dibayar.
{"vendor_name": "Toko Sumber Rejeki", "invoice_number": null, "invoice_date": "2024-01-15",
 "due_date": null, "items": [{"description": "Nasi goreng", "details": [], "quantity": 2,
 "unit_price": 25000, "total": 50000, "currency": "IDR", "category": "FOOD"},
 {"description": "Es teh manis", "details": ["large", "less sugar"], "quantity": 1,
 "unit_price": 8000.00, "total": 8000.00, "currency": "IDR", "category": "FOOD"}],
 "subtotal": 58000, "tax_rate_percent": 10, "tax_amount": 5800, "discount": 0,
 "total_due": 63800}
{"vendor_name":"Apotek Sehat","invoice_number":"INV-0017","invoice_date":"2024-02-29",
"due_date":"2024-03-15","items":[{"description":"Vitamin","details":[],"quantity":1,
"unit_price":15000,"total":15000,"currency":"IDR","category":"HEALTHCARE"}],"subtotal":15000,
"tax_rate_percent":11,"tax_amount":1650,"discount":0,"total_due":16650}
GROCERIES TRANSPORT SHOPPING ENTERTAINMENT UTILITIES SUBSCRIPTIONS HEALTHCARE FOOD OTHER
system user assistant picture image total amount date number price name vendor currency
"""


def make_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(byte_fallback=False, fuse_unk=False))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False, trim_offsets=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel(
        add_prefix_space=False, use_regex=False, trim_offsets=False
    )
    tokenizer.post_processor = processors.ByteLevel(
        add_prefix_space=False, use_regex=False, trim_offsets=False
    )
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB_SIZE - len(SPECIAL),
        min_frequency=2,
        show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
    )
    tokenizer.train_from_iterator(CORPUS.strip().splitlines(), trainer)
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIAL])
    size = tokenizer.get_vocab_size(with_added_tokens=True)
    assert size == VOCAB_SIZE, f"{size} tokens: the corpus is too small"
    return tokenizer
