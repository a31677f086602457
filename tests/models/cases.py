"""What the models are asked, and what must be true of their answers, whatever they say.

    venv/bin/python tests/models/cases.py ADDRESS MODEL ...

run.py starts the gateway at ADDRESS and runs this.
"""

import json
import math
import sys
import time
import traceback
import urllib.request
from decimal import Decimal
from pathlib import Path

import jsonschema

from model import CLOCK, ORDER, PERSON, WEATHER, Model, messages

RECEIPT = Path(__file__).resolve().parents[1] / "fixtures/receipt-05-invoice.png"
# Characters of one to four bytes, which tokens may divide.
MARKS = "Crème brûlée, 東京 ☕ 🎉"

CASES = []


def case(function):
    CASES.append(function)
    return function


@case
def greedy_is_the_same_twice(model: Model) -> None:
    one, two = (model.chat("What is the capital of France?", max_tokens=60) for _ in range(2))
    said = one["choices"][0]["message"]["content"]
    assert said and two["choices"][0]["message"]["content"] == said, (said, two)
    assert one["choices"][0]["finish_reason"] == two["choices"][0]["finish_reason"]


@case
def usage_counts(model: Model) -> None:
    said = "Write one sentence about the sea."
    usage = model.chat(said, max_tokens=40, logprobs=True)
    written = len(usage["choices"][0]["logprobs"]["content"])
    ended = usage["choices"][0]["finish_reason"] == "stop"
    usage = usage["usage"]
    counted = model.ask("/v1/messages/count_tokens", messages=messages(said))["input_tokens"]
    assert usage["prompt_tokens"] == counted > 10, (usage, counted)
    # The token that ends an answer is counted, and is no text.
    assert written <= usage["completion_tokens"] <= written + ended, (usage, written)
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


@case
def a_stream_is_the_whole_answer(model: Model) -> None:
    said = "Name three fruits and a colour for each, one on a line."
    whole = model.chat(said, max_tokens=60)
    chunks = list(model.stream(said, max_tokens=60))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]
    assert deltas[0]["role"] == "assistant"
    streamed = "".join(delta.get("content") or "" for delta in deltas)
    assert streamed == whole["choices"][0]["message"]["content"]
    assert len(deltas) > 5, "the answer comes in one piece"
    ends = [chunk["choices"][0].get("finish_reason") for chunk in chunks if chunk["choices"]]
    assert [end for end in ends if end] == [whole["choices"][0]["finish_reason"]]
    (usage,) = [chunk["usage"] for chunk in chunks if chunk.get("usage")]
    for count in ("prompt_tokens", "completion_tokens"):
        assert usage[count] == whole["usage"][count], (count, usage, whole["usage"])


@case
def characters_of_several_tokens_stay_whole(model: Model) -> None:
    schema = {"type": "object", "properties": {"text": {"const": MARKS}}, "required": ["text"]}
    schema["additionalProperties"] = False
    form = schema_form(schema)
    said = f"Repeat this text: {MARKS}"
    assert json.loads(model.text(said, response_format=form)) == {"text": MARKS}
    pieces = [
        chunk["choices"][0]["delta"].get("content") or ""
        for chunk in model.stream(said, response_format=form)
        if chunk["choices"]
    ]
    assert all("\ufffd" not in piece for piece in pieces), pieces
    assert json.loads("".join(pieces)) == {"text": MARKS}


def schema_form(schema: dict) -> dict:
    named = {"name": "answer", "strict": True, "schema": schema}
    return {"type": "json_schema", "json_schema": named}


def validated(model: Model, said: str, schema: dict) -> dict:
    answer = model.choice(said, response_format=schema_form(schema), max_tokens=400)
    assert answer["finish_reason"] == "stop", answer
    return fitting(answer["message"]["content"], schema)


def fitting(text: str, schema: dict) -> dict:
    """The value of a text, which fits the schema; numbers are decimals, so that 19.9 has two places."""
    value = json.loads(text, parse_float=Decimal)
    exact = json.loads(json.dumps(schema), parse_float=Decimal)
    jsonschema.Draft202012Validator(exact).validate(value)
    return value


@case
def an_answer_fits_its_schema(model: Model) -> None:
    said = "Ada Lovelace is 36 years old and has no e-mail address. Write her down as JSON."
    person = validated(model, said, PERSON)
    assert person["name"], person


@case
def nested_lists_and_enums_fit_their_schema(model: Model) -> None:
    for said in (
        "Order AB-1234 of 3 May 2024 is paid: two shirts in M for 19.90 each, and a mug for 7.50.",
        "Invent an order of a bookshop.",
        "東京 ☕: schreibe eine Bestellung mit drei Zeilen auf.",
    ):
        validated(model, said, ORDER)


