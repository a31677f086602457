"""Batches of pages that share a grid of patches."""

import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .model import CELL_COLUMNS, CELL_ROWS, CELLS, GLYPH_CLASSES
from .noise import crop, place
from .page import Page
from .targets import NONE, TOKENIZER, Target, brief, invoice, transcription
from .tokens import BRIEF, PROMPT, TRANSCRIBE

BEFORE = TOKENIZER.encode("<|im_start|>user\n<|vision_start|>").ids
ASK = {
    prompt: TOKENIZER.encode(f"<|vision_end|>{prompt}<|im_end|>\n<|im_start|>assistant\n").ids
    for prompt in (PROMPT, BRIEF, TRANSCRIBE)
}
COLUMN_STEP, ROW_STEP = 2, 4  # grids are whole multiples, so that pages share them
TRANSCRIBED = 96  # characters at most of one transcription
BRIEF_SHARE = 0.06  # of the pages that are not transcribed
FOUND_BY = 6  # characters that a transcription from within the page is told


@dataclass
class Batch:
    """images  (pages, height, width) uint8
    glyphs  (pages, tokens, CELLS) int64, classes of the glyph head
    roles   (pages, tokens, CELLS) int64
    after   (pages, length) int64, what follows the picture; padded with 0
    wanted  (pages, length) int64, the token to write at each place
    weight  (pages, length) float32, of that token's loss
    guide   (pages, length) int64, the picture token that it is read from, or -1
    """

    images: Tensor
    grid: tuple[int, int]
    glyphs: Tensor
    roles: Tensor
    after: Tensor | None = None
    wanted: Tensor | None = None
    weight: Tensor | None = None
    guide: Tensor | None = None


def glyph_class(codes: np.ndarray) -> np.ndarray:
    """Class of each code point: 0 for the blank, 1 to 94 for ! to ~, 95 for any other."""
    ascii_ = (codes > 32) & (codes < 127)
    return np.where(
        ascii_, codes.astype(np.int64) - 32, np.where(codes == 32, 0, GLYPH_CLASSES - 1)
    )


def cell_labels(page: Page, patch: int) -> tuple[np.ndarray, np.ndarray]:
    """Glyph and role classes of each patch's cells, (tokens, CELLS): those of the glyph whose box
    holds the cell's centre."""
    height, width = page.image.shape
    rows, columns = height // patch, width // patch
    glyphs = np.zeros((rows * CELL_ROWS, columns * CELL_COLUMNS), np.int64)
    roles = np.zeros_like(glyphs)
    g = page.glyphs
    step_x, step_y = patch / CELL_COLUMNS, patch / CELL_ROWS
    left = np.ceil(g["x0"] / step_x - 0.5).astype(int).clip(0)
    right = np.ceil(g["x1"] / step_x - 0.5).astype(int).clip(0)
    top = np.ceil(g["y0"] / step_y - 0.5).astype(int).clip(0)
    bottom = np.ceil(g["y1"] / step_y - 0.5).astype(int).clip(0)
    classes = glyph_class(g["char"])
    for i in range(len(g)):
        box = np.s_[top[i] : bottom[i], left[i] : right[i]]
        glyphs[box] = classes[i]
        roles[box] = g["role"][i]

    def by_token(cells: np.ndarray) -> np.ndarray:
        cells = cells.reshape(rows, CELL_ROWS, columns, CELL_COLUMNS).transpose(0, 2, 1, 3)
        return cells.reshape(rows * columns, CELLS)

    return by_token(glyphs), by_token(roles)


