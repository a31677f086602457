"""OpenAI's own Python client."""

from typing import Annotated, Literal

from cases import (
    CSV_URI,
    DATA_URI,
    GATEWAY,
    PDF_BASE64,
    PDF_NAME,
    PDF_URI,
    PDF_URL,
    PICTURE_URL,
    case,
    occupied,
    raises,
    run,
)
from pydantic import BaseModel, Field

# snippet
import json

import openai

client = openai.OpenAI(base_url=f"{GATEWAY}/v1", api_key="any")
answer = client.chat.completions.create(
    model="receipt",
    messages=[
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Read this receipt as JSON."},
                {"type": "image_url", "image_url": {"url": DATA_URI}},
            ],
        }
    ],
)
invoice = json.loads(answer.choices[0].message.content)
# end

client = client.with_options(max_retries=0)
HELLO = [{"role": "user", "content": "Hello"}]


def ask(model="org/tiny", messages=HELLO, max_tokens=8, **more):
    return client.chat.completions.create(
        model=model, messages=messages, max_tokens=max_tokens, **more
    )


def showing(url):
    picture = {"type": "image_url", "image_url": {"url": url}}
    text = {"type": "text", "text": "What is this?"}
    return [{"role": "user", "content": [text, picture]}]


@case
def receipt_by_preset():
    assert set(invoice) >= {"vendor_name", "items", "total_due"}, invoice
    assert answer.model == "receipt" and answer.object == "chat.completion"


@case
def chat():
    answer = ask()
    assert answer.choices[0].finish_reason == "length"
    assert answer.choices[0].message.role == "assistant"
    assert answer.usage.completion_tokens == 8
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 8
    assert isinstance(answer.system_fingerprint, str)


@case
def picture_by_data_uri():
    assert ask(messages=showing(DATA_URI)).usage.prompt_tokens > 100


@case
def picture_by_url():
    assert ask(messages=showing(PICTURE_URL)).usage.prompt_tokens > 100


def handing(**file):
    text = {"type": "text", "text": "What is this?"}
    return [{"role": "user", "content": [text, {"type": "file", "file": file}]}]


@case
def pdf():
    sent = [handing(filename=PDF_NAME, file_data=PDF_URI)]
    sent += [handing(filename=PDF_NAME, file_data=PDF_BASE64), handing(file_data=PDF_URL)]
    tokens = {ask(messages=messages).usage.prompt_tokens for messages in sent}
    assert len(tokens) == 1 and tokens.pop() > 100
    stream = ask(messages=sent[0], stream=True)
    text = "".join(c.choices[0].delta.content or "" for c in stream)
    assert text == ask(messages=sent[0]).choices[0].message.content


@case
def pdf_by_preset():
    call = {"model": "receipt", "messages": handing(filename=PDF_NAME, file_data=PDF_URI)}
    read = json.loads(ask(**call).choices[0].message.content)
    assert set(read) == set(invoice)
    stream = ask(**call, stream=True)
    assert json.loads("".join(c.choices[0].delta.content or "" for c in stream)) == read


@case
def text_file():
    bare = ask(messages=[{"role": "user", "content": "What is this?"}]).usage.prompt_tokens
    text = ask(messages=handing(filename="prices.csv", file_data=CSV_URI))
    assert text.usage.prompt_tokens > bare + 100


@case
def file_that_is_not_read():
    error = raises(openai.BadRequestError, lambda: ask(messages=handing(file_id="file-1")))
    assert error.param == "messages[0].content[1].file.file_id"
    archive = "data:application/zip;base64,UEsDBBQAAAAIAA=="
    error = raises(openai.APIStatusError, lambda: ask(messages=handing(file_data=archive)))
    assert error.status_code == 415 and error.code == "unsupported_file"


@case
def stream_with_usage():
    chunks = list(ask(stream=True, stream_options={"include_usage": True}))
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "length"
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == 8
    text = "".join(c.choices[0].delta.content or "" for c in chunks[:-1])
    assert text == ask().choices[0].message.content


@case
def stream_helper():
    # It takes an answer that was cut off for a fault.
    whole = ask().choices[0].message.content
    with client.chat.completions.stream(
        model="org/tiny", messages=HELLO, max_tokens=8, stop=whole[3]
    ) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= kinds, kinds
    assert final.choices[0].message.content == whole[: whole.index(whole[3])]


class Verdict(BaseModel):
    mood: Literal["calm", "stormy"]
    degrees: Annotated[int, Field(ge=-40, le=40)]
    certain: bool


