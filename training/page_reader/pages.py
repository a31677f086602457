"""Pages to train the detector on: made in shards on disk, drawn as windows of one size.

python -m page_reader.pages receipts FOLDER --count 8      rendered receipts, 250 a shard
python -m page_reader.pages texts FOLDER --count 2         pages of random text
python -m page_reader.pages scans FOLDER --sroie SROIE     the scans to train on, in one shard
"""

import argparse
import pickle
import random
from pathlib import Path

import cv2
import numpy as np
import torch

from receipt_nano import noise, render, segments, sroie

from . import data, texts
from .detector import CELL
from .sheet import Sheet, stored

WINDOW = 576, 448  # height and width of a window in pixels
CORE = 0.5  # part of a line's height that its core takes, in the middle
ENDS = 0.25  # heights by which the core ends before the line does
SMALLEST, LARGEST = 8.0, 34.0  # pixels of a median line's height in a window
TURN = 4.0  # degrees at most, of windows that are turned


def page(kind: str, seed: int, split: str) -> Sheet:
    """One page; a seed gives the same always. split is "train" or "held_out"."""
    rng = random.Random(f"page reader pages {kind} {split} {seed}")
    if kind == "texts":
        drawn = noise.degrade(rng, texts.draw(rng, split))
    else:
        words = "train" if split == "train" else "eval"
        drawn = noise.degrade(rng, render.draw(rng, words, split))
    found = []
    for part in (drawn.glyphs[members] for members in segments.parts(drawn.glyphs)):
        marks = part[part["char"] != ord(" ")]
        height = float(np.median(marks["y1"] - marks["y0"]))
        left, right = marks["x0"][0], marks["x1"][-1]
        across = np.r_[left, (marks["x0"] + marks["x1"]) / 2, right]
        upper = np.r_[marks["y0"][0], marks["y0"], marks["y0"][-1]] + segments.ABOVE * height
        lower = np.r_[marks["y1"][0], marks["y1"], marks["y1"][-1]] - segments.BELOW * height
        found.append((np.stack([across, upper], 1), np.stack([across, lower], 1)))
    return stored(drawn.image, found)


def scan(folder: Path, name: str) -> Sheet:
    image = cv2.imread(str(folder / "img" / f"{name}.jpg"), cv2.IMREAD_GRAYSCALE)
    found = []
    for _, (x0, y0, x1, y1) in data.labelled(folder / "box" / f"{name}.csv"):
        if x1 > x0 and y1 > y0:
            found.append((np.array([[x0, y0], [x1, y0]]), np.array([[x0, y1], [x1, y1]])))
    return stored(image, found)


# ------------------------------------------------------------------ windows


def window(sheet: Sheet, rng: random.Random) -> tuple[np.ndarray, np.ndarray]:
    """A part of a page at random size and turn: its picture, and what the detector is to find.

    The second is (4, height / CELL, width / CELL): core, distances from a cell's middle up and
    down to the line's edges in pixels, and 1 where a cell counts.
    """
    image = cv2.imdecode(np.frombuffer(sheet.png, np.uint8), cv2.IMREAD_GRAYSCALE)
    height, width = image.shape
    heights = [float(np.median(lower[:, 1] - upper[:, 1])) for upper, lower in sheet.lines]
    wished = rng.triangular(SMALLEST, LARGEST, 13)
    scale = min(max(wished / max(float(np.median(heights or [16])), 4), 0.25), 2.0)
    turn = rng.uniform(-TURN, TURN) if rng.random() < 0.4 else 0.0
    middle = rng.uniform(0, width), rng.uniform(0, height)
    if sheet.lines and rng.random() < 0.8:
        upper, _ = rng.choice(sheet.lines)
        middle = float(upper[:, 0].mean()), float(upper[:, 1].mean())
    matrix = cv2.getRotationMatrix2D(middle, turn, scale)
    matrix[:, 2] += np.array([WINDOW[1], WINDOW[0]]) * rng.uniform(0.3, 0.7) - np.array(middle)
    paper = int(np.percentile(image, 90))
    if scale < 0.7:
        image = cv2.GaussianBlur(image, (0, 0), 0.35 / scale)
    picture = cv2.warpAffine(image, matrix, WINDOW[::-1], flags=cv2.INTER_LINEAR, borderValue=paper)
    moved = [
        tuple(points @ matrix[:, :2].T + matrix[:, 2] for points in edges) for edges in sheet.lines
    ]
    if rng.random() < 0.3:
        picture = data.worn(picture, rng)
    return data.normal(picture), target(moved, picture.shape)


