"""A checkpoint's folder, in the layout of the published ones."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from transformers import PreTrainedModel

from .tokenizer import IDS, SPECIAL


def write_json(path: Path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_folder(folder: Path, spec: dict, tokenizer: Tokenizer):
    """All of a checkpoint but its weights."""
    write_json(folder / "config.json", spec["config"])
    write_json(folder / "preprocessor_config.json", spec["preprocessor"])
    # Not the published repetition penalty and temperature: an engine that takes its defaults from
    # this file must still decode greedily.
    write_json(
        folder / "generation_config.json",
        {
            "bos_token_id": IDS["<|endoftext|>"],
            "pad_token_id": IDS["<|endoftext|>"],
            "eos_token_id": [IDS["<|im_end|>"], IDS["<|endoftext|>"]],
            "do_sample": False,
        },
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(
        folder / "tokenizer_config.json",
        {
            "add_bos_token": False,
            "add_prefix_space": False,
            "added_tokens_decoder": {
                str(IDS[t]): {
                    "content": t,
                    "lstrip": False,
                    "normalized": False,
                    "rstrip": False,
                    "single_word": False,
                    "special": True,
                }
                for t in SPECIAL
            },
            "additional_special_tokens": SPECIAL[1:],
            "bos_token": None,
            "chat_template": spec["template"],
            "clean_up_tokenization_spaces": False,
            "eos_token": "<|im_end|>",
            "errors": "replace",
            "model_max_length": 32768,
            "pad_token": "<|endoftext|>",
            "padding_side": "left",
            "split_special_tokens": False,
            "tokenizer_class": "Qwen2Tokenizer",
            "unk_token": None,
        },
    )


def load(folder: Path, spec: dict, tokenizer: Tokenizer, seed: int) -> PreTrainedModel:
    """Writes the weights, and reads them back as any user of the folder would."""
    tensors = spec["weights"](seed, tokenizer)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    model, info = spec["class"].from_pretrained(
        folder,
        dtype=torch.float32,
        attn_implementation="eager",
        output_loading_info=True,
    )
    for key in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        assert not info[key], (key, info[key])
    return model.eval()


def keep(folder: Path, target: Path):
    """Copies the checkpoint to where it stays."""
    size = sum(f.stat().st_size for f in folder.iterdir())
    assert size < 2_000_000, size
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(folder.iterdir()):
        shutil.copyfile(file, target / file.name)
