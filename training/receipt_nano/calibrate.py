"""Measures how often a running gateway's values are right when its model is how sure, and writes
the calibration that turns the one into the other; with --weights also what page text and checks
say of values (see src/receipt/confidence/weights.rs)."""

import argparse
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import sroie
from .evaluate import ask, kind_of, png, same, scan
from .pool import rendered

KINDS = ("number", "date", "text", "choice")
FIRST_SEED = 100_000  # receipts that neither training nor evaluation draws
POINTS = 16  # of a curve, at most
FEWEST = 25  # values behind a point
BINS = 10  # of the expected calibration error


SUREST, LEAST_SURE = 0.95, 0.005  # as in the gateway
STANDINGS = ("printed", "derived", "missing", "exempt")
NAMES = ("bias", "model", *STANDINGS, "reader", "passed", "failed")
STEADY = 2.0  # weight of the prior on the weights: none, and the model's own log-odds


@dataclass
class Value:
    """One value that was read: the log-probability of its tokens, whether it is right, where it
    stands on the pages, how surely that was read, and whether the checks that name it passed."""

    kind: str
    logprob: float
    right: bool
    standing: str
    read: float
    passed: bool | None


def at(value: object, pointer: str) -> tuple[bool, object]:
    """Whether there is something at a JSON pointer, and what."""
    for name in pointer.split("/")[1:]:
        if isinstance(value, list) and int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            return False, None
    return True, value


def values(reading: dict, truth: dict) -> list[Value]:
    """The values of an answer with its meta whose truth is known; the currency is a setting."""
    found = []
    checks = [check for check in reading["meta"]["checks"] if check["name"] != "is_printed"]
    for pointer, field in reading["meta"]["fields"].items():
        if pointer.split("/")[1] not in truth or pointer.endswith("/currency"):
            continue
        if field["logprob"] is None:  # the schema alone decided it
            continue
        read, (known, true) = at(reading["invoice"], pointer)[1], at(truth, pointer)
        naming = [check["passed"] for check in checks if pointer in check["fields"]]
        places = field.get("evidence") or [{"confidence": 1.0}]
        found.append(
            Value(
                kind_of(pointer),
                field["logprob"],
                known and same(read, true),
                field.get("printed", "unknown"),
                max(places[0]["confidence"], LEAST_SURE),
                all(naming) if naming else None,
            )
        )
    return found


def examples(count: int, half: int, scans: Path | None):
    """Files and truths: rendered receipts, a third in unseen fonts, and every other scan."""
    for n in range(count):
        seed = FIRST_SEED + 2 * n + half
        page = rendered(seed, "eval", "held_out" if n % 3 == 0 else "train")
        yield png(page), page.truth
    if scans:
        for name in sroie.scans(scans, "validation")[half::2]:
            yield scan(scans, name)


