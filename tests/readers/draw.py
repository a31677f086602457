#!/usr/bin/env python3
"""Draws what the page reader finds on a picture, for a person to look at: a box around each word, red where it is
unsure, and the number of each line in reading order.

    pip install pillow==13.0.0
    python tests/readers/draw.py PICTURE OUT.png [--gateway target/release/receipt-gateway] [--server URL]
"""

import argparse
import json
import subprocess
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("picture", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--gateway", type=Path, default=ROOT / "target/release/receipt-gateway")
    parser.add_argument("--server")
    asked = parser.parse_args()
    command = [asked.gateway.resolve(), "text", "--json", asked.picture.resolve()]
    command += ["--server", asked.server] if asked.server else []
    read = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    (page,) = json.loads(read.stdout)["pages"]
    image = ImageOps.exif_transpose(Image.open(asked.picture)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(page["lines"]):
        for word in line["words"]:
            x, y, width, height = word["box"]
            left, top = x * image.width, y * image.height
            corners = (left, top, left + width * image.width, top + height * image.height)
            sure = word["confidence"]
            draw.rectangle(corners, outline=(round(220 * (1 - sure)), round(150 * sure), 0))
        x, y, *_ = line["box"]
        draw.text((max(0, x * image.width - 20), y * image.height), str(number), fill=(0, 0, 255))
        print(number, line["text"])
    image.save(asked.out)


if __name__ == "__main__":
    main()
