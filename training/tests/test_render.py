"""Rendered pages: the marked characters spell the truth, and the truth fits the schema."""

import itertools
import json
import random
from decimal import Decimal
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from receipt_nano import words
from receipt_nano.layouts.content import make_receipt
from receipt_nano.layouts.slips import beside
from receipt_nano.lexicon import NAME_WORDS
from receipt_nano.lexicon.goods.wider import WIDER
from receipt_nano.page import DAY, MONTH, ROLE, YEAR, Page
from receipt_nano.render import draw

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((ROOT / "schemas" / "invoice.schema.json").read_text(), parse_float=Decimal)
)
AMOUNTS = ("subtotal", "tax_rate_percent", "tax_amount", "discount", "total_due")
REQUIRED = ("total_due",)


def spelled(page: Page, role: str, item: int = -1, part: int | None = None) -> str:
    """The characters of a value, its lines joined by a space."""
    glyphs = page.glyphs
    found = glyphs[(glyphs["role"] == ROLE[role]) & (glyphs["item"] == item)]
    if part is not None:
        found = found[found["part"] == part]
    lines = itertools.groupby(found, key=lambda glyph: glyph["line"])
    return " ".join("".join(chr(g["char"]) for g in line) for _, line in lines)


def reads_as(printed: str, value: float, most_places: int = 3) -> bool:
    """Whether the digits are those of the value, with the decimal sign where it belongs."""
    digits = "".join(c for c in printed if c.isdigit())
    assert set(printed) <= set("0123456789.,-"), printed
    return any(
        round(int(digits) / 10**places, 3) == round(abs(value), 3)
        for places in range(min(most_places + 1, len(digits)))
    )


def check(page: Page) -> None:
    """Everything that is to hold for a page."""
    truth, glyphs = page.truth, page.glyphs
    whole = {**truth, "taxes": [], "prepaid": 0, "rounding": 0}
    SCHEMA.validate(json.loads(json.dumps(whole), parse_float=Decimal))
    check_geometry(page)
    for name in ("vendor_name", "invoice_number"):
        assert spelled(page, name) == (truth[name] or ""), name
    for name in ("invoice_date", "due_date"):
        check_date(page, name)
    for name in AMOUNTS:
        printed = spelled(page, name)
        if printed:
            assert reads_as(printed, truth[name]), (name, printed, truth[name])
        else:
            assert name not in REQUIRED and (name == "subtotal" or truth[name] == 0), name
    for number, item in enumerate(truth["items"]):
        assert spelled(page, "description", number) == item["description"]
        details = [spelled(page, "details", number, part) for part in (1, 2)]
        assert [d for d in details if d] == item["details"]
        for role, key in (
            ("quantity", "quantity"),
            ("unit_price", "unit_price"),
            ("item_total", "total"),
        ):
            printed = spelled(page, role, number)
            assert not printed or reads_as(printed, item[key]), (role, printed, item)
        assert spelled(page, "quantity", number) or item["quantity"] == 1
    assert set(np.unique(glyphs["item"])) <= set(range(-1, len(truth["items"])))
    check_sums(truth)


def check_date(page: Page, name: str) -> None:
    date = page.truth[name]
    parts = {part: spelled(page, name, part=part) for part in (YEAR, MONTH, DAY)}
    if date is None:
        assert not any(parts.values())
        return
    year, month, day = date.split("-")
    assert parts[YEAR] in (year, year[2:]) and int(parts[DAY]) == int(day)
    assert not parts[MONTH].isdigit() or int(parts[MONTH]) == int(month)
    assert parts[MONTH]


def check_sums(truth: dict) -> None:
    subtotal = sum(item["total"] for item in truth["items"])
    assert abs(subtotal - truth["subtotal"]) < 0.006
    low = subtotal - truth["discount"]
    rounding = 50 if truth["items"][0]["currency"] == "IDR" else 0.03
    gaps = abs(low - truth["total_due"]), abs(low + truth["tax_amount"] - truth["total_due"])
    assert min(gaps) <= rounding + 0.006, truth


def check_geometry(page: Page) -> None:
    height, width = page.image.shape
    glyphs = page.glyphs
    assert 200 <= width <= 700 and height >= 200 and width * height <= 432_000
    assert (glyphs["x0"] >= -0.5).all() and (glyphs["x1"] <= width + 0.5).all()
    assert (glyphs["y0"] >= -4).all() and (glyphs["y1"] <= height + 4).all()
    assert (np.diff(glyphs["line"]) >= 0).all()
    same = np.diff(glyphs["line"]) == 0
    gaps = glyphs["x0"][1:] - glyphs["x1"][:-1]
    bad = np.flatnonzero(same & (gaps < -0.75))
    text = "".join(map(chr, glyphs["char"]))
    assert not len(bad), [text[max(0, at - 20) : at + 20] for at in bad]


@pytest.mark.parametrize("split,fonts", [("train", "train"), ("eval", "held_out")])
def test_pages(split: str, fonts: str) -> None:
    for seed in range(150):
        check(draw(random.Random(f"{split} {seed}"), split, fonts))


def test_a_seed_gives_the_same_page() -> None:
    one, two = (draw(random.Random(7), "train") for _ in range(2))
    assert (one.image == two.image).all() and one.truth == two.truth
    assert (one.glyphs == two.glyphs).all()


def test_columns_are_kept() -> None:
    page = draw(random.Random(1), "train", columns=(30, 30))
    assert page.image.shape[1] <= 700


def test_words_are_split() -> None:
    kept = [word for word in NAME_WORDS if words.held_out(word)]
    assert 0.1 < len(kept) / len(NAME_WORDS) < 0.3
    rng = random.Random(3)
    train = {words.invented(rng, "train") for _ in range(300)}
    assert not any(words.held_out(word) for word in train)


def test_words_to_train_with_are_in_no_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(split: str) -> list[tuple[str, str]]:
        return [words.good(random.Random(seed), split, "market", "id") for seed in range(100)]

    before = {split: drawn(split) for split in ("train", "eval")}
    none = {shop: tuple({} for _ in groups) for shop, groups in words.MORE.items()}
    monkeypatch.setattr(words, "MORE", none)
    assert drawn("eval") == before["eval"]
    assert drawn("train") != before["train"]


def test_balances_are_those_before_and_after_the_fare() -> None:
    balances = 0
    for seed in range(200):
        receipt = make_receipt(random.Random(seed), "train", "slip", single=True)
        values = [value.chars for _, value in beside(receipt)]
        amounts = [Decimal("".join(c for c in v if c.isdigit())) for v in values[-2:]]
        if receipt.shop == "transport" and len(values) >= 3:
            balances += 1
            due = receipt.money.amount(receipt.total).chars
            paid = Decimal("".join(c for c in due if c.isdigit()))
            assert amounts[0] - amounts[1] == paid, values
    assert balances > 5


def test_fixtures_are_not_drawn() -> None:
    fixtures = [json.loads(p.read_text()) for p in (ROOT / "tests" / "fixtures").glob("*.json")]
    names = {f["vendor_name"] for f in fixtures}
    goods = {item["description"] for f in fixtures for item in f["items"]}
    wider = [name for groups in WIDER.values() for group in groups for name in group.values()]
    assert not {g.lower() for g in goods} & {word.lower() for some in wider for word in some}
    for seed in range(100):
        truth = draw(random.Random(seed), "train").truth
        assert truth["vendor_name"] is None or truth["vendor_name"] not in names
        assert not goods & {item["description"] for item in truth["items"]}
