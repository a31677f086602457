"""The loop that both nets are trained in: rate, saved states, going on with them."""

import math
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from torch import nn

SAVE = 120  # seconds between states
LONGEST = 5  # seconds of a step; a run that was halted in between does not count the halt


def rate(progress: float, peak: float) -> float:
    """A warm-up over 2 %, then half a cosine down to a fiftieth."""
    if progress < 0.02:
        return peak * max(progress / 0.02, 0.05)
    return peak * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0))))


class Loop:
    """A run of `minutes`, or the rest of the run whose state is at `resume`."""

    def __init__(
        self, model: nn.Module, minutes: float, peak: float, out: Path, resume: Path | None
    ):
        self.model, self.seconds, self.peak, self.out = model, minutes * 60, peak, out
        self.optimiser = torch.optim.AdamW(model.parameters(), peak, weight_decay=0.01)
        self.spent, self.steps, self.seen = 0.0, 0, 0
        if resume:
            state = torch.load(resume)
            model.load_state_dict(state["model"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.spent, self.steps, self.seen = state["spent"], state["steps"], state["seen"]

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "spent": self.spent,
            "steps": self.steps,
            "seen": self.seen,
        }
        torch.save(state, self.out.with_suffix(".part"))
        self.out.with_suffix(".part").rename(self.out)

    def run(self, losses: Iterable[tuple[torch.Tensor, int]]) -> None:
        """Takes a step for each loss, which comes with the number of examples in it."""
        self.model.train()
        saved, smooth, turn = time.monotonic(), None, self.timed(losses)
        for loss, count in turn:
            for group in self.optimiser.param_groups:
                group["lr"] = rate(self.spent / self.seconds, self.peak)
            self.optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
            self.optimiser.step()
            self.steps, self.seen = self.steps + 1, self.seen + count
            smooth = loss.item() if smooth is None else 0.98 * smooth + 0.02 * loss.item()
            if self.steps % 50 == 0:
                print(
                    f"{self.spent / 60:6.1f} min {self.steps:6} steps {self.seen:7} examples  "
                    f"loss {smooth:.4f}",
                    flush=True,
                )
            if time.monotonic() - saved > SAVE:
                self.save()
                saved = time.monotonic()
        self.save()

    def timed(self, losses: Iterable) -> Iterator:
        """The losses until the run's time is over, which it counts."""
        started = time.monotonic()
        for loss in losses:
            yield loss
            self.spent += min(time.monotonic() - started, LONGEST)
            if self.spent >= self.seconds:
                return
            started = time.monotonic()
