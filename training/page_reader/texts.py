"""Random lines of print with what the receipts lack: accents, signs, small letters, long words."""

import functools
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from receipt_nano import fonts
from receipt_nano.page import GLYPH, Page

from .alphabet import ACCENTED, SIGNS

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SIDE = 420, 560  # height and width of a page in pixels
MARKS = ".,:;'’\"!?%&/()-–+*=#@<>[]_"


def word(rng: random.Random) -> str:
    kind = rng.random()
    length = rng.choice((1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10, 12, 14))
    if kind < 0.3:
        return amount(rng)
    if kind < 0.38:
        return code(rng)
    if kind < 0.42:
        return "".join(rng.choice(MARKS) for _ in range(rng.choice((1, 1, 1, 2))))
    if kind < 0.45:
        return rng.choice(SIGNS)
    letters = [rng.choice(LETTERS) for _ in range(length)]
    if kind > 0.75:
        for place in rng.sample(range(length), k=min(length, rng.choice((1, 1, 2)))):
            letters[place] = rng.choice(ACCENTED)
    text = "".join(letters)
    text = rng.choice((text, text, text.title(), text.upper(), text.upper()))
    return text + rng.choice(("", "", "", "", ".", ",", ":", "’s", "-" + rng.choice(LETTERS)))


def amount(rng: random.Random) -> str:
    value = int(10 ** rng.uniform(0, 7))
    decimals = f"{rng.randrange(100):02}"
    group, point = rng.choice(
        ((",", "."), (".", ","), (" ", ","), ("’", "."), ("'", "."), ("", "."))
    )
    text = f"{value:,}".replace(",", group)
    text = rng.choice((text, text + point + decimals, text + point + decimals, text + ",-"))
    sign = rng.choice(
        ("", "", "", "-", "−", "RM", "Rp ", "Rp", "$", "€", "£", "S$", "฿", "₫", "¥", "₹")
    )
    after = rng.choice(("", "", "", "", "-", " €", "%", " kr", " zł", "₫", "SR", "T"))
    return sign + text + after


def code(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.4:
        first, second, year = rng.randrange(1, 32), rng.randrange(1, 13), rng.randrange(2005, 2032)
        mark = rng.choice("/-.")
        return f"{first:02}{mark}{second:02}{mark}{rng.choice((year, f'{year % 100:02}'))}"
    if kind < 0.6:
        return f"{rng.randrange(24):02}:{rng.randrange(60):02}" + rng.choice(
            ("", ":07", "PM", "am")
        )
    characters = LETTERS.upper() + "0123456789" * 3 + "-/"
    return "".join(rng.choice(characters) for _ in range(rng.randrange(3, 13)))


def draw(rng: random.Random, split: str = "train") -> Page:
    """A page of random words, clean."""
    height, width = SIDE
    image = Image.new("L", (width, height), 255)
    pen, rows, y, line = ImageDraw.Draw(image), [], rng.uniform(2, 10), 0
    while y < height - 14:
        font = face(rng, split)
        ascent, descent = font.getmetrics()
        ink, spacing = rng.choice((0, 0, 0, 40, 90)), rng.choice((0, 0, 0, 0.5, 1, 2))
        x, limit = rng.uniform(2, 60), rng.uniform(0.4, 1) * width
        text = ""
        while len(text) < 100:
            longer = f"{text} {word(rng)}".strip()
            longer = "".join(c for c in longer if c == " " or has(font.path, c))
            if x + font.getlength(longer) + spacing * len(longer) >= limit:
                break
            text = longer
        for character in text:
            end = x + font.getlength(character) + spacing
            if character != " ":
                pen.text((x, y), character, fill=ink, font=font)
            top, bottom = y, y + ascent + descent
            rows.append((ord(character), x, top, end, bottom, 0, -1, 0, line))
            x = end
        y += (ascent + descent) * rng.uniform(1.0, 1.5)
        line += 1
    return Page(np.array(image), np.array(rows, GLYPH), {}, "lines")


def face(rng: random.Random, split: str) -> ImageFont.FreeTypeFont:
    """A face of random size."""
    kind = rng.choice(("mono", "sans", "sans", "serif"))
    faces, weights = zip(*fonts.all_faces(split)[kind], strict=True)
    chosen = rng.choices(faces, weights)[0]
    file = chosen.bold_file if chosen.bold_file and rng.random() < 0.35 else chosen.file
    return fonts.opened(file, round(rng.triangular(10, 34, 17) * 2) / 2)


@functools.cache
def has(file: str, character: str) -> bool:
    """Whether a file of a face has a character of its own."""
    font = ImageFont.truetype(file, fonts.REFERENCE)
    return bytes(font.getmask(character)) != bytes(font.getmask("\ufffe"))
