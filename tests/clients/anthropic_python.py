"""Anthropic's own Python client."""

import base64
from typing import Literal

from anthropic.types import (
    ErrorResponse,
    Message,
    MessageTokensCount,
    ModelInfo,
    RawMessageStreamEvent,
)
from cases import GATEWAY, PICTURE, PICTURE_URL, case, occupied, raises, run
from pydantic import BaseModel, TypeAdapter

PICTURE_BASE64 = base64.b64encode(PICTURE.read_bytes()).decode()
PDF_BASE64 = base64.b64encode((PICTURE.parent / "receipt-05-invoice.pdf").read_bytes()).decode()

# snippet
import json

import anthropic

client = anthropic.Anthropic(base_url=f"{GATEWAY}", api_key="any")
source = {"type": "base64", "media_type": "image/png", "data": PICTURE_BASE64}
answer = client.messages.create(
    model="receipt",
    max_tokens=4096,
    messages=[
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Read this receipt as JSON."},
                {"type": "image", "source": source},
            ],
        }
    ],
)
invoice = json.loads(answer.content[0].text)
# end

client = client.with_options(max_retries=0)
HELLO = [{"role": "user", "content": "Hello"}]
FIELDS = {"vendor_name", "items", "total_due"}


def ask(model="org/tiny", messages=HELLO, max_tokens=8, **more):
    return client.messages.create(model=model, messages=messages, max_tokens=max_tokens, **more)


def showing(block):
    return [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, block]}]


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def all_input(usage):
    return usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens


@case
def receipt_by_preset():
    assert set(invoice) >= FIELDS, invoice
    assert answer.model == "receipt" and answer.type == "message"
    assert answer.stop_reason == "end_turn" and answer._request_id


@case
def receipt_as_pdf():
    source = {"type": "base64", "media_type": "application/pdf", "data": PDF_BASE64}
    document = {"type": "document", "title": "bill.pdf", "source": source}
    assert set(json.loads(text_of(ask("receipt", showing(document))))) >= FIELDS


@case
def receipt_by_stream():
    picture = {"type": "image", "source": source}
    with client.messages.stream(
        model="receipt", max_tokens=4096, messages=showing(picture)
    ) as stream:
        assert set(json.loads(stream.get_final_text())) >= FIELDS


@case
def chat():
    answer = ask(system="Be brief.", metadata={"user_id": "u"}, thinking={"type": "disabled"})
    assert answer.stop_reason == "max_tokens" and answer.role == "assistant"
    assert answer.usage.output_tokens == 8 and all_input(answer.usage) > 0


@case
def chat_with_all_that_is_cached():
    block = {"type": "text", "text": "Hello", "cache_control": {"type": "ephemeral"}}
    messages = [{"role": "user", "content": [block]}]
    answer = ask(messages=messages, system=[block], cache_control={"type": "ephemeral"})
    again = ask(messages=messages, system=[block])
    assert text_of(again) == text_of(answer)
    assert all_input(again.usage) == all_input(answer.usage)


@case
def picture_in_base64():
    picture = {"type": "image", "source": source}
    assert all_input(ask(messages=showing(picture)).usage) > 100


@case
def picture_by_url():
    picture = {"type": "image", "source": {"type": "url", "url": PICTURE_URL}}
    assert all_input(ask(messages=showing(picture)).usage) > 100


@case
def document_of_text():
    plain = {"type": "text", "media_type": "text/plain", "data": "Milk 2.50"}
    document = {"type": "document", "source": plain, "title": "A bill"}
    assert all_input(ask(messages=showing(document)).usage) > all_input(ask().usage)


@case
def tokens_are_counted():
    for messages in (HELLO, showing({"type": "image", "source": source})):
        counted = client.messages.count_tokens(model="org/tiny", messages=messages)
        assert counted.input_tokens == all_input(ask(messages=messages).usage)
    raises(
        anthropic.BadRequestError,
        lambda: client.messages.count_tokens(model="receipt", messages=HELLO),
    )


@case
def stream_with_usage():
    events = list(ask(stream=True))
    assert events[0].type == "message_start" and events[0].message.id.startswith("msg_")
    assert all_input(events[0].message.usage) == all_input(ask().usage)
    assert events[-2].delta.stop_reason == "max_tokens" and events[-2].usage.output_tokens == 8
    text = "".join(e.delta.text for e in events if e.type == "content_block_delta")
    assert text == text_of(ask())


@case
def stream_helper():
    with client.messages.stream(model="org/tiny", messages=HELLO, max_tokens=8) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == text_of(final) == text_of(ask())
    assert final.usage.output_tokens == 8 and final.stop_reason == "max_tokens"
    assert stream.request_id


class Verdict(BaseModel):
    # No number: the client sends no bounds, and random weights write digits without end.
    mood: Literal["calm", "stormy"]
    certain: bool


@case
def structured_output_by_parse():
    call = {"model": "org/tiny", "messages": HELLO, "max_tokens": 400}
    parsed = client.messages.parse(output_format=Verdict, **call)
    assert parsed.parsed_output.mood in ("calm", "stormy"), parsed
    with client.messages.stream(output_format=Verdict, **call) as stream:
        assert stream.get_final_message().parsed_output == parsed.parsed_output


@case
def stop():
    whole = text_of(ask())
    cut = ask(stop_sequences=["never", whole[3]])
    assert cut.stop_reason == "stop_sequence" and cut.stop_sequence == whole[3]
    assert text_of(cut) == whole[: whole.index(whole[3])]


@case
def sampling():
    # The client has no arguments for these any more, and its API still has the fields.
    def drawn(**fields):
        return text_of(ask(extra_body=fields))

    assert drawn(temperature=1, top_k=1) == text_of(ask())
    assert drawn(temperature=1, top_p=0.9)


