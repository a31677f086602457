#!/usr/bin/env python3
"""Writes a Qwen2-VL folder of safetensors as the two GGUFs that llama.cpp reads: the model of text,
and the vision tower with the merger behind it ("mmproj"). Needs PyPI's `gguf`.

    python bench/qwen2_vl_gguf.py FOLDER OUT.gguf OUT-mmproj.gguf      # bf16, as the weights
    python bench/qwen2_vl_gguf.py FOLDER OUT.gguf OUT-mmproj.gguf --type f16
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np

# How a layer's tensors are named there and here.
LAYER = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
BLOCK = {
    "norm1": "ln1",
    "attn.proj": "attn_out",
    "norm2": "ln2",
    "mlp.fc1": "ffn_up",
    "mlp.fc2": "ffn_down",
}
MERGER = {"ln_q": "v.post_ln", "mlp.0": "mm.0", "mlp.2": "mm.2"}

Tensor = tuple[str, np.ndarray]  # its name, and bfloat16 as bits


def tensors(path: Path) -> Iterator[Tensor]:
    """The tensors of a safetensors file, all of bfloat16."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    for name, told in header.items():
        begin, end = told["data_offsets"]
        shape, count = tuple(told["shape"]), (end - begin) // 2
        yield name, np.memmap(path, "<u2", "r", 8 + length + begin, (count,)).reshape(shape)


def in_the_tower(name: str, bits: np.ndarray) -> Iterator[Tensor]:
    """A tensor of the tower as llama.cpp has it; `name` is without its first word."""
    if name == "patch_embed.proj.weight":
        # A convolution a frame; of a still picture both frames are the same.
        yield "v.patch_embd.weight", bits[:, :, 0]
        yield "v.patch_embd.weight.1", bits[:, :, 1]
        return
    group, rest = name.split(".", 1)
    if group == "merger":
        stem, kind = rest.rsplit(".", 1)
        yield f"{MERGER[stem]}.{kind}", bits
        return
    block, rest = rest.split(".", 1)
    stem, kind = rest.rsplit(".", 1)
    if stem == "attn.qkv":
        for letter, part in zip("qkv", np.split(bits, 3), strict=True):
            yield f"v.blk.{block}.attn_{letter}.{kind}", part
    else:
        yield f"v.blk.{block}.{BLOCK[stem]}.{kind}", bits


def in_the_text(name: str) -> str:
    """The name of a tensor of the model of text; `name` is without its first word."""
    if name.startswith("layers."):
        _, layer, rest = name.split(".", 2)
        stem, kind = rest.rsplit(".", 1)
        return f"blk.{layer}.{LAYER[stem]}.{kind}"
    return {"embed_tokens.weight": "token_embd.weight", "norm.weight": "output_norm.weight"}[name]


def add(writer: gguf.GGUFWriter, name: str, bits: np.ndarray, kind: str) -> None:
    """Vectors and convolutions in f32, matrices in `kind`."""
    if bits.ndim == 2 and kind == "bf16":
        raw = np.ascontiguousarray(bits).view(np.uint8)
        writer.add_tensor(name, raw, raw_dtype=gguf.GGMLQuantizationType.BF16)
        return
    values = (bits.astype(np.uint32) << 16).view(np.float32)
    writer.add_tensor(name, values.astype(np.float16) if bits.ndim == 2 else values)


def describe_text(writer: gguf.GGUFWriter, config: dict) -> None:
    heads = config["num_attention_heads"]
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_theta"])
    # Time, height, width, and a fourth that nothing has.
    writer.add_rope_dimension_sections([*config["rope_scaling"]["mrope_section"], 0])


def describe_tokenizer(writer: gguf.GGUFWriter, folder: Path, config: dict) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    words = {token: text for text, token in tokenizer["model"]["vocab"].items()}
    kinds = dict.fromkeys(words, gguf.TokenType.NORMAL)
    for added in tokenizer["added_tokens"]:
        words[added["id"]] = added["content"]
        kind = gguf.TokenType.CONTROL if added["special"] else gguf.TokenType.USER_DEFINED
        kinds[added["id"]] = kind
    merges = tokenizer["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([words[token] for token in range(config["vocab_size"])])
    writer.add_token_types([kinds[token] for token in range(config["vocab_size"])])
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in merges])
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_add_bos_token(False)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    writer.add_chat_template(settings["chat_template"])


def describe_tower(writer: gguf.GGUFWriter, folder: Path, config: dict) -> None:
    tower = config["vision_config"]
    pictures = json.loads((folder / "preprocessor_config.json").read_text())
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type("qwen2vl_merger")
    writer.add_vision_image_size(tower["patch_size"] * 40)
    writer.add_vision_patch_size(tower["patch_size"])
    writer.add_vision_embedding_length(tower["embed_dim"])
    writer.add_vision_feed_forward_length(tower["embed_dim"] * tower["mlp_ratio"])
    writer.add_vision_projection_dim(tower["hidden_size"])
    writer.add_vision_block_count(tower["depth"])
    writer.add_vision_head_count(tower["num_heads"])
    writer.add_vision_attention_layernorm_eps(1e-6)
    writer.add_vision_image_mean(pictures["image_mean"])
    writer.add_vision_image_std(pictures["image_std"])
    # Neither of the two that a file can name: llama.cpp then takes Qwen2-VL's, the quick GELU.
    writer.add_vision_use_gelu(False)
    writer.add_vision_use_silu(False)


def write(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def convert(folder: Path, text: Path, tower: Path, kind: str) -> None:
    config = json.loads((folder / "config.json").read_text())
    writers = gguf.GGUFWriter(text, "qwen2vl"), gguf.GGUFWriter(tower, "clip")
    kinds = {"f16": gguf.LlamaFileType.MOSTLY_F16, "bf16": gguf.LlamaFileType.MOSTLY_BF16}
    for writer in writers:
        writer.add_file_type(kinds[kind])
    describe_text(writers[0], config)
    describe_tokenizer(writers[0], folder, config)
    writers[1].add_type(gguf.GGUFType.MMPROJ)
    describe_tower(writers[1], folder, config)
    for name, bits in tensors(folder / "model.safetensors"):
        where, rest = name.split(".", 1)
        if where == "model":
            add(writers[0], in_the_text(rest), bits, kind)
            continue
        for name, part in in_the_tower(rest, bits):
            add(writers[1], name, part, kind)
    for writer in writers:
        write(writer)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("text", type=Path, help="GGUF to write")
    parser.add_argument("tower", type=Path, help="the other one")
    parser.add_argument("--type", choices=["bf16", "f16"], default="bf16", help="of matrices")
    given = parser.parse_args()
    convert(given.folder, given.text, given.tower, given.type)


if __name__ == "__main__":
    main()
