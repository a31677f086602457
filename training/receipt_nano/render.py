"""Draws clean receipts: the picture, a record of every printed character, and the truth.

python -m receipt_nano.render --seed 0 --count 20 --out FOLDER [--boxes]
"""

import argparse
import json
import random
import re
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from . import fonts as typefaces
from . import marks
from .layouts import Paper, compose
from .layouts.paper import Run
from .page import GLYPH, ROLE, ROLES, Page

WIDEST = 690  # pixels
LARGEST = 425_000  # pixels of a page
SMALL = 215_000  # half the pages have at most so many
SMALLEST_EDGE = 200
LEAST_ADVANCE = 6.5  # pixels of a digit
SAME_LINE = 0.45  # share of the pitch by which baselines of one line differ at most

# What stands for a currency.
SIGNS = {
    "IDR": re.compile(r"(?<![A-Za-z])(?:R[pP]\b\.?|Rp(?=\d)|RP(?=\d)|IDR)"),
    "MYR": re.compile(r"(?<![A-Za-z])(?:RM|MYR)(?![A-Za-z])"),
    "USD": re.compile(r"US\$|USD|\$"),
    "SGD": re.compile(r"S\$|SGD"),
    "EUR": re.compile(r"EUR"),
}

Placed = tuple[int, Run]  # number of the line, run


def draw(
    rng: random.Random, split: str, fonts: str = "train", columns: tuple[int, int] | None = None
) -> Page:
    """A receipt of random layout.

    split    "train" or "eval": which words
    fonts    "train" or "held_out": which typefaces
    columns  characters across at least and at most; None leaves it to the layout
    """
    kind, paper, truth, margins, unit = settle(rng, split, fonts, columns)
    left, top, right, bottom = (m * unit for m in margins)
    width = max(SMALLEST_EDGE, round(paper.columns * unit + left + right))
    height = max(SMALLEST_EDGE, round(paper.y * unit + top + bottom))
    ink = np.zeros((height, width), np.uint8)
    for shape in paper.shapes:
        box = (
            shape.x0 * unit + left,
            shape.y0 * unit + top,
            shape.x1 * unit + left,
            shape.y1 * unit + top,
        )
        marks.shape(rng, ink, shape.kind, box, shape.size * unit)
    glyphs = record(paper, unit, left, top, truth["items"][0]["currency"])
    for _, run in in_lines(paper):
        print_run(paper, ink, run, unit, left, top)
    kept = glyphs[glyphs["role"] > 0]
    marks.decorate(rng, ink, np.stack([kept[e] for e in ("x0", "y0", "x1", "y1")], 1), unit)
    return Page(on_paper(rng, ink), glyphs, truth, kind)


def compose_text(rng: random.Random, split: str) -> Page:
    """A receipt of random layout whose picture is empty, for what reads text alone."""
    kind, paper, truth, (left, top, _, _), unit = settle(rng, split, "train", None)
    code = truth["items"][0]["currency"]
    glyphs = record(paper, unit, left * unit, top * unit, code)
    return Page(np.empty((0, 0), np.uint8), glyphs, truth, kind)


def settle(
    rng: random.Random, split: str, fonts: str, columns: tuple[int, int] | None
) -> tuple[str, Paper, dict, list[float], float]:
    """A layout's name, its full sheet, the truth, the margins, and the pixels of a digit's
    advance, with which the sheet is not too large."""
    while True:
        kind, paper, truth = compose(rng, split, fonts, columns)
        margins = draw_margins(rng, kind)
        unit = choose_unit(rng, paper, margins)
        if unit:
            return kind, paper, truth, margins, unit


def draw_margins(rng: random.Random, kind: str) -> list[float]:
    """Left, top, right and bottom, in characters."""
    least = 1.4 if kind == "bill" else 0.5
    wide = rng.choice((1.5, 2.5, 4))
    return [rng.uniform(least, wide) for _ in range(4)]


def choose_unit(rng: random.Random, paper: Paper, margins: list[float]) -> float:
    """Pixels of a digit's advance; 0 where the sheet is too large."""
    width = paper.columns + margins[0] + margins[2]
    area = width * (paper.y + margins[1] + margins[3])
    wished = rng.triangular(7.5, 15, 9.2)
    if rng.random() < 0.04:
        wished = rng.uniform(14, 19)
    most = min((LARGEST / area) ** 0.5, WIDEST / width)
    if most < LEAST_ADVANCE:
        return 0.0
    if rng.random() < 0.5:
        wished = min(wished, max((SMALL / area) ** 0.5, 7.2))
    unit = max(LEAST_ADVANCE, min(wished, most))
    return int(unit * 8) / 8


def in_lines(paper: Paper) -> list[Placed]:
    """Runs in reading order with the numbers of their lines."""
    placed: list[Placed] = []
    line, start = -1, -1e9
    for run in sorted(paper.runs, key=lambda run: run.y):
        if run.y - start > SAME_LINE * paper.pitch:
            line, start = line + 1, run.y
        placed.append((line, run))
    return sorted(placed, key=lambda each: (each[0], each[1].x))


