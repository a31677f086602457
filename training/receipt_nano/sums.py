"""Whether the amounts of an invoice add up."""

CENT = 0.011  # amounts this near are the same


def adds_up(invoice: dict) -> bool:
    """Whether the items make the subtotal, and that with discount, rounding and so on, and with tax
    unless it is part of the prices, the total."""
    totals = [item["total"] for item in invoice["items"]]
    parts = [invoice["subtotal"], invoice["total_due"], *totals]
    if not totals or any(part is None for part in parts):
        return False
    items = abs(sum(totals) - invoice["subtotal"]) < CENT
    due = invoice["subtotal"] - invoice["discount"]
    due += invoice.get("rounding", 0) - invoice.get("prepaid", 0)
    sums = (due, due + invoice["tax_amount"])
    return items and any(abs(owed - invoice["total_due"]) < CENT for owed in sums)
