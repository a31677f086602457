"""The net that reads a line: residual convolutions, two bidirectional LSTMs, and CTC.

Input: (lines, 1, 32, width) float, 0 white to 1 black.
Output: (lines, width / 4, classes) log-probabilities.
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from .alphabet import CLASSES

HEIGHT = 32  # pixels of a line
STEP = 4  # columns of a line for each step of the output


class Block(nn.Module):
    """Two convolutions beside a shortcut."""

    def __init__(self, inner: int, outer: int):
        super().__init__()
        self.first = nn.Conv2d(inner, outer, 3, padding=1, bias=False)
        self.second = nn.Conv2d(outer, outer, 3, padding=1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(outer) for _ in range(2))
        self.shortcut = nn.Conv2d(inner, outer, 1) if inner != outer else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.relu(self.norms[0](self.first(x)))
        return functional.relu(self.norms[1](self.second(y)) + self.shortcut(x))


class Recogniser(nn.Module):
    def __init__(self, widths: tuple[int, ...] = (24, 40, 80, 144), hidden: int = 128):
        super().__init__()
        stem, second, third, last = widths
        self.features = nn.Sequential(
            nn.Conv2d(1, stem, 5, 2, padding=2),
            nn.ReLU(),
            Block(stem, second),
            nn.MaxPool2d(2),
            Block(second, third),
            nn.MaxPool2d((2, 1)),
            Block(third, last),
            nn.MaxPool2d((2, 1)),
        )
        self.squeeze = nn.Conv2d(last, last, (2, 1))
        self.context = nn.LSTM(last, hidden, 2, bidirectional=True, batch_first=True)
        self.classes = nn.Linear(2 * hidden, CLASSES)

    def forward(self, lines: torch.Tensor) -> torch.Tensor:
        return self.read(self.look(lines))

    def look(self, lines: torch.Tensor) -> torch.Tensor:
        """What the convolutions see at each step."""
        return functional.relu(self.squeeze(self.features(lines))).squeeze(2).transpose(1, 2)

    def read(self, steps: torch.Tensor) -> torch.Tensor:
        """The log-probabilities from what is seen."""
        context, _ = self.context(steps)
        return functional.log_softmax(self.classes(context), -1)


def load(path: Path) -> Recogniser:
    """The net of a state of train.py."""
    model = Recogniser()
    model.load_state_dict(torch.load(path)["model"])
    return model
