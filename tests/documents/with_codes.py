"""Draws receipts with a code that segno encodes, and says what the gateway is to read of each.

The payloads of EPC and of the Swiss QR-bill come from segno and qrbill, those of PAY by square and PromptPay from npm
packages; the others are written here by their published rules.
"""

import base64
import io
from dataclasses import dataclass

import segno
from PIL import Image, ImageDraw, ImageFont
from qrbill import QRBill
from segno import helpers

# Of a receipt that is 80 mm wide, at 203 dots per inch.
WIDTH, MARGIN, STEP = 640, 32, 34


@dataclass
class Code:
    """A code on a receipt, and the fields that have to be read of it."""

    name: str
    kind: str
    producer: str
    symbol: segno.QRCode
    rows: list[tuple[str, str]]
    fields: dict[str, str]


def tlv(*values: str) -> str:
    """The Saudi form: number, length and UTF-8 of each value, in base64."""
    out = b""
    for tag, value in enumerate(values, 1):
        raw = value.encode()
        out += bytes([tag, len(raw)]) + raw
    return base64.b64encode(out).decode()


def codes(of_node: dict[str, str]) -> list[Code]:
    def code(name, kind, payload, rows, fields, producer="segno"):
        symbol = payload if isinstance(payload, segno.QRCode) else segno.make_qr(payload, error="m")
        return Code(name, kind, producer, symbol, rows, fields)

    bill = QRBill(
        # The account and the reference of the examples in SIX's guidelines.
        account="CH4431999123000889012",
        creditor={
            "name": "Muster Laden AG",
            "street": "Musterweg 1",
            "pcode": "8000",
            "city": "Zürich",
            "country": "CH",
        },
        amount="1949.75",
        reference_number="210000000003139471430009017",
    )
    return [
        code(
            "epc",
            "epc",
            helpers.make_epc_qr(
                "Tischlerei Musterholz GmbH",
                "DE89370400440532013000",
                "368.90",
                text="RE-2026-0117",
            ),
            [("Rechnung", "RE-2026-0117"), ("Datum", "05.03.2026"), ("Summe EUR", "368,90")],
            {
                "beneficiary": "Tischlerei Musterholz GmbH",
                "iban": "DE89370400440532013000",
                "amount": "368.9",
                "currency": "EUR",
            },
        ),
        code(
            "swiss",
            "swiss_qr_bill",
            segno.make_qr(bill.qr_data(), error="m", encoding="utf-8"),
            [("Rechnung", "1234"), ("Datum", "01.07.2026"), ("Total CHF", "1949.75")],
            {
                "iban": "CH4431999123000889012",
                "amount": "1949.75",
                "currency": "CHF",
                "reference": "210000000003139471430009017",
            },
            "qrbill",
        ),
        code(
            "by-square",
            "pay_by_square",
            of_node["bysquare"],
            [("Faktura", "20260117"), ("Splatnost", "04.04.2026"), ("Spolu EUR", "123,45")],
            {
                "amount": "123.45",
                "currency": "EUR",
                "due_date": "20260404",
                "variable_symbol": "20260117",
                "iban": "SK3112000000198742637541",
            },
            "bysquare",
        ),
        code(
            "promptpay",
            "promptpay",
            of_node["promptpay"],
            [("Receipt", "TH-0042"), ("Date", "14/03/2026"), ("Total THB", "342.50")],
            {"amount": "342.50", "currency": "THB"},
            "promptpay-qr",
        ),
        code(
            "zatca",
            "zatca",
            tlv(
                "Sample Trading Est.", "399999999900003", "2026-03-14T10:15:00Z", "115.00", "15.00"
            ),
            [
                ("Invoice", "SA-77"),
                ("Date", "2026-03-14"),
                ("VAT 15%", "15.00"),
                ("Total SAR", "115.00"),
            ],
            {
                "seller": "Sample Trading Est.",
                "vat_number": "399999999900003",
                "time": "2026-03-14T10:15:00Z",
                "total": "115.00",
                "vat": "15.00",
            },
        ),
        code(
            "atcud",
            "atcud",
            "A:999999990*B:999999990*C:PT*D:FS*E:N*F:20260314*G:FS 01/42*H:CDF7T5HD-42*I1:PT*"
            "I7:100.00*I8:23.00*N:23.00*O:123.00*Q:abcd*R:9999",
            [
                ("Fatura", "FS 01/42"),
                ("Data", "14/03/2026"),
                ("IVA 23%", "23,00"),
                ("Total EUR", "123,00"),
            ],
            {
                "atcud": "CDF7T5HD-42",
                "invoice_number": "FS 01/42",
                "total": "123.00",
                "date": "20260314",
            },
        ),
        code(
            "rksv",
            "rksv",
            "_R1-AT0_KASSE-1_00042_2026-03-14T10:15:00_12,00_5,00_0,00_3,50_0,00_"
            "AAAAAAAA_4D2_AAAAAAAAAAA=_" + base64.b64encode(bytes(64)).decode(),
            [("Beleg", "00042"), ("14.03.2026", "10:15"), ("Summe EUR", "20,50")],
            {"register": "KASSE-1", "receipt_number": "00042", "total": "20,50"},
        ),
        code(
            "spayd",
            "spayd",
            # The account of the example in the IBAN registry.
            "SPD*1.0*ACC:CZ6508000000192000145399*AM:450.00*CC:CZK*DT:20260404*X-VS:1234567890",
            [("Faktura", "1234567890"), ("Splatnost", "04.04.2026"), ("Celkem CZK", "450,00")],
            {"amount": "450.00", "currency": "CZK", "due_date": "20260404"},
        ),
    ]


def draw(code: Code) -> tuple[Image.Image, list[float]]:
    """The receipt, and the place of its code: left, top, right and bottom as fractions."""
    scale = 5
    out = io.BytesIO()
    code.symbol.save(out, kind="png", scale=scale, border=4)
    symbol = Image.open(out).convert("L")
    height = 180 + STEP * len(code.rows) + symbol.height + 40
    page = Image.new("L", (WIDTH, height), 255)
    pen = ImageDraw.Draw(page)
    pen.text((MARGIN, 40), "SAMPLE SHOP", 0, ImageFont.load_default(36))
    font = ImageFont.load_default(26)
    top = 120
    for name, value in code.rows:
        pen.text((MARGIN, top), name, 0, font)
        pen.text((WIDTH - MARGIN, top), value, 0, font, anchor="ra")
        top += STEP
    left, top = (WIDTH - symbol.width) // 2, top + 30
    page.paste(symbol, (left, top))
    quiet = 4 * scale
    edges = (left + quiet, top + quiet, left + symbol.width - quiet, top + symbol.height - quiet)
    return page, [edge / side for edge, side in zip(edges, (WIDTH, height, WIDTH, height))]
