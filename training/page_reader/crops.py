"""Lines cut out of pages: a picture of each, and its text.

A line here is a segment: what stands on one line of print without a gap wider than GAP.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from receipt_nano.page import Page

HEIGHT = 40  # pixels of a stored picture, of which the line itself takes about 32
MARGIN = 0.125  # of the line's height, above and below
GAP = 1.6  # widest gap within a segment, in heights of its line
TALL = 1.7  # height of a segment at most, for that of its glyphs: more is a slope
LONGEST = 120  # characters


@dataclass
class Segment:
    """A box (x0, y0, x1, y1) in pixels of the page, its text, and whether its case is known."""

    box: tuple[float, float, float, float]
    text: str
    is_cased: bool = True


@dataclass
class Line:
    """A stored line: HEIGHT rows, the classes of its text, and whether their case is known."""

    image: np.ndarray
    classes: list[int]
    is_cased: bool


def segments(page: Page) -> list[Segment]:
    """The segments of a page in reading order."""
    found: list[Segment] = []
    glyphs = page.glyphs
    for line in np.unique(glyphs["line"]):
        row = glyphs[glyphs["line"] == line]
        heights = row["y1"] - row["y0"]
        height = float(np.median(heights))
        printed = np.flatnonzero(row["char"] != ord(" "))
        if len(printed) == 0 or height < 5:
            continue
        start = printed[0]
        for before, after in zip(printed, [*printed[1:], None], strict=True):
            if after is not None and row["x0"][after] - row["x1"][before] <= GAP * height:
                continue
            part = row[start : before + 1]
            text = " ".join("".join(map(chr, part["char"])).split())
            marks = part[part["char"] != ord(" ")]
            box = (
                float(marks["x0"].min()),
                float(marks["y0"].min()),
                float(marks["x1"].max()),
                float(marks["y1"].max()),
            )
            if box[3] - box[1] <= TALL * height and len(text) <= LONGEST:
                found.append(Segment(box, spaced(part), page.kind != "scan"))
            start = after
    return found


def spaced(part: np.ndarray) -> str:
    """The text of glyphs, with one space for each gap that is as wide as one."""
    text = ""
    for number, glyph in enumerate(part):
        character = chr(glyph["char"])
        if number:
            gap = glyph["x0"] - part["x1"][number - 1]
            if gap > 0.5 * (part["y1"][number - 1] - part["y0"][number - 1]):
                text += " "
        text += character
    return " ".join(text.split())


def cut(image: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """The picture of a box with its margin, HEIGHT pixels high."""
    x0, y0, x1, y1 = box
    margin = (y1 - y0) * MARGIN
    left, right = int(np.floor(x0 - margin)), int(np.ceil(x1 + margin))
    top, bottom = int(np.floor(y0 - margin)), int(np.ceil(y1 + margin))
    height, width = image.shape
    inside = image[max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
    if inside.size == 0:
        return np.full((HEIGHT, HEIGHT), 255, np.uint8)
    padded = cv2.copyMakeBorder(
        inside,
        max(0, -top),
        max(0, bottom - height),
        max(0, -left),
        max(0, right - width),
        cv2.BORDER_REPLICATE,
    )
    scale = HEIGHT / padded.shape[0]
    size = (max(8, round(padded.shape[1] * scale)), HEIGHT)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(padded, size, interpolation=how)
