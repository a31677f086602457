"""Lines cut out of pages: a picture of each, and its text.

A line here is a segment: what stands on one line of print without a wide gap.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from receipt_nano.page import Page
from receipt_nano.segments import ABOVE, BELOW, parts, spaced

HEIGHT = 45  # pixels of a stored picture, of which the line itself takes about 32
MARGIN = 0.2  # of the line's height, above and below
TALL = 1.7  # height of a segment at most, for that of its glyphs: more is a slope
LONGEST = 120  # characters


@dataclass
class Segment:
    """A box (x0, y0, x1, y1) in pixels of the page, its text, and whether its case is known.

    centres   columns of the page in which the characters' middles stand, where they are known
    """

    box: tuple[float, float, float, float]
    text: str
    is_cased: bool = True
    centres: list[float] | None = None


@dataclass
class Line:
    """A stored line: HEIGHT rows, the classes of its text, and whether their case is known.

    centres   where the characters stand, as parts of the picture's width, where it is known
    """

    image: np.ndarray
    classes: list[int]
    is_cased: bool
    centres: np.ndarray | None = None


def segments(page: Page) -> list[Segment]:
    """The segments of a page in reading order."""
    found: list[Segment] = []
    for part in (page.glyphs[members] for members in parts(page.glyphs)):
        marks = part[part["char"] != ord(" ")]
        height = float(np.median(marks["y1"] - marks["y0"]))
        x0, y0 = float(marks["x0"].min()), float(marks["y0"].min())
        x1, y1 = float(marks["x1"].max()), float(marks["y1"].max())
        box = (x0, y0 + ABOVE * height, x1, y1 - BELOW * height)
        text, centres, _ = spaced(part)
        if y1 - y0 <= TALL * height and len(text) <= LONGEST:
            found.append(Segment(box, text, page.kind != "scan", centres))
    return found


def across(box: tuple[float, float, float, float]) -> tuple[int, int]:
    """The first column of a box with its margin, and the one after its last."""
    x0, y0, x1, y1 = box
    margin = (y1 - y0) * MARGIN
    return int(np.floor(x0 - margin)), int(np.ceil(x1 + margin))


def cut(image: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """The picture of a box with its margin, HEIGHT pixels high."""
    _, y0, _, y1 = box
    margin = (y1 - y0) * MARGIN
    left, right = across(box)
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
