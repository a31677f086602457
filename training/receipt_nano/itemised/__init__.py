"""The items of scans, found by rule where the sums prove them, as truth to train on.

SROIE labels no items. Above the first line that names a sum, the lines that end in an amount are
taken for items; where their amounts make the total that is labelled, or a subtotal that leads to
it, they are. What is not proven so, such as the kind of goods, is left out of the truth.
"""

import re

import numpy as np

from ..page import ROLE, Page
from ..sums import CENT
from .names import counts, headless, multiplied, named
from .proof import SMALL, Found, made_of, names_total, proven
from .rows import Row, is_name, rows_of, words_of

ROUNDING = re.compile(r"ROUND|RND")


def with_items(page: Page) -> Page:
    """The page with its items and sums in its truth and their places marked, if they are proven."""
    total = page.truth.get("total_due")
    if total is None:
        return page
    rows, glyphs = rows_of(page.glyphs), page.glyphs.copy()
    found, sums = proven(glyphs, rows, total)
    names = named(rows, found, sums[0].row if sums else len(rows)) if found else []
    items = described(glyphs, rows, found, names) if names else None
    if items is None:
        return page
    truth = page.truth | {"items": items} | sums_of(glyphs, rows, found, total, sums)
    return Page(page.image, glyphs, truth, page.kind)


def described(
    glyphs: np.ndarray, rows: list[Row], found: list[Found], names: list[int]
) -> list[dict] | None:
    """The items, each with what is known of it, their places marked; None where an item's words
    are not found."""
    items, texts = [], []
    starts = [min(name, f.row) for name, f in zip(names, found, strict=True)]
    stops = [*starts[1:], max(names[-1], found[-1].row) + 1]
    for number, (f, name) in enumerate(zip(found, names, strict=True)):
        if not mark(glyphs, rows[f.row].places[slice(*f.at)], "item_total", number):
            return None
        item: dict = {"total": f.value}
        counted = multiplied(rows, starts[number], stops[number], f)
        for role, part in zip(("quantity", "unit_price"), counted or (), strict=False):
            row, span, item[role] = part
            mark(glyphs, rows[row].places[slice(*span)], role, number)
        cuts = [span for row, span, _ in counted or () if row == name]
        texts.append(words_of(rows[name], cuts + [f.at] * (name == f.row)))
        if stops[number] - starts[number] == abs(name - f.row) + 1 < 3:
            item["details"] = []
        items.append(item)
    texts, heads = headless(texts)
    many = counts([text for text, _ in heads])
    if many and not any("quantity" in item for item in items):
        for number, (item, count) in enumerate(zip(items, many, strict=True)):
            item["quantity"] = count
            mark(glyphs, heads[number][1], "quantity", number)
    for number, (text, places) in enumerate(texts):
        if not is_name(text) or not mark(glyphs, places, "description", number):
            return None
        items[number]["description"] = text
    for number, item in enumerate(items):
        printed = {p for row in rows[starts[number] : stops[number]] for p in row.places if p >= 0}
        rest = [p for p in printed.difference(*(at for _, at in heads)) if not glyphs["role"][p]]
        if "quantity" not in item and not any(chr(glyphs["char"][p]).isdigit() for p in rest):
            item |= {"quantity": 1, "unit_price": item["total"]}
    return items


def sums_of(
    glyphs: np.ndarray, rows: list[Row], items: list[Found], total: float, sums: list[Found]
) -> dict:
    """Subtotal, discount and rounding, as far as the items prove them; their places marked."""
    made = made_of(items)
    for one in sums:
        if abs(one.value - made) < CENT / 2 and names_total(rows, one.row):
            mark(glyphs, rows[one.row].places[slice(*one.at)], "subtotal", -1)
            break
    off = round(total - made, 2)
    known: dict = {"subtotal": made}
    if abs(off) < CENT / 2:
        return known | {"rounding": 0, "discount": 0}
    for one in sums if abs(off) < SMALL else ():
        if (
            ROUNDING.search(rows[one.row].text.upper())
            and abs(abs(one.value) - abs(off)) < CENT / 2
        ):
            mark(glyphs, rows[one.row].places[slice(*one.at)], "rounding", -1)
            return known | {"rounding": off, "discount": 0}
    return known


def mark(glyphs: np.ndarray, places: list[int], role: str, item: int) -> bool:
    """Gives glyphs a role; False where they have one already."""
    at = [place for place in places if place >= 0]
    if glyphs["role"][at].any():
        return False
    glyphs["role"][at], glyphs["item"][at] = ROLE[role], item
    return True
