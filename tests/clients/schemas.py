"""Random strict schemas, and what a model of random weights answers to them, judged by Python's jsonschema.

GATEWAY_TEST_SCHEMAS=2000 asks for more of them than the few of every run.
"""

import decimal
import json
import os
import random
import sys
import urllib.error
import urllib.request
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from importlib.metadata import version

import cases
import jsonschema

SCHEMAS = int(os.environ.get("GATEWAY_TEST_SCHEMAS", "60"))
AT_ONCE = 8
decimal.getcontext().prec = 3000
# Python warns of [a&&b], which may come to mean something else there.
warnings.simplefilter("ignore", FutureWarning)

# A decimal without a fraction is a whole number, too.
CHECKER = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
    "integer",
    lambda _, value: (
        isinstance(value, (int, Decimal)) and not isinstance(value, bool) and value == int(value)
    ),
)
Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=CHECKER)

NAMES = ["id", "total", "a b", "x/y", "é", 'q"q']
PATTERNS = [
    "^[a-z]{2,4}$",
    "^[0-9]{4}-[0-9]{2}$",
    "^(red|green|blue)$",
    "^\\d+(\\.\\d{1,2})?$",
    "^[^a-z]{1,3}$",
    "^[a&&b]{1,4}$",
    "^(?:ab|c)d?$",
    "^\\w{1,6}$",
]
FORMATS = ["date", "time", "date-time", "ipv4", "uuid"]


class Draw(random.Random):
    """Draws schemas that mostly can be held, and whose answers mostly end."""

    def chance(self, percent):
        return self.random() * 100 < percent

    def number(self):
        places = self.choice([0, 0, 1, 2])
        whole = self.choice([self.randint(-9, 9), self.randint(-999, 9999), 2**53 - 1])
        if places == 0:
            return str(whole)
        return f"{whole % 1000}.{self.randrange(10**places):0{places}}"

    def numeric(self):
        schema = {"type": self.choice(["number", "integer", ["number", "null"]])}
        least, most = sorted([Decimal(self.number()), Decimal(self.number())])
        schema[self.choice(["minimum", "exclusiveMinimum"])] = least
        schema[self.choice(["maximum", "exclusiveMaximum"])] = most
        if self.chance(50):
            units = ["0.01", "0.1", "0.05", "0.5", "2", "3", "7", "0.25", "1.5"]
            schema["multipleOf"] = Decimal(self.choice(units))
        return schema

    def string(self):
        schema = {"type": "string", "maxLength": self.randint(0, 8)}
        if self.chance(50):
            schema["minLength"] = self.randint(0, 3)
        if self.chance(40):
            schema["pattern"] = self.choice(PATTERNS)
        elif self.chance(30):
            schema = {"type": "string", "format": self.choice(FORMATS)}
        return schema

    def literal(self, depth=1):
        kinds = [None, True, Decimal(self.number()), "a", "é€", 'x"y']
        if depth:
            kinds += [[self.literal(0)], {self.choice(NAMES): self.literal(0)}]
        return self.choice(kinds)

    def any(self, depth):
        simple = [
            self.numeric,
            self.numeric,
            self.string,
            lambda: {"enum": [self.literal() for _ in range(self.randint(1, 3))]},
            lambda: {"const": self.literal()},
            lambda: {"type": self.choice(["boolean", "null"])},
        ]
        deep = [
            lambda: self.object(depth - 1),
            lambda: self.array(depth - 1),
            lambda: {"anyOf": [self.any(depth - 1) for _ in range(self.randint(1, 3))]},
            lambda: {"allOf": [self.numeric(), self.numeric()]},
        ]
        return self.choice(simple + deep if depth else simple)()

    def array(self, depth):
        schema = {"type": "array", "items": self.any(depth), "maxItems": self.randint(0, 3)}
        if self.chance(40):
            schema["minItems"] = self.randint(0, 2)
        if self.chance(20):
            schema["prefixItems"] = [self.any(depth)]
        if self.chance(20):
            schema["uniqueItems"] = False
        return schema

    def object(self, depth):
        names = self.sample(NAMES, self.randint(1, 4))
        schema = {
            "type": "object",
            "properties": {name: self.any(depth) for name in names},
            "required": [name for name in names if self.chance(70)],
            "additionalProperties": False,
        }
        if self.chance(15):
            schema["additionalProperties"] = self.any(0)
            schema["maxProperties"] = len(names) + 2
            schema["required"] = names
        return schema


def text(value) -> str:
    """JSON with decimals as they are."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{text(of)}" for name, of in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(text, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def once(pairs):
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), f"a name is given twice: {names}"
    return dict(pairs)


def ask(number: int, schema: dict) -> tuple[int, str, str]:
    """The status, why the answer ended, and its text or the error's."""
    stream = number % 2 == 1
    head = {
        "model": "org/tiny",
        "messages": [{"role": "user", "content": f"Number {number}"}],
        "max_tokens": 300,
        "temperature": 1,
        "seed": number,
        "stream": stream,
    }
    name = f'"name":"a","strict":true,"schema":{text(schema)}'
    format = f'"response_format":{{"type":"json_schema","json_schema":{{{name}}}}}'
    body = json.dumps(head)[:-1] + "," + format + "}"
    request = urllib.request.Request(
        f"{cases.GATEWAY}/v1/chat/completions",
        body.encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            said = answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, "error", json.loads(error.read())["error"]["message"]
    if not stream:
        choice = json.loads(said)["choices"][0]
        return 200, choice["finish_reason"], choice["message"]["content"]
    content, finish = "", None
    for line in said.splitlines():
        if not line.startswith("data: {"):
            continue
        chunk = json.loads(line.removeprefix("data: "))
        if "error" in chunk:
            return 502, "error", chunk["error"]["message"]
        for choice in chunk["choices"]:
            content += choice["delta"].get("content") or ""
            finish = choice["finish_reason"] or finish
    return 200, finish, content


def judge(number: int) -> tuple[str, str | None]:
    """How the answer to schema `number` ended, and what is wrong with it."""
    draw = Draw(number)
    schema = draw.object(2) if draw.chance(60) else draw.any(2)
    status, finish, said = ask(number, schema)
    place = f"{number}: {text(schema)}\n{said}"
    if status == 400:
        named = said.startswith("The schema cannot be enforced: ")
        return "refused", None if named else place
    if status == 502:
        # What no grammar keeps out of an open map.
        return "failed", None if "given twice" in said else place
    if status != 200:
        return str(status), place
    if finish != "stop":
        return "cut off", None
    try:
        value = json.loads(said, parse_float=Decimal, object_pairs_hook=once)
        schema = json.loads(text(schema), parse_float=Decimal)
        Validator(schema, format_checker=Validator.FORMAT_CHECKER).validate(value)
    except (jsonschema.ValidationError, AssertionError, ValueError) as error:
        return "broken", f"{place}\n{error}"
    return "fits", None


@cases.case
def answers_fit_strict_schemas():
    with ThreadPoolExecutor(AT_ONCE) as pool:
        judged = list(pool.map(judge, range(SCHEMAS)))
    counts = Counter(how for how, _ in judged)
    print(f"{SCHEMAS} schemas: {dict(counts)}", file=sys.stderr)
    faults = [fault for _, fault in judged if fault]
    assert not faults, f"{len(faults)} of {SCHEMAS}:\n" + "\n\n".join(faults[:10])
    assert counts["fits"] * 2 > SCHEMAS, counts


if __name__ == "__main__":
    cases.run("jsonschema", version("jsonschema"))
