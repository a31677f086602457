"""Segments: what stands on one line of print without a wide gap."""

import numpy as np

GAP = 1.6  # widest gap within a segment, in heights of its line
SMALLEST = 5  # pixels of a glyph's cell
WIDE = 0.5  # least gap that is a space without one, in heights
# Parts of a glyph's cell that a box leaves out: above capitals, below tails.
ABOVE, BELOW = 0.14, 0.1


def parts(glyphs: np.ndarray, gap: float = GAP) -> list[np.ndarray]:
    """The indices of the glyphs of each segment of a page in reading order, without those too
    small to read. A segment ends where a gap is wider than `gap` heights of the line."""
    found = []
    for line in np.unique(glyphs["line"]):
        members = np.flatnonzero(glyphs["line"] == line)
        row = glyphs[members]
        height = float(np.median(row["y1"] - row["y0"]))
        printed = np.flatnonzero(row["char"] != ord(" "))
        if len(printed) == 0 or height < SMALLEST:
            continue
        wide = row["x0"][printed[1:]] - row["x1"][printed[:-1]] > gap * height
        ends = np.append(np.flatnonzero(wide), len(printed) - 1)
        start = 0
        for end in ends:
            found.append(members[printed[start] : printed[end] + 1])
            start = end + 1
    return found


def spaced(part: np.ndarray) -> tuple[str, list[float], list[int]]:
    """The text of glyphs, with one space for each gap that is as wide as one; the middle of each
    character, and its place among the glyphs, -1 for a space."""
    text, centres, places, end, gap = "", [], [], None, False
    chars, left, right = (part[name].tolist() for name in ("char", "x0", "x1"))
    heights = (part["y1"] - part["y0"]).tolist()
    for place, char in enumerate(chars):
        if char == ord(" "):
            gap = end is not None
            continue
        if gap or (end is not None and left[place] - end > WIDE * heights[place]):
            text += " "
            centres.append((left[place] + end) / 2)
            places.append(-1)
        text += chr(char)
        centres.append((left[place] + right[place]) / 2)
        places.append(place)
        end, gap = right[place], False
    return text, centres, places
