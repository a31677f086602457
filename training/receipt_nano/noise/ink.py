"""What happens to the print: weight, fading, what is written over it."""

import random

import cv2
import numpy as np

from .fields import field, multiply


def fade_map(rng: random.Random, height: int, width: int, floor: float) -> np.ndarray:
    """What is left of the ink, `floor` to 1, in patches, bands or columns; float32."""
    kind = rng.choice(("patches", "bands", "columns", "side"))
    if kind == "patches":
        shape = 0.8 + 0.5 * field(rng, height, width, rng.uniform(60, 250))
    elif kind == "bands":
        shape = 0.8 + 0.6 * field(rng, height, 1, rng.uniform(15, 80))
    elif kind == "columns":
        shape = 0.8 + 0.6 * field(rng, 1, width, rng.uniform(15, 80))
    else:
        ramp = np.linspace(rng.uniform(-0.2, 0.4), 1.2, width, dtype=np.float32)
        shape = ramp[None, :: rng.choice((-1, 1))]
    strength = floor + (1 - floor) * shape.clip(0, 1)
    return np.ascontiguousarray(np.broadcast_to(strength, (height, width)), np.float32)


def drop_dots(rng: random.Random, ink: np.ndarray) -> None:
    """Rows or columns, one pixel wide, that the print head left out; in place."""
    height, width = ink.shape
    if rng.random() < 0.5:
        for _ in range(rng.randint(1, 3)):
            ink[:, rng.randrange(width)] //= rng.choice((2, 4, 8))
    else:
        step = rng.uniform(6, 40)
        rows = np.arange(rng.uniform(0, step), height, step).astype(int)
        ink[rows] //= 2


def change_weight(
    rng: random.Random, image: np.ndarray, small: float, level: float, thin: bool
) -> np.ndarray:
    """Ink that spreads (bold) or, if `thin` allows it, that is thin, by a fraction of a pixel."""
    kernel = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    if not thin or rng.random() < 0.6:
        amount = min(1.0, small / 24) * rng.uniform(0.2, 0.9) * level
        other = cv2.erode(image, kernel)
    else:
        amount = min(1.0, small / 24) * rng.uniform(0.15, 0.5) * level
        other = cv2.dilate(image, kernel)
    return cv2.addWeighted(image, 1 - amount, other, amount, 0)


def weaken(rng: random.Random, image: np.ndarray, floor: float, dots: bool) -> np.ndarray:
    """Faded print that keeps at least the share `floor` of its darkness; `dots` may be missing."""
    ink = 255 - image
    overall = rng.uniform(max(floor, 0.5), 1.0)
    if rng.random() < 0.75:
        ink = multiply(ink, overall * fade_map(rng, *image.shape, floor / overall))
    else:
        ink = cv2.convertScaleAbs(ink, alpha=max(floor, overall - 0.2))
    if dots and rng.random() < 0.35:
        drop_dots(rng, ink)
    return 255 - ink


def scribble(rng: random.Random, height: int, width: int) -> np.ndarray:
    """Points of one pen stroke, (n, 1, 2) int32 with 4 fractional bits."""
    count = rng.randint(8, 20)
    size = rng.uniform(0.03, 0.1) * width
    steps = [(rng.gauss(0.5, 0.7) * size, rng.gauss(0, 1) * size) for _ in range(count)]
    points = np.cumsum(steps, axis=0) * 0.6
    points += rng.uniform(0, 0.7 * width), rng.uniform(0, height)
    t, fine = np.arange(count), np.linspace(0, count - 1, count * 6)
    smooth = np.stack([np.interp(fine, t, points[:, i]) for i in (0, 1)], axis=1)
    smooth = cv2.blur(smooth.astype(np.float32), (1, 7), borderType=cv2.BORDER_REPLICATE)
    return (smooth[:, None] * 16).astype(np.int32)


def write_over(rng: random.Random, image: np.ndarray) -> np.ndarray:
    """Handwriting or a stamp, light enough to read the print under it."""
    height, width = image.shape
    layer = np.zeros_like(image)
    if rng.random() < 0.6:
        for _ in range(rng.randint(1, 3)):
            stroke = scribble(rng, height, width)
            cv2.polylines(layer, [stroke], False, 255, rng.choice((1, 1, 2)), cv2.LINE_AA, 4)
    else:
        stamp(rng, layer)
    strength = rng.uniform(0.25, 0.6)
    return cv2.subtract(image, cv2.convertScaleAbs(layer, alpha=strength))


def stamp(rng: random.Random, layer: np.ndarray) -> None:
    """A rubber stamp: one word in a ring or frame, askew; in place."""
    height, width = layer.shape
    radius = max(8, round(rng.uniform(0.08, 0.18) * width))
    centre = rng.randrange(width), rng.randrange(height)
    angle, thick = rng.uniform(-40, 40), rng.choice((1, 2))
    squeeze = rng.uniform(0.4, 1)
    if rng.random() < 0.5:
        axes = radius, max(4, round(radius * squeeze))
        cv2.ellipse(layer, centre, axes, angle, 0, 360, 255, thick, cv2.LINE_AA)
    else:
        corners = cv2.boxPoints((centre, (2 * radius, radius * squeeze), angle))
        cv2.polylines(layer, [corners.astype(np.int32)], True, 255, thick, cv2.LINE_AA)
    word = np.zeros_like(layer)
    origin = centre[0] - round(0.8 * radius), centre[1] + round(0.15 * radius)
    text = rng.choice(("PAID", "LUNAS", "COPY", "OK", "RECEIVED"))
    size = radius / (11 * len(text))
    cv2.putText(word, text, origin, cv2.FONT_HERSHEY_DUPLEX, size, 255, thick, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D(centre, -angle, 1)
    np.maximum(layer, cv2.warpAffine(word, turn, (width, height)), out=layer)
