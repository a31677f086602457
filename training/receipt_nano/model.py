"""Qwen2-VL in PyTorch, as small as training on a CPU wants it.

The forward pass is that of transformers' Qwen2VLForConditionalGeneration for one picture a
sequence, all pictures of a batch having the same grid; `export.py` renames the weights and
`tests/test_export.py` holds the two together. What training adds (the heads, the guided
attention) stays out of the checkpoint.
"""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .page import ROLES

CELL_COLUMNS, CELL_ROWS = 3, 2  # parts of a patch that the heads classify
CELLS = CELL_COLUMNS * CELL_ROWS
BAND = 256  # tokens of a text that attend at once
GLYPH_CLASSES = 96  # blank, the 94 printable ASCII characters but space, and any other


@dataclass(frozen=True)
class Config:
    vocabulary: int
    patch: int = 20
    vision_width: int = 256
    vision_depth: int = 5
    vision_heads: int = 8
    vision_ratio: int = 4
    width: int = 256
    depth: int = 6
    heads: int = 4
    kv_heads: int = 2
    intermediate: int = 512
    rope_theta: float = 1000.0
    mrope: tuple[int, int, int] = (8, 12, 12)
    # Text layers whose attention is guided in training, and which head of theirs: to the picture,
    # and to the text of the page.
    guided: tuple[int, ...] = field(default=(1, 2))
    guided_head: int = 0
    copying: tuple[int, ...] = field(default=(3, 4))
    copying_head: int = 2
    understood: int = 3  # text layers after which the roles of a page's text are asked for

    @property
    def head_dim(self) -> int:
        return self.width // self.heads


