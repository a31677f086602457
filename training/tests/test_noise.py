"""The degraded pages are reproducible and keep their glyphs inside; trim keeps what is printed."""

import random

import cv2
import numpy as np
import pytest

from receipt_nano.noise import crop, degrade, place, trim
from receipt_nano.page import GLYPH, Page

LINES = ("TOKO REJEKI", "Beras 5kg     74.500", "Diskon        -5.000", "TOTAL       198.800")


def receipt(height: int = 300, width: int = 260) -> Page:
    """A white page with four lines of print in cells of 10 x 18 pixels."""
    image = np.full((height, width), 250, np.uint8)
    rows = []
    for line, text in enumerate(LINES):
        for column, char in enumerate(text):
            x, y = 20 + 10 * column, 24 + 40 * line
            cv2.putText(image, char, (x, y + 14), cv2.FONT_HERSHEY_PLAIN, 0.9, 20, 1, cv2.LINE_AA)
            rows.append((ord(char), x, y, x + 10, y + 18, 0, -1, 0, line))
    return Page(image, np.array(rows, GLYPH), {"total_due": 198.8}, "test")


def assert_inside(page: Page) -> None:
    height, width = page.image.shape
    glyphs = page.glyphs
    assert (glyphs["x0"] >= 0).all() and (glyphs["x1"] <= width).all()
    assert (glyphs["y0"] >= 0).all() and (glyphs["y1"] <= height).all()
    assert (glyphs["x0"] < glyphs["x1"]).all() and (glyphs["y0"] < glyphs["y1"]).all()


@pytest.mark.parametrize("level", [0.0, 0.4, 1.0])
def test_degrade_is_reproducible_and_keeps_its_input(level: float) -> None:
    page = receipt()
    before = page.image.copy(), page.glyphs.copy()
    for seed in range(20):
        one, two = (degrade(random.Random(seed), page, level) for _ in range(2))
        assert np.array_equal(one.image, two.image)
        assert np.array_equal(one.glyphs, two.glyphs)
        assert not np.shares_memory(one.image, page.image)
    assert np.array_equal(page.image, before[0])
    assert np.array_equal(page.glyphs, before[1])


def test_degrade_keeps_every_glyph_inside() -> None:
    page = receipt()
    for seed in range(120):
        seen = degrade(random.Random(seed), page)
        assert seen.image.dtype == np.uint8 and seen.image.ndim == 2
        assert np.array_equal(seen.glyphs["char"], page.glyphs["char"])
        assert (seen.truth, seen.kind) == (page.truth, page.kind)
        assert_inside(seen)


def test_degrade_moves_glyphs_with_their_ink() -> None:
    """Each glyph of a row of black squares still has its square at its centre."""
    image = np.full((400, 300), 255, np.uint8)
    rows = []
    for line in range(8):
        for column in range(6):
            x, y = 20 + 45 * column, 20 + 45 * line
            image[y + 4 : y + 16, x + 4 : x + 16] = 0
            rows.append((ord("x"), x, y, x + 20, y + 20, 0, -1, 0, line))
    page = Page(image, np.array(rows, GLYPH), {}, "test")
    for seed in range(60):
        seen = degrade(random.Random(seed), page)
        smooth = cv2.blur(seen.image, (3, 3)).astype(int)
        for glyph in seen.glyphs:
            x0, y0, x1, y1 = (round(float(glyph[e])) for e in ("x0", "y0", "x1", "y1"))
            cell = smooth[max(0, y0) : y1, max(0, x0) : x1]
            centre = smooth[(y0 + y1) // 2, (x0 + x1) // 2]
            assert centre < np.percentile(cell, 80)


def test_degrade_takes_a_page_without_glyphs() -> None:
    page = Page(np.full((120, 90), 240, np.uint8), np.zeros(0, GLYPH), {}, "test")
    for seed in range(40):
        assert len(degrade(random.Random(seed), page).glyphs) == 0


@pytest.mark.parametrize("size", [(64, 96), (400, 64), (512, 512)])
def test_crop_has_the_size_and_only_glyphs_inside(size: tuple[int, int]) -> None:
    page = receipt()
    for seed in range(30):
        cut = crop(random.Random(seed), page, *size, fill=7)
        x = (cut.glyphs["x0"] + cut.glyphs["x1"]) / 2
        y = (cut.glyphs["y0"] + cut.glyphs["y1"]) / 2
        assert cut.image.shape == size
        assert ((x >= 0) & (x < size[1]) & (y >= 0) & (y < size[0])).all()
    assert len(cut.glyphs) == len(page.glyphs) or size != (512, 512)
    assert (cut.image == 7).any() == (size[0] > 300 or size[1] > 260)


@pytest.mark.parametrize("size", [(300, 260), (300, 300), (320, 260), (320, 288)])
def test_place_moves_the_page_unchanged(size: tuple[int, int]) -> None:
    page = receipt()
    for seed in range(20):
        placed = place(random.Random(seed), page, *size)
        x = round(float(placed.glyphs["x0"][0] - page.glyphs["x0"][0]))
        y = round(float(placed.glyphs["y0"][0] - page.glyphs["y0"][0]))
        assert placed.image.shape == size
        assert np.array_equal(placed.image[y : y + 300, x : x + 260], page.image)
        assert_inside(placed)


def test_trim_cuts_white_margins_and_ignores_specks() -> None:
    image = np.full((1600, 1131), 254, np.uint8)
    image[500:800, 400:700] = receipt().image.repeat(2, 0).repeat(2, 1)[:300, :300]
    image[1400:1403, 1000:1003] = 0
    image[:, 1129:] = 0
    y0, x0, y1, x1 = trim(image)
    assert 400 < y0 < 550 and 350 < x0 < 450
    assert 700 < y1 < 850 and 600 < x1 < 750


def test_trim_leaves_uneven_and_blank_pictures_whole() -> None:
    uneven = np.tile(np.linspace(60, 250, 300).astype(np.uint8), (400, 1))
    assert trim(uneven) == (0, 0, 400, 300)
    assert trim(np.full((400, 300), 255, np.uint8)) == (0, 0, 400, 300)
    assert trim(np.full((3, 3), 255, np.uint8)) == (0, 0, 3, 3)
