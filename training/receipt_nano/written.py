"""The text of a page, laid out as the gateway writes it for a model (src/page/layout.rs), and what
a page reader gets wrong in it."""

import random
import re
from dataclasses import dataclass

import numpy as np

from .segments import ABOVE, BELOW, GAP, parts, spaced

MIN_BLANKS = 2  # between two segments of a row
MAX_BLANK_ROWS = 2  # between two rows
MAX_COLUMNS = 240
NOWHERE = -1  # the glyph of a blank

# What a character is taken for, the likeliest first; of any other, one of ANY.
TAKEN_FOR = {
    "0": "O8", "1": "lI7", "2": "Z7", "3": "8", "4": "A", "5": "S6", "6": "8G", "7": "1",
    "8": "3B6", "9": "8g", "O": "0Q", "I": "l1", "l": "1I", "i": "l1", "S": "5", "Z": "2",
    "B": "8", "G": "6C", "C": "GO", "D": "O0", "E": "F", "F": "E", "H": "N", "M": "N", "N": "M",
    "U": "V", "V": "U", "a": "o", "c": "e", "e": "c", "g": "q", "h": "n", "m": "n", "n": "m",
    "o": "0", "r": "t", "t": "r", "u": "v", "v": "u", ".": ",", ",": ".", ":": ".;", ";": ":",
    "-": ".~", "/": "1I", "(": "C", ")": "J", "'": "\"", "*": "+", "&": "8",
}  # fmt: skip
ANY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-/"
FIGURE_SHARE = 0.25  # how often a figure is misread, to how often another character is
LOST_SHARE, LIKELY_SHARE = 0.12, 0.7  # of what is misread: lost, taken for what is like it
MISREAD, MOST_MISREAD = (-4.3, 0.9), 0.2  # share of the characters: logarithm's mean and deviation
GAPS = 1.1, 2.0  # widest gap within a segment
NOISE_SHARE, LOST_ROWS = 0.4, 0.1  # rows of noise and rows lost, to characters misread
RULE = re.compile(r"[-=_*.~ ]{6,}")  # a row that only divides
LOST_RULES, CUT_RULES = 0.5, 0.25
DIVIDED_SHARE = 0.04  # of the pages are divided into two


@dataclass
class Written:
    """A text, and for each of its characters the glyph that it is read from, or NOWHERE."""

    text: str
    source: np.ndarray


def lay_out(glyphs: np.ndarray, gap: float = GAP) -> Written:
    """The text of glyphs in rows, with blanks as wide as what is bare between its segments."""
    rows: dict[int, list[tuple[np.ndarray, str, list[int]]]] = {}
    boxes = []
    for members in parts(glyphs, gap):
        part = glyphs[members]
        text, _, places = spaced(part)
        height = float(np.median(part["y1"] - part["y0"]))
        box = (part["x0"][0], part["y0"].min() + ABOVE * height)
        box += (part["x1"][-1], part["y1"].max() - BELOW * height)
        source = [NOWHERE if p < 0 else int(members[p]) for p in places]
        boxes.append((*map(float, box), len(text)))
        rows.setdefault(int(part["line"][0]), []).append((boxes[-1], text, source))
    if not boxes:
        return Written("", np.empty(0, np.int32))
    sizes = np.array(boxes)
    margin = sizes[:, 0].min()
    across = (sizes[:, 2].max() - margin) / MAX_COLUMNS
    width = max(float(np.median((sizes[:, 2] - sizes[:, 0]) / sizes[:, 4])), across)
    height = float(np.median(sizes[:, 3] - sizes[:, 1]))
    out: list[str] = []
    sources: list[int] = []

    def put(text: str, source: list[int] | None = None) -> None:
        out.append(text)
        sources.extend(source or [NOWHERE] * len(text))

    bottom = None
    for row in rows.values():
        if bottom is not None:
            bare = (min(box[1] for box, _, _ in row) - bottom) / max(height, 1e-6)
            put("\n" * min(int(max(bare - 0.5, 0)), MAX_BLANK_ROWS))
        bottom = max(box[3] for box, _, _ in row)
        column = 0
        for box, text, source in row:
            start = min(round((box[0] - margin) / max(width, 1e-6)), MAX_COLUMNS)
            blanks = max(start - column, MIN_BLANKS if column else 0)
            put(" " * blanks)
            put(text, source)
            column += blanks + len(text)
        put("\n")
    text = "".join(out)
    first, last = len(text) - len(text.lstrip("\n")), len(text.rstrip())
    return Written(text[first:last], np.array(sources[first:last], np.int32))


