"""Pages of random text for the first phase, in which the vision tower learns the glyphs."""

import random
import string
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .page import GLYPH, Page

FOLDER = Path("/usr/share/fonts/truetype")
FONTS = tuple(
    f"{family}-{style}"
    for family, styles in {
        "dejavu/DejaVuSansMono": ("", "Bold"),
        "dejavu/DejaVuSans": ("", "Bold"),
        "dejavu/DejaVuSansCondensed": ("", "Bold"),
        "dejavu/DejaVuSerif": ("",),
        "liberation/LiberationMono": ("Regular", "Bold"),
        "liberation/LiberationSans": ("Regular", "Bold"),
        "liberation/LiberationSansNarrow": ("Regular", "Bold"),
        "liberation/LiberationSerif": ("Regular", "Bold"),
        "hack/Hack": ("Regular", "Bold"),
    }.items()
    for style in styles
)
SIDE = 480, 420  # height and width of a page in pixels
SIZES = 11, 24  # of the fonts, in pixels


def word(rng: random.Random) -> str:
    kind, length = rng.random(), rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 9, 11))
    if kind < 0.35:
        digits = "".join(rng.choice(string.digits) for _ in range(length))
        return (
            digits if rng.random() < 0.5 else digits + rng.choice(".,") + f"{rng.randrange(100):02}"
        )
    if kind < 0.85:
        text = "".join(rng.choice(string.ascii_lowercase) for _ in range(length))
        return rng.choice((text, text.title(), text.upper(), text.upper()))
    return "".join(chr(rng.randrange(33, 127)) for _ in range(min(length, 6)))


def draw(rng: random.Random) -> Page:
    """A page full of random words in a few fonts, clean."""
    height, width = SIDE
    image = Image.new("L", (width, height), 255)
    pen, glyphs, y, line = ImageDraw.Draw(image), [], rng.uniform(0, 8), 0
    font = None
    while y < height - 10:
        if font is None or rng.random() < 0.15:
            path = f"{FOLDER}/{rng.choice(FONTS).rstrip('-')}.ttf"
            font = ImageFont.truetype(path, rng.triangular(*SIZES, 15))
            ascent, descent = font.getmetrics()
            spacing, ink = rng.choice((0, 0, 0, 1)), rng.choice((0, 0, 40, 90))
        x = rng.uniform(0, 40)
        while x < width:
            for character in word(rng) + " ":
                advance = font.getlength(character) + spacing
                if x + advance >= width:
                    break
                pen.text((x, y), character, fill=ink, font=font)
                glyphs.append(
                    (ord(character), x, y, x + advance, y + ascent + descent, 0, -1, 0, line)
                )
                x += advance
            else:
                x += rng.choice((0, 0, 0, 60)) * rng.random()
                continue
            break
        y += (ascent + descent) * rng.uniform(0.95, 1.4)
        line += 1
    return Page(np.array(image), np.array(glyphs, GLYPH), {}, "lines")
