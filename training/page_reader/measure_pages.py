"""How well whole pages are read: what `receipt-gateway text --json` finds, against labels.

python -m page_reader.measure_pages PROGRAM --sroie SROIE [--split held_out] [--count 60]

The words that the program finds are given to the labelled boxes that they lie in. Told are the
character error of the labelled lines, case folded, the characters that are found beside them, and
on how many scans the labelled total stands among the words, and the date, as it is labelled and as
one of the days that a date on the page may mean. One process reads all scans: the time of the first
has the start in it, and the median has not.
"""

import argparse
import json
import re
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from receipt_nano import sroie

from . import data, measure

AMOUNT = re.compile(r"\d[\d,]*\.\d\d(?!\d)")
JOINED = re.compile(r"((?:19|20)\d\d)(?=\d\d?:\d\d)")  # a year to which a time is joined
INSIDE = 0.25  # least part of a word's box that lies in its label's


@dataclass
class Tally:
    """What is counted over all scans: characters, and scans."""

    wrong: int = 0
    length: int = 0
    beside: int = 0
    totals: int = 0
    labelled_dates: int = 0
    dates: int = 0


def folded(text: str) -> str:
    return "".join(text.split()).upper()


def read(program: str, images: list[Path]) -> tuple[list[list[dict]], list[float]]:
    """The lines of each image, with boxes as parts of the page, and the seconds that each took."""
    command = [*program.split(), "text", "--json", *map(str, images)]
    records, times, started = [], [], time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        for record in running.stdout:
            records.append(record)
            times.append(time.monotonic() - started)
            started += times[-1]
    if running.returncode != 0:
        raise subprocess.CalledProcessError(running.returncode, command)
    found = [json.loads(record)["pages"] for record in records]
    return [[line for page in pages for line in page["lines"]] for pages in found], times


def at(word: dict, size: tuple[int, int]) -> tuple[float, float, float, float]:
    x, y, width, height = word["box"]
    return x * size[0], y * size[1], (x + width) * size[0], (y + height) * size[1]


def overlap(one: tuple, other: tuple) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(across, 0) * max(down, 0)


def days(text: str) -> set[str]:
    """The days that the dates in a text may mean, as YYYY-MM-DD: day and month may change places
    where both are numbers and the year comes last. Blanks may stand within a date, or be left out
    before a time."""
    found = set()
    apart = [JOINED.sub(r"\1 ", way) for way in (text, "".join(text.split()))]
    for day, match in sroie.dates(apart[0]) + sroie.dates(apart[1]):
        found.add(day)
        year, month, first = day.split("-")
        if match["m"].isdigit() and match.start("y") > match.start("m") and int(first) <= 12:
            found.add(f"{year}-{first}-{month}")
    return found


def score(tally: Tally, lines: list[dict], folder: Path, name: str) -> list[tuple[str, str]]:
    """Counts what is right of a scan; the labels that are not, and what was read."""
    words = [word for line in lines for word in line["words"]]
    size = data.size(folder / "img" / f"{name}.jpg")
    labels = data.labelled(folder / "box" / f"{name}.csv")
    given: list[list] = [[] for _ in labels]
    for word in words:
        box = at(word, size)
        shares = [overlap(box, label) for _, label in labels]
        best = max(range(len(labels)), key=shares.__getitem__)
        if shares[best] > INSIDE * (box[2] - box[0]) * (box[3] - box[1]):
            given[best].append((box[0], word["text"]))
        else:
            tally.beside += len(folded(word["text"]))
    differ = []
    for (text, _), found in zip(labels, given, strict=True):
        truth, seen = folded(text), folded("".join(word for _, word in sorted(found)))
        errors = measure.distance(truth, seen)
        tally.wrong += errors
        tally.length += len(truth)
        if errors:
            differ.append((truth, seen))
    key = json.loads((folder / "key" / f"{name}.json").read_text())
    text = " ".join(word["text"] for word in words)
    total = key["total"].replace(",", "").lstrip("RM$ ")
    tally.totals += total in {found.replace(",", "") for found in AMOUNT.findall(text)}
    tally.labelled_dates += folded(key["date"]) in folded(text)
    printed = {day for line in lines for day in days(line["text"])}
    tally.dates += sroie.normalise_date(key["date"]) in printed
    return differ


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the reading of whole scans.")
    parser.add_argument("program", help="the gateway, with the arguments before `text`")
    parser.add_argument("--sroie", type=Path, required=True)
    parser.add_argument("--split", default="held_out", choices=("train", "held_out"))
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--show", type=int, default=0, help="lines to print that are read wrong")
    options = parser.parse_args()
    part = "train" if options.split == "train" else "validation"
    names = sroie.scans(options.sroie, part)[: options.count]
    images = [options.sroie / "img" / f"{name}.jpg" for name in names]
    pages, times = read(options.program, images)
    tally, differ = Tally(), []
    for name, lines in zip(names, pages, strict=True):
        differ += score(tally, lines, options.sroie, name)
    for truth, seen in differ[: options.show]:
        print(f"  {truth}\n  {seen}")
    print(
        f"{len(names)} scans: character error {tally.wrong / tally.length:.4f}, beside labels "
        f"{tally.beside / tally.length:.4f}, total found {tally.totals}, date found {tally.dates} "
        f"(as labelled {tally.labelled_dates}), median time {statistics.median(times):.2f} s "
        f"(first {times[0]:.2f} s)"
    )


if __name__ == "__main__":
    main()
