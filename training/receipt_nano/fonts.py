"""The typefaces that receipts are printed in, and the masks of their characters.

Lengths of a face are in units of the advance of its digit 0, so that text can be laid out before
its size in pixels is known. A mask is a uint8 array, 255 where there is ink.
"""

import functools
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .dots import DOTS_5X7

PACKAGES = [
    "fonts-3270",
    "fonts-agave",
    "fonts-anonymous-pro",
    "fonts-arphic-uming",
    "fonts-b612",
    "fonts-cabin",
    "fonts-cantarell",
    "fonts-clear-sans",
    "fonts-courier-prime",
    "fonts-crosextra-caladea",
    "fonts-crosextra-carlito",
    "fonts-dejavu-core",
    "fonts-dejavu-extra",
    "fonts-dosis",
    "fonts-fantasque-sans",
    "fonts-firacode",
    "fonts-freefont-ttf",
    "fonts-glasstty",
    "fonts-go",
    "fonts-hack",
    "fonts-hermit",
    "fonts-inconsolata",
    "fonts-ipafont-gothic",
    "fonts-ipafont-mincho",
    "fonts-jetbrains-mono",
    "fonts-lato",
    "fonts-league-mono",
    "fonts-liberation",
    "fonts-linuxlibertine",
    "fonts-monofur",
    "fonts-mononoki",
    "fonts-noto-mono",
    "fonts-ocr-a",
    "fonts-ocr-b",
    "fonts-open-sans",
    "fonts-oxygen",
    "fonts-play",
    "fonts-roboto-slab",
    "fonts-roboto-unhinted",
    "fonts-tlwg-loma-ttf",
    "fonts-tlwg-mono-ttf",
    "fonts-tlwg-typewriter-ttf",
    "fonts-tlwg-typo-ttf",
    "fonts-tuffy",
    "fonts-unifont",
    "fonts-urw-base35",
    "fonts-vlgothic",
]

ROOT = Path("/usr/share/fonts")
TT, OT = "truetype/", "opentype/"

