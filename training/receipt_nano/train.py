"""Trains receipt-nano: first the vision tower alone on windows, then everything on whole pages,
then the text model on the text of pages."""

import argparse
import math
import pickle
import random
import time
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from .batches import BEFORE, OPENING, Batch, make_examples, texts, whole, windows
from .export import load, load_heads
from .model import Config, ReceiptNano, patches
from .muon import Muon
from .page import Page
from .pool import Pool
from .precision import autocast
from .targets import TOKENIZER

BLANK_WEIGHT, NO_ROLE_WEIGHT = 0.25, 0.25
WINDOW = (20, 18)  # rows and columns of the windows that the vision tower is trained on
EXAMPLES = 128  # texts of pages that are made at once
LONGEST = 2600  # tokens of a text of a page with its answer


def head_losses(model: ReceiptNano, picture: Tensor, batch: Batch) -> dict[str, Tensor]:
    glyphs, roles = model.heads(picture)
    glyph_weight = torch.ones(glyphs.shape[-1])
    glyph_weight[0] = BLANK_WEIGHT
    role_weight = torch.ones(roles.shape[-1])
    role_weight[0] = NO_ROLE_WEIGHT
    printed = batch.glyphs > 0
    return {
        "glyphs": F.cross_entropy(glyphs.flatten(0, 2), batch.glyphs.flatten(), glyph_weight),
        "roles": F.cross_entropy(roles.flatten(0, 2), batch.roles.flatten(), role_weight),
        "glyph accuracy": (glyphs.argmax(-1) == batch.glyphs)[printed].float().mean(),
        "role accuracy": (roles.argmax(-1) == batch.roles)[batch.roles > 0].float().mean(),
    }


def text_losses(model: ReceiptNano, picture: Tensor, batch: Batch) -> dict[str, Tensor]:
    before = BEFORE if picture.shape[1] else OPENING
    # What is before the first token to write is in no loss but that of its meaning.
    first = int((batch.weight > 0).any(0).int().argmax())
    logits, guided, meant = model.text(
        torch.tensor(before), picture, batch.after, batch.grid, first
    )
    wanted, guide = batch.wanted[:, first:], batch.guide[:, first:]
    loss = F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), reduction="none")
    weight = batch.weight[:, first:].flatten()
    right = (logits.argmax(-1) == wanted).flatten()
    read = (guide >= 0).flatten()
    at = (guide.clamp(0) + len(before)).flatten()[read]
    scores = [s.flatten(0, 1)[read] for s in guided]
    measured = {
        "language": (loss * weight).sum() / weight.sum(),
        "guide": sum(F.cross_entropy(s, at, reduction="sum") for s in scores)
        / (len(scores) * max(1, len(at))),
        "read accuracy": right[read].float().mean(),
        "other accuracy": right[~read & (weight > 0)].float().mean(),
    }
    if batch.meant is None:
        return measured
    known = batch.meant >= 0
    role_weight = torch.ones(meant.shape[-1])
    role_weight[0] = NO_ROLE_WEIGHT
    roles, found = batch.meant[known], meant[known]
    measured["meant"] = F.cross_entropy(found, roles, role_weight)
    measured["meant accuracy"] = (found.argmax(-1) == roles)[roles > 0].float().mean()
    return {f"text {name}": value for name, value in measured.items()}


class Texts:
    """Batches of the text of pages, which another process makes ahead."""

    def __init__(self, options: argparse.Namespace):
        self.options, self.rng, self.seed = options, random.Random(options.seed), options.seed
        files = (options.scans, options.readings)
        self.workers = ProcessPoolExecutor(1, initializer=share, initargs=(files,))
        self.ready: list[Batch] = []
        self.coming = self._ask()

    def _ask(self) -> Future:
        self.seed += 1
        scan_share = self.options.scan_share
        return self.workers.submit(make_shared, self.seed, EXAMPLES, scan_share, LONGEST)

    def draw(self) -> Batch:
        if not self.ready:
            examples, self.coming = self.coming.result(), self._ask()
            self.ready = texts(self.rng, examples, self.options.text_tokens)
        return self.ready.pop()


