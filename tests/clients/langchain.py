"""LangChain over OpenAI's form."""

from importlib.metadata import version
from typing import Annotated, Literal

import openai
from cases import (
    DATA_URI,
    GATEWAY,
    PDF_BASE64,
    PDF_NAME,
    PICTURE_URL,
    case,
    occupied,
    raises,
    run,
)
from pydantic import BaseModel, Field

# snippet
import json

from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI

model = ChatOpenAI(model="receipt", base_url=f"{GATEWAY}/v1", api_key="any")
picture = {"type": "image_url", "image_url": {"url": DATA_URI}}
answer = model.invoke([HumanMessage([{"type": "text", "text": "Read it."}, picture])])
invoice = json.loads(answer.content)
# end


def chat_model(name="org/tiny", **more):
    settings = {"max_tokens": 8, "max_retries": 0, **more}
    return ChatOpenAI(model=name, base_url=f"{GATEWAY}/v1", api_key="any", **settings)


@case
def receipt_by_preset():
    assert "total_due" in invoice, invoice


@case
def chat():
    answer = chat_model().invoke("Hello")
    assert answer.content and answer.usage_metadata["output_tokens"] == 8
    assert answer.response_metadata["finish_reason"] == "length"


@case
def picture_by_data_uri():
    answer = chat_model().invoke([HumanMessage([picture])])
    assert answer.usage_metadata["input_tokens"] > 100


@case
def picture_by_url():
    shown = {"type": "image_url", "image_url": {"url": PICTURE_URL}}
    answer = chat_model().invoke([HumanMessage([shown])])
    assert answer.usage_metadata["input_tokens"] > 100


@case
def pdf():
    file = {"type": "file", "base64": PDF_BASE64, "mime_type": "application/pdf"}
    message = HumanMessage([{**file, "filename": PDF_NAME}])
    for more in ({}, {"use_responses_api": True}):
        assert chat_model(**more).invoke([message]).usage_metadata["input_tokens"] > 100
    assert set(json.loads(chat_model("receipt").invoke([message]).content)) == set(invoice)


@case
def stream_with_usage():
    chunks = list(chat_model(stream_usage=True).stream("Hello"))
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    assert whole.content == chat_model().invoke("Hello").content
    assert whole.usage_metadata["output_tokens"] == 8


class Verdict(BaseModel):
    """What the weather is like."""

    model_config = {"extra": "forbid"}
    mood: Literal["calm", "stormy"]
    degrees: Annotated[int, Field(ge=-40, le=40)]


@case
def structured_output():
    asked = chat_model(max_tokens=None).with_structured_output(Verdict, method="json_schema")
    assert isinstance(asked.invoke("Hello"), Verdict)


@case
def tools():
    asked = chat_model(max_tokens=400).bind_tools([Verdict], tool_choice="Verdict")
    [call] = asked.invoke("Hello").tool_calls
    assert call["name"] == "Verdict" and Verdict(**call["args"])
    whole = None
    for chunk in asked.stream("Hello"):
        whole = chunk if whole is None else whole + chunk
    assert whole.tool_calls[0]["args"] == call["args"]


@case
def responses_api():
    answer = chat_model(use_responses_api=True, max_tokens=16).invoke("Hello")
    assert answer.text and answer.usage_metadata["output_tokens"] == 16


@case
def log_probabilities():
    answer = chat_model(logprobs=True, top_logprobs=2).invoke("Hello")
    assert len(answer.response_metadata["logprobs"]["content"]) == 8


@case
def stop():
    whole = chat_model().invoke("Hello").content
    cut = chat_model(stop_sequences=[whole[3]]).invoke("Hello")
    assert cut.content == whole[: whole.index(whole[3])]


@case
def several_choices():
    asked = chat_model(n=2, temperature=1, seed=3)
    [choices] = asked.generate([[HumanMessage("Hello")]]).generations
    assert len(choices) == 2


@case
def unknown_model():
    raises(openai.NotFoundError, lambda: chat_model("nobody").invoke("Hello"))


@case
def bad_request():
    raises(openai.BadRequestError, lambda: chat_model(temperature=3).invoke("Hello"))


@case
def overload():
    with occupied("org/busy"):
        raises(openai.RateLimitError, lambda: chat_model("org/busy").invoke("Hello"))


@case
def fault_in_mid_stream():
    slow = chat_model("org/slow", max_tokens=100_000)
    raises(Exception, lambda: list(slow.stream("Hello")))


@case
def cancelled_stream():
    stream = chat_model("org/busy", max_tokens=100_000).stream("Hello")
    next(stream)
    stream.close()
    assert chat_model("org/busy", max_retries=5, max_tokens=1).invoke("Hello")


@case
def timeout():
    hasty = chat_model(max_tokens=100_000, timeout=0.2)
    raises(openai.APITimeoutError, lambda: hasty.invoke("Hello"))


run("langchain-openai", version("langchain-openai"))
