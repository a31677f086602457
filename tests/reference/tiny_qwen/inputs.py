"""The cases as a model takes them: pictures in patches, conversations in tokens."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer
from transformers import AutoTokenizer
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import (
    Qwen2VLImageProcessorPil,
)

from .tokenizer import IDS


class Inputs:
    """By transformers' processor and tokenizer, as they come with a checkpoint's folder."""

    def __init__(
        self, folder: Path, spec: dict, tokenizer: Tokenizer, pictures: dict[str, Image.Image]
    ):
        self.spec = spec
        self.tokenizer = tokenizer
        self.pictures = pictures
        self.processor = Qwen2VLImageProcessorPil.from_pretrained(folder)
        self.hf_tokenizer = AutoTokenizer.from_pretrained(folder)
        self.patches = {file: self.preprocess(file) for file in self.pictures}

    def preprocess(self, file: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Patches by transformers' processor, checked against a plain cut: nothing was resized."""
        image = self.pictures[file]
        out = self.processor(images=[image], return_tensors="pt")
        pre = self.spec["preprocessor"]
        patch, merge = pre["patch_size"], pre["merge_size"]
        pixels = np.asarray(image, dtype=np.float64) / 255
        pixels = (pixels - np.array(pre["image_mean"])) / np.array(pre["image_std"])
        h, w = pixels.shape[0] // patch, pixels.shape[1] // patch
        assert out["image_grid_thw"].tolist() == [[1, h, w]], (file, out["image_grid_thw"])
        cut = pixels.reshape(h // merge, merge, patch, w // merge, merge, patch, 3)
        cut = cut.transpose(0, 3, 1, 4, 6, 2, 5)[:, :, :, :, :, None].repeat(2, axis=5)
        difference = np.abs(cut.reshape(h * w, -1) - out["pixel_values"].numpy()).max()
        assert difference < 1e-5, (file, difference)
        return out["pixel_values"].float(), out["image_grid_thw"]

    def prepare(self, case: dict) -> dict:
        prompt = self.hf_tokenizer.apply_chat_template(
            case["messages"], tokenize=False, add_generation_prompt=True
        )
        ids = self.tokenizer.encode(prompt, add_special_tokens=False).ids
        assert ids == self.hf_tokenizer(prompt, add_special_tokens=False)["input_ids"]
        assert self.tokenizer.decode(ids, skip_special_tokens=False) == prompt
        files = [
            part["file"]
            for message in case["messages"]
            if isinstance(message["content"], list)
            for part in message["content"]
            if part["type"] == "image"
        ]
        expanded, rest = [], list(files)
        for token in ids:
            count = 1
            if token == IDS["<|image_pad|>"]:
                count = int(self.patches[rest.pop(0)][1].prod()) // 4
            expanded += [token] * count
        assert not rest
        inputs = {"input_ids": torch.tensor([expanded])}
        if files:
            inputs["pixel_values"] = torch.cat([self.patches[f][0] for f in files])
            inputs["image_grid_thw"] = torch.cat([self.patches[f][1] for f in files])
            inputs["mm_token_type_ids"] = (inputs["input_ids"] == IDS["<|image_pad|>"]).int()
        return {
            **case,
            "files": files,
            "prompt": prompt,
            "prompt_ids": ids,
            "prompt_tokens": len(expanded),
            "inputs": inputs,
        }
