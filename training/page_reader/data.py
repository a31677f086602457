"""Lines to train on and to measure with: made in shards on disk, drawn in batches of one width.

python -m page_reader.data receipts FOLDER --count 10      rendered receipts, 250 a shard
python -m page_reader.data texts FOLDER --count 10         pages of random text
python -m page_reader.data scans FOLDER --sroie SROIE      the scans to train on, in one shard
"""

import argparse
import pickle
import random
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from receipt_nano import noise, render, sroie

from . import alphabet, crops, texts
from .crops import Line, Segment
from .model import HEIGHT, STEP

SHARD = 250  # pages
JITTER = 0.08  # of a box's height, by which it is off while training
NARROWEST, WIDEST = 0.6, 1.3  # of a line's width, to which training presses or pulls it
COLUMNS = 14_000  # of a batch


def lines(image: np.ndarray, segments: list[Segment]) -> list[Line]:
    found = []
    for segment in segments:
        classes = alphabet.encode(segment.text)
        if not classes:
            continue
        left, right = crops.across(segment.box)
        centres = None
        if segment.centres:
            centres = (np.array(segment.centres, np.float32) - left) / (right - left)
        picture = crops.cut(image, segment.box)
        found.append(Line(picture, classes, segment.is_cased, centres))
    return found


def page(kind: str, seed: int, split: str) -> list[Line]:
    """The lines of one page; a seed gives the same always. split is "train" or "held_out"."""
    rng = random.Random(f"page reader {kind} {split} {seed}")
    if kind == "texts":
        drawn = noise.degrade(rng, texts.draw(rng, split))
    else:
        words = "train" if split == "train" else "eval"
        drawn = noise.degrade(rng, render.draw(rng, words, split))
    return lines(drawn.image, crops.segments(drawn))


def scan(folder: Path, name: str) -> list[Line]:
    """The lines of a scan by the boxes that it is labelled with."""
    image = cv2.imread(str(folder / "img" / f"{name}.jpg"), cv2.IMREAD_GRAYSCALE)
    found = []
    for text, box in labelled(folder / "box" / f"{name}.csv"):
        classes = alphabet.encode(" ".join(text.split()))
        x0, y0, x1, y1 = box
        if classes and x1 - x0 > 0.2 * (y1 - y0) * len(text):
            found.append(Line(crops.cut(image, box), classes, False))
    return found


def labelled(path: Path) -> list[tuple[str, tuple[float, float, float, float]]]:
    """The texts of a scan with their boxes (x0, y0, x1, y1)."""
    rows = []
    for row in path.read_text(encoding="utf-8", errors="replace").splitlines():
        parts = row.split(",", 8)
        if len(parts) == 9 and parts[8].strip():
            xs, ys = [float(x) for x in parts[:8:2]], [float(y) for y in parts[1:8:2]]
            rows.append((parts[8].strip(), (min(xs), min(ys), max(xs), max(ys))))
    return rows


def size(image: Path) -> tuple[int, int]:
    """Width and height of a picture's file in pixels."""
    with Image.open(image) as opened:
        return opened.size


# ------------------------------------------------------------------ batches


@dataclass
class Batch:
    """Lines as the loss takes them.

    pictures  (lines, 1, HEIGHT, width) float
    steps     steps of each line
    classes   of all texts, one after the other
    lengths   characters of each text
    is_cased  whether the case of each is known
    frames    (lines, steps) the class at each step, 0 between characters, -1 where it is not known
    """

    pictures: torch.Tensor
    steps: torch.Tensor
    classes: torch.Tensor
    lengths: torch.Tensor
    is_cased: torch.Tensor
    frames: torch.Tensor


def framed(line: np.ndarray, rng: random.Random | None) -> np.ndarray:
    """A line HEIGHT rows high, 0 white to 1 black, its contrast stretched; jittered with `rng`."""
    rows = crops.HEIGHT
    edge = rows * crops.MARGIN / (1 + 2 * crops.MARGIN)
    top, bottom, stretch = edge / 2, edge / 2, 1.0
    if rng:
        top = edge / 2 + rng.uniform(-1, 1) * JITTER * rows
        bottom = edge / 2 + rng.uniform(-1, 1) * JITTER * rows
        stretch = rng.choice((rng.uniform(0.9, 1.12), rng.uniform(NARROWEST, WIDEST)))
    inside = line[max(0, round(top)) : rows - max(0, round(bottom))]
    width = max(STEP * 2, round(inside.shape[1] * HEIGHT / inside.shape[0] * stretch))
    how = cv2.INTER_AREA if width < inside.shape[1] else cv2.INTER_LINEAR
    image = cv2.resize(inside, (width, HEIGHT), interpolation=how)
    return normal(worn(image, rng) if rng else image)


