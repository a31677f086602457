"""What is asked of a seed, and what its reference can tell apart."""

import math
from itertools import combinations

import torch
from decoding import STEPS, Decoder, Rejected
from steps import apart, margin, tokens_of
from tiny_qwen.cases import BATCH

TOLERANCE = 1e-3  # between decoding with and without a cache


def tell_batch_apart(runs: dict[str, list[torch.Tensor]]):
    """The cases that may share a batch begin differently, so that none passes for another."""
    for a, b in combinations(BATCH, 2):
        if tokens_of(runs[a])[:4] == tokens_of(runs[b])[:4]:
            raise Rejected(f"{a} and {b} begin alike")
        if apart(runs[a][:1], runs[b][:1], tokens_of(runs[a])[:1]) < 0.1:
            raise Rejected(f"the first tokens of {a} and {b} are as likely")


def check(decoder: Decoder, cases: list[dict], runs: dict[str, list[torch.Tensor]]) -> dict:
    """For the one seed that is kept: measures how sharp the reference is.

    Puts the steps of transformers' own loop in `runs`, and leaves the model with GELU by tanh.
    """
    checks = {
        "min_margin": min(margin(s) for steps in runs.values() for s in steps),
        "cache_against_none": 0.0,
        "position_one_too_high": math.inf,
        "tanh_gelu_in_mergers": 0.0,
        "tanh_gelu_flips": 0,
    }
    for case in cases:
        steps = decoder.generate(case)
        tokens = tokens_of(steps)
        assert tokens == tokens_of(runs[case["name"]]), case["name"]
        runs[case["name"]] = steps
        # 1. The reference is sound: computing everything anew at each step says the same.
        full = [decoder.forward(case, tokens[:i]) for i in range(STEPS)]
        difference = apart(steps, full, tokens)
        assert difference < TOLERANCE, (case["name"], difference)
        checks["cache_against_none"] = max(checks["cache_against_none"], difference)
        # 2. The reference can tell: one position too high from the second token on is seen.
        if case["files"]:
            shifted = apart(steps, decoder.replay(case, tokens, shift=1), tokens)
            checks["position_one_too_high"] = min(checks["position_one_too_high"], shifted)
    if checks["position_one_too_high"] < 20 * TOLERANCE:
        raise Rejected("blind to shifted positions")
    # 3. How far off an engine is that computes the merger's GELU (erf in transformers) by tanh.
    for module in list(decoder.model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, torch.nn.GELU):
                setattr(module, name, torch.nn.GELU(approximate="tanh"))
    for case in cases:
        steps = runs[case["name"]]
        tanh = decoder.replay(case, tokens_of(steps))
        difference = apart(steps, tanh, tokens_of(steps))
        checks["tanh_gelu_in_mergers"] = max(checks["tanh_gelu_in_mergers"], difference)
        checks["tanh_gelu_flips"] += sum(a != b for a, b in zip(tokens_of(steps), tokens_of(tanh)))
    return checks
