"""Boxes of print: their reading order, a cell for each character, small letters and capitals.

The picture of a box is a uint8 array (height, width), grey, 0 black. Where the cells lie is found
by dynamic programming: a cell is about as wide as its character is in a typeface, there is little
ink where two cells meet, none in a space, and some in everything else.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

# Advances of the characters from space to tilde, in thousandths of an em (Liberation Sans, Serif).
SANS = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 "
    "556 556 556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 "
    "500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 "
    "556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 "
    "278 556 500 722 500 500 500 334 260 334 584"
)
SERIF = (
    "250 333 408 500 500 833 778 180 333 333 500 564 250 333 250 278 500 500 500 500 500 "
    "500 500 500 500 500 278 278 564 564 564 444 921 722 667 667 722 611 556 722 722 333 "
    "389 722 611 889 722 722 556 722 667 556 611 722 722 944 722 722 611 333 278 333 469 "
    "500 333 444 500 444 500 444 333 500 500 278 278 500 278 778 500 500 500 500 333 389 "
    "278 500 500 722 500 500 444 480 200 480 541"
)
ADVANCES = {
    "mono": np.full(95, 600.0),
    "sans": np.array(SANS.split(), float),
    "serif": np.array(SERIF.split(), float),
}
THIN = frozenset(".,:;'!|`")  # leave a third of a monospaced cell blank on each side
SLIM = frozenset('1I-*"()[]/')  # a fifth

UNITS = 10  # columns of the resampled profile for an average character
NARROWEST, WIDEST = 0.55, 1.6  # width of a cell for its expected one
WIDEST_SPACE = 3.0
STIFF, STIFF_SPACE = 8.0, 0.7  # costs of a cell's relative deviation, squared
MEETING, IN_SPACE, EMPTY = 1.0, 1.5, 2.0  # costs of ink where cells meet, in a space, of none
FAINT = 0.25  # share of the average ink of a cell below which it counts as empty

LOW_TOPS = frozenset("ACEGMNOPQRSUVWXYZ")  # capitals whose small letters begin lower
DOTTED = frozenset("IJ")  # and these, but for their dots
RIGHT_OPEN, LEFT_OPEN = frozenset("BHK"), frozenset("D")  # whose small letters have one stem on top
LOW = 0.84  # height of a small letter at most, for that of a capital
WORD = re.compile(r"[A-Z]+(?![A-Z0-9])")  # the letters before a figure are those of a code
BROKEN = 0.07  # blank rows that a letter's body may have, as a share of the box's
NARROW_TOP = 0.6  # width of the top of a small t at most, for that of all of it
OPEN = 0.3  # ink on the open side of a stem at most, for that on its own side


@dataclass
class Run:
    """A box of print: its corners in pixels, its text in capitals, its line on the page, where its
    glyphs begin in the page's array, and its text in the case of the print, if that is known."""

    x0: int
    y0: int
    x1: int
    y1: int
    text: str
    line: int = 0
    first: int = 0
    printed: str | None = None

    @property
    def height(self) -> int:
        return self.y1 - self.y0


class Fit(NamedTuple):
    """cost per character, edges of the cells (characters + 1,) in columns of the profile"""

    cost: float
    edges: np.ndarray


# ---------------------------------------------------------------- boxes


def upright(width: int, height: int, text: str) -> bool:
    """Whether a box is too narrow for its text to be set from left to right."""
    return width < 0.2 * height * len(text)


def gap(run: Run, other: Run) -> int:
    """Columns between two boxes, negative where they overlap."""
    return max(run.x0, other.x0) - min(run.x1, other.x1)


def overlap(run: Run, other: Run) -> float:
    """Rows that two boxes share, as a share of the lower one."""
    shared = min(run.y1, other.y1) - max(run.y0, other.y0)
    return shared / min(run.height, other.height)


def order_lines(runs: list[Run]) -> list[list[Run]]:
    """Boxes that stand beside each other, from top to bottom, each line from left to right. A
    box is compared with its neighbour on the line, so that a line may slope."""
    lines: list[list[Run]] = []
    for run in sorted(runs, key=lambda r: r.y0 + r.y1):
        best, most = None, 0.5
        for line in lines[-6:]:
            near = min(line, key=lambda r: gap(run, r))
            share = overlap(run, near)
            if share > most and gap(run, near) > -0.3 * min(run.x1 - run.x0, near.x1 - near.x0):
                best, most = line, share
        if best is None:
            lines.append([run])
        else:
            best.append(run)
    return [sorted(line, key=lambda r: r.x0) for line in lines]


# ---------------------------------------------------------------- cells