@case
def structured_output_by_parse():
    parsed = client.chat.completions.parse(
        model="org/tiny", messages=HELLO, response_format=Verdict
    )
    assert isinstance(parsed.choices[0].message.parsed, Verdict)


@case
def log_probabilities():
    content = ask(logprobs=True, top_logprobs=3).choices[0].logprobs.content
    assert len(content) == 8
    for token in content:
        assert token.logprob <= 0 and len(token.top_logprobs) == 3
        assert token.logprob == token.top_logprobs[0].logprob


@case
def stop():
    whole = ask().choices[0].message.content
    cut = ask(stop=[whole[3]])
    assert cut.choices[0].finish_reason == "stop"
    assert cut.choices[0].message.content == whole[: whole.index(whole[3])]


@case
def several_choices():
    answer = ask(n=3, temperature=1, seed=7)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert len({choice.message.content for choice in answer.choices}) > 1


@case
def models():
    assert "org/tiny" in [model.id for model in client.models.list()]
    assert client.models.retrieve("org/tiny").id == "org/tiny"
    assert client.models.retrieve("receipt").owned_by


@case
def unknown_model():
    error = raises(openai.NotFoundError, lambda: ask("nobody"))
    assert error.code == "model_not_found" and error.param == "model"


@case
def bad_request():
    error = raises(openai.BadRequestError, lambda: ask(temperature=3))
    assert error.param == "temperature" and error.type == "invalid_request_error"
    assert isinstance(error.code, str)


@case
def overload():
    with occupied("org/busy"):
        error = raises(openai.RateLimitError, lambda: ask("org/busy"))
    assert int(error.response.headers["retry-after"]) >= 1


@case
def fault_in_mid_stream():
    stream = ask("org/slow", max_tokens=100_000, stream=True)
    error = raises(openai.APIError, lambda: list(stream))
    assert error.message and "delta" not in error.message


@case
def model_too_slow():
    raises(openai.InternalServerError, lambda: ask("org/slow", max_tokens=100_000))


@case
def cancelled_stream():
    with ask("org/busy", max_tokens=100_000, stream=True) as stream:
        next(iter(stream))
    # Its place is free again as soon as the gateway has noticed.
    patient = client.with_options(max_retries=5)
    assert patient.chat.completions.create(model="org/busy", messages=HELLO, max_tokens=1)


@case
def timeout():
    hasty = client.with_options(timeout=0.2)
    call = {"model": "org/tiny", "messages": HELLO, "max_tokens": 100_000}
    raises(openai.APITimeoutError, lambda: hasty.chat.completions.create(**call))


WEATHER = {
    "name": "weather",
    "parameters": {
        "type": "object",
        "properties": {
            "sky": {"enum": ["blue", "grey"]},
            "degrees": {"type": "integer"},
        },
        "required": ["sky", "degrees"],
        "additionalProperties": False,
    },
}
CLOCK = {"name": "clock", "parameters": {"type": "object", "properties": {}}}
TOOLS = [{"type": "function", "function": function} for function in (WEATHER, CLOCK)]
SKY = {**WEATHER, "parameters": {**WEATHER["parameters"], "required": ["sky"]}}
SKY["parameters"]["properties"] = {"sky": {"enum": ["blue", "grey"]}}


@case
def tool_that_is_named():
    named = {"type": "function", "function": {"name": "weather"}}
    tools = [{"type": "function", "function": SKY}]
    [choice] = ask(max_tokens=400, tools=tools, tool_choice=named).choices
    [call] = choice.message.tool_calls
    assert choice.finish_reason == "tool_calls" and choice.message.content is None
    assert call.type == "function" and call.function.name == "weather" and call.id
    assert json.loads(call.function.arguments)["sky"] in ("blue", "grey")
    told = [
        *HELLO,
        choice.message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "31 degrees"},
    ]
    assert ask(messages=told, tools=TOOLS).usage.prompt_tokens > 100


@case
def tools_required_and_streamed():
    tools = [{"type": "function", "function": SKY}]
    more = {"max_tokens": 400, "tools": tools, "tool_choice": "required"}
    [whole] = ask(parallel_tool_calls=False, **more).choices[0].message.tool_calls
    names, arguments = [], ""
    for chunk in ask(parallel_tool_calls=False, stream=True, **more):
        for call in chunk.choices[0].delta.tool_calls or []:
            names += [call.function.name] if call.function.name else []
            arguments += call.function.arguments
    assert names == ["weather"] and arguments == whole.function.arguments


@case
def tools_allowed_or_not():
    assert ask(tools=TOOLS, tool_choice="auto").choices[0].message.content
    assert ask(tools=TOOLS, tool_choice="none").choices[0].message.content


