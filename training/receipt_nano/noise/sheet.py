"""What happens to the paper: light, folds, stains, texture."""

import math
import random

import cv2
import numpy as np

from .fields import field, multiply


def light_map(rng: random.Random, height: int, width: int, depth: float) -> np.ndarray:
    """Uneven light: a slope, a smooth field or a lamp, 1 - depth to 1; float32."""
    rows, columns = max(2, height // 16), max(2, width // 16)
    y, x = np.mgrid[0 : 1 : rows * 1j, 0 : 1 : columns * 1j].astype(np.float32)
    kind = rng.random()
    if kind < 0.45:
        angle = rng.uniform(0, 2 * math.pi)
        light = 0.5 + 0.7 * (math.cos(angle) * (x - 0.5) + math.sin(angle) * (y - 0.5))
    elif kind < 0.75:
        light = 0.5 + 0.3 * field(rng, rows, columns, max(rows, columns) / 2.5)
    else:
        cx, cy, reach = rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.7, 1.6)
        light = 1 - np.hypot(x - cx, y - cy) / reach
    low = 1 - depth + depth * light.clip(0, 1)
    return cv2.resize(low, (width, height), interpolation=cv2.INTER_LINEAR)


def fold(rng: random.Random, light: np.ndarray, level: float) -> None:
    """A fold across the paper: a line and a soft shadow on one side; in place."""
    height, width = light.shape
    flat = rng.random() < 0.75
    across = light if flat else light.T
    length = across.shape[0]
    at = rng.uniform(0.1, 0.9) * length
    distance = np.arange(length, dtype=np.float32) - at
    reach = rng.uniform(0.02, 0.12) * length
    shade = rng.uniform(0.03, 0.16) * level
    profile = 1 - shade * np.exp(-np.abs(distance) / reach) * (distance * rng.choice((-1, 1)) > 0)
    across *= profile[:, None].astype(np.float32)
    tilt = rng.uniform(-0.02, 0.02) * (width if flat else height)
    ends = (0, round(at)), (across.shape[1] - 1, round(at + tilt))
    (x0, y0), (x1, y1) = ends if flat else (ends[0][::-1], ends[1][::-1])
    colour = 1 + rng.choice((-1, -1, 1)) * rng.uniform(0.05, 0.15) * level
    cv2.line(light, (x0, y0), (x1, y1), colour * float(light.mean()), 1, cv2.LINE_AA)


def stain(rng: random.Random, light: np.ndarray, level: float) -> None:
    """A spot or the ring of a cup; in place."""
    height, width = light.shape
    radius = max(4, round(rng.uniform(0.03, 0.2) * width))
    centre = rng.randrange(width), rng.randrange(height)
    ring = rng.random() < 0.4
    x0, x1 = max(0, centre[0] - 2 * radius), min(width, centre[0] + 2 * radius)
    y0, y1 = max(0, centre[1] - 2 * radius), min(height, centre[1] + 2 * radius)
    spot = np.zeros((y1 - y0, x1 - x0), np.float32)
    axes = radius, max(3, round(radius * rng.uniform(0.6, 1)))
    thickness = max(1, radius // 8) if ring else -1
    middle = centre[0] - x0, centre[1] - y0
    cv2.ellipse(spot, middle, axes, rng.uniform(0, 180), 0, 360, 1.0, thickness, cv2.LINE_AA)
    spot = cv2.GaussianBlur(spot, (0, 0), max(0.8, radius * rng.uniform(0.03, 0.25)))
    light[y0:y1, x0:x1] *= 1 - rng.uniform(0.05, 0.25) * level * spot


def paper(rng: random.Random, image: np.ndarray, level: float) -> np.ndarray:
    """Grey paper, its texture, folds and stains."""
    height, width = image.shape
    light = np.full((height, width), 1 - level * rng.choice((0, rng.uniform(0, 0.25))), np.float32)
    if rng.random() < 0.5:
        cell = rng.choice((2, 4, 30, 80))
        light += field(rng, height, width, cell) * (rng.uniform(0.004, 0.02) * level)
    if rng.random() < 0.3:
        for _ in range(rng.randint(1, 3)):
            fold(rng, light, level)
    if rng.random() < 0.12:
        stain(rng, light, level)
    return multiply(image, light)
