"""What a receipt says: goods, prices, sums. Nothing about where it is printed."""

import datetime
import random
from dataclasses import dataclass, field

from .. import words
from ..lexicon import DETAILS, GOODS
from .dates import make_date
from .money import Money, make_money, tidy, weighted


@dataclass
class Item:
    """A line that was bought. `unit_price` is what the truth says."""

    description: str
    category: str
    quantity: float = 1
    unit_price: float | None = None
    total: float = 0.0
    details: list[str] = field(default_factory=list)
    measure: str = ""
    service: bool = False


@dataclass
class Receipt:
    """All that a layout prints. `rate` is the tax rate, `tax_mode` none, added or inside."""

    rng: random.Random
    split: str
    country: str
    shop: str
    money: Money
    vendor: str | None
    number: str | None
    date: datetime.date | None
    due: datetime.date | None
    items: list[Item]
    discount: float
    tax_mode: str
    rate: float
    tax: float
    rounding: float
    total: float
    rate_printed: bool = True

    @property
    def subtotal(self) -> float:
        return tidy(sum(item.total for item in self.items))

    def label(self, name: str) -> str:
        return words.label(self.rng, name, self.country)

    def truth(self) -> dict:
        """The object of schemas/invoice.schema.json, but for the fields that the model is held
        to leave empty."""
        return {
            "vendor_name": self.vendor,
            "invoice_number": self.number,
            "invoice_date": self.date.isoformat() if self.date else None,
            "due_date": self.due.isoformat() if self.due else None,
            "items": [
                {
                    "description": item.description,
                    "details": item.details,
                    "quantity": tidy(item.quantity, 3),
                    "unit_price": None if item.unit_price is None else tidy(item.unit_price),
                    "total": tidy(item.total),
                    "currency": self.money.currency,
                    "category": item.category,
                }
                for item in self.items
            ],
            "subtotal": self.subtotal,
            "tax_rate_percent": tidy(self.rate) if self.rate_printed else 0,
            "tax_amount": tidy(self.tax),
            "discount": tidy(self.discount),
            "total_due": tidy(self.total),
            "rounding": tidy(self.rounding),
        }


# -------------------------------------------------------------------- items


def price(rng: random.Random, currency: str, shop: str) -> float:
    """A price as shops have it."""
    dear = {
        "electronics": 6,
        "service": 5,
        "hardware": 2,
        "fashion": 4,
        "utility": 3,
        "subscription": 3,
    }
    middle = dear.get(shop, 1) * (22_000 if currency == "IDR" else 7.5)
    value = middle * rng.lognormvariate(0, 1.3 if dear.get(shop, 1) > 2 else 0.9)
    if currency == "IDR":
        step = rng.choice((100, 500, 500, 1000, 1000, 5000, 50, 1))
        return max(500, round(value / step) * step)
    ending = rng.choice((0.05, 0.1, 0.5, 1, 0.01, 0.01))
    value = max(0.1, round(value / ending) * ending)
    if rng.random() < 0.2:
        value = int(value) + rng.choice((0.9, 0.99, 0.95))
    return round(value, 2)


def quantity(rng: random.Random, shop: str) -> tuple[float, str]:
    """How much, and its measure where it is not pieces."""
    if shop == "fuel":
        return round(rng.uniform(2, 60), rng.choice((2, 2, 3))), rng.choice(
            ("L", "Liter", "Ltr", "litre")
        )
    draw = rng.random()
    if draw < 0.06 and shop in ("market", "service", "hardware"):
        return round(rng.uniform(0.1, 5), 3), rng.choice(("kg", "KG", "m", "Kg"))
    if draw < 0.09:
        return rng.choice((0.5, 1.5, 2.5, 0.25, 1.25)), ""
    if draw < 0.56:
        return 1, ""
    if draw < 0.94:
        return rng.choices((2, 3, 4, 5, 6), (10, 5, 3, 2, 2))[0], ""
    return rng.choice((8, 10, 12, 15, 20, 24, 36, 50, 100, 144, 500)), ""


