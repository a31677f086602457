#!/usr/bin/env python3
"""Writes receipt-nano.json: what transformers reads with models/receipt-nano on fixtures.

    pip install -r tests/reference/requirements.txt
    python tests/reference/make_nano_reference.py      # after the model's weights have changed

The fixtures are resized onto the model's grid once and stored under pictures/, so that neither
side resizes. texts/ holds what `receipt-gateway text` writes for some of them, which the model is
shown in place of a picture. Unlike the tiny models' references this one has no seed to search: a case whose
likeliest tokens come too near to a tie is left out, and it is an error if none is left.
"""

from importlib.metadata import version
from pathlib import Path

import torch
from PIL import Image
from steps import describe_steps, margin, tokens_of, write_reference
from transformers import (
    AutoTokenizer,
    Qwen2VLForConditionalGeneration,
    Qwen2VLImageProcessorPil,
)

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MODEL = "receipt-nano"
FIXTURES = (
    "receipt-01-shop.png",
    "receipt-02-shop.jpg",
    "receipt-03-restaurant.png",
    "receipt-04-restaurant.jpg",
    "receipt-05-invoice.png",
    "receipt-06-invoice.png",
    "receipt-09-card.png",
    "receipt-10-card.webp",
    "receipt-11-pharmacy.jpg",
    "receipt-12-electricity.png",
)
TEXTS = ("receipt-01-shop", "receipt-03-restaurant", "receipt-05-invoice", "receipt-12-electricity")
PATCH = 20
TOKENS = 600  # of a picture, about
STEPS = 96
MIN_MARGIN = 0.004  # natural-log units between the likeliest token and the next


def on_grid(file: str) -> str:
    """Stores a fixture on the model's grid; its path from tests/reference."""
    picture = Image.open(ROOT / "tests/fixtures" / file).convert("L").convert("RGB")
    scale = min(1.0, (TOKENS * PATCH**2 / (picture.width * picture.height)) ** 0.5)
    size = [max(1, round(side * scale / PATCH)) * PATCH for side in picture.size]
    path = f"pictures/nano-{Path(file).stem}.png"
    picture.resize(size, Image.Resampling.BICUBIC).convert("L").save(HERE / path, optimize=True)
    return path


def main() -> None:
    folder = ROOT / "models" / MODEL
    tokenizer = AutoTokenizer.from_pretrained(folder)
    processor = Qwen2VLImageProcessorPil.from_pretrained(folder)
    model = Qwen2VLForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    described = []
    for fixture in FIXTURES:
        file = on_grid(fixture)
        content = [{"type": "image", "file": file}, {"type": "text", "text": "invoice"}]
        pixels = processor(images=[Image.open(HERE / file).convert("RGB")], return_tensors="pt")
        case = read(model, tokenizer, Path(fixture).stem, content, pixels)
        if case:
            described.append(case)
        else:
            (HERE / file).unlink()
    for name in TEXTS:
        text = (HERE / f"texts/{name}.txt").read_text(encoding="utf-8").rstrip().lstrip("\n")
        content = [{"type": "text", "text": f"{text}\n\ninvoice"}]
        case = read(model, tokenizer, f"{name}-text", content, {})
        if case:
            described.append(case)
    assert described, "every case comes too near to a tie"
    head = {
        "model": MODEL,
        "made_with": {p: version(p) for p in ("torch", "transformers", "tokenizers", "numpy")},
    }
    write_reference(HERE / f"{MODEL}.json", head, described)


def read(model, tokenizer, name: str, content: list, pixels: dict) -> dict | None:
    """What the model writes to a message; None where that comes too near to a tie."""
    messages = [{"role": "user", "content": content}]
    prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    count = int(pixels["image_grid_thw"].prod()) if pixels else 0
    ids = tokenizer(prompt.replace("<|image_pad|>", "<|image_pad|>" * count))["input_ids"]
    ids = torch.tensor([ids])
    out = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        mm_token_type_ids=(ids == model.config.image_token_id).int(),
        **pixels,
        do_sample=False,
        max_new_tokens=STEPS,
        output_logits=True,
        return_dict_in_generate=True,
    )
    steps = [torch.log_softmax(logits[0].double(), dim=-1) for logits in out.logits]
    assert len(steps) == STEPS, f"{name}: ended after {len(steps)} tokens"
    least = min(map(margin, steps))
    print(f"{name}: least margin {least:.4f}: {tokenizer.decode(tokens_of(steps))}")
    if least < MIN_MARGIN:
        return None
    return {
        "name": name,
        "messages": messages,
        "prompt_tokens": ids.shape[1],
        "text": tokenizer.decode(tokens_of(steps)),
        "steps": describe_steps(steps, tokenizer),
    }


if __name__ == "__main__":
    with torch.inference_mode():
        main()
