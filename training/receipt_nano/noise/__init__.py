"""Makes clean pages look scanned or photographed, and cuts and pads pages.

Everything random is drawn from the `random.Random` that is passed in, so a seed gives the same
page always. Pictures are uint8 grey, 0 black, unless said otherwise.
"""

import random
from dataclasses import replace

import cv2
import numpy as np

from ..page import Page
from .camera import binarise, blur, contrast, dark_edge, jpeg, resample, speckle
from .fields import add_noise, multiply, text_height
from .geometry import photograph
from .ink import change_weight, weaken, write_over
from .sheet import light_map, paper
from .trimming import trim
from .windows import crop, place

__all__ = ["crop", "degrade", "place", "trim"]

cv2.setNumThreads(1)

CLEAN = 0.25  # share of pages at level 1 that get next to nothing
HARMS = ("weak", "blur", "resample", "contrast", "binary", "noise")
HARM_WEIGHTS = (5, 4, 3, 3, 4, 4)


def draw_harms(rng: random.Random, level: float) -> set[str]:
    """One to three harms at level 1, fewer below; full stops would not survive some together."""
    count = rng.choice((1, 1, 2, 2, 3))
    drawn = rng.choices(HARMS, HARM_WEIGHTS, k=count)
    harms = {harm for harm in drawn if rng.random() < level}
    return harms - {"blur", "resample"} if "binary" in harms else harms


def nearly_clean(rng: random.Random, page: Page) -> Page:
    """The page with a touch of grey, noise or compression at most."""
    image = page.image
    if rng.random() < 0.3:
        image = cv2.convertScaleAbs(image, alpha=rng.uniform(0.9, 1))
    if rng.random() < 0.3:
        image = add_noise(rng, image, rng.uniform(0.5, 3))
    if rng.random() < 0.5:
        image = jpeg(image, rng.randint(75, 95))
    return replace(page, image=image.copy(), glyphs=page.glyphs.copy())


def degrade(rng: random.Random, page: Page, level: float = 1.0) -> Page:
    """The page as a scanner or a camera sees it, its glyph boxes moved with the pixels.

    level  1 for rendered pages; less makes effects rarer and weaker; 0 leaves the page nearly clean
    """
    if rng.random() >= (1 - CLEAN) * min(1.0, 2 * level):
        return nearly_clean(rng, page)
    harms, small = draw_harms(rng, level), text_height(page)
    floor = 1 - level * rng.uniform(0.3, 0.65) if "weak" in harms else 1.0
    image = page.image
    if rng.random() < 0.35 * level:
        thin = small >= 18 and not harms & {"binary", "weak"}
        most = 0.4 * level if "binary" in harms and small < 24 else level
        image = change_weight(rng, image, small, most, thin)
    if "weak" in harms:
        image = weaken(rng, image, floor, small >= 16 and "binary" not in harms)
    if rng.random() < 0.1 * level:
        image = write_over(rng, image)
    if rng.random() < 0.6 * level:
        image = paper(rng, image, level)
    page = replace(page, image=image)
    if rng.random() < 0.8 * level:
        page = photograph(rng, page, level)
    image = expose(rng, page, harms, small, floor, level)
    return replace(page, image=image, glyphs=page.glyphs.copy())


def expose(
    rng: random.Random, page: Page, harms: set[str], small: float, floor: float, level: float
) -> np.ndarray:
    """What light, lens, sensor and coding do to the picture."""
    image = page.image
    if rng.random() < 0.4 * level:
        image = multiply(image, light_map(rng, *image.shape, rng.uniform(0.05, 0.5) * level))
    if "blur" in harms:
        image = blur(rng, image, small, level)
    if "resample" in harms:
        image = resample(rng, image, small, level)
    if "binary" in harms:
        image = binarise(rng, image, small, floor)
    if "contrast" in harms:
        image = contrast(rng, image, level)
    if rng.random() < 0.1 * level:
        image = dark_edge(rng, page, image)
    if "noise" in harms:
        image = add_noise(rng, image, rng.uniform(2, 13) * level)
    if rng.random() < 0.15 * level:
        image = speckle(rng, image)
    if rng.random() < 0.6:
        image = jpeg(image, rng.randint(25 if "noise" not in harms else 45, 90))
    return image.copy() if image is page.image else image