def curve(logprobs: np.ndarray, right: np.ndarray) -> list[tuple[float, float]]:
    """Points (log-probability, share that is right), rising: means of groups of equal size,
    neighbours that fall pooled (isotonic regression by pooling adjacent violators)."""
    order = np.argsort(logprobs, kind="stable")
    groups = max(1, min(POINTS, len(order) // FEWEST))
    pooled: list[list[float]] = []  # sum of log-probabilities, right ones, values
    for part in np.array_split(order, groups):
        pooled.append([float(logprobs[part].sum()), float(right[part].sum()), float(len(part))])
        while len(pooled) > 1 and share(pooled[-2]) >= share(pooled[-1]):
            last = pooled.pop()
            pooled[-1] = [a + b for a, b in zip(pooled[-1], last, strict=True)]
    points = [(round(g[0] / g[2], 4), round(share(g), 4)) for g in pooled]
    return [p for i, p in enumerate(points) if i == 0 or p[0] > points[i - 1][0]]


def share(group: list[float]) -> float:
    """The share of right ones, with one right and one wrong added (the rule of succession)."""
    return (group[1] + 1) / (group[2] + 2)


def confidence(points: list[tuple[float, float]], logprobs: np.ndarray) -> np.ndarray:
    """What the gateway makes of log-probabilities: lines between points, level beyond."""
    return np.interp(logprobs, [x for x, _ in points], [y for _, y in points])


def features(found: list[Value], points: list[tuple[float, float]]) -> np.ndarray:
    """What the gateway weighs of each value, in the order of NAMES."""
    sure = confidence(points, np.array([v.logprob for v in found]))
    sure = np.clip(sure, LEAST_SURE, SUREST)
    rows = [
        [
            1.0,
            math.log(p / (1 - p)),
            *(float(v.standing == standing) for standing in STANDINGS),
            math.log(v.read) if v.standing == "printed" else 0.0,
            float(v.passed is True),
            float(v.passed is False),
        ]
        for v, p in zip(found, sure, strict=True)
    ]
    return np.array(rows)


def weights(rows: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Logistic regression by Newton's method, drawn towards the model's own log-odds alone."""
    prior = np.array([float(name == "model") for name in NAMES])
    found = prior.copy()
    for _ in range(50):
        p = 1 / (1 + np.exp(-rows @ found))
        slope = rows.T @ (right - p) - STEADY * (found - prior)
        curve = (rows * (p * (1 - p))[:, None]).T @ rows + STEADY * np.eye(len(found))
        found = found + np.linalg.solve(curve, slope)
    return found


def weighed(rows: np.ndarray, found: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-rows @ found))


def expected_calibration_error(confident: np.ndarray, right: np.ndarray) -> float:
    """Mean distance of confidence and accuracy over bins of confidence, by their size
    (Naeini et al., 2015)."""
    bins = np.minimum((confident * BINS).astype(int), BINS - 1)
    gaps = [
        abs(confident[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
        for b in np.unique(bins)
    ]
    return float(sum(gaps))


def by_kind(found: list[Value], kind: str) -> tuple[np.ndarray, np.ndarray]:
    chosen = [v for v in found if v.kind == kind]
    return np.array([v.logprob for v in chosen]), np.array([v.right for v in chosen], float)


def measure(server: str, count: int, half: int, scans: Path | None) -> list[Value]:
    found = []
    for picture, truth in examples(count, half, scans):
        found += values(ask(server, picture, "?include=meta"), truth)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="file to write")
    parser.add_argument("--name", required=True, help="of the calibration, such as receipt-nano-1")
    parser.add_argument("--server", default="http://localhost:8000")
    parser.add_argument("--scans", type=Path, help="folder of the SROIE scans")
    parser.add_argument("--keep", action="store_true", help="keeps the curves of the file")
    parser.add_argument("--weights", type=Path, help="file to write the weights of evidence to")
    parser.add_argument("--receipts", type=int, default=240, help="rendered, for each half")
    options = parser.parse_args()
    fit, test = (measure(options.server, options.receipts, h, options.scans) for h in (0, 1))
    if options.keep:
        curves = json.loads(options.out.read_text())["curves"]
    else:
        curves = {kind: curve(*by_kind(fit, kind)) for kind in KINDS}
        made = f"{options.receipts} rendered receipts"
        made += " and 30 scans" if options.scans else ""
        calibration = {"name": options.name, "made": made, "curves": curves}
        options.out.write_text(json.dumps(calibration, separators=(",", ":")) + "\n")
    print(
        "| kind | values | right | error with evidence | error calibrated | error as it is |\n"
        "|---|---|---|---|---|---|"
    )
    of_kinds = {}
    for kind in KINDS:
        fitted, tested = ([v for v in half if v.kind == kind] for half in (fit, test))
        if not fitted or not tested:
            continue
        truth = np.array([v.right for v in fitted], float)
        of_kinds[kind] = weights(features(fitted, curves[kind]), truth)
        logprobs, right = by_kind(test, kind)
        calibrated = expected_calibration_error(confidence(curves[kind], logprobs), right)
        evident = expected_calibration_error(
            weighed(features(tested, curves[kind]), of_kinds[kind]), right
        )
        raw = expected_calibration_error(np.array([math.exp(x) for x in logprobs]), right)
        print(
            f"| {kind} | {len(right)} | {right.mean():.3f} | {evident:.3f} | {calibrated:.3f} "
            f"| {raw:.3f} |"
        )
        for standing in STANDINGS:
            chosen = [v.right for v in tested if v.standing == standing]
            if chosen:
                print(f"  {standing}: {len(chosen)} values, {np.mean(chosen):.3f} right")
    if options.weights:
        told = {
            kind: {name: round(float(w), 3) for name, w in zip(NAMES, found, strict=True)}
            for kind, found in of_kinds.items()
        }
        options.weights.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