def target(lines: list[tuple[np.ndarray, np.ndarray]], shape: tuple[int, int]) -> np.ndarray:
    """What the detector is to find; see window()."""
    rows, columns = shape[0] // CELL, shape[1] // CELL
    core = np.zeros((rows, columns), np.uint8)
    distances = np.zeros((2, rows, columns), np.float32)
    counts = np.ones((rows, columns), np.float32)
    grid = np.mgrid[0:rows, 0:columns].astype(np.float32)
    for upper, lower in lines:
        height = float(np.median(np.linalg.norm(lower - upper, axis=1)))
        band = (1 - CORE) / 2
        top, bottom = upper + (lower - upper) * band, lower - (lower - upper) * band
        ends = np.stack([top[0], top[-1]])
        along = (ends[1] - ends[0]) / max(np.linalg.norm(ends[1] - ends[0]), 1e-3)
        pull = along * min(ENDS * height, 0.35 * np.linalg.norm(ends[1] - ends[0]))
        for edge in (top, bottom):
            edge[0] += pull
            edge[-1] -= pull
        outline = np.concatenate([top, bottom[::-1]])
        if outline.max() < 0 or (outline.min(0) > np.array([shape[1], shape[0]])).any():
            continue
        mask = np.zeros_like(core)
        fixed = np.round((outline / CELL - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(mask, [fixed], 1, shift=4)
        inside = mask > 0
        if height < 5:
            counts[inside] = 0
            continue
        core |= mask
        row, column = grid[0][inside], grid[1][inside]
        across = (column + 0.5) * CELL
        order = np.argsort(upper[:, 0])
        above = np.interp(across, upper[order, 0], upper[order, 1])
        below = np.interp(across, lower[order, 0], lower[order, 1])
        distances[0][inside] = (row + 0.5) * CELL - above
        distances[1][inside] = below - (row + 0.5) * CELL
    return np.concatenate([core[None].astype(np.float32), distances, counts[None]])


def batch(sheets: list[Sheet], rng: random.Random) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = [window(sheet, rng) for sheet in sheets]
    pictures = torch.from_numpy(np.stack([picture for picture, _ in pairs]))
    return pictures[:, None].float(), torch.from_numpy(np.stack([wanted for _, wanted in pairs]))


# ------------------------------------------------------------------ command


def load(path: Path) -> list[Sheet]:
    return pickle.loads(path.read_bytes())


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes pages to train the detector on.")
    parser.add_argument("kind", choices=("receipts", "texts", "scans"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sroie", type=Path, help="folder of the SROIE scans")
    parser.add_argument("--split", default="train", choices=("train", "held_out"))
    parser.add_argument("--count", type=int, default=1, help="shards")
    parser.add_argument("--pages", type=int, default=data.SHARD, help="pages of a shard")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.kind == "scans":
        part = "train" if options.split == "train" else "validation"
        found = [scan(options.sroie, name) for name in sroie.scans(options.sroie, part)]
        data.write(options.folder / f"scans-{options.split}.pickle", found)
        return
    for number in range(options.count):
        path = options.folder / f"{options.kind}-{options.split}-{number:04}.pickle"
        if not path.exists():
            seeds = range(number * data.SHARD, number * data.SHARD + options.pages)
            data.write(path, [page(options.kind, seed, options.split) for seed in seeds])


if __name__ == "__main__":
    main()