def source_tokens(page: Page, source: np.ndarray, patch: int) -> np.ndarray:
    """The picture token that holds the centre of each source glyph; -1 where there is none."""
    height, width = page.image.shape
    rows, columns = height // patch, width // patch
    g = page.glyphs[source.clip(0)]
    x = ((g["x0"] + g["x1"]) / 2 // patch).astype(int).clip(0, columns - 1)
    y = ((g["y0"] + g["y1"]) / 2 // patch).astype(int).clip(0, rows - 1)
    return np.where(source == NONE, -1, y * columns + x)


def choose_target(rng: random.Random, page: Page, transcribe: float) -> tuple[str, Target]:
    if len(page.glyphs) > FOUND_BY and rng.random() < transcribe:
        if rng.random() < 0.3:
            return TRANSCRIBE, transcription(page, 0, TRANSCRIBED, 0)
        first = rng.randrange(len(page.glyphs) - FOUND_BY)
        return TRANSCRIBE, transcription(page, first, TRANSCRIBED, FOUND_BY)
    if rng.random() < BRIEF_SHARE:
        return BRIEF, brief(page)
    return PROMPT, invoice(page)


def grid_for(height: int, width: int, patch: int) -> tuple[int, int]:
    """Rows and columns, whole steps, that hold a page."""
    rows = -(-height // (patch * ROW_STEP)) * ROW_STEP
    columns = -(-width // (patch * COLUMN_STEP)) * COLUMN_STEP
    return rows, columns


def group(
    rng: random.Random, pages: list[Page], patch: int, tokens: int
) -> tuple[list[Page], tuple[int, int]]:
    """Some of `pages` that fill a common grid well, with about `tokens` picture tokens in all."""
    seed = rng.choice(pages)
    rows, columns = grid_for(*seed.image.shape, patch)
    height, width = rows * patch, columns * patch
    sizes = np.array([p.image.shape for p in pages])
    fits = (sizes <= (height, width)).all(1) & (sizes.prod(1) >= 0.65 * height * width)
    others = [pages[i] for i in np.flatnonzero(fits) if pages[i] is not seed]
    count = max(1, round(tokens / (rows * columns)))
    return [seed, *rng.sample(others, min(count - 1, len(others)))], (rows, columns)


def stack(pages: list[Page], grid: tuple[int, int], patch: int) -> Batch:
    labels = [cell_labels(page, patch) for page in pages]
    return Batch(
        torch.from_numpy(np.stack([page.image for page in pages])),
        grid,
        torch.from_numpy(np.stack([glyphs for glyphs, _ in labels])),
        torch.from_numpy(np.stack([roles for _, roles in labels])),
    )


def windows(
    rng: random.Random, pages: list[Page], patch: int, grid: tuple[int, int], count: int
) -> Batch:
    """Random windows of pages for the heads alone."""
    rows, columns = grid
    size = rows * patch, columns * patch
    return stack([crop(rng, p, *size) for p in rng.choices(pages, k=count)], grid, patch)


def whole(
    rng: random.Random, pages: list[Page], patch: int, tokens: int, transcribe: float
) -> Batch:
    """Whole pages with what is to be written; a share `transcribe` of them to be transcribed."""
    chosen, grid = group(rng, pages, patch, tokens)
    chosen = [place(rng, page, grid[0] * patch, grid[1] * patch) for page in chosen]
    batch = stack(chosen, grid, patch)
    targets = [choose_target(rng, page, transcribe) for page in chosen]
    length = max(len(ASK[prompt]) + len(t.ids) for prompt, t in targets) - 1
    shape = (len(chosen), length)
    after, wanted, weight, guide = (
        np.zeros(shape, np.int64),
        np.zeros(shape, np.int64),
        np.zeros(shape, np.float32),
        np.full(shape, -1, np.int64),
    )
    for row, (page, (prompt, target)) in enumerate(zip(chosen, targets, strict=True)):
        ask, count = ASK[prompt], len(target.ids)
        after[row, : len(ask) + count - 1] = [*ask, *target.ids[:-1]]
        answer = np.s_[row, len(ask) - 1 : len(ask) - 1 + count]
        wanted[answer] = target.ids
        weight[answer] = target.weight
        guide[answer] = np.where(target.weight > 0, source_tokens(page, target.source, patch), -1)
    batch.after, batch.wanted, batch.weight, batch.guide = map(
        torch.from_numpy, (after, wanted, weight, guide)
    )
    return batch
