"""Answers to scans that prove themselves, as truth to train on.

SROIE labels no items. An answer whose items, two or more, make its subtotal, and that with tax and
discount the total, which is the one that is labelled, has its items right but for the words of a
description or two. One item proves nothing: anything costs the total. Their places are found by
their texts, so that the model is taught where they are read.
"""

import json
import re
from pathlib import Path

import numpy as np

from .page import ROLE, Page
from .sums import CENT, adds_up

# What is taken over from an answer, beside its items.
SUMS = ("subtotal", "tax_rate_percent", "tax_amount", "discount", "rounding")
FEWEST = 2  # items
BELOW = 2  # lines below its description in which an item's numbers may stand
NUMBER = re.compile(r"\d[\d.,]*")


def proven(path: Path, pages: dict[str, Page]) -> dict[str, dict]:
    """The answers in a file of `receipt-gateway extract --out jsonl`, by the scan's name, that add
    up to the total that is labelled."""
    found = {}
    for line in path.read_text().splitlines():
        record = json.loads(line)
        name, answer = Path(record["file"]).stem, record.get("invoice")
        total = pages[name].truth.get("total_due") if name in pages else None
        if answer and total is not None and adds_up(answer):
            if len(answer["items"]) >= FEWEST and abs(answer["total_due"] - total) < CENT:
                found[name] = answer
    return found


def with_items(page: Page, answer: dict) -> Page:
    """A page with the items and sums of an answer in its truth, and their places marked. What kind
    of goods they are is not proven, and so is not taught."""
    glyphs, items = page.glyphs.copy(), []
    rows = [np.flatnonzero(glyphs["line"] == line) for line in np.unique(glyphs["line"])]
    after = 0
    for number, item in enumerate(answer["items"]):
        items.append(item | {"category": None})
        at = described(glyphs, rows, item["description"], after)
        if at is None:
            continue
        row, places = at
        mark(glyphs, places, "description", number)
        after = row
        near = rows[row : row + 1 + BELOW]
        for name, role in (("total", "item_total"), ("unit_price", "unit_price")):
            for places in printed(glyphs, near, item[name]):
                mark(glyphs, places, role, number)
                break
    truth = page.truth | {name: answer[name] for name in SUMS if name in answer}
    return Page(page.image, glyphs, truth | {"items": items}, page.kind)


def mark(glyphs: np.ndarray, places: np.ndarray, role: str, item: int) -> None:
    glyphs["role"][places], glyphs["item"][places] = ROLE[role], item


def described(
    glyphs: np.ndarray, rows: list[np.ndarray], text: str, after: int
) -> tuple[int, np.ndarray] | None:
    """The row, and the glyphs in it, that spell a text, blanks aside; none that has a role."""
    wanted = "".join(text.split())
    for number in range(after, len(rows)):
        row = rows[number][glyphs["char"][rows[number]] != ord(" ")]
        spelt = "".join(map(chr, glyphs["char"][row]))
        start = spelt.find(wanted)
        places = row[start : start + len(wanted)]
        if wanted and start >= 0 and not glyphs["role"][places].any():
            return number, places
    return None


def printed(glyphs: np.ndarray, rows: list[np.ndarray], value: float | None):
    """The glyphs of each number in `rows` that is `value`, the last of a row first; none that has a
    role."""
    for row in rows:
        spelt = "".join(map(chr, glyphs["char"][row]))
        for match in reversed(list(NUMBER.finditer(spelt))):
            figures = match[0].rstrip(".,").replace(",", "")
            places = row[match.start() : match.start() + len(match[0].rstrip(".,"))]
            try:
                is_same = value is not None and abs(float(figures) - abs(value)) < CENT / 2
            except ValueError:
                continue
            if is_same and not glyphs["role"][places].any():
                yield places
