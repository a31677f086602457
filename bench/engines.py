#!/usr/bin/env python3
"""Compares the gateway with other engines on the same picture, model and machine.

Engines take turns, each turn in a fresh process: load, one request of text alone, the first
request with the picture, then the same request several times. See README.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from turn import ENGINES, HERE, TOKENS, Answer, Options

BINARY = HERE.parent / "target" / "release" / "receipt-gateway"
PICTURE_SIZE = (753, 678)
STAT = Path("/proc/stat")
QUIET = 0.2  # cores
PACKAGES = {"wheel": ["mistralrs"], "mlx": ["mlx-vlm", "mlx"]}  # beside Pillow


def draw(path: Path) -> None:
    """Draws a receipt, the same every time."""
    from PIL import Image, ImageDraw, ImageFont

    draws = random.Random(1)
    picture = Image.new("RGB", PICTURE_SIZE, (250, 248, 242))
    pen, font, ink = ImageDraw.Draw(picture), ImageFont.load_default(22), (24, 24, 28)
    pen.text((250, 20), "TOKO SUMBER REJEKI", ink, font)
    total = 0
    for row in range(16):
        count, price = draws.randint(1, 9), 500 * draws.randint(10, 99)
        total += count * price
        pen.text((40, 70 + 33 * row), f"ITEM {row + 1:02}   {count} x {price}", ink, font)
        pen.text((610, 70 + 33 * row), f"{count * price:>9}", ink, font)
    pen.text((40, 615), "TOTAL", ink, font)
    pen.text((610, 615), f"{total:>9}", ink, font)
    picture.save(path)


def turn(name: str, picture: Path, options: Options) -> list[Answer]:
    """Runs turn.py for one engine; returns the first answer, then the repeated ones."""
    result = picture.with_suffix(".json")
    result.unlink(missing_ok=True)
    environment = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
    for key in (
        "RAYON_NUM_THREADS",
        "CANDLE_NUM_THREADS",
        "OMP_NUM_THREADS",
        "TOKIO_WORKER_THREADS",
    ):
        environment[key] = str(options.threads)
    environment["HF_HUB_OFFLINE"] = "1"
    done = subprocess.run(
        [sys.executable, HERE / "turn.py", name, picture, result, json.dumps(asdict(options))],
        env=environment,
        cwd=picture.parent,  # has no .env
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode or not result.exists():
        sys.exit(f"bench: {name} failed:\n{done.stdout[-4000:]}")
    return [Answer(**answer) for answer in json.loads(result.read_text())]


def others(patience: float = 0) -> float:
    """Waits up to `patience` seconds until other programs use at most QUIET cores; returns the
    cores that they use then (0 if not on Linux)."""

    def ticks() -> list[int]:
        return [int(n) for n in STAT.read_text().split("\n", 1)[0].split()[1:9]]

    if not STAT.exists():
        return 0.0
    end = time.monotonic() + patience
    while True:
        before = ticks()
        time.sleep(0.5)
        spent = [after - start for start, after in zip(before, ticks(), strict=True)]
        busy = (os.cpu_count() or 1) * (1 - (spent[3] + spent[4]) / max(1, sum(spent)))
        if busy < QUIET or time.monotonic() > end:
            return busy


def check(names: list[str], binary: Path) -> dict[str, str]:
    """Returns the engines' versions; ends the program if something is missing."""
    if unknown := [name for name in names if name not in ENGINES]:
        sys.exit(f"bench: unknown engines {', '.join(unknown)}; choose from {', '.join(ENGINES)}")
    found: dict[str, str] = {}
    for name in names:
        try:
            version("pillow")
            packages = [f"{package} {version(package)}" for package in PACKAGES.get(name, [])]
        except PackageNotFoundError as missing:
            sys.exit(
                f"bench: {name} needs the package {missing.name}, which {sys.executable} lacks.\n"
                "Run `pip install -r bench/requirements.txt` in a virtual environment, activate "
                "it and try again, or choose engines with --only."
            )
        found[name] = ", ".join(packages) or "this gateway"
    if "ours" in names and not binary.exists():
        sys.exit(f"bench: {binary} is missing; run `make build`")
    if "mlx" in names and sys.platform == "linux" and not shutil.which("g++"):
        sys.exit("bench: g++ is missing, which mlx compiles its CPU kernels with; install it")
    return found


def spread(values: list[float]) -> str:
    return " / ".join(f"{v:.3f}" for v in (min(values), statistics.median(values), max(values)))