# (files of the regular and the bold cut, weight among faces of its kind)
MONO = (
    (TT + "dejavu/DejaVuSansMono.ttf", TT + "dejavu/DejaVuSansMono-Bold.ttf", 3),
    (TT + "liberation/LiberationMono-Regular.ttf", TT + "liberation/LiberationMono-Bold.ttf", 3),
    (TT + "freefont/FreeMono.ttf", TT + "freefont/FreeMonoBold.ttf", 1),
    (TT + "freefont/FreeMonoBold.ttf", None, 1.5),
    (OT + "urw-base35/NimbusMonoPS-Regular.otf", OT + "urw-base35/NimbusMonoPS-Bold.otf", 1),
    (OT + "courier-prime/Courier Prime.otf", OT + "courier-prime/Courier Prime Bold.otf", 1.5),
    (
        OT + "courier-prime/Courier Prime Sans.otf",
        OT + "courier-prime/Courier Prime Sans Bold.otf",
        1.5,
    ),
    (TT + "hack/Hack-Regular.ttf", TT + "hack/Hack-Bold.ttf", 1.5),
    (TT + "inconsolata/Inconsolata.otf", None, 2),
    (TT + "firacode/FiraCode-Regular.ttf", TT + "firacode/FiraCode-Bold.ttf", 1),
    (TT + "noto/NotoMono-Regular.ttf", None, 1.5),
    (TT + "3270/3270-Regular.ttf", None, 1.5),
    (TT + "3270/3270Condensed-Regular.ttf", None, 1),
    (TT + "ocr-a/OCRA.ttf", TT + "ocr-a/OCRABold.ttf", 0.7),
    (OT + "ocr-b/OCRB.otf", None, 1.5),
    (OT + "b612/B612Mono-Regular.otf", OT + "b612/B612Mono-Bold.otf", 1),
    (TT + "glasstty/Glass_TTY_VT220.ttf", None, 1.5),
    (TT + "mononoki/mononoki-Regular.ttf", TT + "mononoki/mononoki-Bold.ttf", 1),
    (TT + "monofur/monof55.ttf", None, 0.5),
    (TT + "tlwg/TlwgMono.ttf", TT + "tlwg/TlwgMono-Bold.ttf", 1.5),
    (TT + "tlwg/TlwgTypewriter.ttf", TT + "tlwg/TlwgTypewriter-Bold.ttf", 1),
    (OT + "unifont/unifont.otf", None, 2),
    (TT + "arphic/uming.ttc", None, 3),
    (OT + "ipafont-mincho/ipam.ttf", None, 2),
    (OT + "ipafont-gothic/ipag.ttf", None, 2),
    (TT + "vlgothic/VL-Gothic-Regular.ttf", None, 1),
    (
        OT + "league-mono/LeagueMono-NarrowRegular.otf",
        OT + "league-mono/LeagueMono-NarrowBold.otf",
        1,
    ),
    (TT + "oxygen/OxygenMono-Regular.ttf", None, 1),
)
SANS = (
    (TT + "dejavu/DejaVuSans.ttf", TT + "dejavu/DejaVuSans-Bold.ttf", 2),
    (TT + "dejavu/DejaVuSansCondensed.ttf", TT + "dejavu/DejaVuSansCondensed-Bold.ttf", 2),
    (TT + "liberation/LiberationSans-Regular.ttf", TT + "liberation/LiberationSans-Bold.ttf", 5),
    (
        TT + "liberation/LiberationSansNarrow-Regular.ttf",
        TT + "liberation/LiberationSansNarrow-Bold.ttf",
        3,
    ),
    (TT + "freefont/FreeSans.ttf", TT + "freefont/FreeSansBold.ttf", 1.5),
    (OT + "urw-base35/NimbusSans-Regular.otf", OT + "urw-base35/NimbusSans-Bold.otf", 2),
    (
        OT + "urw-base35/NimbusSansNarrow-Regular.otf",
        OT + "urw-base35/NimbusSansNarrow-Bold.otf",
        2,
    ),
    (OT + "urw-base35/URWGothic-Book.otf", OT + "urw-base35/URWGothic-Demi.otf", 0.5),
    (
        TT + "roboto/unhinted/RobotoTTF/Roboto-Regular.ttf",
        TT + "roboto/unhinted/RobotoTTF/Roboto-Bold.ttf",
        2,
    ),
    (
        TT + "roboto/unhinted/RobotoCondensed-Regular.ttf",
        TT + "roboto/unhinted/RobotoCondensed-Bold.ttf",
        2,
    ),
    (TT + "open-sans/OpenSans-Regular.ttf", TT + "open-sans/OpenSans-Bold.ttf", 1.5),
    (TT + "lato/Lato-Regular.ttf", TT + "lato/Lato-Bold.ttf", 1.5),
    (OT + "cabin/Cabin-Regular.otf", OT + "cabin/Cabin-Bold.otf", 1),
    (OT + "cantarell/Cantarell-Regular.otf", OT + "cantarell/Cantarell-Bold.otf", 1),
    (OT + "dosis/Dosis-Medium.otf", OT + "dosis/Dosis-Bold.otf", 0.5),
    (TT + "tlwg/Loma.ttf", TT + "tlwg/Loma-Bold.ttf", 1.5),
    (TT + "tlwg/TlwgTypo.ttf", TT + "tlwg/TlwgTypo-Bold.ttf", 0.7),
    (OT + "play/Play-Regular.otf", OT + "play/Play-Bold.otf", 0.7),
    (TT + "oxygen/Oxygen-Sans.ttf", TT + "oxygen/Oxygen-Sans-Bold.ttf", 0.7),
)
SERIF = (
    (TT + "dejavu/DejaVuSerif.ttf", TT + "dejavu/DejaVuSerif-Bold.ttf", 1),
    (TT + "liberation/LiberationSerif-Regular.ttf", TT + "liberation/LiberationSerif-Bold.ttf", 3),
    (TT + "freefont/FreeSerif.ttf", TT + "freefont/FreeSerifBold.ttf", 1),
    (OT + "urw-base35/C059-Roman.otf", OT + "urw-base35/C059-Bold.otf", 1),
    (OT + "urw-base35/P052-Roman.otf", OT + "urw-base35/P052-Bold.otf", 1),
    (OT + "urw-base35/URWBookman-Light.otf", OT + "urw-base35/URWBookman-Demi.otf", 1),
    (OT + "linux-libertine/LinLibertine_R.otf", OT + "linux-libertine/LinLibertine_RB.otf", 1),
    (OT + "roboto/slab/RobotoSlab-Regular.otf", OT + "roboto/slab/RobotoSlab-Bold.otf", 1),
)
# Faces that no page for training is printed in.
HELD_OUT = (
    ("mono", "fonts-go/Go-Mono.ttf", "fonts-go/Go-Mono-Bold.ttf", 2),
    ("mono", TT + "anonymous-pro/Anonymous Pro.ttf", TT + "anonymous-pro/Anonymous Pro B.ttf", 2),
    (
        "mono",
        TT + "jetbrains-mono/JetBrainsMono-Regular.ttf",
        TT + "jetbrains-mono/JetBrainsMono-Bold.ttf",
        2,
    ),
    ("mono", TT + "hermit/Hermit-medium.otf", TT + "hermit/Hermit-bold.otf", 2),
    ("mono", TT + "agave/agave-r-autohinted.ttf", TT + "agave/agave-b-autohinted.ttf", 1),
    (
        "mono",
        TT + "fantasque-sans/Normal/TTF/FantasqueSansMono-Regular.ttf",
        TT + "fantasque-sans/Normal/TTF/FantasqueSansMono-Bold.ttf",
        1,
    ),
    ("sans", TT + "clear-sans/ClearSans-Regular.ttf", TT + "clear-sans/ClearSans-Bold.ttf", 2),
    ("sans", TT + "crosextra/Carlito-Regular.ttf", TT + "crosextra/Carlito-Bold.ttf", 2),
    ("sans", TT + "tuffy/Tuffy.ttf", TT + "tuffy/Tuffy_Bold.ttf", 1),
    ("sans", "fonts-go/Go-Regular.ttf", "fonts-go/Go-Bold.ttf", 1),
    ("serif", TT + "crosextra/Caladea-Regular.ttf", TT + "crosextra/Caladea-Bold.ttf", 1),
)
# Monospaced files whose characters are turned into dots, by split; None is the 5 x 7 font.
DOT_FILES = {
    "train": (
        None,
        TT + "dejavu/DejaVuSansMono.ttf",
        TT + "liberation/LiberationMono-Bold.ttf",
        TT + "hack/Hack-Regular.ttf",
        TT + "inconsolata/Inconsolata.otf",
    ),
    "held_out": ("fonts-go/Go-Mono.ttf", TT + "anonymous-pro/Anonymous Pro.ttf"),
}
KINDS = {"mono": 46, "sans": 27, "serif": 9, "dots": 18}  # share of pages, per cent

