"""Where a page comes to lie: rotation, perspective, curl, and what is around it."""

import functools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..page import Page
from .fields import field, normal

TABLE = 0.16  # share of pages at level 1 that lie on a table
BED = 0.06  # share of pages at level 1 that lie on a white scanner bed


@dataclass
class Warp:
    """Where the page goes: a homography, then a shift along y that is a sine of x.

    matrix     (3, 3) float64, from the page to the picture
    amplitude  of the sine in pixels of the picture
    period     of the sine in pixels
    phase      of the sine in radians
    """

    matrix: np.ndarray
    amplitude: float = 0.0
    period: float = 1.0
    phase: float = 0.0

    def curl(self, x: np.ndarray) -> np.ndarray:
        return self.amplitude * np.sin(x * (2 * math.pi / self.period) + self.phase)

    def points(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points of the page in the picture."""
        u, v, w = self.matrix @ np.stack([x, y, np.ones_like(x)])
        u, v = u / w, v / w
        return u, v + self.curl(u)

    def moved(self, x: float, y: float) -> "Warp":
        """The same with the picture's origin at (x, y)."""
        shift = np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1]], np.float64)
        phase = self.phase + x * 2 * math.pi / self.period
        return replace(self, matrix=shift @ self.matrix, phase=phase)

    def sampler(self, height: int, width: int) -> Callable[..., np.ndarray]:
        """What resamples pictures of the page to (height, width)."""
        if not self.amplitude:
            return functools.partial(self.flat, size=(width, height))
        x = np.arange(width, dtype=np.float32)[None]
        y = np.arange(height, dtype=np.float32)[:, None] - self.curl(x).astype(np.float32)
        back = np.linalg.inv(self.matrix).astype(np.float32)
        below = 1 / (back[2, 0] * x + back[2, 1] * y + back[2, 2])
        map_x = (back[0, 0] * x + back[0, 1] * y + back[0, 2]) * below
        map_y = (back[1, 0] * x + back[1, 1] * y + back[1, 2]) * below
        return functools.partial(cv2.remap, map1=map_x, map2=map_y)

    def flat(self, image: np.ndarray, size: tuple[int, int], **options: int) -> np.ndarray:
        options["flags"] = options.pop("interpolation")
        return cv2.warpPerspective(image, self.matrix, size, **options)


def draw_warp(rng: random.Random, height: int, width: int, level: float, bent: bool) -> Warp:
    """A slight rotation and scale; if `bent` also some perspective and curl."""
    degrees = rng.gauss(0, 0.6) if rng.random() < 0.75 else rng.uniform(-3, 3)
    angle = math.radians(max(-3.0, min(3.0, degrees))) * level
    cos, sin = math.cos(angle), math.sin(angle)
    scale_x, scale_y = (1 + level * rng.uniform(-0.04, 0.04) for _ in range(2))
    matrix = np.array([[cos * scale_x, -sin * scale_y, 0], [sin * scale_x, cos * scale_y, 0]])
    tilt = [0.0, 0.0]
    if bent and rng.random() < 0.6:
        tilt = [rng.uniform(-0.04, 0.04) * level / side for side in (width, height)]
    warp = Warp(np.vstack([matrix, [*tilt, 1]]))
    if bent and rng.random() < 0.5:
        warp.amplitude = rng.uniform(0.8, 4) * level
        warp.period = rng.uniform(0.7, 2.5) * width
        warp.phase = rng.uniform(0, 2 * math.pi)
    return warp


def move_glyphs(warp: Warp, glyphs: np.ndarray) -> np.ndarray:
    """The glyphs with their centres mapped and their half extents scaled."""
    x0, y0, x1, y1 = (glyphs[edge].astype(np.float64) for edge in ("x0", "y0", "x1", "y1"))
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    u, v = warp.points(cx, cy)
    left, right = warp.points(x0, cy)[0], warp.points(x1, cy)[0]
    top, bottom = warp.points(cx, y0)[1], warp.points(cx, y1)[1]
    half_x, half_y = np.abs(right - left) / 2, np.abs(bottom - top) / 2
    moved = glyphs.copy()
    moved["x0"], moved["x1"] = u - half_x, u + half_x
    moved["y0"], moved["y1"] = v - half_y, v + half_y
    return moved


