"""How well lines are read: edit distance over length, case folded.

python -m page_reader.measure STATE SHARD...
"""

import argparse
import random
from pathlib import Path

import torch

from . import alphabet, data
from . import model as nets
from .crops import Line
from .model import Recogniser


def distance(one: str, other: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def texts(model: Recogniser, lines: list[Line]) -> list[tuple[str, str]]:
    """The text of each line, and what is read."""
    model.eval()
    found = []
    with torch.inference_mode():
        for chosen in data.batches(lines, random.Random(0), 20_000):
            batch = data.batch(chosen, None)
            best = model(batch.pictures).argmax(-1)
            for line, row, count in zip(chosen, best, batch.steps, strict=True):
                truth = "".join(alphabet.CHARACTERS[number - 1] for number in line.classes)
                found.append((truth, alphabet.decode(row[:count].tolist())))
    model.train()
    return found


def character_error(model: Recogniser, lines: list[Line]) -> float:
    pairs = texts(model, lines)
    wrong = sum(distance(truth.upper(), read.upper()) for truth, read in pairs)
    return wrong / max(1, sum(len(truth) for truth, _ in pairs))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures a recogniser.")
    parser.add_argument("state", type=Path, help="state of train.py")
    parser.add_argument("shards", type=Path, nargs="*")
    parser.add_argument("--show", type=int, default=0, help="lines to print that are read wrong")
    options = parser.parse_args()
    model = nets.load(options.state)
    for path in options.shards:
        lines = data.load(path)
        pairs = texts(model, lines)
        wrong = sum(distance(truth.upper(), read.upper()) for truth, read in pairs)
        length = sum(len(truth) for truth, _ in pairs)
        digits = [(t, r) for t, r in pairs if any(c.isdigit() for c in t)]
        whole = sum(t.upper() == r.upper() for t, r in digits) / max(1, len(digits))
        print(
            f"{path.stem}: {len(pairs)} lines, character error {wrong / length:.4f}, "
            f"lines with digits whole {whole:.3f}"
        )
        for truth, read in [p for p in pairs if p[0].upper() != p[1].upper()][: options.show]:
            print(f"  {truth!r}\n  {read!r}")


if __name__ == "__main__":
    main()
