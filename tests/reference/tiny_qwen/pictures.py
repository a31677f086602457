"""Small pictures that no processor resizes."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SHOP_SCRAP = ["TOKO SUMBER", "Nasi   25.000", "Es teh   8.000", "Kopi   12.500", "TOTAL  45.500"]
CARD_SCRAP = [
    "APOTEK SEHAT",
    "Vitamin 15,000",
    "Masker   9,750",
    "Pajak    2,475",
    "LUNAS   27,225",
]


def scrap(width: int, height: int, lines: list[str], paper, ink) -> Image.Image:
    """A piece of a receipt: a shaded paper with lines of text on it."""
    shade = np.linspace(0.0, 18.0, height)[:, None, None]
    pixels = np.clip(np.array(paper)[None, None, :] - shade, 0, 255)
    image = Image.fromarray(np.broadcast_to(pixels, (height, width, 3)).astype(np.uint8).copy())
    draw = ImageDraw.Draw(image)
    step = height / (len(lines) + 1)
    font = ImageFont.load_default(size=max(9, round(width / 10)))
    for i, line in enumerate(lines):
        draw.text((4, step * (i + 0.4)), line, fill=ink, font=font)
        if i == len(lines) - 2:
            draw.line((4, step * (i + 1.3), width - 4, step * (i + 1.3)), fill=ink)
    return image


def gradient(width: int, height: int) -> Image.Image:
    x = np.linspace(0, 1, width)[None, :]
    y = np.linspace(0, 1, height)[:, None]
    channels = [255 * x + 0 * y, 255 * y + 0 * x, 255 * (1 - x) * (1 - y)]
    return Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8))


def noise(width: int, height: int, seed: int) -> Image.Image:
    """Blocks of 2 x 2 pixels in few colours, so that the file stays small."""
    cells = np.random.RandomState(seed).randint(0, 6, (height // 2, width // 2, 3)) * 51
    return Image.fromarray(cells.repeat(2, axis=0).repeat(2, axis=1).astype(np.uint8))


def bars(width: int, height: int) -> Image.Image:
    """Something like a bar code over a chequered field."""
    y, x = np.mgrid[0:height, 0:width]
    checks = (((x // 10) + (y // 7)) % 2) * 120 + 90
    widths = np.cumsum(np.random.RandomState(5).randint(1, 5, width))
    code = np.repeat(np.arange(width) % 2, np.diff(widths, prepend=0))[:width] * 255
    field = np.where(y < height // 2, code[None, :], checks)
    return Image.fromarray(np.stack([field, 255 - field // 2, field], axis=-1).astype(np.uint8))


def make_pictures(folder: Path, prefix: str, unit: int) -> dict[str, Image.Image]:
    """Pictures whose sides are multiples of `unit`, the side in pixels of one image token."""
    made = {
        "scrap-a": scrap(4 * unit, 6 * unit, SHOP_SCRAP, (250, 248, 240), (20, 20, 30)),
        "scrap-b": scrap(4 * unit, 6 * unit, CARD_SCRAP, (236, 242, 255), (90, 10, 40)),
        "strip": gradient(12 * unit, 2 * unit),  # as many tokens as a scrap, on another grid
        "noise": noise(3 * unit, 3 * unit, 7),
        "bars": bars(5 * unit, 4 * unit),
    }
    pictures = {}
    for name, image in made.items():
        file = f"pictures/{prefix}-{name}.png"
        image.save(folder / file, optimize=True)
        pictures[file] = Image.open(folder / file).convert("RGB")
    return pictures
