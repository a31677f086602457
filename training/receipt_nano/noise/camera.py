"""What a camera or scanner makes of it."""

import math
import random

import cv2
import numpy as np

from ..page import Page
from .fields import normal
from .geometry import extent

SMALLEST_TEXT = 11.0  # height in pixels of a glyph cell that down-sampling leaves at least


def blur(rng: random.Random, image: np.ndarray, small: float, level: float) -> np.ndarray:
    """Gaussian, motion or defocus blur as strong as the small print bears."""
    kind = rng.choice(("gauss", "gauss", "motion", "defocus"))
    most = min(1.7, 0.06 * small) * level
    if kind == "gauss":
        return cv2.GaussianBlur(image, (5, 5), max(0.3, rng.uniform(0.4, 1) * most))
    if kind == "motion":
        kernel = line_kernel(rng.uniform(0, math.pi), rng.uniform(1, 3.2) * most)
    else:
        kernel = disc_kernel(max(0.0, rng.uniform(0.8, 1.8) * most))
    return cv2.filter2D(image, -1, kernel)


def line_kernel(angle: float, length: float) -> np.ndarray:
    """A line through the centre of a 9 x 9 kernel; length in pixels."""
    kernel = np.zeros((9, 9), np.float32)
    along = np.linspace(-length / 2, length / 2, 33)
    x, y = 4 + along * math.cos(angle), 4 + along * math.sin(angle)
    np.add.at(kernel, (y.round().astype(int).clip(0, 8), x.round().astype(int).clip(0, 8)), 1)
    return kernel / kernel.sum()


def disc_kernel(radius: float) -> np.ndarray:
    """A disc with soft edges in a 7 x 7 kernel; radius in pixels."""
    y, x = np.mgrid[-3:4, -3:4]
    kernel = (radius + 0.5 - np.hypot(x, y)).clip(0, 1).astype(np.float32)
    return kernel / kernel.sum()


def resample(rng: random.Random, image: np.ndarray, small: float, level: float) -> np.ndarray:
    """Down-sampling and up-sampling to the old size."""
    lowest = max(min(1.0, SMALLEST_TEXT / small), 0.55)
    scale = 1 - level * (1 - rng.uniform(lowest, 1.0))
    height, width = image.shape
    size = max(1, round(width * scale)), max(1, round(height * scale))
    down = rng.choice((cv2.INTER_AREA, cv2.INTER_LINEAR))
    up = rng.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC))
    coarse = cv2.resize(image, size, interpolation=down)
    return cv2.resize(coarse, (width, height), interpolation=up)


def contrast(rng: random.Random, image: np.ndarray, level: float) -> np.ndarray:
    """Lower contrast with black lifted, white lowered and some gamma."""
    black = rng.uniform(0, 90) * level
    white = 255 - rng.uniform(0, 50) * level
    gamma = math.exp(rng.uniform(-0.35, 0.35) * level)
    steps = black + (white - black) * (np.arange(256) / 255) ** gamma
    return cv2.LUT(image, steps.round().astype(np.uint8))


def binarise(rng: random.Random, image: np.ndarray, small: float, weakest: float) -> np.ndarray:
    """Pure black on white with ragged edges, as low-cost scanners make it.

    weakest  share of its darkness that the weakest print has kept
    """
    height, width = image.shape
    twice = small < 22 or rng.random() < 0.3
    if twice:
        image = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    ground = cv2.resize(image, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    ground = cv2.blur(cv2.dilate(ground, np.ones((5, 5), np.uint8)), (5, 5))
    ground = cv2.resize(ground, image.shape[::-1])
    share = 1 - rng.uniform(0.25, 0.5 if small >= 20 else 0.38) * weakest
    ragged = rng.uniform(2, 14) * weakest
    limit = cv2.scaleAdd(normal(rng, *image.shape), ragged, ground.astype(np.float32) * share)
    black = cv2.compare(image.astype(np.float32), limit, cv2.CMP_GE)
    if twice:
        black = cv2.resize(black, (width, height), interpolation=cv2.INTER_AREA)
    return black


def speckle(rng: random.Random, image: np.ndarray) -> np.ndarray:
    """Salt and pepper, and some larger specks of dust."""
    image = image.copy()
    height, width = image.shape
    draws = np.random.default_rng(rng.getrandbits(64))
    count = int(image.size * 10 ** rng.uniform(-4.5, -2.7))
    y, x = draws.integers(height, size=count), draws.integers(width, size=count)
    image[y, x] = draws.choice(np.array([0, 40, 90, 255], np.uint8), count)
    for _ in range(rng.randint(0, 12)):
        centre = rng.randrange(width), rng.randrange(height)
        cv2.circle(image, centre, rng.choice((1, 1, 1, 2)), rng.randrange(120), -1, cv2.LINE_AA)
    return image


def dark_edge(rng: random.Random, page: Page, image: np.ndarray) -> np.ndarray:
    """A dark wedge along an edge or a corner where the paper ends, clear of all glyphs."""
    if not len(page.glyphs):
        return image
    height, width = image.shape
    x0, y0, x1, y1 = extent(page.glyphs)
    side = rng.choice(("top", "bottom", "left", "right"))
    room = {"top": y0, "bottom": height - y1, "left": x0, "right": width - x1}[side] - 2
    if room < 3:
        return image
    flat = side in ("top", "bottom")
    along = width if flat else height
    count = rng.randint(2, 12)
    at = np.linspace(0, along, count)
    lean = np.linspace(rng.random(), rng.random(), count)
    depth = (lean + [rng.uniform(-0.1, 0.1) for _ in at]).clip(0, 1) * min(room, 0.05 * along)
    if side in ("bottom", "right"):
        depth = (height if flat else width) - 1 - depth
    outer = 0 if side in ("top", "left") else (height if flat else width)
    points = np.stack([np.r_[0, at, along], np.r_[outer, depth, outer]], axis=1)
    points = points if flat else points[:, ::-1]
    image = image.copy()
    cv2.fillPoly(image, [np.ascontiguousarray(points).round().astype(np.int32)], rng.randrange(50))
    return image


def jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
