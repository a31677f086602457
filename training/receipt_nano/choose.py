"""Fits what speaks for one of several answers that a running gateway weighed: its probability, the
words beside its values, the checks and the payment (see src/receipt/choosing/signs.rs). The
gateway's model has to be one with `choose`, and its answers say in `meta.weighed` what was weighed.

The scans are those for training: the validation part is for evaluate.py alone."""

import argparse
import json
from pathlib import Path

import numpy as np

from . import sroie
from .calibrate import at
from .evaluate import ask, png, same, scan
from .pool import rendered

FIRST_SEED = 300_000  # receipts that neither training, evaluation nor calibration draws
NAMES = ("logprob", "label", "checks", "payment")
PRIOR = np.array([1.0, 0.0, 0.0, 0.0])  # the model's own probability alone
STEADY = 0.1  # weight of the prior


def right(answer: dict, read: dict, truth: dict, pointers: list[str]) -> int:
    """How many of the fields that differ somewhere are right in an answer."""
    found = 0
    for pointer in pointers:
        value = answer["values"].get(pointer, read["values"].get(pointer))
        known, true = at(truth, pointer)
        found += known and same(value, true)
    return found


def group(weighed: list[dict], truth: dict) -> tuple[np.ndarray, np.ndarray] | None:
    """Features of the answers, and which are the rightest; nothing where it makes no odds."""
    read = weighed[0]
    pointers = [p for p in read["values"] if at(truth, p)[0]]
    rights = np.array([right(answer, read, truth, pointers) for answer in weighed])
    if not pointers or rights.min() == rights.max():
        return None
    return np.array(
        [[answer[name] for name in NAMES] for answer in weighed]
    ), rights == rights.max()


def fit(groups: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Conditional logistic regression: the weights that make the rightest likeliest, by gradient
    ascent over features of equal scale, with steps that shrink where they overshoot."""
    scale = np.concatenate([rows for rows, _ in groups]).std(axis=0) + 1e-6

    def measure(weights: np.ndarray) -> tuple[float, np.ndarray]:
        told, slope = -STEADY / 2 * np.sum((weights - PRIOR) ** 2), STEADY * (PRIOR - weights)
        for rows, best in groups:
            odds = rows @ weights
            p = np.exp(odds - odds.max())
            p /= p.sum()
            of_best = np.where(best, p, 0) / max(p[best].sum(), 1e-12)
            told += np.log(max(p[best].sum(), 1e-12))
            slope += rows.T @ (of_best - p)
        return told, slope

    found, step = PRIOR.copy(), 1.0
    told, slope = measure(found)
    while step > 1e-6:
        tried = found + step * slope / scale**2 / len(groups)
        better, steeper = measure(tried)
        if better > told:
            found, told, slope, step = tried, better, steeper, step * 1.5
        else:
            step /= 3
    return found


def share(groups: list[tuple[np.ndarray, np.ndarray]], weights: np.ndarray) -> float:
    """In how many groups the best answer is among the rightest."""
    return float(np.mean([best[np.argmax(rows @ weights)] for rows, best in groups]))


def examples(count: int, scans: Path | None, real: int):
    for n in range(count):
        page = rendered(FIRST_SEED + n, "eval", "held_out" if n % 3 == 0 else "train")
        yield png(page), page.truth
    if scans:
        for name in sroie.scans(scans, "train")[:real]:
            yield scan(scans, name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="http://localhost:8000")
    parser.add_argument("--scans", type=Path, help="folder of the SROIE scans")
    parser.add_argument("--rendered", type=int, default=200)
    parser.add_argument("--real", type=int, default=200)
    parser.add_argument("--save", type=Path, help="file for what was weighed")
    parser.add_argument("--load", type=Path, help="such a file, instead of asking")
    options = parser.parse_args()
    if options.load:
        found = json.loads(options.load.read_text())
    else:
        found = []
        for picture, truth in examples(options.rendered, options.scans, options.real):
            reading = ask(options.server, picture, "?include=meta")
            found.append([reading["meta"]["weighed"], truth])
        if options.save:
            options.save.write_text(json.dumps(found))
    weighed = [(weighed, truth) for weighed, truth in found if weighed]
    groups = [g for g in (group(*one) for one in weighed) if g]
    print(
        f"{len(found)} receipts, {len(weighed)} with several answers, {len(groups)} where it counts"
    )
    halves = groups[::2], groups[1::2]
    for fitted, tested in (halves, halves[::-1]):
        weights = fit(fitted)
        own = np.mean([best[0] for _, best in tested])
        print(
            f"as written {own:.3f}, by probability {share(tested, PRIOR):.3f}, "
            f"chosen {share(tested, weights):.3f}"
        )
    print(dict(zip(NAMES, fit(groups).round(2).tolist(), strict=True)))


if __name__ == "__main__":
    main()
