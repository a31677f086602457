"""Trains a net of the page reader.

python -m page_reader.train recogniser LINES --minutes 60 --out recogniser.pt
python -m page_reader.train detector PAGES --minutes 30 --out detector.pt

LINES are shards of page_reader.data, PAGES of page_reader.pages. A run writes its state every two
minutes; --resume goes on with it, and with the rest of its minutes.
"""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import torch
from torch.nn import functional

from receipt_nano import precision

from . import data, detector, measure, pages
from .alphabet import CLASSES, FOLDED
from .crops import Line
from .detector import Detector
from .loop import Loop
from .model import Recogniser

SCANS = 0.45  # share of the lines of an epoch that are of scans
EPOCH = 24_000  # lines
PLACED = 60_000  # lines over which the loss of places fades out
SHEETS = 4  # pages of a batch
SHEETS_OF_SCANS = 0.4  # share of the pages that are scans


def fold(log_probs: torch.Tensor, is_cased: torch.Tensor) -> torch.Tensor:
    """Gives a small letter's probability to its capital, for lines whose case is not known."""
    folded = torch.zeros_like(log_probs)
    folded.index_add_(2, torch.tensor(FOLDED), log_probs.exp())
    folded = folded.clamp_min(1e-9).log()
    return torch.where(is_cased[:, None, None], log_probs, folded)


def loss_of(model: Recogniser, chosen: list[Line], rng: random.Random, placed: float):
    """CTC's loss, and `placed` times that of the characters at their places, where they are known.

    Without the places CTC learns nothing for long: it begins by writing blanks alone.
    """
    batch = data.batch(chosen, rng)
    with precision.autocast():
        seen = model.look(batch.pictures.contiguous(memory_format=torch.channels_last))
    log_probs = model.read(seen.float())
    cased = batch.is_cased.repeat_interleave(batch.lengths)
    targets = torch.where(cased, batch.classes, torch.tensor(FOLDED)[batch.classes])
    loss = functional.ctc_loss(
        fold(log_probs, batch.is_cased).transpose(0, 1),
        targets,
        batch.steps,
        batch.lengths,
        reduction="sum",
        zero_infinity=True,
    ) / len(targets)
    if placed and (batch.frames > 0).any():
        weight = torch.ones(CLASSES)
        weight[0] = 0.3
        loss = loss + placed * functional.nll_loss(
            log_probs.transpose(1, 2), batch.frames, weight, ignore_index=-1
        )
    return loss


class Pool:
    """Lines in memory: some shards at a time, and the scans."""

    def __init__(self, folder: Path, rng: random.Random, shards: int = 8):
        self.paths = sorted(folder.glob("*-train-*.pickle"))
        scans = folder / "scans-train.pickle"
        self.scans = data.load(scans) if scans.exists() else []
        self.rng, self.count = rng, shards

    def epoch(self) -> list[Line]:
        chosen = self.rng.sample(self.paths, min(self.count, len(self.paths)))
        rendered = [line for path in chosen for line in data.load(path)]
        of_scans = round(EPOCH * SCANS) if self.scans else 0
        rendered = self.rng.sample(rendered, min(len(rendered), EPOCH - of_scans))
        return rendered + self.rng.sample(self.scans, min(of_scans, len(self.scans)))


def of_lines(
    model: Recogniser, folder: Path, rng: random.Random, loop: Loop, is_placed: bool
) -> Iterator:
    """The recogniser's losses, for ever; `is_placed` adds that of the places to the first ones."""
    pool = Pool(folder, rng)
    while True:
        for chosen in data.batches(pool.epoch(), rng):
            placed = max(0.0, 1 - loop.seen / PLACED) if is_placed else 0.0
            yield loss_of(model, chosen, rng, placed), len(chosen)


def of_pages(model: Detector, folder: Path, rng: random.Random) -> Iterator:
    """The detector's losses, for ever."""
    scans = folder / "scans-train.pickle"
    scanned = pages.load(scans) if scans.exists() else []
    paths = [path for path in sorted(folder.glob("*-train-*.pickle")) if path != scans]
    rendered = [sheet for path in paths for sheet in pages.load(path)]
    while True:
        chosen = [
            rng.choice(scanned if scanned and rng.random() < SHEETS_OF_SCANS else rendered)
            for _ in range(SHEETS)
        ]
        yield detector.loss_of(model, *pages.batch(chosen, rng)), len(chosen)


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains a net of the page reader.")
    parser.add_argument("net", choices=("recogniser", "detector"))
    parser.add_argument("folder", type=Path, help="shards")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=2e-3, help="peak of the learning rate")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", type=Path, help="state to go on from")
    parser.add_argument("--weights", type=Path, help="state whose weights to begin with")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    model = Recogniser() if options.net == "recogniser" else Detector()
    if options.weights:
        model.load_state_dict(torch.load(options.weights)["model"])
    loop = Loop(model, options.minutes, options.rate, options.out, options.resume)
    rng = random.Random(f"{options.seed} {loop.steps}")
    if options.net == "detector":
        loop.run(of_pages(model, options.folder, rng))
        return
    model.to(memory_format=torch.channels_last)  # the convolutions gain a fifth by it
    loop.run(of_lines(model, options.folder, rng, loop, options.weights is None))
    for path in sorted(options.folder.glob("*-held_out*.pickle")):
        error = measure.character_error(model, data.load(path)[:3000])
        print(f"{path.stem}: character error {error:.4f}")


if __name__ == "__main__":
    main()
