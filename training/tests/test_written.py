"""The text of a page is laid out as the gateway does, and its tokens lead to what they are of."""

import random

import numpy as np
import pytest

from receipt_nano import render
from receipt_nano.batches import NULLABLE, OPENING, example, stated, texts, unseen
from receipt_nano.page import GLYPH, ROLE
from receipt_nano.targets import TOKENIZER
from receipt_nano.written import NOWHERE, lay_out, misread, seen


def line(text: str, x: float, y: float, number: int) -> list[tuple]:
    """The glyphs of a text, each a pixel column of 10 wide and 20 high."""
    return [
        (ord(c), 10 * (x + i), 20 * y, 10 * (x + i + 1), 20 * y + 20, 0, -1, 0, number)
        for i, c in enumerate(text)
    ]


def test_columns_stand_below_one_another() -> None:
    # As the test of the same name in src/page/layout.rs, whose boxes are closer to the print.
    rows = [*line("Coffee black", 2, 1, 0), *line("2.50", 22, 1, 0)]
    rows += [*line("Sandwich", 2, 2.2, 1), *line("16.50", 21, 2.2, 1)]
    rows += [*line("Total", 2, 4.4, 2), *line("19.00", 21, 4.4, 2)]
    assert lay_out(np.array(rows, GLYPH)).text == (
        "Coffee black        2.50\nSandwich           16.50\n\nTotal              19.00"
    )
    assert lay_out(np.empty(0, GLYPH)).text == ""


@pytest.mark.parametrize("seed", range(20))
def test_characters_are_those_of_their_glyphs(seed: int) -> None:
    rng = random.Random(seed)
    page = render.compose_text(rng, "train")
    written = lay_out(page.glyphs)
    assert len(written.text) == len(written.source)
    printed = [(c, s) for c, s in zip(written.text, written.source, strict=True) if s != NOWHERE]
    assert all(chr(page.glyphs["char"][s]) == c for c, s in printed)
    assert len(printed) == np.count_nonzero(page.glyphs["char"] != ord(" "))
    assert all(c in " \n" for c, s in zip(written.text, written.source, strict=True) if s < 0)


def test_as_much_is_misread_as_is_said() -> None:
    page = render.compose_text(random.Random(3), "train")
    glyphs = np.concatenate([page.glyphs] * 20)
    found, kept = misread(random.Random(0), glyphs, 0.1)
    other = found["char"] != glyphs["char"][kept]
    figure = (glyphs["char"] >= ord("0")) & (glyphs["char"] <= ord("9"))
    wrong = len(glyphs) - len(kept) + np.count_nonzero(other & ~figure[kept])
    assert 0.07 < wrong / np.count_nonzero(~figure) < 0.13
    assert 0.01 < np.count_nonzero(other & figure[kept]) / np.count_nonzero(figure) < 0.05


@pytest.mark.parametrize("seed", range(20))
def test_an_example_copies_from_the_text(seed: int) -> None:
    rng = random.Random(seed)
    page = render.compose_text(rng, "train")
    text = seen(random.Random(seed), page.glyphs, 0.0)
    assert len(text.text) == len(text.source)
    one = example(rng, page, 10_000, 0.0)
    assert len({len(array) for array in vars(one).values()}) == 1
    begin = int(np.flatnonzero(one.weight)[0])
    answer = TOKENIZER.decode(one.wanted[begin:].tolist())
    assert answer.startswith(('{"vendor_name":', '{"merchant":'))
    read = np.flatnonzero(one.guide >= 0)
    assert len(read) > 10
    same = [
        TOKENIZER.decode([int(one.wanted[at])]) == TOKENIZER.decode([int(one.after[one.guide[at]])])
        for at in read
    ]
    # Months that are printed as words, signs of currencies and points apart.
    assert np.mean(same) > 0.75
    # What is copied stands before the answer.
    assert one.guide.max() < begin


@pytest.mark.parametrize("name", NULLABLE)
def test_what_is_not_seen_is_null(name: str) -> None:
    rng = random.Random(7)
    pages = [render.compose_text(rng, "train") for _ in range(40)]
    pages = [page for page in pages if ROLE[name] in page.glyphs["role"]]
    assert pages
    for page in pages:
        printed = set(page.glyphs["role"].tolist())
        assert stated(page, lay_out(page.glyphs), printed).truth == page.truth
        shown = unseen(page, name)
        truth = stated(shown, lay_out(shown.glyphs), printed).truth
        assert truth[name] is None
        assert truth["items"] == page.truth["items"]


def test_batches_hold_every_example() -> None:
    rng = random.Random(1)
    made = [example(rng, render.compose_text(rng, "train"), 10_000) for _ in range(30)]
    batches = texts(rng, made, 6000)
    assert sum(len(batch.after) for batch in batches) == 30
    for batch in batches:
        assert batch.after.numel() <= 6000 or len(batch.after) == 1
        assert batch.after.shape == batch.wanted.shape == batch.guide.shape == batch.meant.shape
    assert TOKENIZER.decode(OPENING, skip_special_tokens=False) == "<|im_start|>user\n"