def worn(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """A line slightly slanted, blurred, thicker, thinner, coarse, patchy, noisy; often as it is."""
    if rng.random() < 0.25:
        height, width = image.shape
        slant, rise = rng.uniform(-0.25, 0.25), rng.uniform(-1, 1) * 3 / max(width, 60)
        turn = np.float32([[1, slant, -slant * height / 2], [rise, 1, -rise * width / 2]])
        paper = int(np.percentile(image, 90))
        image = cv2.warpAffine(image, turn, (width, height), borderValue=paper)
    kind = rng.random()
    if kind < 0.12:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.2))
    elif kind < 0.2:
        image = cv2.erode(image, np.ones(rng.choice(((2, 1), (1, 2), (2, 2))), np.uint8))
    elif kind < 0.26:
        image = cv2.dilate(image, np.ones(rng.choice(((2, 1), (1, 2))), np.uint8))
    elif kind < 0.4:
        image = coarse(image, rng)
    elif kind < 0.48:
        image = patchy(image, rng)
    if rng.random() < 0.2:
        numbers = np.random.default_rng(rng.getrandbits(32))
        noisy = image + numbers.normal(0, rng.uniform(3, 22), image.shape)
        image = np.clip(noisy, 0, 255).astype(np.uint8)
    return image


def coarse(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """A line as if it were printed small and enlarged."""
    smaller = rng.uniform(0.35, 0.8)
    small = cv2.resize(image, None, fx=smaller, fy=smaller, interpolation=cv2.INTER_AREA)
    how = rng.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC))
    return cv2.resize(small, image.shape[::-1], interpolation=how)


def patchy(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """A line whose ink is missing in places, as of a worn ribbon or a faded roll."""
    height, width = image.shape
    numbers = np.random.default_rng(rng.getrandbits(32))
    grain = rng.choice((1, 2, 2, 4, 8))  # pixels of a patch
    kept = numbers.random((-(-height // grain), -(-width // grain)), np.float32)
    kept = np.clip(kept / rng.uniform(0.1, 0.6), rng.uniform(0, 0.5), 1)
    kept = cv2.resize(kept, (width, height), interpolation=cv2.INTER_LINEAR)
    paper = np.percentile(image, 90)
    faded = paper + (image.astype(np.float32) - paper) * kept
    return np.clip(faded, 0, 255).astype(np.uint8)


def normal(image: np.ndarray) -> np.ndarray:
    """Grey levels as 0 for the paper and 1 for the darkest ink."""
    paper, ink = np.percentile(image, (90, 1))
    return np.clip((paper - image.astype(np.float32)) / max(paper - ink, 24), -0.2, 1.2)


def batch(chosen: list[Line], rng: random.Random | None) -> Batch:
    images = [framed(line.image, rng) for line in chosen]
    width = -(-max(image.shape[1] for image in images) // STEP) * STEP
    pictures = torch.zeros(len(images), 1, HEIGHT, width)
    frames = torch.full((len(images), width // STEP), -1)
    for number, (line, image) in enumerate(zip(chosen, images, strict=True)):
        pictures[number, 0, :, : image.shape[1]] = torch.from_numpy(image)
        if line.centres is not None:
            steps = -(-image.shape[1] // STEP)
            frames[number, :steps] = 0
            places = np.clip(line.centres * image.shape[1] // STEP, 0, steps - 1)
            frames[number, places.astype(int)] = torch.tensor(line.classes)
    return Batch(
        pictures,
        torch.tensor([-(-image.shape[1] // STEP) for image in images]),
        torch.tensor([number for line in chosen for number in line.classes]),
        torch.tensor([len(line.classes) for line in chosen]),
        torch.tensor([line.is_cased for line in chosen]),
        frames,
    )


def batches(pool: list[Line], rng: random.Random, columns: int = COLUMNS):
    """Batches of lines of about one width, in random order, each line once."""
    order = sorted(rng.sample(pool, len(pool)), key=lambda line: line.image.shape[1] // 24)
    groups, group, widest = [], [], 0
    for line in order:
        widest = max(widest, line.image.shape[1])
        if group and widest * (len(group) + 1) > columns:
            groups.append(group)
            group, widest = [], line.image.shape[1]
        group.append(line)
    groups.append(group)
    rng.shuffle(groups)
    yield from groups


# ------------------------------------------------------------------ command


def load(path: Path) -> list[Line]:
    return pickle.loads(path.read_bytes())


def write(path: Path, found: list[Line]) -> None:
    path.with_suffix(".part").write_bytes(pickle.dumps(found))
    path.with_suffix(".part").rename(path)


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes lines to train on.")
    parser.add_argument("kind", choices=("receipts", "texts", "scans"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sroie", type=Path, help="folder of the SROIE scans")
    parser.add_argument("--split", default="train", choices=("train", "held_out"))
    parser.add_argument("--first", type=int, default=0, help="number of the first shard")
    parser.add_argument("--count", type=int, default=1, help="shards")
    parser.add_argument("--pages", type=int, default=SHARD, help="pages of a shard")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.kind == "scans":
        part = "train" if options.split == "train" else "validation"
        names = sroie.scans(options.sroie, part)
        found = [line for name in names for line in scan(options.sroie, name)]
        write(options.folder / f"scans-{options.split}.pickle", found)
        return
    for number in range(options.first, options.first + options.count):
        path = options.folder / f"{options.kind}-{options.split}-{number:04}.pickle"
        if not path.exists():
            seeds = range(number * SHARD, number * SHARD + options.pages)
            pages = [page(options.kind, seed, options.split) for seed in seeds]
            write(path, [line for found in pages for line in found])


if __name__ == "__main__":
    main()
