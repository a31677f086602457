"""What is on paper besides print: lines, bars, logos, stamps, handwriting.

All functions draw on `ink`, uint8 of (height, width) pixels: 0 bare paper, 255 full ink.
"""

import math
import random

import numpy as np
from PIL import Image, ImageDraw

from . import fonts

STAMPS = ("PAID", "LUNAS", "COPY", "RECEIVED", "POSTED", "DIBAYAR", "APPROVED", "OK", "CASH")
GREY = 34  # ink of a shaded table head


def block(ink: np.ndarray, x0: float, y0: float, x1: float, y1: float, level: int = 255) -> None:
    """A filled rectangle of at least a pixel."""
    left, top = max(0, round(x0)), max(0, round(y0))
    right, bottom = max(left + 1, round(x1)), max(top + 1, round(y1))
    part = ink[top:bottom, left:right]
    np.maximum(part, level, out=part)


def shape(
    rng: random.Random,
    ink: np.ndarray,
    kind: str,
    box: tuple[float, float, float, float],
    size: float,
) -> None:
    """A shape of layouts.paper.Shape in pixels."""
    x0, y0, x1, y1 = box
    size = max(1, round(size))
    match kind:
        case "line" if y0 == y1:
            block(ink, x0, y0, x1, y0 + size)
        case "line":
            block(ink, x0, y0, x0 + size, y1)
        case "dashed":
            step = rng.choice((4, 6, 9, 12))
            for x in np.arange(x0, x1, step):
                block(ink, x, y0, min(x + step * 0.6, x1), y0 + size)
        case "box":
            for line in (
                (x0, y0, x1, y0 + size),
                (x0, y1 - size, x1, y1),
                (x0, y0, x0 + size, y1),
                (x1 - size, y0, x1, y1),
            ):
                block(ink, *line)
        case "fill":
            block(ink, x0, y0, x1, y1)
        case "grey":
            block(ink, x0, y0, x1, y1, GREY)
        case "bars":
            bars(rng, ink, box)
        case "code":
            modules(rng, ink, box)
        case "blot":
            blot(rng, ink, box)


def bars(rng: random.Random, ink: np.ndarray, box: tuple[float, float, float, float]) -> None:
    """A bar code."""
    x, y0, x1, y1 = map(round, box)
    while x < x1:
        width = rng.choice((1, 1, 2, 2, 3, 4))
        block(ink, x, y0, min(x + width, x1), y1)
        x += width + rng.choice((1, 2, 2, 3))


