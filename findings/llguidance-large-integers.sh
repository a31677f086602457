#!/bin/sh
# llguidance 1.9.1 (PyPI): integers of a schema are stored as doubles, so that above 2^53 a grammar refuses the
# schema's number and forces a neighbour of it. Expected: `const` forces exactly its value, since JSON's integers
# are unbounded, and Python and Rust read these exactly. Seen:
#   const 20240115123456789:                      itself refused, 20240115123456788 admitted
#   minimum and maximum 9007199254740993:         itself refused, 9007199254740992 admitted
#   const 9007199254740991 (2^53 - 1):            itself admitted
# Reference numbers, such as a date with a time, can be that large. In the gateway: an error names a number above
# 2^53 in a strict schema.
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


bounded = {"type": "integer", "minimum": 2**53 + 1, "maximum": 2**53 + 1}
seen = [
    ({"const": 20240115123456789}, 20240115123456789, False),
    ({"const": 20240115123456789}, 20240115123456788, True),
    (bounded, 2**53 + 1, False),
    (bounded, 2**53, True),
    ({"const": 2**53 - 1}, 2**53 - 1, True),
]
changed = False
for schema, value, expected in seen:
    admitted = admits(schema, str(value))
    changed |= admitted != expected
    print(json.dumps(schema), value, "admitted" if admitted else "refused")
raise SystemExit("this has changed" if changed else 0)
PY
"$work/venv/bin/python" "$work/run.py"
