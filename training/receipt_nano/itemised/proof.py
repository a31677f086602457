"""Which lines are the items, by the sums that their amounts make."""

import re
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..sums import CENT
from .rows import SUM, Row, Span, ends_in_amount, letters

NEAR = 4  # lines between two items at most
SMALL = 0.05  # what is rounded off is less
ALIGNED = 2.5  # how far the right edges of two items' amounts may be apart, in heights of a line
SUBTOTAL = re.compile(r"T[O0A]T[AO]L|\bTTL|AMOUNT|\bAMT")
TIMES = re.compile(r"^\W*@?\s*(\d+)\s*(?:[A-Z]{2,3}\s*)?[X*@]\s*(?:RM|\$)?\s*(\d+\.\d+)\s*$")
ADDED = re.compile(r"TAX|GST|SST|ROUND|RND|SERV|CHARGE")
MOST_ADDED = 0.2  # of each of them, to the sum of the items


@dataclass
class Found:
    """An amount at the end of a line: which row, where in it, and its value."""

    row: int
    at: Span
    value: float


def proven(glyphs: np.ndarray, rows: list[Row], total: float) -> tuple[list[Found], list[Found]]:
    """The amounts of the items, if they are proven, and those of the sums below them."""
    found = candidates(glyphs, rows)
    below = found[-1].row + 1 if found else len(rows)
    sums = [
        Found(number, *end)
        for number, row in enumerate(rows)
        if number >= below and (end := ends_in_amount(row))
    ]
    for first in range(len(found)):
        if makes(found[first:], total, rows, sums):
            return found[first:], sums
    return [], sums


def candidates(glyphs: np.ndarray, rows: list[Row]) -> list[Found]:
    """The rows that end in an amount above the first that names a sum, and in its column."""
    found: list[Found] = []
    for number, row in enumerate(rows):
        end = ends_in_amount(row)
        if end is None:
            if found and number - found[-1].row > NEAR:
                break
            continue
        span, value = end
        if TIMES.match(row.text.upper()):
            continue
        if SUM.search(row.text[: span[0]].upper()):
            if found:
                break
            continue
        found.append(Found(number, span, value))
    if not found:
        return found
    edges = [float(glyphs["x1"][rows[f.row].places[f.at[1] - 1]]) for f in found]
    height = rows[found[0].row].height
    return [f for f, edge in zip(found, edges, strict=True) if edge > max(edges) - ALIGNED * height]


def names_total(rows: list[Row], number: int) -> bool:
    """Whether a line, or the one above it where it has no words, names a total."""
    text = rows[number].text
    if number and not letters(text.upper().replace("RM", "")):
        text = rows[number - 1].text
    return SUBTOTAL.search(text.upper()) is not None


def made_of(items: list[Found]) -> float:
    return round(sum(item.value for item in items), 2)


def makes(items: list[Found], total: float, rows: list[Row], sums: list[Found]) -> bool:
    """Whether the sum of the items is the total, but for what is rounded off, or a subtotal that
    with some of the sums printed below makes it. One item must be told by a line of sums."""
    made = made_of(items)
    if made <= 0:
        return False
    told = any(abs(s.value - made) < CENT / 2 and names_total(rows, s.row) for s in sums)
    if abs(made - total) < SMALL:
        return told or len(items) > 1
    added = {
        s.value
        for s in sums
        if 0 < abs(s.value) < MOST_ADDED * made and ADDED.search(rows[s.row].text.upper())
    }
    return told and any(
        abs(made + sum(some) - total) < CENT / 2
        for count in (1, 2, 3)
        for some in combinations(added, count)
    )
