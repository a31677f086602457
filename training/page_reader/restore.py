"""Makes a state that train.py goes on from out of a net that was exported.

python -m page_reader.restore recogniser ../models/page-reader/recognition.onnx recogniser.pt
python -m page_reader.restore detector ../models/page-reader/detection.onnx detector.pt

An exported net has its batch norms folded into the convolutions before them. Here each is unfolded
again with the mean and the variance that its convolution has on rendered pages, so that the net
answers as before, and goes on training with statistics of its own.
"""

import argparse
import random
from collections import defaultdict
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from . import data, pages
from .detector import Detector
from .model import Block, Recogniser

# ONNX's gates (input, output, forget, cell) in PyTorch's order: input, forget, cell, output.
GATES = 0, 2, 3, 1
# Rendered pages on which the statistics are measured.
PAGES = [("receipts", seed) for seed in range(30)] + [("texts", seed) for seed in range(10)]
WINDOWS = 4  # of each page, for the detector


def restore(path: Path, model: nn.Module, examples: list[torch.Tensor]) -> None:
    """Gives a net the weights of a file, and its batch norms their statistics on the examples."""
    graph = onnx.load(path).graph
    weights = {weight.name: tensor(weight) for weight in graph.initializer}
    nodes = defaultdict(list)
    for node in graph.node:
        nodes[node.op_type].append(node)
    norms = {}
    for block in model.modules():
        if isinstance(block, Block):
            norms |= {block.first: block.norms[0], block.second: block.norms[1]}
    with torch.no_grad():
        order = executed(model.eval(), examples[0])
        for convolution, node in zip(order, nodes["Conv"], strict=True):
            convolution.weight.copy_(weights[node.input[1]])
            norm = norms.get(convolution)
            (norm or convolution).bias.copy_(weights[node.input[2]])
        if isinstance(model, Recogniser):
            for layer, node in enumerate(nodes["LSTM"]):
                recurrent(model.context, layer, *(weights[name] for name in node.input[1:4]))
            model.classes.weight.copy_(weights[nodes["MatMul"][0].input[1]].T)
            model.classes.bias.copy_(weights["classes.bias"])
        unfold(model, list(norms.values()), examples)


def tensor(weight: onnx.TensorProto) -> torch.Tensor:
    return torch.from_numpy(np.array(numpy_helper.to_array(weight)))


def executed(model: nn.Module, example: torch.Tensor) -> list[nn.Conv2d]:
    """The convolutions of a net in the order in which they run, which is that of its file."""
    order: list[nn.Conv2d] = []
    hooks = [
        module.register_forward_hook(lambda module, *_: order.append(module))
        for module in model.modules()
        if isinstance(module, nn.Conv2d)
    ]
    model(example)
    for hook in hooks:
        hook.remove()
    return order


def recurrent(
    lstm: nn.LSTM, layer: int, given: torch.Tensor, back: torch.Tensor, biases: torch.Tensor
) -> None:
    """Sets the weights of a layer for what is given and for its last state, and its biases."""
    for way, suffix in enumerate(("", "_reverse")):
        of_given, of_back = biases[way].chunk(2)
        for name, weight in (
            ("weight_ih", given[way]),
            ("weight_hh", back[way]),
            ("bias_ih", of_given),
            ("bias_hh", of_back),
        ):
            gates = weight.chunk(4)
            ordered = torch.cat([gates[gate] for gate in GATES])
            getattr(lstm, f"{name}_l{layer}{suffix}").copy_(ordered)


def unfold(model: nn.Module, norms: list[nn.BatchNorm2d], examples: list[torch.Tensor]) -> None:
    """Gives batch norms that have biases alone the measured statistics, and weights to undo it."""
    sums = {norm: torch.zeros(3, norm.num_features, dtype=torch.double) for norm in norms}

    def measure(norm: nn.BatchNorm2d, given: tuple[torch.Tensor]) -> None:
        x = given[0].transpose(0, 1).flatten(1).double()
        sums[norm] += torch.stack([x.sum(1), x.square().sum(1), torch.full((len(x),), x.shape[1])])

    hooks = [norm.register_forward_pre_hook(measure) for norm in norms]
    for norm in norms:
        norm.running_mean.zero_()
        norm.running_var.fill_(1.0)
        norm.weight.fill_((1 + norm.eps) ** 0.5)
    for example in examples:
        model(example)
    for hook in hooks:
        hook.remove()
    for norm, (total, squares, count) in sums.items():
        mean = total / count
        variance = (squares / count - mean.square()).clamp_min(0)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.add_(mean)


def lines() -> list[torch.Tensor]:
    """Batches of rendered lines, as the recogniser takes them."""
    rng = random.Random(0)
    found = [line for kind, seed in PAGES for line in data.page(kind, seed, "train")]
    return [data.batch(chosen, rng).pictures for chosen in data.batches(found, rng)]


def sheets() -> list[torch.Tensor]:
    """Batches of windows of rendered pages, as the detector takes them."""
    rng = random.Random(0)
    found = [pages.page(kind, seed, "train") for kind, seed in PAGES]
    return [pages.batch([sheet] * WINDOWS, rng)[0] for sheet in found]


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes a state to train on from.")
    parser.add_argument("net", choices=("recogniser", "detector"))
    parser.add_argument("file", type=Path, help="the exported net")
    parser.add_argument("out", type=Path, help="state for train.py --weights")
    options = parser.parse_args()
    model, examples = (Recogniser(), lines) if options.net == "recogniser" else (Detector(), sheets)
    restore(options.file, model, examples())
    torch.save({"model": model.state_dict()}, options.out)


if __name__ == "__main__":
    main()