def misread(rng: random.Random, glyphs: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """The glyphs as a page reader takes them, and their indices: a share `rate` of the characters
    is taken for others or lost, fewer of the figures; spaces are only lost."""
    chars = glyphs["char"].copy()
    draws = np.random.default_rng(rng.getrandbits(32)).random(len(glyphs))
    figure = (chars >= ord("0")) & (chars <= ord("9"))
    lost = np.zeros(len(glyphs), bool)
    for at in np.flatnonzero(draws < np.where(figure, rate * FIGURE_SHARE, rate)):
        char = chr(chars[at])
        if char == " " or (not figure[at] and rng.random() < LOST_SHARE):
            lost[at] = True
            continue
        taken = TAKEN_FOR.get(char)
        chars[at] = ord(rng.choice(taken if taken and rng.random() < LIKELY_SHARE else ANY))
    kept = np.flatnonzero(~lost)
    out = glyphs[kept].copy()
    out["char"] = chars[kept]
    return out, kept


def seen(rng: random.Random, glyphs: np.ndarray, share: float = 1.0) -> Written:
    """The text of a page as a page reader may find it: characters misread, lines lost, and what is
    no text taken for some. With `share` there is that much of it."""
    rate = share * min(MOST_MISREAD, rng.lognormvariate(*MISREAD))
    glyphs, kept = misread(rng, glyphs, rate)
    written = lay_out(glyphs, rng.uniform(*GAPS))
    places = np.append(kept, NOWHERE)[written.source]
    rows, sources, at = [], [], 0
    for row in written.text.split("\n"):
        source = [*places[at : at + len(row)], NOWHERE]
        at += len(row) + 1
        if rng.random() < rate * NOISE_SHARE:
            noise = " " * rng.randrange(30) + "".join(rng.choices(ANY, k=rng.randint(1, 8)))
            rows.append(noise)
            sources.append([NOWHERE] * (len(noise) + 1))
        if row and RULE.fullmatch(row):
            row = rule(rng, row)
            source = [NOWHERE] * (len(row) + 1)
        elif row and rng.random() < rate * LOST_ROWS:
            continue
        rows.append(row)
        sources.append(source)
    if len(rows) > 4 and rng.random() < DIVIDED_SHARE:
        cut = rng.randrange(2, len(rows) - 1)
        for at, heading in ((cut, "\n\nPage 2 of 2"), (0, "Page 1 of 2")):
            rows.insert(at, heading)
            sources.insert(at, [NOWHERE] * (len(heading) + 1))
    together = [place for source in sources for place in source]
    return Written("\n".join(rows), np.array(together[:-1], np.int32))


def without(glyphs: np.ndarray, role: int) -> np.ndarray:
    """The indices of the glyphs that are left where a page reader does not see the lines with a
    role."""
    lines = np.unique(glyphs["line"][glyphs["role"] == role])
    return np.flatnonzero(~np.isin(glyphs["line"], lines))


def rule(rng: random.Random, row: str) -> str:
    """A row that only divides, as a page reader may find it: whole, in part, or not at all."""
    draw = rng.random()
    if draw < LOST_RULES:
        return ""
    if draw < LOST_RULES + CUT_RULES:
        start, end = sorted(rng.sample(range(len(row) + 1), 2))
        return " " * start + row[start:end]
    return row