def ink(box: np.ndarray) -> np.ndarray:
    """Which pixels of a box are print, bool of its shape."""
    paper, black = np.percentile(box, (85, 2))
    if paper - black < 24:
        return np.zeros(box.shape, bool)
    return box < paper - 0.45 * (paper - black)


def extent(profile: np.ndarray) -> tuple[int, int]:
    """First column with ink and the one after the last; the whole profile where there is none."""
    columns = np.flatnonzero(profile > 0)
    return (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, len(profile))


def column_profile(marks: np.ndarray) -> np.ndarray:
    """Ink of each column, as a share of the height; the outer rows, where neighbouring lines
    intrude, are left out."""
    margin = len(marks) // 8
    return marks[margin : len(marks) - margin].mean(0)


def bearing(character: str, face: str) -> float:
    """Blank part of a cell on one side of its character, as a share of the cell."""
    if face != "mono":
        return 0.08
    return 0.35 if character in THIN else 0.22 if character in SLIM else 0.1


def widths(text: str, face: str) -> np.ndarray:
    """Advances of the characters, relative to each other."""
    return ADVANCES[face][[ord(c) - 32 for c in text]]


def mixed(text: str) -> str:
    """The text with words in lower case but for their first letters."""
    return "".join(c.lower() if i and text[i - 1].isalpha() else c for i, c in enumerate(text))


def span(text: str, face: str, left: float, right: float) -> tuple[float, np.ndarray]:
    """Where the first cell starts, and the widths of the cells, when ink spans left..right."""
    relative = widths(text, face)
    before = bearing(text[0], face) * relative[0]
    after = bearing(text[-1], face) * relative[-1]
    scale = (right - left) / (relative.sum() - before - after)
    return left - before * scale, relative * scale


def rigid(text: str, face: str, left: float, right: float) -> np.ndarray:
    """Edges of cells that are exactly as wide as the face has it."""
    start, steps = span(text, face, left, right)
    return start + np.concatenate(([0.0], np.cumsum(steps)))


def resample(profile: np.ndarray, columns: int) -> np.ndarray:
    """The profile in another number of columns, its mean kept."""
    total = np.concatenate(([0.0], np.cumsum(profile)))
    at = np.linspace(0, len(profile), columns + 1)
    return np.diff(np.interp(at, np.arange(len(total)), total)) * columns / len(profile)


def before(values: np.ndarray, steps: np.ndarray, outside: float) -> np.ndarray:
    """For each of the values those `steps` (falling by 1) before it, (values, steps)."""
    padded = np.concatenate((np.full(steps[0], outside), values))
    return padded.take(np.arange(len(values))[:, None] + np.arange(len(steps)))


def elastic(profile: np.ndarray, text: str, expected: np.ndarray) -> Fit:
    """The cheapest division of a profile (average 1) into cells of about the expected widths."""
    length = len(profile)
    total = np.concatenate(([0.0], np.cumsum(profile)))
    meeting = np.zeros(length + 1)
    meeting[1:-1] = MEETING * np.minimum(profile[1:], profile[:-1])
    cost = np.full(length + 1, np.inf)
    cost[0] = 0.0
    choices = np.zeros((len(text), length + 1), int)
    columns = np.arange(length + 1)
    for i, (character, width) in enumerate(zip(text, expected, strict=True)):
        space = character == " "
        narrow = max(1, int(width * NARROWEST))
        wide = max(narrow + 2, round(width * (WIDEST_SPACE if space else WIDEST)) + 1)
        steps = np.arange(wide, narrow - 1, -1)
        inside = total[:, None] - before(total, steps, 0.0)
        bending = (STIFF_SPACE if space else STIFF) * ((steps - width) / width) ** 2
        if space:
            filling = inside * (IN_SPACE / width)
        else:
            filling = np.maximum(EMPTY - inside * (EMPTY / (FAINT * width)), 0.0)
        options = before(cost, steps, np.inf) + bending + filling
        best = options.argmin(1)
        choices[i] = steps[best]
        cost = options[columns, best] + meeting
    edges = [length]
    for step in choices[::-1]:
        edges.append(edges[-1] - step[edges[-1]])
    return Fit(float(cost[-1]) / len(text), np.array(edges[::-1], float))


def fit(profile: np.ndarray, text: str, shape: str, face: str) -> Fit:
    """Cells for the text when it is set in a face; `shape` is the text in the case tried."""
    left, right = extent(profile)
    start, steps = span(shape, face, left, right)
    stop = start + steps.sum()
    low, high = int(np.floor(start)), int(np.ceil(stop))
    padded = np.pad(profile, (max(-low, 0), max(high - len(profile), 0)))
    window = padded[low + max(-low, 0) : high + max(-low, 0)]
    columns = UNITS * len(text)
    scale = columns / len(window)
    coarse = resample(window, columns)
    cost, edges = elastic(coarse / max(coarse.mean(), 1e-6), text, steps * scale)
    return Fit(cost, low + edges / scale)


