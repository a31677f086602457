"""Answers that prove themselves, and the places of their items."""

import json

import numpy as np

from receipt_nano.answers import proven, with_items
from receipt_nano.page import GLYPH, ROLE, Page
from receipt_nano.targets import TOKENIZER, invoice

LINES = (
    "TOKO KOPI",
    "KOPI SUSU",
    "2 x 1,250.00   2,500.00",
    "ROTI           800.00",
    "TOTAL        3,300.00",
)


def page(total: float | None = 3300) -> Page:
    rows = [
        (ord(character), column, line, column + 1, line + 1, 0, -1, 0, line)
        for line, text in enumerate(LINES)
        for column, character in enumerate(text)
    ]
    truth = {"vendor_name": "TOKO KOPI"} | ({} if total is None else {"total_due": total})
    return Page(np.empty((0, 0), np.uint8), np.array(rows, GLYPH), truth, "scan")


def item(description: str, quantity: float, price: float, total: float) -> dict:
    return {
        "description": description,
        "details": [],
        "quantity": quantity,
        "unit_price": price,
        "total": total,
        "currency": "IDR",
        "category": "FOOD",
    }


def answer(total: float = 3300) -> dict:
    items = [item("KOPI SUSU", 2, 1250, 2500), item("ROTI", 1, 800, 800)]
    sums = {"subtotal": 3300, "tax_rate_percent": 0, "tax_amount": 0, "discount": 0}
    return {"items": items, "total_due": total, "rounding": 0, **sums}


def spelt(page: Page, role: str, number: int) -> str:
    found = (page.glyphs["role"] == ROLE[role]) & (page.glyphs["item"] == number)
    return "".join(map(chr, page.glyphs["char"][found]))


def test_what_adds_up_to_the_labelled_total_is_proven(tmp_path) -> None:
    path = tmp_path / "answers.jsonl"
    single = answer() | {"items": [item("ROTI", 1, 3300, 3300)]}
    records = [("a", answer()), ("b", answer(3000)), ("c", answer()), ("d", answer()), ("e", None)]
    records.append(("f", single))
    lines = (json.dumps({"file": f"img/{name}.jpg", "invoice": made}) for name, made in records)
    path.write_text("\n".join(lines))
    pages = {"a": page(), "b": page(), "c": page(3000), "d": page(None), "e": page(), "f": page()}
    assert proven(path, pages) == {"a": answer()}


def test_items_are_found_where_they_are_printed() -> None:
    found = with_items(page(), answer())
    assert spelt(found, "description", 0) == "KOPISUSU"
    assert spelt(found, "unit_price", 0) == "1,250.00"
    assert spelt(found, "item_total", 0) == "2,500.00"
    assert spelt(found, "description", 1) == "ROTI"
    assert spelt(found, "item_total", 1) == "800.00"
    assert found.truth["subtotal"] == 3300
    assert not page().glyphs["role"].any()


def test_items_are_taught_but_for_their_category() -> None:
    target = invoice(with_items(page(), answer()))
    category = TOKENIZER.token_to_id("OTHER")
    assert category in target.ids and not target.weight[target.ids == category].any()
    text = TOKENIZER.decode(target.ids[target.weight > 0].tolist(), skip_special_tokens=False)
    assert "KOPI SUSU" in text and "2500" in text, text
