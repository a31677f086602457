"""Decoding steps, each its log-probabilities over the vocabulary, and the file that lists them."""

import json
from pathlib import Path

import torch


def tokens_of(steps: list[torch.Tensor]) -> list[int]:
    return [int(step.argmax()) for step in steps]


def margin(step: torch.Tensor) -> float:
    best, second = step.topk(2).values.tolist()
    return best - second


def apart(a: list[torch.Tensor], b: list[torch.Tensor], tokens: list[int]) -> float:
    """The largest difference between the log-probabilities of the chosen tokens."""
    return max(abs(x[t] - y[t]).item() for x, y, t in zip(a, b, tokens))


def describe_steps(steps: list[torch.Tensor], tokenizer) -> list[dict]:
    """Each greedy step's token, and the likeliest five, with their log-probabilities."""
    return [
        {
            "id": token,
            "text": tokenizer.decode([token]),
            "logprob": round(step[token].item(), 6),
            "margin": round(margin(step), 6),
            "top": [
                {"id": i, "logprob": round(step[i].item(), 6)}
                for i in step.topk(5).indices.tolist()
            ],
        }
        for token, step in zip(tokens_of(steps), steps)
    ]


def write_reference(path: Path, head: dict, described: list[dict]):
    """JSON with one line for each decoding step, so that a change shows in a diff."""
    lines = json.dumps({**head, "cases": []}, indent=2, ensure_ascii=False)
    blocks = []
    for case in described:
        fields = [
            f"      {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}"
            for k, v in case.items()
            if k != "steps"
        ]
        steps = ",\n".join(
            "        " + json.dumps(s, ensure_ascii=False, separators=(",", ":"))
            for s in case["steps"]
        )
        fields.append(f'      "steps": [\n{steps}\n      ]')
        blocks.append("    {\n" + ",\n".join(fields) + "\n    }")
    body = lines.replace('"cases": []', '"cases": [\n' + ",\n".join(blocks) + "\n  ]")
    json.loads(body)
    path.write_text(body + "\n", encoding="utf-8")
