"""Dates and amounts are read as they are printed; cells lie where the characters are."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from receipt_nano import sroie
from receipt_nano.cells import cased, split
from receipt_nano.page import DAY, GLYPH, MONTH, ROLE, YEAR

FONTS = "/usr/share/fonts/truetype/liberation"
SROIE_DIR = os.environ.get("SROIE_DIR", "")


def print_line(text: str, font: str, size: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """A tight picture of a line and the true edges of its cells, (characters + 1,)."""
    path = Path(f"{FONTS}/{font}.ttf")
    if not path.exists():
        pytest.skip(f"{path} is not installed")
    face = ImageFont.truetype(path, size)
    edges = np.array([face.getlength(text[:i]) for i in range(len(text) + 1)])
    image = Image.new("L", (int(edges[-1]) + 2, int(size * 1.2)), 245)
    ImageDraw.Draw(image).text((0, 0), text, fill=30, font=face)
    return np.array(image), edges


def page_of(*texts: str) -> sroie.Sheet:
    """Lines of text without a picture, each character a cell of 10 x 20 pixels."""
    runs = [sroie.Run(0, 30 * i, 10 * len(text), 30 * i + 20, text) for i, text in enumerate(texts)]
    return sroie.lay_out(np.full((30 * len(texts), 400), 255, np.uint8), runs)


def text_of(sheet: sroie.Sheet, role: str) -> str:
    return "".join(map(chr, sheet.glyphs["char"][sheet.glyphs["role"] == ROLE[role]]))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("25/12/2018", "2018-12-25"),
        ("DATE: 03/04/2018 10:50:00", "2018-04-03"),
        ("12-01-19", "2019-01-12"),
        ("05/28/2018", "2018-05-28"),
        ("2018-03-23", "2018-03-23"),
        ("2018/02/22", "2018-02-22"),
        ("5/3/2018", "2018-03-05"),
        ("(06/12/2016)", "2016-12-06"),
        ("11.02.18", "2018-02-11"),
        ("05 MAR 2018 18:24", "2018-03-05"),
        ("24-Mar-2018", "2018-03-24"),
        ("02/JAN/2017", "2017-01-02"),
        ("28 MAR 18", "2018-03-28"),
        ("OCT 3, 2016 12:16:25 PM", "2016-10-03"),
        ("20180304", "2018-03-04"),
        ("25032018", "2018-03-25"),
        ("31/02/2018", None),
        ("TEL 03-87686092", None),
        ("", None),
    ],
)
def test_normalise_date(text: str, day: str | None) -> None:
    assert sroie.normalise_date(text) == day


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("9.00", 9.0),
        ("RM 9.00", 9.0),
        ("RM9.00", 9.0),
        ("$8.20", 8.2),
        ("12,345.60", 12345.6),
        ("-1.73", -1.73),
        ("43.7", 43.7),
        ("40", 40.0),
        ("", None),
        ("RM", None),
        ("TOTAL", None),
    ],
)
def test_normalise_amount(text: str, amount: float | None) -> None:
    assert sroie.normalise_amount(text) == amount


@pytest.mark.parametrize("font", ["LiberationMono-Regular", "LiberationSans-Regular"])
@pytest.mark.parametrize("text", ["TOTAL SALES (INCLUSIVE OF GST)", "DATE: 17/04/2018", "190.80"])
def test_cells_lie_on_their_characters(font: str, text: str) -> None:
    box, edges = print_line(text, font)
    found = split(box, text)
    width = edges[-1] / len(text)
    assert (np.diff(found) > 0).all()
    assert abs(found - edges).mean() < 0.15 * width
    assert abs(found - edges).max() < 0.5 * width


@pytest.mark.parametrize("text", [".", "AB", "A LONGER TEXT"])
def test_a_blank_box_is_divided_all_the_same(text: str) -> None:
    edges = split(np.full((20, 200), 240, np.uint8), text)
    assert len(edges) == len(text) + 1
    assert (np.diff(edges) > 0).all()


@pytest.mark.parametrize("font", ["LiberationMono-Regular", "LiberationSans-Regular"])
@pytest.mark.parametrize(
    "text", ["Received above 12 goods", "TOTAL SALES 12.50", "Cash Inv No. 7010", "RM 5.00"]
)
def test_small_letters_are_told_from_capitals(font: str, text: str) -> None:
    box, edges = print_line(text, font)
    assert cased(box, text.upper(), edges) == text


def test_boxes_beside_each_other_are_a_line_though_it_slopes() -> None:
    corners = [(0, 0), (100, 8), (200, 16), (0, 26), (100, 34), (200, 42)]
    runs = [sroie.Run(x, y, x + 80, y + 20, str(i)) for i, (x, y) in enumerate(corners)]
    lines = sroie.order_lines(runs[::-1])
    assert ["".join(r.text for r in line) for line in lines] == ["012", "345"]


def test_the_parts_of_a_date_are_marked() -> None:
    sheet = page_of("NO 1", "DATE: 17/04/2018 10:50")
    assert sroie.mark_date(sheet, "2018-04-17")
    assert text_of(sheet, "invoice_date") == "17/04/2018"
    for part, text in ((DAY, "17"), (MONTH, "04"), (YEAR, "2018")):
        assert "".join(map(chr, sheet.glyphs["char"][sheet.glyphs["part"] == part])) == text


@pytest.mark.parametrize(
    ("lines", "chosen"),
    [
        (("SUBTOTAL 8.20", "TOTAL 8.20", "CASH 8.20"), 1),
        (("TOTAL 8.20", "ROUNDED TOTAL RM 8.20", "CASH 8.20", "TOTAL 8.20"), 1),
        (("TEA 8.20", "8.20", "CASH 8.20"), 1),
        (("TOTAL QTY 8.20", "NETT TOTAL: $8.20", "CHANGE 8.20"), 1),
    ],
)
def test_the_total_is_where_its_label_is(lines: tuple[str, ...], chosen: int) -> None:
    sheet = page_of(*lines)
    assert sroie.mark_total(sheet, 8.2)
    marked = sheet.glyphs[sheet.glyphs["role"] == ROLE["total_due"]]
    assert set(marked["line"]) == {chosen}
    assert text_of(sheet, "total_due") == "8.20"


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("INVOICE NO : 18291/102/T0163", "18291/102/T0163"),
        ("CASH INV NO.: 7929F714", "7929F714"),
        ("BILL#: V042- 513777", "V042- 513777"),
        ("RECEIPT #: CSP0393921 DATE: 30/03/2018", "CSP0393921"),
        ("INV NO/DATE:K074-001096(06/12/2016)", "K074-001096"),
        ("TAX INVOICE", None),
        ("BILL DATE : 20/11/2017", None),
        ("GST ID. NO : 000181747712", None),
    ],
)
def test_the_number_of_the_invoice(line: str, number: str | None) -> None:
    sheet = page_of("SHOP", line)
    assert sroie.mark_number(sheet) == number
    assert text_of(sheet, "invoice_number") == (number or "")


def test_a_name_on_two_lines_is_marked() -> None:
    sheet = page_of("PASARAYA BORONG PINTAR", "SDN BHD", "NO 19")
    assert sroie.mark_vendor(sheet, "PASARAYA BORONG PINTAR SDN BHD") == (
        "PASARAYA BORONG PINTAR SDN BHD"
    )
    assert text_of(sheet, "vendor_name") == "PASARAYA BORONG PINTARSDN BHD"


def test_a_name_takes_the_case_of_the_print() -> None:
    assert sroie.in_case_of("OWNER BY CASTLE S/B", "DwnerbyCastleSB") == "Owner by Castle S/B"
    assert sroie.in_case_of("A & B", "ab3") == "A & B"


@pytest.mark.skipif(not Path(SROIE_DIR, "key").is_dir() or not SROIE_DIR, reason="no scans")
def test_the_scans() -> None:
    folder = Path(SROIE_DIR)
    train, validation = sroie.scans(folder, "train"), sroie.scans(folder, "validation")
    assert not set(train) & set(validation)
    assert len(validation) == sroie.VALIDATION
    for name in validation[:5]:
        page = sroie.load(folder, name)
        glyphs = page.glyphs
        assert glyphs.dtype == GLYPH
        assert (glyphs["x0"] < glyphs["x1"]).all() and (glyphs["y0"] < glyphs["y1"]).all()
        assert (np.diff(glyphs["line"]) >= 0).all()
        assert ROLE["vendor_name"] in glyphs["role"]