def split(box: np.ndarray, text: str) -> np.ndarray:
    """Edges of the cells of the text, (characters + 1,) float, in pixels from the box's left."""
    profile = column_profile(ink(box))
    left, right = extent(profile)
    if right - left < 2 * len(text) or right - left < 0.4 * len(profile):
        return rigid(text, "mono", 0, box.shape[1])
    if len(text) == 1:
        return rigid(text, "sans", left, right)
    tries = [("mono", text), ("sans", text), ("serif", text)]
    lower = mixed(text)
    if lower != text:
        tries += [("sans", lower), ("serif", lower)]
    fits = [fit(profile, text, shape, face) for face, shape in tries]
    best = min((f for f in fits if np.isfinite(f.cost)), key=lambda f: f.cost, default=None)
    return best.edges if best else rigid(text, "mono", left, right)


# ---------------------------------------------------------------- small letters


def body(cell: np.ndarray) -> tuple[int, int] | None:
    """First row of a character's body and the one after its last: the stretch of rows with most
    ink. What reaches in from other lines is left out, and so are the dots of letters."""
    rows = cell.sum(1)
    inked = np.flatnonzero(rows)
    if not len(inked):
        return None
    breaks = np.flatnonzero(np.diff(inked) > 1 + BROKEN * len(cell))
    starts = inked[np.concatenate(([0], breaks + 1))]
    stops = inked[np.concatenate((breaks, [-1]))] + 1
    return max(
        ((int(a), int(b)) for a, b in zip(starts, stops, strict=True)),
        key=lambda stretch: rows[slice(*stretch)].sum(),
    )


def relative_heights(cells: list[np.ndarray], text: str) -> np.ndarray:
    """Heights of the characters above the base line, for that of a capital or figure of the same
    line; nan for what is neither letter nor figure."""
    found = [(i, body(cells[i])) for i, character in enumerate(text) if character.isalnum()]
    places = np.array([(i, *rows) for i, rows in found if rows], float).reshape(-1, 3)
    heights = np.full(len(text), np.nan)
    if not len(places):
        return heights
    at, tops, bottoms = places.T
    slope, level = 0.0, float(np.median(bottoms))
    for _ in range(2 if len(at) > 7 else 0):
        near = abs(bottoms - level - slope * at) < 0.15 * len(cells[0])
        if near.sum() > 7:
            slope, level = np.polyfit(at[near], bottoms[near], 1)
    above = level + slope * at - tops
    heights[at.astype(int)] = above / max(float(np.percentile(above, 95)), 1.0)
    return heights


def begins_small(letter: str, cell: np.ndarray, height: float) -> bool:
    """Whether the first letter of a word in small letters is small itself."""
    rows = body(cell)
    if letter in LOW_TOPS | DOTTED or rows is None:
        return height < LOW
    top = cell[rows[0] : rows[0] + max((rows[1] - rows[0]) // 4, 1)]
    columns = np.flatnonzero(cell[slice(*rows)].any(0))
    middle = (int(columns[0]) + int(columns[-1]) + 1) // 2
    left, right = int(top[:, :middle].sum()), int(top[:, middle:].sum())
    if letter == "T":
        return int(top.any(0).sum()) < NARROW_TOP * len(columns)
    return (letter in RIGHT_OPEN and right < OPEN * left) or (
        letter in LEFT_OPEN and left < OPEN * right
    )


def cased(box: np.ndarray, text: str, edges: np.ndarray) -> str:
    """The text, which is in capitals, with small letters where the print has them. Letters that
    look the same but for their height decide for the others of their word, or of the box."""
    marks = ink(box)
    at = np.round(edges).astype(int).clip(0, box.shape[1])
    cells = [marks[:, a:b] for a, b in pairwise(at)]
    heights = relative_heights(cells, text)
    telling = np.array([c in LOW_TOPS for c in text]) & ~np.isnan(heights)
    inner = np.array([i > 0 and text[i - 1].isalpha() for i in range(len(text))], bool)
    usual = bool((telling & inner).any()) and np.median(heights[telling & inner]) < LOW
    result = list(text)
    for word in WORD.finditer(text):
        first, stop = word.span()
        alone = stop - first == 1
        rest = slice(first if alone else first + 1, stop)
        seen = heights[rest][telling[rest]]
        begins_low = telling[first] and heights[first] < LOW
        if np.median(seen) < LOW if len(seen) else usual and (stop - first > 2 or begins_low):
            result[rest] = text[rest].lower()
            if not alone and begins_small(text[first], cells[first], heights[first]):
                result[first] = text[first].lower()
    return "".join(result)
