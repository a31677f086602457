#!/bin/sh
# llguidance 1.9.1 (PyPI): numbers in a JSON schema's `enum` are held by their shortest text. Under {"enum": [60.30]} a
# model may write 60.3 but not 60.30, though JSON Schema compares numbers by value and both are the same one. Amounts
# are printed with closing zeros, and a model that copies them (60.30 where 60.31 stands beside it) is led to another:
# after 60.3 the only way on is the 1. Expected: every text of the number admitted, as under {"type": "number"}.
# Seen:
#   enum [60.30, 60.31]: 60.3 admitted, 60.30 refused, 60.31 admitted; type number with bounds: 60.30 admitted
# In the gateway: the amounts of a page are written into a Lark grammar as they are printed, and without closing zeros.
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
tokenizer.add_special_tokens([AddedToken("<|endoftext|>", special=True)])
known = LLTokenizer(tokenizer.to_str())


def admits(schema, text):
    matcher = LLMatcher(known, LLMatcher.grammar_from_json_schema(json.dumps(schema)))
    return matcher.consume_tokens(tokenizer.encode(text).ids) and matcher.is_accepting()


enum = {"enum": [60.30, 60.31]}
bounded = {"type": "number", "minimum": 60, "maximum": 61}
seen = [admits(enum, text) for text in ("60.3", "60.30", "60.31")] + [admits(bounded, "60.30")]
print("enum 60.3, 60.30, 60.31; number 60.30:", seen)
raise SystemExit("this has changed" if seen != [True, False, True, True] else 0)
PY
"$work/venv/bin/python" "$work/run.py"
