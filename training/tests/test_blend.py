"""Blending weights."""

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from receipt_nano.blend import WEIGHTS, blend


def test_weights_are_blended_in_their_type(tmp_path) -> None:
    for name, value in (("before", 1.0), ("after", 2.0)):
        folder = tmp_path / name
        folder.mkdir()
        weights = {"a": torch.full((2, 3), value, dtype=torch.bfloat16)}
        save_file(weights, folder / WEIGHTS, {"format": "pt"})
    blend(tmp_path / "before", tmp_path / "after", 0.75)
    mixed = load_file(tmp_path / "after" / WEIGHTS)["a"]
    assert mixed.dtype == torch.bfloat16 and (mixed == 1.75).all()
    with safe_open(tmp_path / "after" / WEIGHTS, "pt") as file:
        assert file.metadata() == {"format": "pt"}
    assert (load_file(tmp_path / "before" / WEIGHTS)["a"] == 1).all()
