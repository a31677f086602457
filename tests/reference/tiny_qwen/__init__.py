"""The tiny Qwen2-VL and the tiny Qwen3-VL: what they are made of, and what they are asked."""

from transformers import (
    Qwen2VLForConditionalGeneration,
    Qwen3VLForConditionalGeneration,
)

from .chat_templates import QWEN2_TEMPLATE, QWEN3_TEMPLATE
from .configs import QWEN2_CONFIG, QWEN2_PREPROCESSOR, QWEN3_CONFIG, QWEN3_PREPROCESSOR
from .weights import qwen2_weights, qwen3_weights

MODELS = {
    "qwen2": {
        "name": "tiny-qwen2-vl",
        "class": Qwen2VLForConditionalGeneration,
        "config": QWEN2_CONFIG,
        "preprocessor": QWEN2_PREPROCESSOR,
        "template": QWEN2_TEMPLATE,
        "weights": qwen2_weights,
    },
    "qwen3": {
        "name": "tiny-qwen3-vl",
        "class": Qwen3VLForConditionalGeneration,
        "config": QWEN3_CONFIG,
        "preprocessor": QWEN3_PREPROCESSOR,
        "template": QWEN3_TEMPLATE,
        "weights": qwen3_weights,
    },
}
