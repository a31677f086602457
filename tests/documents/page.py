"""The visible page of an invoice: what the XML inside states, in Helvetica, as a shop's program would print it."""

import io

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas


def draw(whole: dict) -> bytes:
    """A PDF of one page."""
    out = io.BytesIO()
    # No dates and no random identifiers: a second run writes the same bytes.
    canvas = Canvas(out, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle(f"{whole['seller']['name']}, {whole['number']}")
    height = [800]

    def row(*cells: tuple[float, str], size: int = 10, step: int = 16) -> None:
        canvas.setFont("Helvetica", size)
        for x, text in cells:
            canvas.drawString(x, height[0], text)
        height[0] -= step

    seller, totals, currency = whole["seller"], whole["totals"], whole["currency"]
    row((50, seller["name"]), size=16, step=20)
    row((50, f"{seller['street']}, {seller['postcode']} {seller['city']}"), step=30)
    title = "Credit note" if whole["kind"] == "credit" else "Invoice"
    row((50, f"{title} {whole['number']}"), size=14, step=20)
    row((50, f"Date: {whole['issued']}"))
    if whole["due"]:
        row((50, f"Due: {whole['due']}"))
    height[0] -= 14
    row((50, "Description"), (320, "Qty"), (390, "Price"), (470, "Amount"))
    for line in whole["lines"]:
        price = line["price"] if line["base"] == "1" else f"{line['price']}/{line['base']}"
        row((50, line["name"][:50]), (320, line["quantity"]), (390, price), (470, line["net"]))
    for charge in whole["charges"]:
        row((50, charge["reason"]), (320, "1"), (390, charge["amount"]), (470, charge["amount"]))
    height[0] -= 14
    for allowance in whole["allowances"]:
        row((320, allowance["reason"]), (470, f"-{allowance['amount']}"))
    row((320, "Net"), (470, totals["net"]))
    for tax in whole["taxes"]:
        row((320, f"VAT {tax['rate']} % of {tax['base']}"), (470, tax["amount"]))
    row((320, "Total"), (470, totals["gross"]))
    if totals["prepaid"] != "0":
        row((320, "Paid before"), (470, totals["prepaid"]))
    if totals["rounding"] != "0":
        row((320, "Rounding"), (470, totals["rounding"]))
    row((320, "Amount due"), (470, f"{totals['due']} {currency}"), size=13)
    canvas.save()
    return out.getvalue()
