"""The exported checkpoint is what transformers' own Qwen2-VL computes, and comes back whole."""

from pathlib import Path

import pytest
import torch

from receipt_nano.batches import OPENING, REQUEST
from receipt_nano.export import export, load
from receipt_nano.model import Config, ReceiptNano, patches
from receipt_nano.targets import TOKENIZER
from receipt_nano.tokens import PROMPT

ROWS, COLUMNS = 7, 5
CONFIG = Config(TOKENIZER.get_vocab_size())
BEFORE = "<|im_start|>user\n<|vision_start|>"
AFTER = '<|vision_end|>invoice<|im_end|>\n<|im_start|>assistant\n{"vendor_name":"KOPI'


@pytest.fixture
def model() -> ReceiptNano:
    torch.manual_seed(1)
    model = ReceiptNano(CONFIG)
    for p in model.parameters():  # so that no bias and no norm is trivial
        p.data.add_(torch.randn_like(p) * 0.02)
    return model


@torch.inference_mode()
def test_transformers_computes_the_same(model: ReceiptNano, tmp_path: Path) -> None:
    from transformers import Qwen2VLForConditionalGeneration, Qwen2VLImageProcessorPil

    export(model, tmp_path, torch.float32)
    theirs = Qwen2VLForConditionalGeneration.from_pretrained(tmp_path, dtype=torch.float32)
    grey = torch.randint(0, 256, (ROWS * CONFIG.patch, COLUMNS * CONFIG.patch), dtype=torch.uint8)
    colour = grey[:, :, None].expand(-1, -1, 3).numpy()
    processor = Qwen2VLImageProcessorPil.from_pretrained(tmp_path, min_pixels=1)
    pixels = processor(images=[colour], return_tensors="pt")
    assert pixels["image_grid_thw"].tolist() == [[1, ROWS, COLUMNS]]

    before, after = (TOKENIZER.encode(text).ids for text in (BEFORE, AFTER))
    picture = [TOKENIZER.token_to_id("<|image_pad|>")] * (ROWS * COLUMNS)
    ids = torch.tensor([before + picture + after])
    kinds = (ids == picture[0]).int()
    expected = theirs(input_ids=ids, mm_token_type_ids=kinds, **pixels).logits[:, -len(after) :]

    seen = model.vision(patches(grey[None], CONFIG.patch))
    ours, _, _ = model.text(torch.tensor(before), seen, torch.tensor([after]), (ROWS, COLUMNS))
    torch.testing.assert_close(ours, expected, atol=1e-4, rtol=1e-4)


@torch.inference_mode()
def test_transformers_computes_the_same_of_a_text(model: ReceiptNano, tmp_path: Path) -> None:
    from transformers import Qwen2VLForConditionalGeneration

    export(model, tmp_path, torch.float32)
    theirs = Qwen2VLForConditionalGeneration.from_pretrained(tmp_path, dtype=torch.float32)
    text = "        KOPI KITA\n" + "Latte          2 x 3.50      7.00\n" * 12
    ids = torch.tensor([[*OPENING, *TOKENIZER.encode(text).ids, *REQUEST[PROMPT]]])
    assert ids.shape[1] > 256  # more than a band of attention
    expected = theirs(input_ids=ids).logits[:, -5:]
    after = ids[:, len(OPENING) :]
    nothing = torch.empty(1, 0, CONFIG.width)
    first = after.shape[1] - 5
    ours, _, _ = model.text(torch.tensor(OPENING), nothing, after, (0, 0), first)
    torch.testing.assert_close(ours, expected, atol=1e-4, rtol=1e-4)


def test_a_checkpoint_comes_back(model: ReceiptNano, tmp_path: Path) -> None:
    export(model, tmp_path, torch.float32)
    other = ReceiptNano(CONFIG)
    load(tmp_path, other)
    for name, value in model.state_dict().items():
        if "_head" not in name:
            torch.testing.assert_close(other.state_dict()[name], value, msg=name)


def test_a_character_of_ascii_is_one_token() -> None:
    for code in range(32, 127):
        assert len(TOKENIZER.encode(chr(code)).ids) == 1
