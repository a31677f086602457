"""Items of scans that their sums prove, and their places."""

import numpy as np
import pytest

from receipt_nano.itemised import with_items
from receipt_nano.page import GLYPH, ROLE, Page
from receipt_nano.targets import TOKENIZER, invoice

ABOVE = (
    "KEDAI KOPI",
    "KOPI SUSU              SR",
    "9551234  2 x 2.50    5.00",
    "ROTI BAKAR             SR",
    "9554321  1 x 0.80    0.80",
    "TOTAL                5.80",
    "CASH                10.00",
    "CHANGE               4.20",
)
BESIDE = (
    "KEDAI KOPI",
    "2 Kopi Susu          5.00",
    "1 Roti Bakar         0.83",
    "Sub Total            5.83",
    "Rounding            -0.03",
    "Total                5.80",
)
BELOW = (
    "KEDAI KOPI",
    "Item    Qty  Price Amount",
    "001       2   2.50   5.00",
    "Kopi Susu",
    "002       1   0.80   0.80",
    "Roti Bakar",
    "Total                5.80",
)
TAXED = (
    "KEDAI KOPI",
    "Kopi Susu            5.00",
    "Roti Bakar           0.80",
    "Subtotal             5.80",
    "GST 6%               0.35",
    "Total                6.15",
)


def page(lines: tuple[str, ...], total: float | None = 5.8) -> Page:
    rows = [
        (ord(character), 5 * column, 10 * line, 5 * column + 5, 10 * line + 10, 0, -1, 0, line)
        for line, text in enumerate(lines)
        for column, character in enumerate(text)
    ]
    truth = {"vendor_name": "KEDAI KOPI"} | ({} if total is None else {"total_due": total})
    return Page(np.empty((0, 0), np.uint8), np.array(rows, GLYPH), truth, "scan")


def spelt(page: Page, role: str, number: int) -> str:
    found = (page.glyphs["role"] == ROLE[role]) & (page.glyphs["item"] == number)
    return "".join(map(chr, page.glyphs["char"][found])).replace(" ", "")


@pytest.mark.parametrize("lines", [ABOVE, BESIDE, BELOW])
def test_items_are_found_with_their_names_above_beside_and_below_their_amounts(lines) -> None:
    found = with_items(page(lines))
    items = found.truth["items"]
    assert [item["description"].lower() for item in items] == ["kopi susu", "roti bakar"]
    assert [item["quantity"] for item in items] == [2, 1]
    assert [item["total"] for item in items] == [5, pytest.approx(0.8, abs=0.04)]
    assert spelt(found, "description", 0).lower() == "kopisusu"
    assert spelt(found, "quantity", 0) == "2" and spelt(found, "item_total", 0) == "5.00"
    assert not page(lines).glyphs["role"].any()


def test_prices_are_those_that_make_the_amounts() -> None:
    for lines in (ABOVE, BELOW):
        found = with_items(page(lines))
        assert [item["unit_price"] for item in found.truth["items"]] == [2.5, 0.8]
        assert spelt(found, "unit_price", 0) == "2.50"
    assert not any("unit_price" in item for item in with_items(page(BESIDE)).truth["items"])


def test_the_subtotal_and_what_is_rounded_off_are_taken_from_the_sums() -> None:
    found = with_items(page(BESIDE))
    assert (found.truth["subtotal"], found.truth["rounding"]) == (5.83, -0.03)
    assert spelt(found, "subtotal", -1) == "5.83" and spelt(found, "rounding", -1) == "-0.03"


def test_a_subtotal_with_its_tax_proves_the_items() -> None:
    found = with_items(page(TAXED, 6.15))
    assert len(found.truth["items"]) == 2 and found.truth["subtotal"] == 5.8
    assert "rounding" not in found.truth


def test_items_that_do_not_make_the_total_are_not_taught() -> None:
    unproven = [
        page(ABOVE, 7.8),
        page(ABOVE, None),
        page(TAXED, 7.15),
        page(BESIDE[:2] + BESIDE[4:]),
    ]
    assert not any("items" in with_items(one).truth for one in unproven)


def test_one_item_is_proven_by_a_line_that_names_a_total() -> None:
    lines = ("KEDAI KOPI", "Kopi Susu            5.80")
    assert "items" not in with_items(page(lines)).truth
    assert len(with_items(page((*lines, "Total                5.80"))).truth["items"]) == 1


def test_what_is_not_proven_is_written_but_not_asked_for() -> None:
    target = invoice(with_items(page(BESIDE)))
    category = TOKENIZER.token_to_id("OTHER")
    assert category in target.ids and not target.weight[target.ids == category].any()
    text = TOKENIZER.decode(target.ids[target.weight > 0].tolist(), skip_special_tokens=False)
    assert "Kopi Susu" in text and "5.83" in text, text
