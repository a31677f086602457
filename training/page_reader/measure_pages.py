"""How well whole pages are read: the texts that `receipt-gateway text --json` finds, against labels.

python -m page_reader.measure_pages PROGRAM --sroie SROIE [--split held_out] [--count 60]

The words that the program finds are given to the labelled boxes that they lie in. Told are the
character error of the labelled lines, case folded, the characters that are found beside them, and
on how many scans the labelled total stands among the words, and the date in any of its forms.
"""

import argparse
import json
import re
import subprocess
import time
from pathlib import Path

from receipt_nano import sroie

from . import data, measure

AMOUNT = re.compile(r"\d[\d,]*\.\d\d(?!\d)")


def folded(text: str) -> str:
    return "".join(text.split()).upper()


def read(program: str, image: Path) -> tuple[list[dict], float]:
    """The words of an image, with boxes as parts of the page, and the time that it took."""
    started = time.monotonic()
    done = subprocess.run(
        [*program.split(), "text", "--json", str(image)], stdout=subprocess.PIPE, check=True
    )
    took = time.monotonic() - started
    pages = json.loads(done.stdout)["pages"]
    return [word for page in pages for line in page["lines"] for word in line["words"]], took


def at(word: dict, size: tuple[int, int]) -> tuple[float, float, float, float]:
    x, y, width, height = word["box"]
    return x * size[0], y * size[1], (x + width) * size[0], (y + height) * size[1]


def overlap(one: tuple, other: tuple) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(across, 0) * max(down, 0)


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
    wrong = length = beside = totals = dates = 0
    times: list[float] = []
    for name in names:
        image = options.sroie / "img" / f"{name}.jpg"
        words, took = read(options.program, image)
        times.append(took)
        size = data.size(image)
        labels = data.labelled(options.sroie / "box" / f"{name}.csv")
        given: list[list] = [[] for _ in labels]
        for word in words:
            box = at(word, size)
            shares = [overlap(box, label) for _, label in labels]
            best = max(range(len(labels)), key=shares.__getitem__)
            if shares[best] > 0.25 * (box[2] - box[0]) * (box[3] - box[1]):
                given[best].append((box[0], word["text"]))
            else:
                beside += len(folded(word["text"]))
        for (text, _), found in zip(labels, given, strict=True):
            truth, seen = folded(text), folded("".join(word for _, word in sorted(found)))
            errors = measure.distance(truth, seen)
            wrong, length = wrong + errors, length + len(truth)
            if errors and options.show > 0:
                options.show -= 1
                print(f"  {truth}\n  {seen}")
        key = json.loads((options.sroie / "key" / f"{name}.json").read_text())
        text = " ".join(word["text"] for word in words)
        total = key["total"].replace(",", "").lstrip("RM$ ")
        totals += total in {found.replace(",", "") for found in AMOUNT.findall(text)}
        dates += folded(key["date"]) in folded(text)
    times.sort()
    print(
        f"{len(names)} scans: character error {wrong / length:.4f}, beside labels "
        f"{beside / length:.4f}, total found {totals / len(names):.3f}, date as labelled "
        f"{dates / len(names):.3f}, median time {times[len(times) // 2]:.2f} s"
    )


if __name__ == "__main__":
    main()
