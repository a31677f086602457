"""Blends the weights of two checkpoint folders: those of the second become a share of their own and
the rest of the first's (Wortsman et al., "Robust fine-tuning of zero-shot models", 2021)."""

import argparse
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import load_file, save_file

WEIGHTS = "model.safetensors"


def blend(before: Path, after: Path, share: float) -> None:
    """Writes the weights of `after` anew: `share` of its own, the rest of `before`."""
    old, new = load_file(before / WEIGHTS), load_file(after / WEIGHTS)
    with safe_open(after / WEIGHTS, "pt") as file:
        metadata = file.metadata()
    mixed = {
        name: old[name].float().lerp(weight.float(), share).to(weight.dtype).contiguous()
        for name, weight in new.items()
    }
    save_file(mixed, after / WEIGHTS, metadata)


def main() -> None:
    parser = argparse.ArgumentParser(description="Blends the weights of two checkpoint folders.")
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path, help="the folder that is written anew")
    parser.add_argument("--share", type=float, default=0.6, help="of the second folder's weights")
    options = parser.parse_args()
    blend(options.before, options.after, options.share)


if __name__ == "__main__":
    main()
