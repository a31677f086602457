"""Writes a trained model as the checkpoint folder of a Qwen2-VL, and reads one back."""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from .model import Config, ReceiptNano
from .tokens import CHAT_TEMPLATE, SPECIAL, make_tokenizer

# Luminance of ITU-R BT.601, so that a colour picture is seen as its grey one. Qwen2-VL repeats a
# still picture in both frames of a patch.
LUMINANCE = (0.299, 0.587, 0.114)
FRAMES = 2
MIN_TOKENS, MAX_TOKENS = 64, 1024  # of a picture
HEADS = Path(__file__).parents[1] / "heads.safetensors"  # of the same training, for going on


def tensors(model: ReceiptNano) -> dict[str, Tensor]:
    """The weights under transformers' names of Qwen2-VL."""
    config, out = model.config, {}

    def put(name: str, module: torch.nn.Module) -> None:
        for key, value in module.named_parameters(recurse=False):
            out[f"{name}.{key}"] = value.detach()

    patch = model.vision.embed.weight.detach().view(-1, 1, 1, config.patch, config.patch)
    channels = torch.tensor(LUMINANCE).view(1, 3, 1, 1, 1) / FRAMES
    out["visual.patch_embed.proj.weight"] = (patch * channels).repeat(1, 1, FRAMES, 1, 1)
    for number, block in enumerate(model.vision.blocks):
        name = f"visual.blocks.{number}"
        for part in ("norm1", "norm2"):
            put(f"{name}.{part}", getattr(block, part))
        for key in ("weight", "bias"):
            qkv = [getattr(part, key).detach() for part in (block.q, block.k, block.v)]
            out[f"{name}.attn.qkv.{key}"] = torch.cat(qkv)
        put(f"{name}.attn.proj", block.proj)
        put(f"{name}.mlp.fc1", block.fc1)
        put(f"{name}.mlp.fc2", block.fc2)
    put("visual.merger.ln_q", model.vision.norm)
    put("visual.merger.mlp.0", model.vision.merge1)
    put("visual.merger.mlp.2", model.vision.merge2)
    put("model.embed_tokens", model.embed)
    for number, block in enumerate(model.blocks):
        name = f"model.layers.{number}"
        put(f"{name}.input_layernorm", block.norm1)
        put(f"{name}.post_attention_layernorm", block.norm2)
        for part in ("q", "k", "v", "o"):
            put(f"{name}.self_attn.{part}_proj", getattr(block, part))
        for part in ("gate", "up", "down"):
            put(f"{name}.mlp.{part}_proj", getattr(block, part))
    put("model.norm", model.norm)
    return {name: value.contiguous() for name, value in out.items()}


def model_config(config: Config, ids: dict[str, int]) -> dict:
    return {
        "architectures": ["Qwen2VLForConditionalGeneration"],
        "attention_dropout": 0.0,
        "bos_token_id": ids["<|endoftext|>"],
        "eos_token_id": ids["<|im_end|>"],
        "vision_start_token_id": ids["<|vision_start|>"],
        "vision_end_token_id": ids["<|vision_end|>"],
        "image_token_id": ids["<|image_pad|>"],
        "video_token_id": ids["<|video_pad|>"],
        "hidden_act": "silu",
        "hidden_size": config.width,
        "initializer_range": 0.02,
        "intermediate_size": config.intermediate,
        "max_position_embeddings": 32768,
        "max_window_layers": config.depth,
        "model_type": "qwen2_vl",
        "num_attention_heads": config.heads,
        "num_hidden_layers": config.depth,
        "num_key_value_heads": config.kv_heads,
        "rms_norm_eps": 1e-06,
        "rope_theta": config.rope_theta,
        "sliding_window": 32768,
        "tie_word_embeddings": True,
        "torch_dtype": "bfloat16",
        "use_cache": True,
        "use_sliding_window": False,
        "vision_config": {
            "depth": config.vision_depth,
            "embed_dim": config.vision_width,
            "mlp_ratio": config.vision_ratio,
            "num_heads": config.vision_heads,
            "in_chans": 3,
            "hidden_size": config.width,
            "patch_size": config.patch,
            "spatial_merge_size": 1,
            "spatial_patch_size": config.patch,
            "temporal_patch_size": FRAMES,
        },
        "rope_scaling": {"type": "mrope", "mrope_section": list(config.mrope)},
        "vocab_size": config.vocabulary,
    }


