#!/bin/sh
# llguidance 1.9.1 (PyPI): if the caller does not name the token that ends a text, llguidance looks for fixed names
# in the tokenizer. `<|im_end|>`, with which chat models such as SmolLM2 and Qwen end every answer, is not among
# them. At the end of the grammar only the token found is admitted, so that a server that stops at the model's own
# token never stops. Expected: an error if the token is not named, or all tokens that end a turn admitted.
# Seen, for a tokenizer with both:
#   end of text: <|endoftext|>; after a finished {"a":1}: <|endoftext|> admitted, <|im_end|> refused
# In the gateway: the grammar gets the tokens that the model's own files name as ends of an answer.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check llguidance==1.9.1 tokenizers==0.22.1
cat >"$work/run.py" <<'PY'
import json

from llguidance import LLMatcher, LLTokenizer
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
tokenizer = Tokenizer(models.BPE({letter: i for i, letter in enumerate(alphabet)}, []))
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
ends = ["<|endoftext|>", "<|im_end|>"]
tokenizer.add_special_tokens([AddedToken(end, special=True) for end in ends])

known = LLTokenizer(tokenizer.to_str())
schema = {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"], "additionalProperties": False}
matcher = LLMatcher(known, LLMatcher.grammar_from_json_schema(json.dumps(schema)))
matcher.consume_tokens(tokenizer.encode('{"a":1}').ids)
end_of_text = tokenizer.id_to_token(known.eos_token)
mask = matcher.compute_logit_bias()
admitted = [mask[tokenizer.token_to_id(end)] != 0 for end in ends]
print("end of text:", end_of_text)
for end, is_admitted in zip(ends, admitted):
    print(end, "admitted" if is_admitted else "refused")
raise SystemExit("this has changed" if (end_of_text, admitted) != ("<|endoftext|>", [True, False]) else 0)
PY
"$work/venv/bin/python" "$work/run.py"
