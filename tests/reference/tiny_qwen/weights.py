"""Random weights, by a seed."""

import math

import numpy as np
from tokenizers import Tokenizer

from .configs import (
    HEAD_DIM,
    HEADS,
    HIDDEN,
    INTERMEDIATE,
    KV_HEADS,
    LAYERS,
    QWEN2_CONFIG,
    QWEN3_CONFIG,
)
from .tokenizer import IDS, VOCAB_SIZE


class Weights:
    """Random tensors by their published names. RandomState's stream never changes."""

    def __init__(self, seed: int):
        self.random = np.random.RandomState(seed)
        self.tensors: dict[str, np.ndarray] = {}

    def normal(self, name: str, *shape: int, std: float, mean: float = 0.0):
        values = mean + std * self.random.standard_normal(shape)
        self.tensors[name] = values.astype(np.float32)

    def linear(self, name: str, out: int, into: int, gain: float = 1.0, bias: bool = False):
        self.normal(f"{name}.weight", out, into, std=gain / math.sqrt(into))
        if bias:
            self.normal(f"{name}.bias", out, std=0.3)

    def norm(self, name: str, size: int, mean: float = 1.0, bias: bool = False):
        self.normal(f"{name}.weight", size, std=0.2, mean=mean)
        if bias:
            self.normal(f"{name}.bias", size, std=0.2)

    def embedding(self, name: str, tokenizer: Tokenizer):
        """Normal rows, but short ones for what a greedy decoder should not choose.

        The embedding is tied to the output layer, so a short row gives a small logit. What is
        kept out of the output this way: the special tokens, control characters and the bytes
        that are no text by themselves.
        """
        self.normal(name, VOCAB_SIZE, HIDDEN, std=1.0)
        for token in range(VOCAB_SIZE):
            text = tokenizer.decode([token], skip_special_tokens=False)
            printable = text.replace("\n", "").isprintable() and "\ufffd" not in text
            if token in IDS.values() or not printable:
                self.tensors[name][token] *= 0.25

    def text(self, prefix: str, tokenizer: Tokenizer, qwen3: bool):
        """The decoder. Attention outweighs both the MLP and the token just read: with even gains
        greedy decoding is close to a function of the last token alone, and soon runs in circles.
        """
        self.embedding(f"{prefix}.embed_tokens.weight", tokenizer)
        for i in range(LAYERS):
            layer = f"{prefix}.layers.{i}"
            attention = f"{layer}.self_attn"
            self.norm(f"{layer}.input_layernorm", HIDDEN)
            self.linear(f"{attention}.q_proj", HEADS * HEAD_DIM, HIDDEN, 2.0, bias=not qwen3)
            self.linear(f"{attention}.k_proj", KV_HEADS * HEAD_DIM, HIDDEN, 2.0, bias=not qwen3)
            self.linear(f"{attention}.v_proj", KV_HEADS * HEAD_DIM, HIDDEN, 1.4, bias=not qwen3)
            self.linear(f"{attention}.o_proj", HIDDEN, HEADS * HEAD_DIM, 5.0)
            if qwen3:
                self.norm(f"{attention}.q_norm", HEAD_DIM, mean=2.0)
                self.norm(f"{attention}.k_norm", HEAD_DIM, mean=2.0)
            self.norm(f"{layer}.post_attention_layernorm", HIDDEN)
            self.linear(f"{layer}.mlp.gate_proj", INTERMEDIATE, HIDDEN, 1.5)
            self.linear(f"{layer}.mlp.up_proj", INTERMEDIATE, HIDDEN, 1.5)
            self.linear(f"{layer}.mlp.down_proj", HIDDEN, INTERMEDIATE, 1.0)
        self.norm(f"{prefix}.norm", HIDDEN, mean=1.1)

    def merger(self, prefix: str, norm: str, norm_size: int, first: str, second: str, width: int):
        self.norm(f"{prefix}.{norm}", norm_size, bias=True)
        self.linear(f"{prefix}.{first}", 4 * width, 4 * width, 1.5, bias=True)
        self.linear(f"{prefix}.{second}", HIDDEN, 4 * width, 1.5, bias=True)


def qwen2_weights(seed: int, tokenizer: Tokenizer) -> dict[str, np.ndarray]:
    vision = QWEN2_CONFIG["vision_config"]
    width, patch = vision["embed_dim"], vision["patch_size"]
    w = Weights(seed)
    w.text("model", tokenizer, qwen3=False)
    fan_in = 3 * 2 * patch * patch
    w.normal(
        "visual.patch_embed.proj.weight", width, 3, 2, patch, patch, std=2.0 / math.sqrt(fan_in)
    )
    for i in range(vision["depth"]):
        block = f"visual.blocks.{i}"
        w.norm(f"{block}.norm1", width, bias=True)
        w.norm(f"{block}.norm2", width, bias=True)
        w.linear(f"{block}.attn.qkv", 3 * width, width, 1.4, bias=True)
        w.linear(f"{block}.attn.proj", width, width, bias=True)
        w.linear(f"{block}.mlp.fc1", vision["mlp_ratio"] * width, width, 1.5, bias=True)
        w.linear(f"{block}.mlp.fc2", width, vision["mlp_ratio"] * width, 1.5, bias=True)
    w.merger("visual.merger", "ln_q", width, "mlp.0", "mlp.2", width)
    return w.tensors


def qwen3_weights(seed: int, tokenizer: Tokenizer) -> dict[str, np.ndarray]:
    vision = QWEN3_CONFIG["vision_config"]
    width, patch = vision["hidden_size"], vision["patch_size"]
    w = Weights(seed)
    w.text("model.language_model", tokenizer, qwen3=True)
    embed = "model.visual.patch_embed.proj"
    fan_in = 3 * 2 * patch * patch
    w.normal(f"{embed}.weight", width, 3, 2, patch, patch, std=2.0 / math.sqrt(fan_in))
    w.normal(f"{embed}.bias", width, std=0.3)
    w.normal("model.visual.pos_embed.weight", vision["num_position_embeddings"], width, std=0.5)
    for i in range(vision["depth"]):
        block = f"model.visual.blocks.{i}"
        w.norm(f"{block}.norm1", width, bias=True)
        w.norm(f"{block}.norm2", width, bias=True)
        w.linear(f"{block}.attn.qkv", 3 * width, width, 1.4, bias=True)
        w.linear(f"{block}.attn.proj", width, width, bias=True)
        w.linear(f"{block}.mlp.linear_fc1", vision["intermediate_size"], width, 1.5, bias=True)
        w.linear(f"{block}.mlp.linear_fc2", width, vision["intermediate_size"], 1.5, bias=True)
    visual = "model.visual"
    w.merger(f"{visual}.merger", "norm", width, "linear_fc1", "linear_fc2", width)
    for i in range(len(vision["deepstack_visual_indexes"])):
        merger = f"{visual}.deepstack_merger_list.{i}"
        w.merger(merger, "norm", 4 * width, "linear_fc1", "linear_fc2", width)
    return w.tensors