class Source:
    """The batches of a phase."""

    def __init__(self, options: argparse.Namespace, patch: int):
        self.options, self.patch, self.rng = options, patch, random.Random(options.seed)
        self.texts = Texts(options) if options.phase == "texts" else None
        self.pool = None
        if options.shards:
            largest = options.largest * patch**2
            share = options.scan_share
            self.pool = Pool(
                options.shards, options.scans, options.pool, share, largest, options.seed
            )

    def draw(self) -> Batch:
        options = self.options
        if self.texts and not (self.pool and self.rng.random() < options.picture_share):
            return self.texts.draw()
        pages = self.pool.pages
        if options.phase == "windows":
            count = options.tokens // (WINDOW[0] * WINDOW[1])
            return windows(self.rng, pages, self.patch, WINDOW, count)
        return whole(self.rng, pages, self.patch, options.tokens, options.transcribe)

    def refresh(self) -> None:
        if self.pool:
            self.pool.refresh()


SHARED: list[list[Page]] = []  # scans and readings, in the process that makes texts


def share(files: tuple[Path | None, ...]) -> None:
    SHARED[:] = [pickle.loads(file.read_bytes()) if file else [] for file in files]


def make_shared(seed: int, count: int, share: float, most: int) -> list:
    return make_examples(seed, count, *SHARED, share, most)


def losses(model: ReceiptNano, batch: Batch) -> dict[str, Tensor]:
    """All losses that a batch has labels for, and accuracies."""
    if batch.images is None:
        return text_losses(model, torch.empty(len(batch.after), 0, model.config.width), batch)
    picture = model.vision(patches(batch.images, model.config.patch))
    measured = head_losses(model, picture, batch)
    return measured if batch.after is None else measured | text_losses(model, picture, batch)


