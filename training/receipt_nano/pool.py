"""The pages that a run draws its batches from: rendered ones by the shard, and scans.

python -m receipt_nano.pool readings FILE --sroie SROIE --found TEXTS

writes the scans as a page reader reads them; TEXTS is what `receipt-gateway text --json` wrote for
their pictures.
"""

import argparse
import json
import pickle
import random
from pathlib import Path

import cv2
import numpy as np

from . import lines, noise, render, sroie
from .itemised import with_items
from .page import Page

SHARD = 250  # pages
SCAN_PIXELS = (260_000, 400_000)  # area of a trimmed scan after its resize
PIXELS = 420_000  # area of a page at most


def resize(page: Page, scale: float) -> Page:
    """The page at another scale, its glyphs with it."""
    size = [max(1, round(side * scale)) for side in reversed(page.image.shape)]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    glyphs = page.glyphs.copy()
    for edge in ("x0", "y0", "x1", "y1"):
        glyphs[edge] *= scale
    return Page(cv2.resize(page.image, size, interpolation=how), glyphs, page.truth, page.kind)


def within(page: Page, pixels: float) -> Page:
    area = page.image.size
    return resize(page, (pixels / area) ** 0.5) if area > pixels else page


def rendered(seed: int, split: str = "train", fonts: str = "train") -> Page:
    """One rendered page; a seed gives the same page always."""
    rng = random.Random(f"{split} {fonts} {seed}")
    page = noise.degrade(rng, render.draw(rng, split, fonts))
    return within(page, PIXELS)


def text(seed: int) -> Page:
    """One page of random text."""
    rng = random.Random(f"lines {seed}")
    return noise.degrade(rng, lines.draw(rng))


def trimmed(page: Page) -> Page:
    y0, x0, y1, x1 = noise.trim(page.image)
    glyphs = page.glyphs.copy()
    for edge, offset in (("x0", x0), ("x1", x0), ("y0", y0), ("y1", y0)):
        glyphs[edge] -= offset
    return Page(np.ascontiguousarray(page.image[y0:y1, x0:x1]), glyphs, page.truth, page.kind)


def scan(rng: random.Random, page: Page) -> Page:
    """A trimmed scan as a run sees it: at one of several scales, lightly degraded."""
    page = noise.degrade(rng, within(page, rng.uniform(*SCAN_PIXELS)), level=0.4)
    return within(page, PIXELS)


def readings(folder: Path, found: Path) -> list[Page]:
    """The scans to train on with the text that a page reader found, without their pictures."""
    names = set(sroie.scans(folder, "train"))
    pages = []
    for line in found.read_text().splitlines():
        answer = json.loads(line)
        name = Path(answer["file"]).stem
        if name in names and "pages" in answer:
            page = with_items(sroie.load(folder, name, answer))
            pages.append(Page(np.empty((0, 0), np.uint8), page.glyphs, page.truth, page.kind))
    return pages


class Pool:
    """Pages in memory: `shards` of a folder, less the pages of more than `largest` pixels, and a
    share of scans."""

    def __init__(
        self,
        folder: Path,
        scans: Path | None,
        shards: int,
        share: float,
        largest: int,
        seed: int,
    ):
        self.folder, self.shards, self.share, self.largest = folder, shards, share, largest
        self.rng = random.Random(seed)
        self.loaded: dict[Path, list[Page]] = {}
        self.scans = []
        if scans and share > 0:
            self.scans = pickle.loads(scans.read_bytes())
        self.pages: list[Page] = []
        self.refresh()

    def refresh(self) -> None:
        """Exchanges one shard for another, and the scans for freshly degraded ones."""
        available = sorted(self.folder.glob("*.pickle"))
        fresh = [p for p in available if p not in self.loaded]
        while fresh and len(self.loaded) < self.shards:
            self._take(fresh)
        if fresh:
            self.loaded.pop(self.rng.choice(list(self.loaded)))
            self._take(fresh)
        self.pages = [page for pages in self.loaded.values() for page in pages]
        count = round(len(self.pages) * self.share / (1 - self.share))
        if self.scans:
            self.pages += [scan(self.rng, self.rng.choice(self.scans)) for _ in range(count)]

    def _take(self, fresh: list[Path]) -> None:
        path = fresh.pop(self.rng.randrange(len(fresh)))
        pages = pickle.loads(path.read_bytes())
        self.loaded[path] = [page for page in pages if page.image.size <= self.largest]


def write(path: Path, pages: list[Page]) -> None:
    path.with_suffix(".part").write_bytes(pickle.dumps(pages))
    path.with_suffix(".part").rename(path)


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes pages to train on.")
    parser.add_argument("kind", choices=("receipts", "lines", "scans", "readings"))
    parser.add_argument(
        "folder", type=Path, help="where the shards go; for scans and readings the one file"
    )
    parser.add_argument("--sroie", type=Path, help="folder of the SROIE scans")
    parser.add_argument("--found", type=Path, help="what a page reader found, for readings")
    parser.add_argument("--first", type=int, default=0, help="number of the first shard")
    parser.add_argument("--count", type=int, default=1, help="shards")
    options = parser.parse_args()
    if options.kind == "scans":
        names = sroie.scans(options.sroie, "train")
        pages = (with_items(sroie.load(options.sroie, name)) for name in names)
        write(options.folder, [trimmed(page) for page in pages])
        return
    if options.kind == "readings":
        write(options.folder, readings(options.sroie, options.found))
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    make = text if options.kind == "lines" else rendered
    for number in range(options.first, options.first + options.count):
        path = options.folder / f"{number:05}.pickle"
        if not path.exists():
            write(path, [make(number * SHARD + i) for i in range(SHARD)])


if __name__ == "__main__":
    main()
