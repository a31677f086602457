"""Windows of pages, and pages padded to a size."""

import random
from dataclasses import replace

import numpy as np

from ..page import Page
from .fields import add_noise, border_colour


def shifted(page: Page, image: np.ndarray, x: int, y: int) -> Page:
    """The page with another picture, in which its old origin is at (x, y)."""
    glyphs = page.glyphs.copy()
    for edge, by in (("x0", x), ("x1", x), ("y0", y), ("y1", y)):
        glyphs[edge] += by
    return replace(page, image=image, glyphs=glyphs)


def window(image: np.ndarray, y: int, x: int, height: int, width: int, fill: int) -> np.ndarray:
    """Pixels (height, width) from (y, x), which may be outside; `fill` where there are none."""
    out = np.full((height, width), fill, np.uint8)
    y0, x0 = max(0, y), max(0, x)
    y1, x1 = min(image.shape[0], y + height), min(image.shape[1], x + width)
    out[y0 - y : y1 - y, x0 - x : x1 - x] = image[y0:y1, x0:x1]
    return out


def offset(rng: random.Random, page: int, room: int) -> int:
    """Where a window of `room` pixels starts on a page's edge; negative if it is larger."""
    return rng.randint(min(0, page - room), max(0, page - room))


def crop(rng: random.Random, page: Page, height: int, width: int, fill: int | None = None) -> Page:
    """A random window of (height, width), without the glyphs whose centre is outside.

    fill  grey where the page is smaller than the window; None for the page's border colour
    """
    fill = border_colour(page.image) if fill is None else fill
    y, x = (offset(rng, *pair) for pair in zip(page.image.shape, (height, width), strict=True))
    cut = shifted(page, window(page.image, y, x, height, width, fill), -x, -y)
    cx = (cut.glyphs["x0"] + cut.glyphs["x1"]) / 2
    cy = (cut.glyphs["y0"] + cut.glyphs["y1"]) / 2
    inside = (cx >= 0) & (cx < width) & (cy >= 0) & (cy < height)
    return replace(cut, glyphs=cut.glyphs[inside])


def place(rng: random.Random, page: Page, height: int, width: int) -> Page:
    """The page at a random offset in (height, width), around it its border colour, a bit noisy."""
    y, x = (offset(rng, *pair) for pair in zip(page.image.shape, (height, width), strict=True))
    out = window(page.image, y, x, height, width, border_colour(page.image))
    sigma = rng.choice((0.0, 1.0, 2.5))
    if sigma and out.size > page.image.size:
        out = add_noise(rng, out, sigma)
        out[-y : -y + page.image.shape[0], -x : -x + page.image.shape[1]] = page.image
    return shifted(page, out, -x, -y)