def make_item(
    rng: random.Random, split: str, shop: str, money: Money, country: str, detailed: float
) -> Item:
    description, category = words.good(rng, split, shop, country)
    description = words.cased(rng, description, (0, 1, 0))
    many, measure = quantity(rng, shop)
    each = price(rng, money.currency, shop)
    if shop == "fuel":
        each = (
            round(rng.uniform(6800, 16000), -1)
            if money.currency == "IDR"
            else round(rng.uniform(1.4, 3.6), 2)
        )
    if shop == "utility" and rng.random() < 0.4:
        many, measure = rng.randint(5, 900), rng.choice(("kWh", "m3", "kWh", "GB", "min"))
        each = round(each * rng.uniform(0.01, 0.1), money.places) or 1
    if each * many > 9e8:
        many = 1
    total = round(each * many, money.places)
    details = []
    if rng.random() < detailed:
        kind = GOODS[shop][0][2]
        count = rng.choice((1, 1, 1, 2))
        details = [detail(rng, split, kind) for _ in range(count)]
    return Item(description, category, many, each, total, details, measure)


def detail(rng: random.Random, split: str, kind: str) -> str:
    draw = rng.random()
    if draw < 0.15:
        return f"{words.invented(rng, split)} {words.code(rng)}"
    if draw < 0.25:
        return words.invented(rng, split).lower()
    return rng.choice(DETAILS[kind])


def settle_prices(item: Item, printed: bool) -> None:
    """The unit price that a reader finds, whether one is printed or not."""
    if printed:
        return
    each = item.total / item.quantity if item.quantity else 0
    item.unit_price = round(each, 2) if abs(each * 100 - round(each * 100)) < 1e-6 else None


# ------------------------------------------------------------------ receipts

