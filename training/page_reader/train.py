"""Trains the recogniser.

python -m page_reader.train SHARDS --minutes 60 --out reader.pt [--resume reader.pt]

A run writes its state every two minutes; --resume goes on with it, and with the rest of its
minutes.
"""

import argparse
import math
import random
import time
from pathlib import Path

import torch
from torch.nn import functional

from receipt_nano.precision import autocast

from . import data, measure
from . import model as nets
from .alphabet import CLASSES, FOLDED
from .crops import Line
from .model import Recogniser

SAVE = 120  # seconds between states
SCANS = 0.35  # share of the lines of an epoch that are of scans
EPOCH = 24_000  # lines


def fold(log_probs: torch.Tensor, is_cased: torch.Tensor) -> torch.Tensor:
    """Gives a small letter's probability to its capital, for lines whose case is not known."""
    folded = torch.zeros_like(log_probs)
    folded.index_add_(2, torch.tensor(FOLDED), log_probs.exp())
    folded = folded.clamp_min(1e-9).log()
    return torch.where(is_cased[:, None, None], log_probs, folded)


def loss_of(model: Recogniser, chosen: list[Line], rng: random.Random) -> torch.Tensor:
    pictures, steps, classes, lengths, is_cased = data.batch(chosen, rng)
    with autocast():
        log_probs = model(pictures)
    starts = torch.tensor(lengths).cumsum(0).tolist()
    targets = [
        number if line.is_cased else FOLDED[number] for line in chosen for number in line.classes
    ]
    assert starts[-1] == len(classes)
    return functional.ctc_loss(
        fold(log_probs, is_cased).transpose(0, 1),
        torch.tensor(targets),
        steps,
        torch.tensor(lengths),
        reduction="sum",
        zero_infinity=True,
    ) / sum(lengths)


def rate(progress: float, peak: float) -> float:
    """A warm-up over 2 %, then half a cosine down to a fiftieth."""
    if progress < 0.02:
        return peak * max(progress / 0.02, 0.05)
    return peak * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0))))


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


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains the recogniser.")
    parser.add_argument("folder", type=Path, help="shards of page_reader.data")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=2e-3, help="peak of the learning rate")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", type=Path, help="state to go on from")
    parser.add_argument("--again", action="store_true", help="resumes the weights alone")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    known = options.resume or options.weights
    model = nets.load(known) if known else Recogniser()
    optimiser = torch.optim.AdamW(model.parameters(), options.rate, weight_decay=0.01)
    spent, steps, seen = 0.0, 0, 0
    if options.resume:
        state = torch.load(options.resume)
        optimiser.load_state_dict(state["optimiser"])
        spent, steps, seen = state["spent"], state["steps"], state["seen"]
    rng = random.Random(f"{options.seed} {steps}")
    pool = Pool(options.folder, rng)
    started, saved, smooth = time.monotonic() - spent, time.monotonic(), None

    def save() -> None:
        state = {
            "model": model.state_dict(),
            "optimiser": optimiser.state_dict(),
            "spent": time.monotonic() - started,
            "steps": steps,
            "seen": seen,
            "classes": CLASSES,
        }
        torch.save(state, options.out.with_suffix(".part"))
        options.out.with_suffix(".part").rename(options.out)

    model.train()
    while time.monotonic() - started < options.minutes * 60:
        for chosen in data.batches(pool.epoch(), rng):
            progress = (time.monotonic() - started) / (options.minutes * 60)
            if progress >= 1:
                break
            for group in optimiser.param_groups:
                group["lr"] = rate(progress, options.rate)
            loss = loss_of(model, chosen, rng)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            steps, seen = steps + 1, seen + len(chosen)
            smooth = loss.item() if smooth is None else 0.98 * smooth + 0.02 * loss.item()
            if steps % 50 == 0:
                minutes = (time.monotonic() - started) / 60
                print(
                    f"{minutes:6.1f} min {steps:6} steps {seen:7} lines  loss {smooth:.4f}",
                    flush=True,
                )
            if time.monotonic() - saved > SAVE:
                save()
                saved = time.monotonic()
    save()
    for path in sorted(options.folder.glob("*-held_out*.pickle")):
        error = measure.character_error(model, data.load(path)[:3000])
        print(f"{path.stem}: character error {error:.4f}")


if __name__ == "__main__":
    main()
