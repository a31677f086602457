#!/bin/sh
# llguidance 1.9.1 (PyPI): the grammar of `format: date` respects the length of each month, but gives every February
# 29 days, so that a model may write a date that does not exist. RFC 3339, which defines the format, has a rule for
# leap years. Expected: a grammar with that rule, or without the 29th of February. Seen:
#   2024-02-29 admitted; 2023-02-29 and 1900-02-29 admitted; 2023-02-30 and 2023-04-31 refused
# In the gateway: the format is replaced by a pattern with leap years, as for the invoice's own dates.
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


date = {"type": "string", "format": "date"}
seen = [
    (date, '"2024-02-29"', True),
    (date, '"2023-02-29"', True),
    (date, '"1900-02-29"', True),
    (date, '"2023-02-30"', False),
    (date, '"2023-04-31"', False),
]
changed = False
for schema, text, expected in seen:
    admitted = admits(schema, text)
    changed |= admitted != expected
    print(json.dumps(schema), text, "admitted" if admitted else "refused")
raise SystemExit("this has changed" if changed else 0)
PY
"$work/venv/bin/python" "$work/run.py"
