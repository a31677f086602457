"""What is read of a page is compared with its labels, and its dates are read as days."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from page_reader.measure_pages import Tally, days, read, score

LABELS = (("ACME SDN BHD", 10, 40), ("TOTAL 12.50", 60, 90), ("03/04/2018", 110, 140))


@pytest.fixture
def sroie(tmp_path: Path) -> Path:
    """A folder with one labelled scan."""
    for name in ("img", "box", "key"):
        (tmp_path / name).mkdir()
    Image.fromarray(np.full((200, 400), 255, np.uint8)).save(tmp_path / "img/one.jpg")
    rows = [f"20,{top},380,{top},380,{low},20,{low},{text}" for text, top, low in LABELS]
    (tmp_path / "box/one.csv").write_text("\n".join(rows))
    key = {"company": "ACME SDN BHD", "date": "03/04/2018", "address": "", "total": "RM12.50"}
    (tmp_path / "key/one.json").write_text(json.dumps(key))
    return tmp_path


def line(text: str, top: int, low: int) -> dict:
    """A line of the gateway's answer, as wide as its label."""
    box = [0.05, top / 200, 0.9, (low - top) / 200]
    return {"text": text, "words": [{"text": text, "box": box}]}


def test_words_are_given_to_the_labels_that_they_lie_in(sroie: Path) -> None:
    tally = Tally()
    lines = [line(text, top, low) for text, top, low in LABELS]
    assert score(tally, lines, sroie, "one") == []
    assert (tally.wrong, tally.beside, tally.totals, tally.dates) == (0, 0, 1, 1)
    wrong = [line("ACNE SDN BHD", 10, 40), line("T0TAL 12.60", 60, 90), line("...", 160, 190)]
    differ = score(Tally(), wrong, sroie, "one")
    assert ("ACMESDNBHD", "ACNESDNBHD") in differ and ("03/04/2018", "") in differ
    tally = Tally()
    score(tally, wrong, sroie, "one")
    assert (tally.wrong, tally.beside, tally.totals, tally.dates) == (13, 3, 0, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Date: 03/04/2018 10:15", {"2018-04-03", "2018-03-04"}),
        ("25 - 12 - 17", {"2017-12-25"}),
        ("25/12/201715:57:07", {"2017-12-25"}),
        ("2018-03-04", {"2018-03-04"}),
        ("3 APR 2018", {"2018-04-03"}),
        ("Tel 03-4567 8901", set()),
    ],
)
def test_a_date_means_each_day_that_it_may(text: str, expected: set[str]) -> None:
    assert days(text) == expected


def test_one_process_reads_all_images(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import json, sys\n"
        "assert sys.argv[1:3] == ['text', '--json']\n"
        "for file in sys.argv[3:]:\n"
        "    pages = [{'lines': [{'text': file}]}]\n"
        "    print(json.dumps({'file': file, 'pages': pages}), flush=True)\n"
    )
    pages, times = read(f"{sys.executable} {program}", [Path("a.jpg"), Path("b.jpg")])
    assert pages == [[{"text": "a.jpg"}], [{"text": "b.jpg"}]]
    assert len(times) == 2 and min(times) >= 0
