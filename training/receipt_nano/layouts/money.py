"""How amounts are printed."""

import random
from dataclasses import dataclass

from .paper import Text, text

PLACES = {"IDR": 0, "MYR": 2, "USD": 2, "SGD": 2, "EUR": 2}
# (thousands separator, decimal sign, decimals), how often
FIGURES = {
    "IDR": (
        (".", ",", 0),
        46,
        (",", ".", 0),
        26,
        (".", ",", 2),
        11,
        (",", ".", 2),
        12,
        ("", ".", 0),
        5,
    ),
    "MYR": ((",", ".", 2), 78, ("", ".", 2), 22),
    "USD": ((",", ".", 2), 85, ("", ".", 2), 15),
    "SGD": ((",", ".", 2), 85, ("", ".", 2), 15),
    "EUR": ((".", ",", 2), 60, (",", ".", 2), 40),
}
PREFIXES = {
    "IDR": ("", 46, "Rp ", 24, "Rp", 12, "Rp. ", 6, "Rp.", 4, "IDR ", 6, "RP ", 2),
    "MYR": ("", 70, "RM", 13, "RM ", 14, "MYR ", 3),
    "USD": ("$", 74, "$ ", 12, "US$", 5, "USD ", 9),
    "SGD": ("S$", 60, "SGD ", 40),
    "EUR": ("EUR ", 100),
}


def weighted(rng: random.Random, table: tuple):
    return rng.choices(table[::2], table[1::2])[0]


@dataclass(frozen=True)
class Money:
    """How amounts are printed. `where` says which bear the sign: all, totals or last."""

    currency: str
    thousands: str
    decimal: str
    places: int
    prefix: str
    where: str
    minus: str

    def figure(self, value: float) -> str:
        plain = f"{abs(value):,.{self.places}f}"
        return plain.translate({ord(","): self.thousands, ord("."): self.decimal})

    def sign(self) -> Text:
        word = self.prefix.rstrip()
        return text(word, "currency") + self.prefix[len(word) :]

    def amount(self, value: float, role: str = "none", item: int = -1, sign: bool = True) -> Text:
        """An amount, its digits marked; below zero with a minus."""
        figure = text(self.figure(value), role, item)
        prefix = self.sign() if sign else text("")
        if value >= 0:
            return prefix + figure
        minus = text("-", role, item)
        return {
            "-Rp 1": minus + prefix + figure,
            "Rp -1": prefix + minus + figure,
            "- Rp 1": minus + " " + prefix + figure,
            "(1)": "(" + prefix + figure + ")",
            "1-": prefix + figure + minus,
        }[self.minus]

    def line(self, value: float, role: str = "none", item: int = -1) -> Text:
        return self.amount(value, role, item, self.where == "all")

    def sum(self, value: float, role: str = "none") -> Text:
        return self.amount(value, role, -1, self.where in ("all", "totals"))

    def last(self, value: float, role: str = "none") -> Text:
        return self.amount(value, role)


def make_money(rng: random.Random, currency: str) -> Money:
    thousands, decimal, places = weighted(rng, FIGURES[currency])
    prefix = weighted(rng, PREFIXES[currency])
    where = weighted(rng, ("all", 45, "totals", 30, "last", 25))
    minus = weighted(rng, ("-Rp 1", 50, "Rp -1", 15, "- Rp 1", 15, "(1)", 12, "1-", 8))
    return Money(currency, thousands, decimal, places, prefix, where, minus)


def tidy(value: float, places: int = 2) -> float:
    """12500 rather than 12500.0."""
    value = round(value, places)
    return int(value) if value == int(value) else value


def tendered(rng: random.Random, total: float, currency: str) -> float:
    """What is handed over in notes."""
    notes = (
        (1000, 2000, 5000, 10000, 20000, 50000, 100000)
        if currency == "IDR"
        else (1, 5, 10, 20, 50, 100)
    )
    note = rng.choice(notes)
    paid = -(-total // note) * note
    return tidy(paid if rng.random() < 0.8 else total)
