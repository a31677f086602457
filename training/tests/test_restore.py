"""A net that was exported goes on training from where it was."""

from pathlib import Path

import pytest
import torch
from torch import nn

from page_reader import export, restore
from page_reader.detector import Detector, Found
from page_reader.model import HEIGHT, Recogniser

WIDTHS = {Recogniser: (4, 6, 8, 10), Detector: (4, 6, 8, 8, 8)}
SHAPES = {Recogniser: (8, 1, HEIGHT, 96), Detector: (4, 1, 96, 64)}


def trained(net: type[nn.Module]) -> nn.Module:
    """A small net whose norms have seen something, so that folding them changes every weight."""
    torch.manual_seed(3)
    model = net(WIDTHS[net])
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    for _ in range(5):
        model.train()(torch.rand(SHAPES[net]))
    return model.eval()


@pytest.mark.parametrize("net", [Recogniser, Detector])
def test_a_restored_net_answers_as_the_exported_one(net: type[nn.Module], tmp_path: Path) -> None:
    model, path = trained(net), tmp_path / "net.onnx"
    shape = SHAPES[net]
    whole = Found(model) if net is Detector else model
    export.write(whole, torch.zeros(shape), ("given", "found"), {"given": {3: "width"}}, path)
    again = net(WIDTHS[net])
    examples = [torch.rand(shape) for _ in range(6)]
    restore.restore(path, again, examples)
    given = torch.rand(shape)
    with torch.inference_mode():
        expected = model(given)
        assert torch.allclose(again.eval()(given), expected, atol=1e-4)
        # The statistics of a batch are about those that were measured, and not those of a new net.
        off = (again.train()(given) - expected).abs().mean()
        fresh = net(WIDTHS[net])
        fresh.load_state_dict(model.state_dict())
        for module in fresh.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.reset_running_stats()
        assert off < 0.2 * (fresh.eval()(given) - expected).abs().mean()