def record(paper: Paper, unit: float, left: float, top: float, code: str) -> np.ndarray:
    """The record of all printed characters."""
    rows: list[tuple] = []
    for line, run in in_lines(paper):
        face, size = paper.used(run.style), size_of(paper, run, unit)
        ascent, descent = face.height
        y = run.y * unit + top
        cells = zip(run.text.chars, run.text.marks, ends(paper, run, unit, left), strict=True)
        for char, (role, item, part), (x, end) in cells:
            box = (x, y - ascent * size, end, y + descent * size)
            rows.append((ord(char), *box, ROLE[role], item, part, line))
    glyphs = np.array(rows, GLYPH)
    mark_currency(glyphs, code)
    return glyphs


def size_of(paper: Paper, run: Run, unit: float) -> float:
    """Pixels of the advance of a digit of a run, less what is put between characters."""
    return unit * run.style.scale * (1 - paper.spacing)


def between(paper: Paper, run: Run, unit: float) -> float:
    """Pixels that are put between the characters of a run."""
    return unit * run.style.scale * run.style.wide * paper.spacing


def ends(paper: Paper, run: Run, unit: float, left: float) -> list[tuple[float, float]]:
    """Where the cells of a run's characters begin and end, in pixels."""
    face, style = paper.used(run.style), run.style
    bold = style.bold or paper.bold_body
    size, gap = size_of(paper, run, unit) * style.wide, between(paper, run, unit)
    x, found = run.x * unit + left, []
    for char in run.text.chars:
        end = x + face.advance(char, bold) * size + gap
        found.append((x, end))
        x = end
    return found


def print_run(
    paper: Paper, ink: np.ndarray, run: Run, unit: float, left: float, top: float
) -> None:
    style, face = run.style, paper.used(run.style)
    bold = style.bold or paper.bold_body
    size = size_of(paper, run, unit)
    drawn_size, stretch = max(2.0, round(size * 2) / 2), max(0.1, round(style.wide * 20) / 20)
    gap = between(paper, run, unit)
    baseline = round(run.y * unit + top)
    for char, (x, _) in zip(run.text.chars, ends(paper, run, unit, left), strict=True):
        if char == " ":
            continue
        phase = round((x + gap / 2) * 2) / 2
        pen = int(phase)
        mask, dx, dy = typefaces.mask(face, char, bold, drawn_size, stretch, phase - pen)
        column, row = max(0, pen + dx), max(0, baseline + dy)
        part_of_ink = ink[row : row + mask.shape[0], column : column + mask.shape[1]]
        if part_of_ink.shape != mask.shape:
            mask = mask[: part_of_ink.shape[0], : part_of_ink.shape[1]]
        if style.inverse:
            np.minimum(part_of_ink, 255 - mask, out=part_of_ink)
        else:
            np.maximum(part_of_ink, mask, out=part_of_ink)


def mark_currency(glyphs: np.ndarray, code: str) -> None:
    """Leaves the role currency to the first sign that is printed, be it in a label."""
    apart = np.abs(glyphs["x0"][1:] - glyphs["x1"][:-1]) > 0.5
    new_run = np.append(False, apart | (np.diff(glyphs["line"]) > 0))
    text = "".join(
        "\n" * new + chr(c) for new, c in zip(new_run.tolist(), glyphs["char"], strict=True)
    )
    index = np.arange(len(glyphs)).repeat(1 + new_run)
    roles = glyphs["role"]
    signs = roles == ROLE["currency"]
    free = signs | (roles == 0)
    for found in SIGNS[code].finditer(text):
        part = np.unique(index[found.start() : found.end()])
        if free[part].all():
            roles[signs] = 0
            roles[part] = ROLE["currency"]
            return


def on_paper(rng: random.Random, ink: np.ndarray) -> np.ndarray:
    """Ink and paper as grey levels."""
    white = rng.choice((255, 255, rng.randint(238, 254)))
    black = rng.choice((0, rng.randint(0, 40), rng.randint(20, 80)))
    return np.linspace(white, black, 256).round().astype(np.uint8)[ink]


# ------------------------------------------------------------------ command


def with_boxes(page: Page) -> Image.Image:
    """The page with its characters' cells, coloured by role."""
    picture = Image.fromarray(page.image).convert("RGB")
    pen = ImageDraw.Draw(picture)
    for glyph in page.glyphs:
        role = int(glyph["role"])
        hue = f"hsl({role * 360 // len(ROLES)}, 100%, 42%)" if role else "#cccccc"
        pen.rectangle([float(glyph[edge]) for edge in ("x0", "y0", "x1", "y1")], outline=hue)
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(description="Draws receipts and writes their truth beside.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--split", default="train", choices=("train", "eval"))
    parser.add_argument("--fonts", default="train", choices=("train", "held_out"))
    parser.add_argument("--boxes", action="store_true", help="draw the cells of the characters")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for number in range(options.seed, options.seed + options.count):
        page = draw(random.Random(number), options.split, options.fonts)
        picture = with_boxes(page) if options.boxes else Image.fromarray(page.image)
        picture.save(options.out / f"{number:06}.png")
        truth = json.dumps(page.truth, indent=2, ensure_ascii=False)
        (options.out / f"{number:06}.json").write_text(truth + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