def rotate_half(x: Tensor) -> Tensor:
    a, b = x.chunk(2, dim=-1)
    return torch.cat((-b, a), dim=-1)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary embedding of (batch, heads, tokens, dim) by (tokens, dim)."""
    return x * cos + rotate_half(x) * sin


def vision_angles(rows: int, columns: int, head_dim: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines, (rows * columns, head_dim), of the vision tower's 2-D rotary embedding."""
    frequencies = 1.0 / 10000.0 ** (torch.arange(0, head_dim // 2, 2).float() / (head_dim // 2))
    y = torch.arange(rows).float().repeat_interleave(columns)
    x = torch.arange(columns).float().repeat(rows)
    angles = torch.cat((y[:, None] * frequencies, x[:, None] * frequencies), dim=-1)
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


def positions(before: int, rows: int, columns: int, after: int) -> Tensor:
    """Positions (3, tokens) in time, height and width of text, a picture, and text."""
    head = torch.arange(before).expand(3, -1)
    picture = torch.stack(
        (
            torch.zeros(rows * columns, dtype=torch.long),
            torch.arange(rows).repeat_interleave(columns),
            torch.arange(columns).repeat(rows),
        )
    )
    tail = torch.arange(after).expand(3, -1) + before + max(rows, columns)
    return torch.cat((head, picture + before, tail), dim=1)


def text_angles(position: Tensor, config: Config) -> tuple[Tensor, Tensor]:
    """Cosines and sines, (tokens, head_dim), of the text model's multimodal rotary embedding."""
    dim = config.head_dim
    frequencies = 1.0 / config.rope_theta ** (torch.arange(0, dim, 2).float() / dim)
    angles = position[:, :, None].float() * frequencies  # (3, tokens, dim / 2)
    parts = angles.split(config.mrope, dim=-1)
    angles = torch.cat([part[axis] for axis, part in enumerate(parts)], dim=-1)
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


@torch.compiler.disable
def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention of every token to all, each (batch, heads, tokens, dim). Two plain products are
    faster in bfloat16 than PyTorch's fused attention, whose blocks are slow with so small a dim."""
    if v.dtype != torch.bfloat16:
        return F.scaled_dot_product_attention(q, k, v)
    with torch.autocast("cpu", enabled=False):
        scores = (q * q.shape[-1] ** -0.5).to(v.dtype) @ k.to(v.dtype).transpose(-1, -2)
        return scores.softmax(-1) @ v


@torch.compiler.disable
def attend_before(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention of every token to itself and those before it, as `attend`. In bfloat16 in bands of
    tokens, each of which leaves out most of what comes later; PyTorch's takes twice the time."""
    if v.dtype != torch.bfloat16:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    with torch.autocast("cpu", enabled=False):
        q, keys = (q * q.shape[-1] ** -0.5).to(v.dtype), k.to(v.dtype).transpose(-1, -2)
        later = torch.full((BAND, BAND), -torch.inf, dtype=v.dtype).triu(1)
        bands = []
        for start in range(0, q.shape[2], BAND):
            end = min(start + BAND, q.shape[2])
            scores = q[:, :, start:end] @ keys[..., :end]
            scores[..., start:] += later[: end - start, : end - start]
            bands.append(scores.softmax(-1) @ v[:, :, :end])
        return torch.cat(bands, 2)


class VisionBlock(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        width = config.vision_width
        self.heads = config.vision_heads
        self.norm1, self.norm2 = nn.LayerNorm(width, 1e-6), nn.LayerNorm(width, 1e-6)
        self.q, self.k, self.v = (nn.Linear(width, width) for _ in range(3))
        self.proj = nn.Linear(width, width)
        self.fc1 = nn.Linear(width, width * config.vision_ratio)
        self.fc2 = nn.Linear(width * config.vision_ratio, width)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        batch, tokens, width = x.shape
        y = self.norm1(x)
        q, k, v = (
            f(y).view(batch, tokens, self.heads, -1).transpose(1, 2)
            for f in (self.q, self.k, self.v)
        )
        y = attend(rotate(q, cos, sin), rotate(k, cos, sin), v)
        x = x + self.proj(y.transpose(1, 2).reshape(batch, tokens, width))
        y = self.fc1(self.norm2(x))
        return x + self.fc2(y * torch.sigmoid(1.702 * y))


class Vision(nn.Module):
    """Patches (batch, rows, columns, patch * patch) to embeddings (batch, tokens, width)."""

    def __init__(self, config: Config):
        super().__init__()
        self.head_dim = config.vision_width // config.vision_heads
        self.embed = nn.Linear(config.patch**2, config.vision_width, bias=False)
        self.blocks = nn.ModuleList(VisionBlock(config) for _ in range(config.vision_depth))
        self.norm = nn.LayerNorm(config.vision_width, 1e-6)
        self.merge1 = nn.Linear(config.vision_width, config.vision_width)
        self.merge2 = nn.Linear(config.vision_width, config.width)

    def forward(self, patches: Tensor) -> Tensor:
        _, rows, columns, _ = patches.shape
        x = self.embed(patches.flatten(1, 2))
        cos, sin = vision_angles(rows, columns, self.head_dim)
        for block in self.blocks:
            x = block(x, cos, sin)
        return self.merge2(F.gelu(self.merge1(self.norm(x))))


class TextBlock(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        width, kv = config.width, config.kv_heads * config.head_dim
        self.heads, self.kv_heads = config.heads, config.kv_heads
        self.norm1, self.norm2 = nn.RMSNorm(width, 1e-6), nn.RMSNorm(width, 1e-6)
        self.q = nn.Linear(width, width)
        self.k, self.v = nn.Linear(width, kv), nn.Linear(width, kv)
        self.o = nn.Linear(width, width, bias=False)
        self.gate = nn.Linear(width, config.intermediate, bias=False)
        self.up = nn.Linear(width, config.intermediate, bias=False)
        self.down = nn.Linear(config.intermediate, width, bias=False)

    def forward(
        self, x: Tensor, cos: Tensor, sin: Tensor, guide: tuple[int, int] | None
    ) -> tuple[Tensor, Tensor | None]:
        """The block's output, and with `guide` the attention scores of that head from the tokens
        from there on, (batch, those tokens, tokens); -inf for what comes later."""
        batch, tokens, width = x.shape
        y = self.norm1(x)
        q = self.q(y).view(batch, tokens, self.heads, -1).transpose(1, 2)
        k = self.k(y).view(batch, tokens, self.kv_heads, -1).transpose(1, 2)
        v = self.v(y).view(batch, tokens, self.kv_heads, -1).transpose(1, 2)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        scores = None
        repeat = self.heads // self.kv_heads
        if guide is not None:
            head, start = guide
            keys = k[:, head // repeat].transpose(1, 2)
            scores = q[:, head, start:] @ keys / q.shape[-1] ** 0.5
            later = torch.ones(tokens, tokens, dtype=torch.bool).triu(1)[start:]
            scores = scores.masked_fill(later, -torch.inf)
        k, v = (t.repeat_interleave(repeat, dim=1) for t in (k, v))
        y = attend_before(q, k, v)
        x = x + self.o(y.transpose(1, 2).reshape(batch, tokens, width))
        y = self.norm2(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y)), scores


class ReceiptNano(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.vision = Vision(config)
        self.embed = nn.Embedding(config.vocabulary, config.width)
        self.blocks = nn.ModuleList(TextBlock(config) for _ in range(config.depth))
        self.norm = nn.RMSNorm(config.width, 1e-6)
        self.glyph_head = nn.Linear(config.width, CELLS * GLYPH_CLASSES)
        self.role_head = nn.Linear(config.width, CELLS * len(ROLES))
        self.written_head = nn.Linear(config.width, len(ROLES))
        self.apply(initialise)
        for block in self.blocks:
            for last in (block.o, block.down):
                last.weight.data.mul_((2 * config.depth) ** -0.5)
        for block in self.vision.blocks:
            for last in (block.proj, block.fc2):
                last.weight.data.mul_((2 * config.vision_depth) ** -0.5)

    def heads(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of glyphs and roles, (batch, tokens, CELLS, classes), from picture embeddings."""
        glyphs, roles = self.glyph_head(picture), self.role_head(picture)
        return glyphs.unflatten(-1, (CELLS, -1)), roles.unflatten(-1, (CELLS, -1))

    def text(
        self, before: Tensor, picture: Tensor, after: Tensor, grid: tuple[int, int], first: int = 0
    ) -> tuple[Tensor, list[Tensor], Tensor]:
        """Logits (batch, tokens, vocabulary) of the tokens that follow those of `after` from
        `first` on, the guided heads' scores from them to everything, and the logits (batch, all
        tokens of `after`, roles) of what each token of `after` is.

        before   token ids (tokens), the same for all
        picture  embeddings (batch, tokens, width); none where the page's text stands in `after`
        after    token ids (batch, tokens)
        """
        config, batch = self.config, after.shape[0]
        x = torch.cat((self.embed(before).expand(batch, -1, -1), picture, self.embed(after)), dim=1)
        position = positions(len(before), *grid, after.shape[1])
        cos, sin = text_angles(position, config)
        start = x.shape[1] - after.shape[1]
        sees = picture.shape[1] > 0
        layers = config.guided if sees else config.copying
        guide = (config.guided_head if sees else config.copying_head, start + first)
        guided, understood = [], x
        for number, block in enumerate(self.blocks):
            x, scores = block(x, cos, sin, guide if number in layers else None)
            if scores is not None:
                guided.append(scores)
            if number + 1 == config.understood:
                understood = x
        logits = F.linear(self.norm(x[:, start + first :]), self.embed.weight)
        return logits, guided, self.written_head(understood[:, start:])


def initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=module.in_features**-0.5 * 0.7)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(module.weight, std=0.05)


def patches(images: Tensor, patch: int) -> Tensor:
    """Grey pictures (batch, height, width), uint8, cut into (batch, rows, columns, patch * patch)
    floats: 0 for white to -2 for black, as image_mean 1 and image_std 0.5 make them."""
    batch, height, width = images.shape
    x = (images.float() / 255.0 - 1.0) / 0.5
    x = x.view(batch, height // patch, patch, width // patch, patch)
    return x.permute(0, 1, 3, 2, 4).flatten(3)