def extent(glyphs: np.ndarray) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 around all glyphs."""
    low = float(glyphs["x0"].min()), float(glyphs["y0"].min())
    return *low, float(glyphs["x1"].max()), float(glyphs["y1"].max())


def frame(
    rng: random.Random, warp: Warp, page: Page, pads: tuple[float, float, float, float], crop: bool
) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 of the picture around the warped page.

    pads  pixels to add on the left, top, right and bottom
    crop  whether margins may be cut, though never a glyph
    """
    height, width = page.image.shape
    along = np.linspace(0, 1, 9)
    edge_x = np.concatenate([along, along, 0 * along, 0 * along + 1]) * width
    edge_y = np.concatenate([0 * along, 0 * along + 1, along, along]) * height
    u, v = warp.points(edge_x, edge_y)
    box = [u.min() - pads[0], v.min() - pads[1], u.max() + pads[2], v.max() + pads[3]]
    if len(page.glyphs):
        inner = extent(move_glyphs(warp, page.glyphs))
        if crop:
            cuts = [rng.uniform(0, 1) if rng.random() < 0.6 else 0.0 for _ in range(4)]
            box = [b + (i - b) * cut for b, i, cut in zip(box, inner, cuts, strict=True)]
        box = [min(box[0], inner[0] - 2), min(box[1], inner[1] - 2)] + [
            max(box[2], inner[2] + 2),
            max(box[3], inner[3] + 2),
        ]
    return math.floor(box[0]), math.floor(box[1]), math.ceil(box[2]), math.ceil(box[3])


def table(rng: random.Random, height: int, width: int) -> np.ndarray:
    """A dark or light surface: plain, wood, cloth or stone."""
    base = rng.uniform(20, 130) if rng.random() < 0.75 else rng.uniform(130, 215)
    kind = rng.choice(("plain", "wood", "cloth", "stone"))
    depth = rng.uniform(3, 16)
    picture = np.full((height, width), base, np.float32)
    if kind == "wood":
        upright = rng.random() < 0.5
        size = (height // 40 + 2, width) if upright else (height, width // 40 + 2)
        grain = field(rng, *size, 2)
        picture += depth * cv2.resize(grain, (width, height))
    elif kind == "cloth":
        step = rng.uniform(3, 9)
        picture += depth * np.sin(np.arange(width, dtype=np.float32) * (2 * math.pi / step))
        picture += depth * np.sin(np.arange(height, dtype=np.float32) * (6 / step))[:, None]
    elif kind == "stone":
        picture += depth * field(rng, height, width, rng.uniform(3, 50))
    picture += field(rng, height, width, 200) * rng.uniform(0, 12)
    return cv2.scaleAdd(normal(rng, height, width), rng.uniform(0.5, 5), picture).clip(2, 250)


def lay(rng: random.Random, below: np.ndarray, sheet: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A sheet on what is below it, with a soft shadow around its edges."""
    small = cv2.resize(mask, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.5, 2))
    shift = np.array([[1, 0, rng.uniform(-1, 1)], [0, 1, rng.uniform(-1, 1)]])
    small = cv2.warpAffine(small, shift, small.shape[::-1])
    shadow = cv2.resize(small, below.shape[::-1]).astype(np.float32)
    shadow = below * (1 - shadow * (rng.uniform(0, 0.5) / 255))
    cover = mask.astype(np.float32) * (1 / 255)
    return (shadow + (sheet - shadow) * cover).astype(np.uint8)


def draw_pads(rng: random.Random, height: int, width: int, ground: str) -> list[float]:
    """Pixels of background on the left, top, right and bottom."""
    if ground == "table":
        return [rng.uniform(-0.01, 0.07) * (height + width) / 2 for _ in range(4)]
    pads = [rng.uniform(0, 0.03) * (height + width) / 2 for _ in range(4)]
    pads[rng.choice((0, 2, 2, 3))] += rng.uniform(0, 0.35) * width
    return pads


def photograph(rng: random.Random, page: Page, level: float) -> Page:
    """The page rotated and bent, on a background or with its margins cut."""
    height, width = page.image.shape
    draw = rng.random()
    ground = "table" if draw < TABLE * level else "bed" if draw < (TABLE + BED) * level else ""
    warp = draw_warp(rng, height, width, level, ground == "table" or rng.random() < 0.3 * level)
    pads = draw_pads(rng, height, width, ground) if ground else [0.0] * 4
    crop = not ground and rng.random() < 0.4
    x0, y0, x1, y1 = frame(rng, warp, page, tuple(pads), crop)
    warp = warp.moved(x0, y0)
    sample = warp.sampler(y1 - y0, x1 - x0)
    how = {"interpolation": rng.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC))}
    image = sample(page.image, borderMode=cv2.BORDER_REPLICATE, **how)
    if ground:
        mask = sample(np.full_like(page.image, 255), interpolation=cv2.INTER_LINEAR)
        bed = np.full(image.shape, rng.uniform(235, 255), np.float32)
        below = table(rng, *image.shape) if ground == "table" else bed
        image = lay(rng, below, image, mask)
    return replace(page, image=image, glyphs=move_glyphs(warp, page.glyphs))
