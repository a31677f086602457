"""The invoices of invoices.json with all that EN 16931 reckons from them, and what the gateway is to answer.

The amounts are reckoned here from what goes in, by the rules BR-CO-10 to BR-CO-17, and never read from a file that a
producer made.
"""

import copy
import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

DATA = json.loads((Path(__file__).parent / "invoices.json").read_text(encoding="utf-8"))
CENT = Decimal("0.01")
# Codes of UNTDID 1001.
TYPE_CODES = {"invoice": "380", "credit": "381", "correction": "384"}


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def sums(entries: list[dict]) -> Decimal:
    return sum((Decimal(entry["amount"]) for entry in entries), Decimal(0))


def invoice(name: str, prices: dict[int, str] | None = None) -> dict:
    """One invoice, with its parties, the totals and the tax by rates; all amounts are strings.

    `prices` replaces those of the lines with these numbers, from 0.
    """
    whole = copy.deepcopy(DATA["invoices"][name])
    whole |= {"id": name, "seller": DATA["sellers"][whole["seller"]], "buyer": DATA["buyer"]}
    for number, price in (prices or {}).items():
        whole["lines"][number]["price"] = price
    whole.setdefault("kind", "invoice")
    whole["type_code"] = TYPE_CODES[whole["kind"]]
    for key in ("allowances", "charges"):
        whole.setdefault(key, [])
    bases: dict[tuple, Decimal] = {}
    reasons = {}

    def count(entry: dict, amount: Decimal) -> None:
        rate = Decimal(entry["rate"])
        entry.setdefault("category", "S" if rate else "Z")
        key = (entry["category"], entry["rate"])
        bases[key] = bases.get(key, Decimal(0)) + amount
        reasons.setdefault(key, entry.get("exemption"))

    for number, line in enumerate(whole["lines"], 1):
        line["id"] = str(number)
        line.setdefault("unit", "C62")
        line.setdefault("base", "1")
        for key in ("allowances", "charges"):
            line.setdefault(key, [])
        exact = Decimal(line["quantity"]) * Decimal(line["price"]) / Decimal(line["base"])
        net = rounded(exact) + sums(line["charges"]) - sums(line["allowances"])
        line["net"] = str(net)
        count(line, net)
    for entry in whole["allowances"]:
        count(entry, -Decimal(entry["amount"]))
    for entry in whole["charges"]:
        count(entry, Decimal(entry["amount"]))
    whole["taxes"] = [
        {
            "category": category,
            "rate": rate,
            "base": str(base + 0),
            "amount": str(rounded(base * Decimal(rate) / 100) + 0),
            "exemption": reasons[category, rate],
        }
        for (category, rate), base in bases.items()
    ]
    lines = sum(Decimal(line["net"]) for line in whole["lines"])
    allowance, charge = sums(whole["allowances"]), sums(whole["charges"])
    tax = sums(whole["taxes"])
    prepaid, rounding = Decimal(whole.get("prepaid", "0")), Decimal(whole.get("rounding", "0"))
    gross = lines - allowance + charge + tax
    whole["totals"] = {
        "lines": str(lines),
        "allowances": str(allowance),
        "charges": str(charge),
        "net": str(lines - allowance + charge),
        "tax": str(tax),
        "gross": str(gross),
        "prepaid": str(prepaid),
        "rounding": str(rounding),
        "due": str(gross - prepaid + rounding),
    }
    return whole


def with_short_prices(whole: dict) -> dict:
    """The same invoice with prices of two decimals, of a larger base quantity where they had more."""
    changed = copy.deepcopy(whole)
    for line in changed["lines"]:
        price, base = Decimal(line["price"]), Decimal(line["base"])
        while price != rounded(price):
            price, base = price * 10, base * 10
        line["price"], line["base"] = f"{rounded(price):f}", f"{base:f}"
    return changed


def number(value: Decimal) -> int | float:
    """The number as JSON has it: the shortest form of the same decimal."""
    whole = value.to_integral_value()
    return int(whole) if whole == value else float(value)


def expected(whole: dict, profile: str = "en16931") -> dict:
    """The answer to schemas/invoice.schema.json; a credit note's amounts are negative.

    The profiles MINIMUM and BASIC WL hold no lines, so that they have no items; MINIMUM has no breakdown either.
    """
    sign = -1 if whole["kind"] == "credit" else 1
    totals = {name: sign * Decimal(amount) for name, amount in whole["totals"].items()}
    minimum = profile == "minimum"
    seller = whole["seller"]
    trading_name = None if minimum else seller.get("trading_name")
    rates = [Decimal(tax["rate"]) for tax in whole["taxes"]]
    return {
        "vendor_name": trading_name or seller["name"],
        "invoice_number": whole["number"],
        "invoice_date": whole["issued"],
        "due_date": None if minimum else whole["due"],
        "items": [] if profile in NO_LINES else items(whole, sign),
        "subtotal": None if minimum else number(totals["lines"] + totals["charges"]),
        "tax_rate_percent": 0 if minimum else number(max(rates)),
        "tax_amount": number(totals["tax"]),
        "discount": 0 if minimum else number(totals["allowances"]),
        "total_due": number(totals["due"]),
        "taxes": []
        if minimum
        else [
            {
                "rate_percent": number(Decimal(tax["rate"])),
                "base": number(sign * Decimal(tax["base"])),
                "amount": number(sign * Decimal(tax["amount"])),
            }
            for tax in whole["taxes"]
        ],
        "prepaid": 0 if minimum else number(totals["prepaid"]),
        "rounding": 0 if minimum else number(totals["rounding"]),
    }


NO_LINES = {"minimum", "basic-wl"}


def with_short_quantities(whole: dict) -> dict:
    """The same invoice with quantities of two decimals, as a producer rounds them."""
    changed = copy.deepcopy(whole)
    for line in changed["lines"]:
        line["quantity"] = str(rounded(Decimal(line["quantity"])))
    return changed


def without_prices(whole: dict) -> dict:
    """The same invoice, of which a producer leaves out the prices of the lines."""
    changed = copy.deepcopy(whole)
    for line in changed["lines"]:
        line["price"] = None
    return changed


def unit_price(line: dict) -> int | float | None:
    """The price of one; null where none is stated, or it has more than eight decimals."""
    if line["price"] is None:
        return None
    price = Decimal(line["price"]) / Decimal(line["base"])
    exact = price.quantize(Decimal("0.00000001"))
    return number(exact) if exact * Decimal(line["base"]) == Decimal(line["price"]) else None


def items(whole: dict, sign: int) -> list[dict]:
    """The lines, and the charges of the document."""

    def item(text, quantity, price, total):
        return {
            "description": text,
            "details": [],
            "quantity": quantity,
            "unit_price": price,
            "total": number(sign * total),
            "currency": whole["currency"],
            "category": "OTHER",
        }

    found = [
        item(
            line["name"],
            number(sign * Decimal(line["quantity"])),
            unit_price(line),
            Decimal(line["net"]),
        )
        for line in whole["lines"]
    ]
    for charge in whole["charges"]:
        amount = Decimal(charge["amount"])
        # A contribution to a pension fund is stated with its rate, and without a price.
        price = None if "fund" in charge else number(amount)
        found.append(item(charge["reason"], sign, price, amount))
    return found