REFERENCE = 200  # pixels at which a face is measured
SHARPNESS = 6  # pixels of a dot before it is brought to its size
MOST_MASKS = 80_000
MOST_FONTS = 600  # files opened at a size


@dataclass(frozen=True)
class Face:
    """A typeface. kind is mono, sans, serif or dots; `tall` is the height of a dot-matrix cell."""

    kind: str
    file: str | None
    bold_file: str | None = None
    tall: int = 0

    @functools.cached_property
    def em(self) -> float:
        """Font size over the advance of 0."""
        if self.kind == "dots":
            return 1.0
        return REFERENCE / opened(self.file, REFERENCE).getlength("0")

    @functools.cached_property
    def height(self) -> tuple[float, float]:
        """Ascent and descent."""
        if self.kind == "dots":
            columns, ascent, descent = dot_cell(self)
            return ascent / columns, descent / columns
        font = opened(self.file, REFERENCE)
        top, bottom = font.getbbox("bdhkl|Aj()g", anchor="ls")[1::2]
        return -top * self.em / REFERENCE, bottom * self.em / REFERENCE

    @functools.cached_property
    def digit_height(self) -> float:
        if self.kind == "dots":
            return self.height[0]
        return -opened(self.file, REFERENCE).getbbox("0", anchor="ls")[1] * self.em / REFERENCE

    def advance(self, char: str, bold: bool = False) -> float:
        if self.kind in ("dots", "mono"):
            return 1.0
        return (
            proportional(self.bold_file if bold and self.bold_file else self.file, char) * self.em
        )

    def length(self, text: str, bold: bool = False) -> float:
        return sum(self.advance(c, bold) for c in text)


@functools.lru_cache(MOST_FONTS)
def opened(file: str, size: float) -> ImageFont.FreeTypeFont:
    path = ROOT / file
    if not path.exists():
        raise FileNotFoundError(f"{path}: apt-get install {' '.join(PACKAGES)}")
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@functools.cache
def proportional(file: str, char: str) -> float:
    """Advance in units of the font size."""
    return opened(file, REFERENCE).getlength(char) / REFERENCE


@functools.cache
def all_faces(fonts: str) -> dict[str, list[tuple[Face, float]]]:
    """Faces and their weights by kind; fonts is "train" or "held_out"."""
    table: dict[str, list[tuple[Face, float]]] = {kind: [] for kind in KINDS}
    if fonts == "train":
        for kind, rows in (("mono", MONO), ("sans", SANS), ("serif", SERIF)):
            table[kind] = [(Face(kind, file, bold), weight) for file, bold, weight in rows]
    else:
        for kind, file, bold, weight in HELD_OUT:
            table[kind].append((Face(kind, file, bold), weight))
    for file in DOT_FILES[fonts]:
        for tall in (7, 8, 9, 10) if file else (7,):
            table["dots"].append((Face("dots", file, None, tall), 1.0 if file else 6.0))
    return table


