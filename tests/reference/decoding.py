"""A model at work: greedy decoding with a cache, without one, and by transformers' own loop."""

import torch
from steps import tokens_of
from tiny_qwen.tokenizer import IDS
from transformers import DynamicCache, PreTrainedModel

STEPS = 64
MIN_MARGIN = 0.02  # natural log units between the best and the second best token, at every step


class Rejected(Exception):
    """This seed will not do."""


class Decoder:
    def __init__(self, model: PreTrainedModel):
        self.model = model

    def forward(self, case: dict, new: list[int], shift: int | None = None, cache=None):
        """Log-probabilities after the prompt and `new`.

        Without `cache` everything is computed anew, and positions come from get_rope_index alone.
        With it only the last token is; `shift` is added to its position.
        """
        inputs = dict(case["inputs"])
        if cache is None or not new:
            self.model.model.rope_deltas = None
            ids = torch.tensor([new], dtype=torch.long)
            inputs["input_ids"] = torch.cat([inputs["input_ids"], ids], dim=1)
            if "mm_token_type_ids" in inputs:
                kinds = torch.zeros_like(ids, dtype=torch.int)
                inputs["mm_token_type_ids"] = torch.cat([inputs["mm_token_type_ids"], kinds], 1)
        else:
            inputs = {"input_ids": torch.tensor([new[-1:]])}
            if shift:
                delta = self.model.model.rope_deltas
                delta = 0 if delta is None else int(delta)
                at = case["prompt_tokens"] + len(new) - 1 + delta + shift
                inputs["position_ids"] = torch.full((3, 1, 1), at)
        out = self.model(
            **inputs, past_key_values=cache, use_cache=cache is not None, logits_to_keep=1
        )
        return torch.log_softmax(out.logits[0, -1].double(), dim=-1)

    def replay(self, case: dict, tokens: list[int], shift: int | None = None) -> list[torch.Tensor]:
        """Log-probabilities before each of `tokens`, which are fed to the model as given."""
        cache = DynamicCache(config=self.model.config)
        return [self.forward(case, tokens[:i], shift, cache) for i in range(len(tokens))]

    def decode(self, case: dict) -> list[torch.Tensor]:
        """Greedy steps with a cache, given up at the first one that is too close to a tie."""
        cache = DynamicCache(config=self.model.config)
        tokens, steps = [], []
        for i in range(STEPS):
            logprobs = self.forward(case, tokens, cache=cache)
            (best, second), (token, _) = (x.tolist() for x in logprobs.topk(2))
            if best - second < MIN_MARGIN:
                raise Rejected(f"{case['name']}: margin {best - second:.4f} at step {i}")
            if token in IDS.values():
                raise Rejected(f"{case['name']}: special token at step {i}")
            tokens.append(token)
            steps.append(logprobs)
        if len(set(tokens)) < STEPS // 4 or len(set(tokens[-16:])) < 4:
            raise Rejected(f"{case['name']}: repeats itself")
        return steps

    def generate(self, case: dict) -> list[torch.Tensor]:
        """The same by transformers' own generation loop: the authority."""
        self.model.model.rope_deltas = None
        out = self.model.generate(
            **case["inputs"],
            attention_mask=torch.ones_like(case["inputs"]["input_ids"]),
            do_sample=False,
            use_cache=True,
            min_new_tokens=0,
            max_new_tokens=STEPS,
            output_logits=True,
            return_dict_in_generate=True,
        )
        tokens = out.sequences[0, case["prompt_tokens"] :].tolist()
        steps = [torch.log_softmax(x[0].double(), dim=-1) for x in out.logits]
        assert tokens == tokens_of(steps) and len(tokens) == STEPS
        return steps
