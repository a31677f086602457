"""Muon for the matrices of the hidden layers (Jordan et al., 2024). PyTorch's own iterates in
bfloat16 even on a processor that has none.

The update of a matrix is the nearest semi-orthogonal matrix to its momentum, by five
Newton-Schulz steps, scaled to AdamW's usual size (Liu et al., arXiv 2502.16982, section 2.2).
"""

from collections import defaultdict

import torch
from torch import Tensor

from .precision import BFLOAT16

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
STEPS = 5
ADAMW_RMS = 0.2


def orthogonalise(g: Tensor) -> Tensor:
    """Nearest semi-orthogonal matrices to those of (matrices, rows, columns)."""
    a, b, c = COEFFICIENTS
    tall = g.shape[1] > g.shape[2]
    x = g.transpose(1, 2) if tall else g
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    x = x.to(torch.bfloat16 if BFLOAT16 else x.dtype)
    for _ in range(STEPS):
        s = x @ x.transpose(1, 2)
        x = a * x + (b * s + c * s @ s) @ x
    return (x.transpose(1, 2) if tall else x).to(g.dtype)


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr: float, momentum: float = 0.95, weight_decay: float = 0.05):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for options in self.param_groups:
            shapes = defaultdict(list)
            for p in options["params"]:
                if p.grad is not None:
                    shapes[p.shape].append(p)
            for params in shapes.values():
                self._step(params, options)

    def _step(self, params: list[Tensor], options: dict) -> None:
        lr, momentum, decay = (options[name] for name in ("lr", "momentum", "weight_decay"))
        directions = []
        for p in params:
            state = self.state[p]
            if not state:
                state["momentum"] = torch.zeros_like(p)
            buffer = state["momentum"].lerp_(p.grad, 1 - momentum)
            directions.append(p.grad.lerp(buffer, momentum))
        scale = ADAMW_RMS * max(params[0].shape) ** 0.5
        for p, update in zip(params, orthogonalise(torch.stack(directions)), strict=True):
            p.mul_(1 - lr * decay).add_(update, alpha=-lr * scale)
