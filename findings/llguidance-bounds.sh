#!/bin/sh
# llguidance 1.9.1 (PyPI): the grammar of `exclusiveMinimum: 0, maximum: 0.5` admits 0, which the schema forbids,
# and that of `multipleOf: 0.1, minimum: 0.05, maximum: 0.15` admits no number at all, although 0.1 is valid.
# Expected: a grammar that admits the same numbers as the schema, or an error. Seen:
#   exclusiveMinimum 0, maximum 0.5:                  0 admitted, 0.1 admitted
#   exclusiveMinimum 0, maximum 1.5:                  0 refused, 0.1 admitted
#   multipleOf 0.1, minimum 0.05, maximum 0.15:       0.1 refused
#   multipleOf 0.1, minimum 0.05, maximum 1.15:       0.1 admitted
# In the gateway: such bounds are refused by name before a model runs, and finished answers are validated.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check llguidance==1.9.1
cat >"$work/run.py" <<'PY'
import json

from llguidance import LLMatcher, LLTokenizer

BYTES = LLTokenizer("byte")


def admits(schema: dict, text: str) -> bool:
    matcher = LLMatcher(BYTES, LLMatcher.grammar_from_json_schema(json.dumps(schema)))
    tokens = list(text.encode())
    return (
        not matcher.get_error()
        and matcher.validate_tokens(tokens) == len(tokens)
        and matcher.consume_tokens(tokens)
        and matcher.is_accepting()
    )


def number(**keywords) -> dict:
    return {"type": "number", **keywords}


seen = [
    (number(exclusiveMinimum=0, maximum=0.5), "0", True),
    (number(exclusiveMinimum=0, maximum=0.5), "0.1", True),
    (number(exclusiveMinimum=0, maximum=1.5), "0", False),
    (number(exclusiveMinimum=0, maximum=1.5), "0.1", True),
    (number(multipleOf=0.1, minimum=0.05, maximum=0.15), "0.1", False),
    (number(multipleOf=0.1, minimum=0.05, maximum=1.15), "0.1", True),
]
changed = False
for schema, text, expected in seen:
    admitted = admits(schema, text)
    changed |= admitted != expected
    print(json.dumps(schema), text, "admitted" if admitted else "refused")
raise SystemExit("this has changed" if changed else 0)
PY
"$work/venv/bin/python" "$work/run.py"