def optimisers(model: ReceiptNano, rate: float, vision_share: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the blocks, AdamW for the rest. The vision tower learns at
    `vision_share` of the rate."""
    groups: dict[tuple[bool, float], list[Tensor]] = {}
    for name, p in model.named_parameters():
        matrix = p.ndim == 2 and "blocks" in name
        share = vision_share if name.startswith("vision.") else 1.0
        groups.setdefault((matrix, share), []).append(p)

    def of(matrices: bool) -> list[dict]:
        return [
            {"params": params, "share": share}
            for (matrix, share), params in groups.items()
            if matrix == matrices
        ]

    return [Muon(of(True), lr=rate), torch.optim.AdamW(of(False), lr=rate, weight_decay=0.0)]


def rate_at(share: float, warm_up: float, floor: float) -> float:
    """Factor of the learning rate at a share of the run: warm-up, then a cosine to `floor`."""
    if share < warm_up:
        return share / warm_up
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * (share - warm_up) / (1 - warm_up)))


class Log:
    """Means of what was measured since the last line."""

    def __init__(self):
        self.sums: dict[str, list[float]] = {}

    def add(self, measured: dict[str, Tensor]) -> None:
        for name, value in measured.items():
            if not torch.isnan(value):
                self.sums.setdefault(name, []).append(float(value))

    def line(self) -> str:
        text = "  ".join(f"{k} {sum(v) / len(v):.3f}" for k, v in self.sums.items())
        self.sums.clear()
        return text


def save(path: Path, model: ReceiptNano, optimizers: list, pages: int) -> None:
    state = {
        "model": model.state_dict(),
        "optimisers": [o.state_dict() for o in optimizers],
        "pages": pages,
    }
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)


def train(options: argparse.Namespace) -> None:
    torch.manual_seed(options.seed)
    config = Config(TOKENIZER.get_vocab_size())
    model = ReceiptNano(config)
    for block in (*model.vision.blocks, *model.blocks):
        block.compile(dynamic=True)
    optimizers = optimisers(model, options.rate, options.vision_share)
    pages = 0
    if options.model:
        load(options.model, model)
        load_heads(model)
    if options.resume:
        state = torch.load(options.resume, weights_only=True)
        model.load_state_dict(state["model"])
        if options.keep_optimiser:
            for optimizer, saved in zip(optimizers, state["optimisers"], strict=True):
                optimizer.load_state_dict(saved)
        pages = state["pages"]
    source = Source(options, config.patch)
    weight_of = {
        "language": 1.0,
        "glyphs": options.glyphs,
        "roles": options.roles,
        "guide": options.guide,
        "text language": 1.0,
        "text guide": options.guide,
        "text meant": options.roles,
    }
    log, started, shown, saved, step = Log(), time.time(), time.time(), time.time(), 0
    seconds = options.minutes * 60
    while (passed := time.time() - started) < seconds:
        factor = rate_at(passed / seconds, options.warm_up, options.floor)
        for optimizer in optimizers:
            for g in optimizer.param_groups:
                g["lr"] = options.rate * factor * g["share"]
        for _ in range(options.groups):
            batch = source.draw()
            with autocast():
                measured = losses(model, batch)
            loss = sum(w * measured[name] for name, w in weight_of.items() if name in measured)
            (loss / options.groups).backward()
            log.add({name: value.detach() for name, value in measured.items()})
            pages += len(batch.wanted if batch.images is None else batch.images)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        step += 1
        if step % options.refresh == 0:
            source.refresh()
        if time.time() - shown > 30:
            shown = time.time()
            print(f"{passed / 60:6.1f} min  step {step}  pages {pages}  {log.line()}", flush=True)
        if time.time() - saved > 300:
            saved = time.time()
            save(options.out, model, optimizers, pages)
    save(options.out, model, optimizers, pages)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("phase", choices=["windows", "whole", "texts"])
    parser.add_argument("--shards", type=Path, help="folder of rendered shards; texts need none")
    parser.add_argument("--scans", type=Path, help="file of scans that pool.py wrote")
    parser.add_argument("--readings", type=Path, help="file of readings that pool.py wrote")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write")
    parser.add_argument("--resume", type=Path, help="checkpoint to go on from")
    parser.add_argument("--model", type=Path, help="committed model folder to go on from")
    parser.add_argument("--keep-optimiser", action="store_true", help="resume its state too")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--tokens", type=int, default=5000, help="picture tokens a batch")
    parser.add_argument("--groups", type=int, default=2, help="batches of one grid each a step")
    parser.add_argument("--rate", type=float, default=2e-3, help="peak learning rate")
    parser.add_argument(
        "--vision-share", type=float, default=1.0, help="the vision tower's share of the rate"
    )
    parser.add_argument("--warm-up", type=float, default=0.02, help="share of the run")
    parser.add_argument("--floor", type=float, default=0.05, help="last learning rate's share")
    parser.add_argument("--glyphs", type=float, default=1.0, help="weight of the glyph head's loss")
    parser.add_argument("--roles", type=float, default=0.5, help="weight of the role head's loss")
    parser.add_argument("--guide", type=float, default=0.3, help="weight of guided attention")
    parser.add_argument("--transcribe", type=float, default=0.2, help="share of transcriptions")
    parser.add_argument("--scan-share", type=float, default=0.12, help="share of scans")
    parser.add_argument("--text-tokens", type=int, default=12000, help="tokens of a batch of texts")
    parser.add_argument(
        "--picture-share", type=float, default=0.1, help="share of batches of pictures among texts"
    )
    parser.add_argument("--pool", type=int, default=6, help="shards in memory")
    parser.add_argument(
        "--largest", type=int, default=1100, help="picture tokens of a page at most"
    )
    parser.add_argument("--refresh", type=int, default=40, help="steps until a shard is exchanged")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.phase != "texts" and not options.shards:
        parser.error("windows and whole pages are drawn from --shards")
    train(options)


if __name__ == "__main__":
    main()
