"""The net that finds the lines of a page.

Input: (pages, 1, height, width) float, 0 white to 1 black; sides are multiples of 32.
Output: (pages, 3, height / 4, width / 4): the probability that a cell is in the core of a line, and
from its middle the distances up and down to the line's edges in pixels.
"""

import torch
from torch import nn
from torch.nn import functional

from .model import Block

CELL = 4  # pixels of a cell of the output
SIDE = 32  # of which the sides of a page are multiples


class Detector(nn.Module):
    def __init__(self, widths: tuple[int, ...] = (16, 32, 56, 80, 96)):
        super().__init__()
        stem, *rest = widths
        self.stem = nn.Sequential(nn.Conv2d(1, stem, 3, 2, 1), nn.ReLU())
        self.down = nn.ModuleList(
            nn.Sequential(nn.Conv2d(inner, outer, 3, 2, 1), nn.ReLU(), Block(outer, outer))
            for inner, outer in zip(widths, rest, strict=False)
        )
        self.across = nn.ModuleList(nn.Conv2d(width, rest[0], 1) for width in rest)
        self.join = nn.ModuleList(Block(rest[0], rest[0]) for _ in rest[:-1])
        self.head = nn.Conv2d(rest[0], 3, 3, padding=1)

    def forward(self, pages: torch.Tensor) -> torch.Tensor:
        """The output with the core as logits and the distances as logarithms."""
        x, seen = self.stem(pages), []
        for part in self.down:
            x = part(x)
            seen.append(x)
        x = self.across[-1](seen[-1])
        for side, way, join in zip(
            reversed(seen[:-1]),
            reversed(list(self.across[:-1])),
            reversed(list(self.join)),
            strict=True,
        ):
            x = join(functional.interpolate(x, scale_factor=2.0) + way(side))
        return self.head(x)


class Found(nn.Module):
    """The detector as it is exported: probabilities and pixels."""

    def __init__(self, detector: Detector):
        super().__init__()
        self.detector = detector

    def forward(self, pages: torch.Tensor) -> torch.Tensor:
        out = self.detector(pages)
        return torch.cat([out[:, :1].sigmoid(), out[:, 1:].exp()], 1)


def loss_of(detector: Detector, pictures: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Cross entropy and dice of the core, and the distances' error as logarithms."""
    out = detector(pictures)
    core, counts = wanted[:, 0], wanted[:, 3]
    entropy = functional.binary_cross_entropy_with_logits(
        out[:, 0], core, counts, pos_weight=torch.tensor(2.0)
    )
    found = out[:, 0].sigmoid() * counts
    dice = 1 - 2 * (found * core).sum() / (found.sum() + core.sum()).clamp_min(1)
    distances = wanted[:, 1:3].clamp_min(1.0).log()
    inside = (core * counts)[:, None]
    off = functional.smooth_l1_loss(out[:, 1:], distances, reduction="none", beta=0.1) * inside
    return entropy + 0.5 * dice + off.sum() / inside.sum().clamp_min(1)
