"""Writes the folder of the page reader that the gateway runs: two nets in ONNX, and their
characters.

python -m page_reader.export RECOGNISER.pt DETECTOR.pt ../models/page-reader
"""

import argparse
from pathlib import Path

import torch
from torch import nn

from .alphabet import CHARACTERS
from .detector import SIDE, Detector, Found
from .model import HEIGHT, Recogniser

OPSET = 17
FORM = 'form = "receipt-gateway"\n'


def write(
    model: nn.Module, example: torch.Tensor, names: tuple[str, str], axes, path: Path
) -> None:
    torch.onnx.export(
        model.eval(),
        (example,),
        str(path),
        input_names=[names[0]],
        output_names=[names[1]],
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
    )


def folder(recogniser_at: Path, detector_at: Path, out: Path) -> None:
    recogniser, detector = Recogniser(), Detector()
    recogniser.load_state_dict(torch.load(recogniser_at)["model"])
    detector.load_state_dict(torch.load(detector_at)["model"])
    out.mkdir(parents=True, exist_ok=True)
    write(
        recogniser,
        torch.zeros(2, 1, HEIGHT, 64),
        ("lines", "classes"),
        {"lines": {0: "lines", 3: "width"}, "classes": {0: "lines", 1: "steps"}},
        out / "recognition.onnx",
    )
    write(
        Found(detector),
        torch.zeros(1, 1, 4 * SIDE, 3 * SIDE),
        ("page", "text"),
        {"page": {2: "height", 3: "width"}, "text": {2: "rows", 3: "columns"}},
        out / "detection.onnx",
    )
    (out / "characters.txt").write_text(CHARACTERS, encoding="utf-8")
    (out / "reader.toml").write_text(FORM, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes the page reader's folder.")
    parser.add_argument("recogniser", type=Path, help="state of train.py")
    parser.add_argument("detector", type=Path, help="state of train.py")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    folder(options.recogniser, options.detector, options.folder)


if __name__ == "__main__":
    main()
