#!/bin/sh
# jsonschema 4.26.0 (PyPI) and ajv 8.17.1 (npm): both reject 1363 of the 10,001 amounts from 0.00 to 100.00 as
# multiples of 0.01, since they divide doubles. A grammar of the same schema admits these amounts (llguidance
# computes in decimals), so that a validator rejects answers that follow the grammar. With parse_float=Decimal for
# the answer only, Python's validator raises a TypeError; the schema needs it too. Seen:
#   jsonschema, doubles:                    1363 of 10001 invalid, 0.07 the first
#   jsonschema, the answer in decimals:     TypeError
#   jsonschema, both in decimals:           0 of 10001 invalid
#   ajv:                                    1363 of 10001 invalid, 0.07 the first
# In the gateway: the schemas published for validators have no multipleOf.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check jsonschema==4.26.0
cat >"$work/run.py" <<'PY'
import json
from decimal import Decimal

from jsonschema import Draft202012Validator

SCHEMA = '{"type": "number", "multipleOf": 0.01}'
AMOUNTS = [f"{cents // 100}.{cents % 100:02}" for cents in range(10_001)]


def invalid(schema_float, answer_float) -> list[str]:
    validator = Draft202012Validator(json.loads(SCHEMA, parse_float=schema_float))
    read = [(text, json.loads(text, parse_float=answer_float)) for text in AMOUNTS]
    return [text for text, amount in read if not validator.is_valid(amount)]


doubles = invalid(float, float)
print("jsonschema, doubles:", len(doubles), "of", len(AMOUNTS), "invalid,", doubles[0], "the first")
try:
    invalid(float, Decimal)
    mixed = "no error"
except TypeError:
    mixed = "TypeError"
print("jsonschema, the answer in decimals:", mixed)
decimals = invalid(Decimal, Decimal)
print("jsonschema, both in decimals:", len(decimals), "of", len(AMOUNTS), "invalid")
same = (len(doubles), doubles[0], mixed, decimals) == (1363, "0.07", "TypeError", [])
raise SystemExit(0 if same else "this has changed")
PY
"$work/venv/bin/python" "$work/run.py"
cd "$work"
npm install --silent --no-audit --no-fund ajv@8.17.1
cat >run.cjs <<'JS'
const Ajv = require("ajv").default;
const valid = new Ajv().compile({ type: "number", multipleOf: 0.01 });
const amounts = Array.from({ length: 10001 }, (_, cents) => (cents / 100).toFixed(2));
const invalid = amounts.filter((text) => !valid(JSON.parse(text)));
console.log(`ajv: ${invalid.length} of ${amounts.length} invalid, ${invalid[0]} the first`);
if (invalid.length !== 1363 || invalid[0] !== "0.07") {
  console.error("this has changed");
  process.exit(1);
}
JS
node run.cjs
