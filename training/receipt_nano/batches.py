"""Batches of pages that share a grid of patches, and of pages' texts of like length."""

import random
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from . import render
from .model import CELL_COLUMNS, CELL_ROWS, CELLS, GLYPH_CLASSES
from .noise import crop, place
from .page import ROLE, Page
from .targets import NONE, TOKENIZER, Target, brief, invoice, transcription
from .tokens import BRIEF, PROMPT, TRANSCRIBE
from .written import Written, seen, without

BEFORE = TOKENIZER.encode("<|im_start|>user\n<|vision_start|>").ids
ASK = {
    prompt: TOKENIZER.encode(f"<|vision_end|>{prompt}<|im_end|>\n<|im_start|>assistant\n").ids
    for prompt in (PROMPT, BRIEF, TRANSCRIBE)
}
# Before and behind the text of a page where that stands in place of its picture.
OPENING = TOKENIZER.encode("<|im_start|>user\n").ids
REQUEST = {
    prompt: TOKENIZER.encode(f"\n\n{prompt}<|im_end|>\n<|im_start|>assistant\n").ids
    for prompt in (PROMPT, BRIEF)
}
COLUMN_STEP, ROW_STEP = 2, 4  # grids are whole multiples, so that pages share them
TRANSCRIBED = 96  # characters at most of one transcription
BRIEF_SHARE = 0.06  # of the pages that are not transcribed
MISREAD_AGAIN = 0.3  # share of a page reader's errors in what one has read
# Values that are null where a page reader does not see them, and how often that is.
NULLABLE = ("vendor_name", "invoice_number", "invoice_date", "due_date", "subtotal", "total_due")
UNSEEN_SHARE = 0.05
FOUND_BY = 6  # characters that a transcription from within the page is told


@dataclass
class Batch:
    """images  (pages, height, width) uint8
    glyphs  (pages, tokens, CELLS) int64, classes of the glyph head
    roles   (pages, tokens, CELLS) int64
    after   (pages, length) int64, what follows the picture; padded with 0
    wanted  (pages, length) int64, the token to write at each place
    weight  (pages, length) float32, of that token's loss
    guide   (pages, length) int64, the token of the picture, or of the page's text in `after`, that
            it is read from, or -1
    meant   (pages, length) int64, the role of each token of the page's text, or -1
    """

    images: Tensor | None
    grid: tuple[int, int]
    glyphs: Tensor | None = None
    roles: Tensor | None = None
    after: Tensor | None = None
    wanted: Tensor | None = None
    weight: Tensor | None = None
    guide: Tensor | None = None
    meant: Tensor | None = None


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


@dataclass
class Example:
    """A page's text with what is to be written for it; arrays as the rows of a Batch."""

    after: np.ndarray
    wanted: np.ndarray
    weight: np.ndarray
    guide: np.ndarray
    meant: np.ndarray


def example(rng: random.Random, page: Page, most: int, misread: float = 1.0) -> Example | None:
    """A page's text as it may be read, with what is to be written; None if that is longer than
    `most` tokens. `misread` is the share of a page reader's usual errors."""
    printed = set(page.glyphs["role"].tolist())
    if rng.random() < UNSEEN_SHARE:
        page = unseen(page, rng.choice(NULLABLE))
    text = seen(rng, page.glyphs, misread)
    page = stated(page, text, printed)
    prompt = BRIEF if rng.random() < BRIEF_SHARE else PROMPT
    target = brief(page) if prompt == BRIEF else invoice(page)
    encoded = TOKENIZER.encode(text.text)
    request, start = REQUEST[prompt], len(encoded.ids)
    begin = start + len(request) - 1
    length = begin + len(target.ids)
    if length > most or not start:
        return None
    # The token of the text that each glyph is in, and the glyph that each token is of.
    first = np.array([offset for offset, _ in encoded.offsets], np.int64)
    token_at = np.searchsorted(first, np.arange(len(text.text)), "right") - 1
    token_of = np.full(len(page.glyphs) + 1, -1, np.int64)
    token_of[text.source] = token_at
    token_of[-1] = -1
    glyph_of = text.source[first]
    guide = np.full(length, -1, np.int64)
    read = np.where(target.source == NONE, -1, token_of[target.source])
    guide[begin:] = np.where(target.weight > 0, read, -1)
    wanted, weight = np.zeros(length, np.int64), np.zeros(length, np.float32)
    wanted[begin:], weight[begin:] = target.ids, target.weight
    meant = np.full(length, -1, np.int64)
    roles = page.glyphs["role"][glyph_of].astype(int)
    # What else a scan says may be an item, which is not labelled.
    is_unknown = (glyph_of < 0) | ((page.kind == "scan") & (roles == ROLE["none"]))
    meant[:start] = np.where(is_unknown, -1, roles)
    after = np.array([*encoded.ids, *request, *target.ids[:-1]], np.int64)
    return Example(after, wanted, weight, guide, meant)


def unseen(page: Page, name: str) -> Page:
    """A page without the lines of a field, unless that leaves none."""
    kept = page.glyphs[without(page.glyphs, ROLE[name])]
    return replace(page, glyphs=kept) if len(kept) else page


def stated(page: Page, text: Written, printed: set[int]) -> Page:
    """A page whose truth has null for what is `printed`, by roles, but does not stand in the
    text."""
    lost = printed.difference(page.glyphs["role"][text.source[text.source >= 0]].tolist())
    lost = [name for name in NULLABLE if name in page.truth and ROLE[name] in lost]
    return replace(page, truth=page.truth | dict.fromkeys(lost))


def texts(rng: random.Random, examples: list[Example], tokens: int) -> list[Batch]:
    """Batches of examples of like length, of about `tokens` tokens each, in random order."""
    batches: list[Batch] = []
    together: list[Example] = []
    for one in sorted(examples, key=lambda e: len(e.after)):
        if together and len(one.after) * (len(together) + 1) > tokens:
            batches.append(padded(together))
            together = []
        together.append(one)
    batches.append(padded(together))
    rng.shuffle(batches)
    return batches


def padded(examples: list[Example]) -> Batch:
    length = max(len(e.after) for e in examples)

    def rows(name: str, fill: int) -> Tensor:
        arrays = [getattr(e, name) for e in examples]
        wide = [np.pad(a, (0, length - len(a)), constant_values=fill) for a in arrays]
        return torch.from_numpy(np.stack(wide))

    return Batch(
        None,
        (0, 0),
        after=rows("after", 0),
        wanted=rows("wanted", 0),
        weight=rows("weight", 0),
        guide=rows("guide", -1),
        meant=rows("meant", -1),
    )


def make_examples(
    seed: int, count: int, scans: list[Page], readings: list[Page], share: float, most: int
) -> list[Example]:
    """Examples of `count` pages, a share of them scans, as they are labelled or as a page reader
    read them; each seed gives others."""
    rng = random.Random(seed)
    made = []
    for _ in range(count):
        is_scan, is_read = scans and rng.random() < share, readings and rng.random() < 0.5
        if is_scan and is_read:
            made.append(example(rng, rng.choice(readings), most, MISREAD_AGAIN))
        else:
            page = rng.choice(scans) if is_scan else render.compose_text(rng, "train")
            made.append(example(rng, page, most))
    return [e for e in made if e]