def preprocessor_config(config: Config) -> dict:
    return {
        "min_pixels": MIN_TOKENS * config.patch**2,
        "max_pixels": MAX_TOKENS * config.patch**2,
        "patch_size": config.patch,
        "temporal_patch_size": FRAMES,
        "merge_size": 1,
        "image_mean": [1.0, 1.0, 1.0],
        "image_std": [0.5, 0.5, 0.5],
        "image_processor_type": "Qwen2VLImageProcessor",
        "processor_class": "Qwen2VLProcessor",
    }


def tokenizer_config(ids: dict[str, int]) -> dict:
    return {
        "add_bos_token": False,
        "add_prefix_space": False,
        "added_tokens_decoder": {
            str(ids[token]): {
                "content": token,
                "lstrip": False,
                "normalized": False,
                "rstrip": False,
                "single_word": False,
                "special": True,
            }
            for token in SPECIAL
        },
        "additional_special_tokens": list(SPECIAL[1:]),
        "bos_token": None,
        "chat_template": CHAT_TEMPLATE,
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>",
        "errors": "replace",
        "model_max_length": 32768,
        "pad_token": "<|endoftext|>",
        "padding_side": "left",
        "split_special_tokens": False,
        "tokenizer_class": "PreTrainedTokenizerFast",
        "unk_token": None,
    }


def export(model: ReceiptNano, folder: Path, dtype: torch.dtype = torch.bfloat16) -> None:
    """Writes the checkpoint's files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = make_tokenizer()
    ids = {token: tokenizer.token_to_id(token) for token in SPECIAL}
    files = {
        "config.json": model_config(model.config, ids),
        "generation_config.json": {
            "bos_token_id": ids["<|endoftext|>"],
            "pad_token_id": ids["<|endoftext|>"],
            "eos_token_id": [ids["<|im_end|>"], ids["<|endoftext|>"]],
            "do_sample": False,
        },
        "preprocessor_config.json": preprocessor_config(model.config),
        "tokenizer_config.json": tokenizer_config(ids),
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, indent=2) + "\n")
    tokenizer.save(str(folder / "tokenizer.json"))
    weights = {name: value.to(dtype) for name, value in tensors(model).items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)


def heads(model: ReceiptNano) -> dict[str, Tensor]:
    return {name: p.detach() for name, p in model.named_parameters() if "_head." in name}


def load_heads(model: ReceiptNano) -> None:
    saved = load_file(HEADS)
    with torch.no_grad():
        for name, target in heads(model).items():
            target.copy_(saved[name])


def load(folder: Path, model: ReceiptNano) -> None:
    """Fills a model from a checkpoint folder; the heads, which are in none, stay as they are."""
    saved = load_file(folder / "model.safetensors")
    with torch.no_grad():
        for name, target in tensors(model).items():
            value = saved[name].float()
            if name == "visual.patch_embed.proj.weight":
                value = value.sum((1, 2))
                model.vision.embed.weight.copy_(value.flatten(1))
            elif ".attn.qkv." in name:
                block = model.vision.blocks[int(name.split(".")[2])]
                key = name.rsplit(".", 1)[1]
                for part, rows in zip((block.q, block.k, block.v), value.chunk(3), strict=True):
                    getattr(part, key).copy_(rows)
            else:
                target.copy_(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="what train.py wrote")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    state = torch.load(options.checkpoint, weights_only=True)
    model = ReceiptNano(Config(make_tokenizer().get_vocab_size()))
    model.load_state_dict(state["model"])
    export(model, options.folder)
    save_file({name: value.bfloat16() for name, value in heads(model).items()}, HEADS)
    HEADS.chmod(0o644)


if __name__ == "__main__":
    main()