@case
def tools_that_are_none():
    wrong = [{"type": "function", "function": {"name": "no name"}}]
    assert (
        raises(openai.BadRequestError, lambda: ask(tools=wrong)).param == "tools[0].function.name"
    )
    error = raises(openai.BadRequestError, lambda: ask("receipt-nano", tools=TOOLS))
    assert error.param == "tools"


@case
def text_completion():
    answer = client.completions.create(
        model="org/tiny", prompt=["Once", "Twice"], max_tokens=8, logprobs=2, echo=False
    )
    assert [choice.index for choice in answer.choices] == [0, 1]
    assert len(answer.choices[0].logprobs.tokens) == 8
    assert answer.usage.completion_tokens == 16
    stream = client.completions.create(model="org/tiny", prompt="Once", max_tokens=8, stream=True)
    assert "".join(chunk.choices[0].text for chunk in stream) == answer.choices[0].text


def respond(**more):
    settings = {"model": "org/tiny", "input": "Hello", "max_output_tokens": 16}
    return client.responses.create(**{**settings, **more})


@case
def response():
    answer = respond(instructions="Be brief.", include=["message.output_text.logprobs"])
    assert answer.status == "incomplete" and answer.output_text
    assert answer.incomplete_details.reason == "max_output_tokens"
    assert answer.usage.output_tokens == 16
    assert len(answer.output[0].content[0].logprobs) == 16


@case
def response_to_a_receipt():
    picture = {"type": "input_image", "image_url": DATA_URI, "detail": "auto"}
    answer = respond(model="receipt", input=[{"role": "user", "content": [picture]}])
    assert json.loads(answer.output_text) == invoice


@case
def response_to_files():
    def told(**file):
        part = {"type": "input_file", **file}
        return respond(input=[{"role": "user", "content": [part]}]).usage.input_tokens

    whole = told(filename=PDF_NAME, file_data=PDF_URI)
    assert whole > 100
    assert whole == told(file_url=PDF_URL) == told(filename=PDF_NAME, file_data=PDF_BASE64)
    assert told(filename="prices.csv", file_data=CSV_URI) > 100
    error = raises(openai.BadRequestError, lambda: told(file_id="file-1"))
    assert error.param == "input[0].content[0].file_id"
    part = {"type": "input_file", "filename": PDF_NAME, "file_data": PDF_URI}
    answer = respond(model="receipt", input=[{"role": "user", "content": [part]}])
    assert set(json.loads(answer.output_text)) == set(invoice)


@case
def response_by_stream():
    with client.responses.stream(model="org/tiny", input="Hello", max_output_tokens=16) as stream:
        *events, last = stream
    text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    # Its get_final_response() wants an answer that was not cut off.
    assert last.type == "response.incomplete" and text == respond().output_text


@case
def response_by_parse():
    parsed = client.responses.parse(model="org/tiny", input="Hello", text_format=Verdict)
    assert isinstance(parsed.output_parsed, Verdict)


@case
def response_that_calls():
    tools = [{"type": "function", "strict": True, **SKY}]
    answer = respond(
        tools=tools,
        tool_choice="required",
        max_output_tokens=400,
        parallel_tool_calls=False,
    )
    [call] = answer.output
    assert call.type == "function_call" and json.loads(call.arguments)["sky"]
    more = [
        {"role": "user", "content": "Hello"},
        call.model_dump(exclude_none=True),
        {
            "type": "function_call_output",
            "call_id": call.call_id,
            "output": "31 degrees",
        },
    ]
    assert respond(input=more).output_text


@case
def response_in_openrouters_form():
    openrouter = openai.OpenAI(base_url=f"{GATEWAY}/api/v1", api_key="any", max_retries=0)
    call = {"model": "org/tiny", "input": "Hello", "max_output_tokens": 16}
    assert openrouter.responses.create(**call).output_text == respond().output_text
    stream = list(openrouter.responses.create(stream=True, **call))
    assert stream[-1].type == "response.incomplete"
    error = raises(
        openai.NotFoundError, lambda: openrouter.responses.create(**call | {"model": "x"})
    )
    assert error.body["code"] == 404


@case
def response_that_fails():
    error = raises(openai.BadRequestError, lambda: respond(previous_response_id="resp_1"))
    assert error.param == "previous_response_id"
    raises(openai.NotFoundError, lambda: respond(model="nobody"))
    raises(openai.NotFoundError, lambda: client.responses.retrieve("resp_1"))
    stream = respond(model="org/slow", max_output_tokens=100_000, stream=True)
    assert list(stream)[-1].type == "response.failed"


run("openai-python", openai.__version__)