@case
def an_open_object_is_json(model: Model) -> None:
    said = "Describe a cat as a short JSON object with its name and colour."
    answer = model.choice(said, response_format={"type": "json_object"}, max_tokens=300)
    assert answer["finish_reason"] == "length" or isinstance(
        json.loads(answer["message"]["content"]), dict
    )


def called(choice: dict, tool: dict) -> dict:
    """The arguments of the only call, which is of the tool."""
    assert choice["finish_reason"] in ("tool_calls", "stop"), choice
    (call,) = choice["message"]["tool_calls"]
    assert call["function"]["name"] == tool["function"]["name"], call
    return fitting(call["function"]["arguments"], tool["function"]["parameters"])


@case
def a_forced_tool_is_called(model: Model) -> None:
    named = {"type": "function", "function": {"name": "get_weather"}}
    fields = {"tools": [CLOCK, WEATHER], "tool_choice": named, "max_tokens": 200}
    said = "How will the weather in Paris be for three days, in celsius?"
    arguments = called(model.choice(said, **fields), WEATHER)
    assert arguments["city"], arguments
    streamed = ""
    for chunk in model.stream(said, **fields):
        for call in (chunk["choices"] or [{"delta": {}}])[0]["delta"].get("tool_calls") or []:
            streamed += call["function"].get("arguments") or ""
    assert json.loads(streamed) == arguments, streamed


@case
def a_required_tool_is_one_of_them(model: Model) -> None:
    said = "What time is it in Tokyo?"
    fields = {"tools": [CLOCK, WEATHER], "tool_choice": "required", "max_tokens": 200}
    choice = model.choice(said, parallel_tool_calls=False, **fields)
    (call,) = choice["message"]["tool_calls"]
    tool = {"get_time": CLOCK, "get_weather": WEATHER}[call["function"]["name"]]
    called(choice, tool)


@case
def the_result_of_a_tool_reaches_the_model(model: Model) -> None:
    call = {"name": "get_weather", "arguments": '{"city":"Oslo","unit":"celsius","days":1}'}
    called = {"id": "call_1", "type": "function", "function": call}

    def answer(result: str) -> dict:
        said = [
            {"role": "user", "content": "How is the weather in Oslo?"},
            {"role": "assistant", "content": None, "tool_calls": [called]},
            {"role": "tool", "tool_call_id": "call_1", "content": result},
        ]
        fields = {"tools": [WEATHER], "tool_choice": "none", "max_tokens": 30}
        return model.choice(said, logprobs=True, **fields)

    snow, sun = (answer(result) for result in ('{"sky":"snow"}', '{"sky":"sun"}'))
    first = [choice["logprobs"]["content"][0] for choice in (snow, sun)]
    assert first[0] != first[1], first
    assert snow == answer('{"sky":"snow"}')


@case
def stop_sequences_cut_the_answer(model: Model) -> None:
    said = "Count from one to ten in words, separated by commas."
    whole = model.text(said, max_tokens=60)
    middle = len(whole) // 2
    # Within a word, across a token's end, and a single character.
    for stop in (whole[middle : middle + 5], whole[middle - 3 : middle + 6], whole[middle]):
        cut = model.choice(said, max_tokens=60, stop=[stop, "\u0000never"])
        assert cut["finish_reason"] == "stop", cut
        assert cut["message"]["content"] == whole[: whole.index(stop)], (stop, cut, whole)
        pieces = (chunk["choices"] for chunk in model.stream(said, max_tokens=60, stop=stop))
        streamed = "".join(piece[0]["delta"].get("content") or "" for piece in pieces if piece)
        assert streamed == whole[: whole.index(stop)], (stop, streamed)


@case
def log_probabilities_are_those_of_the_text(model: Model) -> None:
    choice = model.choice(f"Say: {MARKS}", max_tokens=30, logprobs=True, top_logprobs=5)
    tokens = choice["logprobs"]["content"]
    read = bytes(byte for token in tokens for byte in token["bytes"])
    assert read.decode(errors="replace").startswith(choice["message"]["content"].rstrip("\ufffd"))
    for token in tokens:
        top = [other["logprob"] for other in token["top_logprobs"]]
        assert len(top) == 5 and top == sorted(top, reverse=True), token
        assert token["logprob"] == top[0] <= 0, "greedy takes the likeliest"
        assert sum(map(math.exp, top)) < 1.001, token
    assert any(token["logprob"] < -0.001 for token in tokens), "all tokens are certain"