def modules(rng: random.Random, ink: np.ndarray, box: tuple[float, float, float, float]) -> None:
    """A square code."""
    x0, y0, x1, y1 = map(round, box)
    count = rng.choice((17, 21, 25))
    side = max(1, min(x1 - x0, y1 - y0) // count)
    cells = np.random.default_rng(rng.getrandbits(32)).random((count, count)) < 0.5
    for y, x in ((0, 0), (0, count - 7), (count - 7, 0)):
        cells[y : y + 7, x : x + 7] = True
        cells[y + 1 : y + 6, x + 1 : x + 6] = False
        cells[y + 2 : y + 5, x + 2 : x + 5] = True
    picture = np.kron(cells, np.ones((side, side), bool)).astype(np.uint8) * 255
    part = ink[y0 : y0 + count * side, x0 : x0 + count * side]
    np.maximum(part, picture[: part.shape[0], : part.shape[1]], out=part)


def paste(ink: np.ndarray, picture: Image.Image, x: int, y: int) -> None:
    """Adds a picture of ink with its corner at (x, y), cut off at the edges."""
    values = np.asarray(picture)
    height, width = ink.shape
    left, top = max(0, -x), max(0, -y)
    values = values[top : max(top, height - y), left : max(left, width - x)]
    x, y = x + left, y + top
    part = ink[y : y + values.shape[0], x : x + values.shape[1]]
    np.maximum(part, values[: part.shape[0], : part.shape[1]], out=part)


def blot(rng: random.Random, ink: np.ndarray, box: tuple[float, float, float, float]) -> None:
    """A logo of random shapes."""
    x0, y0, x1, y1 = map(round, box)
    width, height = max(8, x1 - x0), max(8, y1 - y0)
    picture = Image.new("L", (width, height))
    pen = ImageDraw.Draw(picture)
    for _ in range(rng.randint(1, 4)):
        level = rng.choice((255, 255, 150, 0))
        a, b = sorted((rng.randrange(width), rng.randrange(width)))
        c, d = sorted((rng.randrange(height), rng.randrange(height)))
        if rng.random() < 0.5:
            pen.ellipse((a, c, b + 4, d + 4), fill=level, outline=255)
        else:
            points = [
                (rng.randrange(width), rng.randrange(height)) for _ in range(rng.randint(3, 6))
            ]
            pen.polygon(points, fill=level, outline=255)
    paste(ink, picture, x0, y0)


def stamp(rng: random.Random, size: float) -> Image.Image:
    """A word in a frame or a ring, turned a little; `size` is the height of its letters."""
    face = fonts.all_faces("train")["sans"][2][0]
    font = fonts.opened(face.bold_file, round(size))
    word = rng.choice(STAMPS)
    width, height = round(font.getlength(word) + size), round(size * 1.7)
    ring = rng.random() < 0.3
    if ring:
        height = width
    picture = Image.new("L", (width, height))
    pen = ImageDraw.Draw(picture)
    level = rng.randint(70, 210)
    frame = (1, 1, width - 2, height - 2)
    if ring:
        pen.ellipse(frame, outline=level, width=max(1, round(size / 9)))
    else:
        pen.rectangle(frame, outline=level, width=max(1, round(size / 9)))
    pen.text((width / 2, height / 2), word, level, font, anchor="mm")
    return picture.rotate(rng.uniform(-35, 35), Image.Resampling.BILINEAR, expand=True)


def scribble(rng: random.Random, size: float) -> Image.Image:
    """A line by hand, such as a signature; `size` is about its height."""
    width, height = round(size * rng.uniform(1.5, 4)), round(size * 1.6)
    picture = Image.new("L", (width, height))
    pen = ImageDraw.Draw(picture)
    tempo, tall = rng.uniform(1, 5), rng.uniform(0.2, 0.45)
    phase, lean = rng.uniform(0, 6), rng.uniform(0.3, 1)
    points = []
    for step in range(60):
        t = step / 59
        angle = tempo * 2 * math.pi * t
        x = width * (0.08 + 0.84 * t) + size * 0.25 * math.sin(angle * 1.7 + phase)
        y = height * (
            0.5 + tall * math.sin(angle + phase) * (1 - lean * t * math.sin(3 * t + phase))
        )
        points.append((x, y))
    pen.line(points, fill=rng.randint(110, 255), width=rng.choice((1, 2, 2, 3)), joint="curve")
    return picture


def decorate(rng: random.Random, ink: np.ndarray, kept: np.ndarray, unit: float) -> None:
    """A stamp or handwriting now and then where it covers none of the boxes `kept`, (n, 4)."""
    height, width = ink.shape
    for share, make, size in (
        (0.07, stamp, rng.uniform(1.5, 3.5)),
        (0.09, scribble, rng.uniform(2, 6)),
    ):
        if rng.random() > share:
            continue
        picture = make(rng, size * unit)
        for _ in range(12):
            x = rng.randint(-picture.width // 4, max(1, width - picture.width * 3 // 4))
            y = rng.randint(0, max(1, height - picture.height))
            apart = (
                (kept[:, 2] < x) | (kept[:, 0] > x + picture.width)
                | (kept[:, 3] < y) | (kept[:, 1] > y + picture.height)
            )  # fmt: skip
            if apart.all():
                paste(ink, picture, x, y)
                break