SHOPS = {
    "till": (
        "market",
        40,
        "pharmacy",
        9,
        "hardware",
        12,
        "stationery",
        10,
        "fashion",
        8,
        "electronics",
        6,
        "cafe",
        10,
        "service",
        5,
        "cinema",
        4,
        "utility",
        1,
    ),
    "restaurant": ("restaurant", 68, "cafe", 32),
    "invoice": (
        "service",
        34,
        "hardware",
        18,
        "electronics",
        12,
        "stationery",
        10,
        "subscription",
        12,
        "fashion",
        4,
        "market",
        6,
        "pharmacy",
        4,
    ),
    "slip": ("fuel", 45, "transport", 35, "cinema", 6, "utility", 8, "service", 6),
    "card": (
        "market",
        20,
        "restaurant",
        20,
        "fashion",
        15,
        "electronics",
        15,
        "cinema",
        10,
        "subscription",
        14,
        "service",
        6,
    ),
    "bill": ("utility", 45, "pharmacy", 25, "subscription", 15, "service", 15),
    "malaysia": (
        "hardware",
        24,
        "stationery",
        14,
        "market",
        22,
        "restaurant",
        18,
        "cafe",
        6,
        "pharmacy",
        5,
        "electronics",
        4,
        "fashion",
        4,
        "fuel",
        3,
    ),
}
ITEM_COUNTS = (
    (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
    (30, 22, 16, 11, 7, 5, 3, 2, 1.5, 1, 0.8, 0.7),
)
RATES = {
    "IDR": (11, 45, 10, 38, 12, 8, 3, 3, 5, 2, 1.1, 1, 2.5, 1),
    "MYR": (6, 80, 8, 10, 10, 5, 5, 5),
    "USD": (8.25, 20, 7, 20, 10, 10, 20, 10, 5, 10, 6.5, 10, 8.875, 0, 19, 5),
    "SGD": (7, 60, 8, 15, 9, 25),
    "EUR": (19, 40, 20, 25, 21, 20, 7, 15),
}


def choose_country(rng: random.Random, layout: str) -> tuple[str, str]:
    """Country and currency."""
    if layout == "malaysia":
        return "my", "MYR"
    currency = weighted(rng, ("IDR", 60, "MYR", 20, "USD", 14, "SGD", 3, "EUR", 3))
    country = {"IDR": "id", "MYR": "my"}.get(currency, "en")
    if currency == "IDR" and rng.random() < 0.22:
        country = "en"
    return country, currency


def make_receipt(rng: random.Random, split: str, layout: str, single: bool = False) -> Receipt:
    """A receipt whose sums hold. `single` asks for one item."""
    country, currency = choose_country(rng, layout)
    shop = weighted(rng, SHOPS[layout])
    money = make_money(rng, currency)
    count = 1 if single or shop == "fuel" else rng.choices(*ITEM_COUNTS)[0]
    detailed = rng.choice((0, 0, 0.08, 0.2, 0.5))
    items = [make_item(rng, split, shop, money, country, detailed) for _ in range(count)]
    capitals = rng.random() < (0.75 if country == "my" else 0.45)
    for item in items:
        item.description = item.description.upper() if capitals else item.description
    if rng.random() < 0.012 and count > 1:
        refund = items[-1]
        refund.quantity, refund.unit_price, refund.total = 1, -refund.unit_price, -refund.unit_price
        if sum(item.total for item in items) <= 0:
            refund.unit_price = refund.total = -refund.total
    receipt = Receipt(
        rng,
        split,
        country,
        shop,
        money,
        vendor=words.vendor(rng, split, shop, country)[:58].strip(),
        number=words.number(rng) if rng.random() < 0.86 else None,
        date=make_date(rng) if rng.random() < 0.95 else None,
        due=None,
        items=items,
        discount=0,
        tax_mode="none",
        rate=0,
        tax=0,
        rounding=0,
        total=0,
    )
    reckon(receipt, layout)
    return receipt


def reckon(receipt: Receipt, layout: str) -> None:
    """Service charge, discount, tax, rounding, total."""
    rng, money = receipt.rng, receipt.money
    if layout in ("restaurant", "malaysia") and receipt.shop in ("restaurant", "cafe"):
        if rng.random() < 0.4:
            add_service(receipt)
    base = receipt.subtotal
    if rng.random() < 0.2 and base > 1:
        cut = base * rng.choice((0.05, 0.1, 0.1, 0.2, 0.15, 0.3))
        if rng.random() < 0.4:
            cut = rng.choice((0.5, 1, 2, 5, 10)) * (1000 if money.currency == "IDR" else 1)
        receipt.discount = round(min(cut, base / 2), money.places)
    share = 0.88 if layout == "malaysia" else 0.5
    if rng.random() < share and receipt.shop != "transport":
        inside = (
            rng.random() < (0.5 if receipt.country == "my" else 0.13)
            and not receipt.items[-1].service
        )
        receipt.tax_mode = "inside" if inside else "added"
        receipt.rate = weighted(rng, RATES[money.currency])
        taxed = base if rng.random() < 0.3 else base - receipt.discount
        part = receipt.rate / (100 + receipt.rate) if inside else receipt.rate / 100
        receipt.tax = round(taxed * part, money.places)
        receipt.rate_printed = rng.random() < 0.86
        if receipt.tax <= 0:
            receipt.tax_mode, receipt.rate, receipt.tax = "none", 0, 0
    owed = base - receipt.discount + (receipt.tax if receipt.tax_mode == "added" else 0)
    step = 0.05 if money.currency == "MYR" else 100
    if money.currency in ("MYR", "IDR") and rng.random() < (0.6 if step < 1 else 0.08):
        rounded = round(round(owed / step) * step, 2)
        if rounded > 0:
            receipt.rounding = round(rounded - owed, 2)
            owed = rounded
    receipt.total = tidy(owed)


def add_service(receipt: Receipt) -> None:
    rng, money = receipt.rng, receipt.money
    percent = rng.choice((5, 5, 10, 10, 10, 7.5, 6, 3))
    name = receipt.label("service") + rng.choice(
        (f" {percent}%", f" {percent} %", f" ({percent}%)", "")
    )
    amount = round(receipt.subtotal * percent / 100, money.places)
    if amount > 0:
        item = Item(name, "FOOD", 1, amount, amount, service=True)
        receipt.items.append(item)