def report(turns: dict[str, list[list[Answer]]], versions: dict[str, str], stream: bool) -> str:
    """Returns the tables in Markdown. A turn's repeated figure is the median of its repetitions."""

    def figures(name: str, kind: str, of: Callable[[Answer], float]) -> list[float]:
        if kind == "first":
            return [of(answers[0]) for answers in turns[name]]
        return [statistics.median(map(of, answers[1:])) for answers in turns[name]]

    def all_of(name: str, of: Callable[[Answer], object]) -> str:
        return "/".join(sorted({str(of(answer)) for answers in turns[name] for answer in answers}))

    rows = [(name, kind) for kind in ("first", "repeated") for name in turns]
    lines = [
        "| Request | Engine | Seconds: min / median / max | Against ours | Prompt | New | Text |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, kind in rows:
        seconds = figures(name, kind, lambda a: a.seconds)
        ratio = "-"
        if "ours" in turns:
            ours = statistics.median(figures("ours", kind, lambda a: a.seconds))
            ratio = f"{statistics.median(seconds) / ours:.2f}"
        cells = (
            kind,
            f"{name} ({versions[name]})",
            spread(seconds),
            ratio,
            all_of(name, lambda a: a.prompt_tokens),
            all_of(name, lambda a: a.completion_tokens),
            all_of(name, lambda a: hashlib.sha256(a.text.strip().encode()).hexdigest()[:6]),
        )
        lines.append(f"| {' | '.join(cells)} |")
    if stream:
        lines += [
            "",
            "| Request | Engine | Milliseconds to the first token | to each further one |",
            "| --- | --- | --- | --- |",
        ]
        for name, kind in rows:
            first = statistics.median(figures(name, kind, lambda a: first_token(a) * 1e3))
            rest = statistics.median(
                figures(name, kind, lambda a: (a.seconds - first_token(a)) * 1e3 / (TOKENS - 1))
            )
            lines.append(f"| {kind} | {name} | {first:.1f} | {rest:.2f} |")
    return "\n".join(lines)


def first_token(answer: Answer) -> float:
    return answer.first_token_seconds or 0.0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "--only", default=",".join(ENGINES), help="engines, separated by commas (%(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="turns of each engine (%(default)s)")
    parser.add_argument("--repeats", type=int, default=5, help="repeated requests (%(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="cores of each engine (%(default)s)")
    parser.add_argument(
        "--patience", type=float, default=60, help="seconds to wait for a quiet machine, each turn"
    )
    parser.add_argument("--stream", action="store_true", help="stream, and report first tokens")
    parser.add_argument("--json", type=Path, help="file for all single answers")
    parser.add_argument("--binary", type=Path, default=BINARY, help="the gateway's program")
    arguments = parser.parse_args()
    if min(arguments.rounds, arguments.repeats, arguments.threads) < 1:
        parser.error("--rounds, --repeats and --threads are at least 1")
    return arguments


def main() -> None:
    given = arguments()
    binary = given.binary.resolve()
    names = list(dict.fromkeys(given.only.split(",")))
    versions = check(names, binary)
    options = Options(str(binary), given.repeats, given.stream, given.threads)
    turns: dict[str, list[list[Answer]]] = {name: [] for name in names}
    busy: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        picture = Path(folder) / "receipt.png"
        draw(picture)
        for number in range(given.rounds + 1):
            for name in names:
                before = others(given.patience)
                answers = turn(name, picture, options)
                after = others()
                # Round 0 fills the disk's cache and mlx's cache of compiled kernels.
                label = f"round {number} of {given.rounds}" if number else "not counted"
                print(f"{label}: {name} {answers[0].seconds:.3f} s", file=sys.stderr)
                if number:
                    turns[name].append(answers)
                    busy.append(max(before, after))
    print(report(turns, versions, given.stream))
    machine = f"{platform.system()} {platform.machine()}, {given.threads} cores an engine"
    print(f"\n{given.rounds} rounds, {machine}.")
    if STAT.exists():
        print(
            "Cores busy with other work before or after a turn: median "
            f"{statistics.median(busy):.2f}, at most {max(busy):.2f}."
        )
    if max(busy) >= QUIET:
        print("The machine was not quiet: do not quote these figures.")
    if given.json:
        record = {
            "machine": machine,
            "versions": versions,
            "cores_busy_with_other_work": busy,
            "turns": {n: [[asdict(a) for a in t] for t in ts] for n, ts in turns.items()},
        }
        given.json.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
