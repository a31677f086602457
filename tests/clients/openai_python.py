"""OpenAI's own Python client."""

from typing import Annotated, Literal

from cases import DATA_URI, GATEWAY, PICTURE_URL, case, occupied, raises, run
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


run("openai-python", openai.__version__)
