#!/usr/bin/env python3
"""Reads the committed receipts with PP-OCR's models as the page reader, and prints what was found of them.

    python tests/readers/run.py [--work FOLDER]

The models are those that the package rapidocr carries, at a pinned version from PyPI; they are put into FOLDER
(default: target/readers) once. Exit status 1 where too little is found.
"""

import argparse
import os
import shutil
import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "rapidocr==3.10.0"
NETS = ("PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx")


def install(work: Path) -> Path:
    """Returns a folder with the nets in PP-OCR's form."""
    folder = work / "pp-ocr"
    if all((folder / net).exists() for net in NETS):
        return folder
    venv.create(work / "venv", with_pip=True)
    # Its dependencies run the models in Python, which is not needed here.
    install = [work / "venv/bin/python", "-m", "pip", "install", "-q", "--no-deps", PACKAGE]
    subprocess.run(install, check=True)
    folder.mkdir(parents=True, exist_ok=True)
    for net in NETS:
        (found,) = (work / "venv").rglob(net)
        shutil.copy(found, folder / net)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=ROOT / "target/readers")
    work = parser.parse_args().work.resolve()
    environment = os.environ | {"GATEWAY_TEST_READER": str(install(work))}
    command = [os.environ.get("CARGO", "cargo"), "test", "--release", "--locked", "--test", "it"]
    command += ["--", "readers::", "--nocapture"]
    raise SystemExit(subprocess.run(command, cwd=ROOT, env=environment).returncode)


if __name__ == "__main__":
    main()