@case
def max_tokens_ends_the_answer(model: Model) -> None:
    said = "Tell a long story about a lighthouse."
    longer = model.text(said, max_tokens=30)
    short = model.chat(said, max_tokens=7)
    assert short["usage"]["completion_tokens"] == 7, short["usage"]
    assert short["choices"][0]["finish_reason"] == "length", short
    text = short["choices"][0]["message"]["content"]
    assert text and longer.startswith(text), (text, longer)


@case
def a_seed_repeats_what_is_drawn(model: Model) -> None:
    drawn = [
        model.text("Invent a name for a ship.", max_tokens=20, temperature=1.2, seed=seed)
        for seed in (7, 7, 8, 9, 10)
    ]
    assert drawn[0] == drawn[1], drawn
    assert len(set(drawn)) > 1, "nothing is drawn"


@case
def a_conversation_is_remembered(model: Model) -> None:
    said = [
        {"role": "system", "content": "You answer in one short sentence. " * 12},
        {"role": "user", "content": "My cat is called Mimi."},
        {"role": "assistant", "content": "That is a lovely name."},
        {"role": "user", "content": "What is my cat called?"},
    ]
    first, again, third = (
        model.chat(said, max_tokens=40, logprobs=True, top_logprobs=5) for _ in range(3)
    )
    text = first["choices"][0]["message"]["content"]
    assert "Mimi" in text, text
    # The prompt's beginning is kept, and the answer is the same each time that it is.
    assert again["usage"]["prompt_tokens_details"]["cached_tokens"] > 0, again["usage"]
    assert again["choices"][0]["message"] == third["choices"][0]["message"]
    # Products of quantised weights with many rows and with few are rounded otherwise, so that near a
    # tie the answer from a kept beginning may be another; its probabilities are nearly the same.
    tops = (it["choices"][0]["logprobs"]["content"][0]["top_logprobs"] for it in (first, again))
    before, after = ({top["token"]: top["logprob"] for top in top_of} for top_of in tops)
    for token in before.keys() & after.keys():
        assert abs(before[token] - after[token]) < 0.25, (before, after)
    assert len(before.keys() & after.keys()) >= 3, (before, after)


@case
def a_text_is_continued(model: Model) -> None:
    for said, follows in (
        ("The capital of France is", "Paris"),
        ("one, two, three, four, five, six,", "seven"),
    ):
        answer = model.ask("/v1/completions", prompt=said, max_tokens=8)
        assert answer["choices"][0]["text"].lstrip().startswith(follows), answer


@case
def a_receipt_is_read(model: Model) -> None:
    if model.name == "smollm2":
        raise NotAsked
    with urllib.request.urlopen(f"{model.address}/schemas") as listed:
        schemas = {schema["name"]: schema["schema"] for schema in json.load(listed)["schemas"]}
    path = f"/extract?include=meta&model={model.name}"
    with model.post(path, RECEIPT.read_bytes(), "image/png") as answer:
        answer = json.load(answer)
    jsonschema.Draft202012Validator(schemas["invoice"]).validate(answer["invoice"])
    assert answer["meta"]["read_as"] == "page_text", answer["meta"]
    truth = json.loads(RECEIPT.with_suffix(".json").read_text(encoding="utf-8"))
    assert answer["invoice"]["total_due"] == truth["total_due"], answer["invoice"]


class NotAsked(Exception):
    """The case is not for this model."""


def speed(model: Model) -> float:
    """Tokens that the model writes in a second, after the first."""
    times = []
    for chunk in model.stream("Tell a story about a mountain.", max_tokens=128):
        if chunk["choices"] and chunk["choices"][0]["delta"].get("content"):
            times.append(time.monotonic())
        usage = chunk.get("usage") or {}
    return (usage["completion_tokens"] - 1) / (times[-1] - times[0])


def main(address: str, *names: str) -> None:
    rows, faults = [], []
    for name in names:
        model = Model(address, name)
        asked = passed = 0
        for function in CASES:
            try:
                function(model)
                asked, passed = asked + 1, passed + 1
            except NotAsked:
                pass
            except Exception:  # an answer may be wrong in any way
                asked += 1
                faults.append((f"{name}: {function.__name__}", traceback.format_exc()))
        rows.append((name, asked, passed, speed(model)))
    print(f"{'model':<10} {'cases':>5} {'passed':>6} {'tokens a second':>16}")
    for name, asked, passed, fast in rows:
        print(f"{name:<10} {asked:>5} {passed:>6} {fast:>16.1f}")
    for name, fault in faults:
        print(f"\n{name}\n{fault}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main(*sys.argv[1:])