SKY = {
    "name": "weather",
    "description": "Tells the weather under a sky.",
    "input_schema": {
        "type": "object",
        "properties": {"sky": {"enum": ["blue", "grey"]}},
        "required": ["sky"],
        "additionalProperties": False,
    },
}
CALLING = {
    "tools": [SKY],
    "tool_choice": {"type": "any", "disable_parallel_tool_use": True},
    "max_tokens": 400,
}


@case
def tools_and_their_results():
    answer = ask(**CALLING)
    [call] = answer.content
    assert answer.stop_reason == "tool_use" and call.type == "tool_use"
    assert call.name == "weather" and call.input["sky"] in ("blue", "grey")
    result = {
        "type": "tool_result",
        "tool_use_id": call.id,
        "content": [{"type": "text", "text": "31 degrees"}, {"type": "image", "source": source}],
        "is_error": False,
    }
    more = [
        *HELLO,
        {"role": "assistant", "content": answer.content},
        {"role": "user", "content": [result, {"type": "text", "text": "So?"}]},
    ]
    assert ask(messages=more, tools=[SKY], tool_choice={"type": "none"}).content


@case
def tools_streamed():
    with client.messages.stream(model="org/tiny", messages=HELLO, **CALLING) as stream:
        pieces = [e.partial_json for e in stream if e.type == "input_json"]
        [call] = stream.get_final_message().content
    assert call.input == json.loads("".join(pieces)) == ask(**CALLING).content[0].input


@case
def tools_that_are_none():
    search = {"type": "web_search_20250305", "name": "web_search"}
    error = raises(anthropic.BadRequestError, lambda: ask(tools=[search]))
    assert "tools[0].type" in error.message, error
    error = raises(anthropic.BadRequestError, lambda: ask("receipt-nano", tools=[SKY]))
    assert error.type == "invalid_request_error" and "tools" in error.message


@case
def models():
    listed = list(client.models.list())
    assert "org/tiny" in [model.id for model in listed]
    assert len(listed) == len(list(client.models.list(limit=2)))
    model = client.models.retrieve("org/tiny")
    assert model.type == "model" and model.display_name and model.created_at.year >= 2026
    assert model.lifecycle == "active"
    error = raises(anthropic.NotFoundError, lambda: client.models.retrieve("nobody"))
    assert error.type == "not_found_error"


@case
def answers_validate_against_the_published_types():
    # The client itself takes whatever comes.
    raw = client.messages.with_raw_response
    call = {"model": "org/tiny", "messages": HELLO}
    for more in ({"max_tokens": 8}, CALLING):
        Message.model_validate_json(raw.create(**call, **more).read(), strict=True)
        stream = raw.create(stream=True, **call, **more).read().decode()
        lines = [line.removeprefix("data: ") for line in stream.splitlines()]
        events = [line for line in lines if line.startswith("{")]
        assert len(events) > 5
        for event in events:
            TypeAdapter(RawMessageStreamEvent).validate_json(event, strict=True)
    counted = raw.count_tokens(**call).read()
    MessageTokensCount.model_validate_json(counted, strict=True)
    for model in json.loads(client.models.with_raw_response.list().read())["data"]:
        ModelInfo.model_validate_json(json.dumps(model), strict=True)
    fault = raises(anthropic.NotFoundError, lambda: ask("nobody")).response.content
    ErrorResponse.model_validate_json(fault, strict=True)


@case
def unknown_model():
    error = raises(anthropic.NotFoundError, lambda: ask("nobody"))
    assert error.type == "not_found_error" and error.body["request_id"] == error.request_id


@case
def bad_request():
    error = raises(anthropic.BadRequestError, lambda: ask(extra_body={"temperature": 3}))
    assert error.type == "invalid_request_error" and "temperature" in error.api_message


@case
def prefill():
    messages = [*HELLO, {"role": "assistant", "content": "I"}]
    error = raises(anthropic.BadRequestError, lambda: ask(messages=messages))
    assert "assistant" in error.api_message


@case
def overload():
    with occupied("org/busy"):
        error = raises(anthropic.OverloadedError, lambda: ask("org/busy"))
    assert error.type == "overloaded_error" and int(error.response.headers["retry-after"]) >= 1


@case
def fault_in_mid_stream():
    stream = ask("org/slow", max_tokens=100_000, stream=True)
    error = raises(anthropic.APIStatusError, lambda: list(stream))
    assert error.type == "timeout_error", error.body


@case
def model_too_slow():
    error = raises(
        anthropic.GatewayTimeoutError, lambda: ask("org/slow", max_tokens=100_000, timeout=60)
    )
    assert error.type == "timeout_error"


@case
def cancelled_stream():
    with ask("org/busy", max_tokens=100_000, stream=True) as stream:
        next(iter(stream))
    assert client.with_options(max_retries=5).messages.create(
        model="org/busy", messages=HELLO, max_tokens=1
    )


@case
def timeout():
    raises(anthropic.APITimeoutError, lambda: ask(max_tokens=100_000, timeout=0.2))


@case
def beta_and_other_base_url():
    beta = client.beta.messages.create(
        model="org/tiny", messages=HELLO, max_tokens=8, betas=["context-1m-2025-08-07"]
    )
    assert beta.content[0].text == text_of(ask())
    other = anthropic.Anthropic(base_url=f"{GATEWAY}/api", auth_token="any", max_retries=0)
    assert other.messages.create(model="org/tiny", messages=HELLO, max_tokens=8).content


run("anthropic-python", anthropic.__version__)