def pick(rng: random.Random, fonts: str, kinds: dict[str, float] = KINDS) -> Face:
    kind = rng.choices(list(kinds), list(kinds.values()))[0]
    faces, weights = zip(*all_faces(fonts)[kind], strict=True)
    return rng.choices(faces, weights)[0]


# ----------------------------------------------------------------- dots


@functools.cache
def dot_font(file: str, tall: int) -> ImageFont.FreeTypeFont:
    """The font at a size where capitals are `tall` dots high."""
    capital = -opened(file, REFERENCE).getbbox("H", anchor="ls")[1] / REFERENCE
    return opened(file, round(tall / capital))


def dot_cell(face: Face) -> tuple[int, int, int]:
    """Columns of a cell, rows above the baseline and below it, all in dots."""
    if face.file is None:
        return 6, 7, 2
    return round(dot_font(face.file, face.tall).getlength("0")), face.tall + 2, 3


@functools.cache
def dot_pattern(face: Face, char: str) -> np.ndarray:
    """Which dots of a cell are printed: bool, (rows, columns)."""
    columns, ascent, descent = dot_cell(face)
    cell = np.zeros((ascent + descent, columns), bool)
    if face.file is None:
        code = ord(char) - 32
        strips = DOTS_5X7[code * 5 : code * 5 + 5]
        for x, strip in enumerate(strips):
            cell[:8, x] = [strip >> y & 1 for y in range(8)]
        return cell
    picture = Image.new("1", (columns, ascent + descent))
    pen = ImageDraw.Draw(picture)
    pen.fontmode = "1"
    pen.text((0, ascent), char, 1, dot_font(face.file, face.tall), anchor="ls")
    return np.array(picture)


@functools.cache
def blob(size: float) -> np.ndarray:
    """One round dot, (SHARPNESS, SHARPNESS) uint8."""
    y, x = np.mgrid[:SHARPNESS, :SHARPNESS] - (SHARPNESS - 1) / 2
    return np.clip((size * SHARPNESS / 2 - np.hypot(x, y) + 0.5) * 255, 0, 255).astype(np.uint8)


def dot_mask(face: Face, char: str, bold: bool, width: float, height: float) -> np.ndarray:
    """A cell of `width` x `height` pixels, its dots blobs."""
    pattern = np.kron(dot_pattern(face, char), blob(1.15)).astype(np.uint8)
    if bold:
        shifted = np.roll(pattern, SHARPNESS // 2, 1)
        shifted[:, : SHARPNESS // 2] = 0
        pattern = np.maximum(pattern, shifted)
    size = max(1, round(width)), max(1, round(height))
    return np.asarray(Image.fromarray(pattern).resize(size, Image.Resampling.BOX))


# ---------------------------------------------------------------- masks

_masks: dict[tuple, tuple[np.ndarray, int, int]] = {}


def mask(
    face: Face, char: str, bold: bool, size: float, stretch: float, phase: float
) -> tuple[np.ndarray, int, int]:
    """The ink of a character and where its left and top edges are from the pen's position.

    size     advance of 0 in pixels before stretching
    stretch  factor of the width
    phase    fraction of a pixel that the pen is to the right of a whole one
    """
    key = face, char, bold, size, stretch, phase
    found = _masks.get(key)
    if found is None:
        if len(_masks) > MOST_MASKS:
            _masks.clear()
        found = _masks[key] = drawn(*key)
    return found


def drawn(
    face: Face, char: str, bold: bool, size: float, stretch: float, phase: float
) -> tuple[np.ndarray, int, int]:
    if face.kind == "dots":
        ascent, descent = face.height
        cell = dot_mask(face, char, bold, size * stretch, (ascent + descent) * size)
        return cell, 0, -round(ascent * size)
    font = opened(face.bold_file if bold and face.bold_file else face.file, size * face.em)
    core, (left, top) = font.getmask2(char, "L", anchor="ls", start=(phase, 0))
    width, height = core.size
    if not width or not height:
        return np.zeros((1, 1), np.uint8), 0, 0
    picture = Image.Image()._new(core)
    if stretch != 1:
        width = max(1, round(width * stretch))
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
        left = round(left * stretch)
    ink = np.frombuffer(picture.tobytes(), np.uint8).reshape(height, width)
    if bold and not face.bold_file:
        ink = np.maximum(np.pad(ink, ((0, 0), (0, 1))), np.pad(ink, ((0, 0), (1, 0))))
    return ink, left, top


if __name__ == "__main__":
    print(*PACKAGES)
