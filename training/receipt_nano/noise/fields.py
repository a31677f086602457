"""Random fields, and arithmetic on grey pictures."""

import functools
import random

import cv2
import numpy as np

from ..page import Page

TILE = 1024  # edge in pixels of the stored noise


@functools.cache
def noise_tile() -> np.ndarray:
    """Standard normal noise, (2 * TILE, 2 * TILE) float32, with a period of TILE."""
    tile = np.random.default_rng(20240229).standard_normal((TILE, TILE), np.float32)
    return np.tile(tile, (2, 2))


def normal(rng: random.Random, height: int, width: int) -> np.ndarray:
    """Standard normal noise, (height, width) float32; read-only."""
    repeats = -(-height // TILE), -(-width // TILE)
    y, x = rng.randrange(TILE), rng.randrange(TILE)
    if repeats == (1, 1):
        return noise_tile()[y : y + height, x : x + width]
    block = noise_tile()[y : y + TILE, x : x + TILE]
    return np.tile(block, repeats)[:height, :width]


def field(rng: random.Random, height: int, width: int, cell: float) -> np.ndarray:
    """Smooth noise of about unit variance that changes over `cell` pixels; float32."""
    rows, columns = max(2, round(height / cell) + 1), max(2, round(width / cell) + 1)
    coarse = normal(rng, min(rows, height), min(columns, width))
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)


def text_height(page: Page) -> float:
    """Height in pixels of the cells of the page's small print."""
    if not len(page.glyphs):
        return 20.0
    return float(np.percentile(page.glyphs["y1"] - page.glyphs["y0"], 15))


def border_colour(image: np.ndarray) -> int:
    """Median of the outermost pixels."""
    edges = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    return int(np.median(edges))


def add_noise(rng: random.Random, image: np.ndarray, sigma: float) -> np.ndarray:
    """Adds Gaussian noise; sigma in grey levels."""
    noise = normal(rng, *image.shape)
    return cv2.scaleAdd(noise, sigma, image.astype(np.float32)).clip(0, 255).astype(np.uint8)


def multiply(image: np.ndarray, by: np.ndarray) -> np.ndarray:
    """uint8 times float32, saturating."""
    return cv2.multiply(image, by, dtype=cv2.CV_8U)
