"""What the items are called, and how many there are of them at what price."""

import re

from ..sums import CENT
from .proof import Found
from .rows import Printed, Row, Span, is_heading, is_name, trimmed, words_of

OFFSETS = (1, 2, 3)  # lines that an item's name may stand above its amount
CODE = re.compile(r"^(?:\w?\d{3,}[-\dA-Z]*|\d{1,2}[.)]?)$")
NUMBER = re.compile(r"(?<![\w.,])\d{1,5}(?:\.\d{1,4})?(?![\d.,%])")
ONE = ("1", "1.0", "1.00", "1.000")


def named(rows: list[Row], found: list[Found], bottom: int) -> list[int]:
    """The row with the name of each item: its own, some rows above, or the one below; none if they
    differ in it. The names end above row `bottom`."""
    own = [is_name(words_of(rows[f.row], [f.at])[0]) for f in found]
    if any(own):
        return [f.row for f in found] if all(own) else []
    before = [f.row for f in found]
    for offset in () if is_heading(rows[max(before[0] - 1, 0)].text) else OFFSETS:
        places = [row - offset for row in before]
        follow = all(place == row + 1 for place, row in zip(places[1:], before[:-1], strict=True))
        if follow and places[0] > 0 and all(holds_name(rows[place]) for place in places):
            return places
    places, stops = [row + 1 for row in before], [*before[1:], bottom]
    if all(p < stop and holds_name(rows[p]) for p, stop in zip(places, stops, strict=True)):
        return places
    return []


def holds_name(row: Row) -> bool:
    return is_name(words_of(row, [])[0]) and not is_heading(row.text)


def headless(texts: list[Printed]) -> tuple[list[Printed], list[Printed]]:
    """Texts without the number or code that each of them begins with, and these, if all do."""
    cuts = [text.find(" ") for text, _ in texts]
    heads = [(text[:cut], at[:cut]) for cut, (text, at) in zip(cuts, texts, strict=True)]
    if min(cuts) < 1 or not all(CODE.match(head) for head, _ in heads):
        return texts, []
    rest = [trimmed(t[cut + 1 :], at[cut + 1 :]) for cut, (t, at) in zip(cuts, texts, strict=True)]
    return rest, heads


def counts(texts: list[str]) -> list[float] | None:
    """The numbers that items begin with as quantities; None where they only number the items."""
    numbered = [str(number) for number in range(1, len(texts) + 1)]
    are_counts = all(text.isdigit() and len(text) < 3 for text in texts)
    if not are_counts or (texts == numbered and len(texts) > 1):
        return None
    return [float(text) for text in texts]


Number = tuple[int, Span, float]  # its row, where in it, and its value


def multiplied(
    rows: list[Row], start: int, stop: int, found: Found
) -> tuple[Number, Number] | None:
    """Two numbers in rows `start` to `stop`, count and price, that make an item's amount."""
    numbers = [
        (line, match.span(), match[0])
        for line in range(start, stop)
        for match in NUMBER.finditer(rows[line].text)
        if line != found.row or match.start() < found.at[0]
    ]
    for line, span, count in numbers:
        for other, price_span, price in numbers:
            if (line, span) == (other, price_span) or "." not in price:
                continue
            many, each = float(count), float(price)
            is_count = many > 0 and (many != 1 or count in ONE)
            if is_count and abs(many * each - found.value) < CENT / 2:
                return (line, span, many), (other, price_span, each)
    return None
