"""LlamaIndex over OpenAI's form."""

import base64
import json
from importlib.metadata import version
from typing import Annotated, Literal

import openai
from cases import DATA_URI, GATEWAY, case, occupied, raises, run
from llama_index.core.llms import ChatMessage, ImageBlock, TextBlock
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel, Field


class Verdict(BaseModel):
    """What the weather is like."""

    mood: Literal["calm", "stormy"]
    degrees: Annotated[int, Field(ge=-40, le=40)]


def model(name="org/tiny", **more):
    settings = {"max_tokens": 8, "max_retries": 0, "is_chat_model": True, **more}
    return OpenAILike(model=name, api_base=f"{GATEWAY}/v1", api_key="any", **settings)


HELLO = [ChatMessage(role="user", content="Hello")]


@case
def receipt_by_preset():
    picture = base64.b64decode(DATA_URI.split(",")[1])
    blocks = [TextBlock(text="Read it."), ImageBlock(image=picture, image_mimetype="image/png")]
    answer = model("receipt").chat([ChatMessage(role="user", blocks=blocks)])
    assert "total_due" in json.loads(answer.message.content)


@case
def chat():
    assert model().chat(HELLO).raw.usage.completion_tokens == 8


@case
def stream():
    pieces = [piece.delta for piece in model().stream_chat(HELLO)]
    assert "".join(pieces) == model().chat(HELLO).message.content


@case
def text_completion():
    assert model(is_chat_model=False).complete("Once").text


@case
def structured_output():
    asked = model(max_tokens=400, should_use_structured_outputs=True)
    assert isinstance(asked.as_structured_llm(Verdict).chat(HELLO).raw, Verdict)


@case
def tools():
    def weather(sky: Literal["blue", "grey"]) -> str:
        """Tells the sky."""
        return sky

    tool = FunctionTool.from_defaults(weather)
    asked = model(max_tokens=400, is_function_calling_model=True)
    answer = asked.chat_with_tools([tool], user_msg="Hello", tool_required=True)
    [call, *_] = asked.get_tool_calls_from_response(answer)
    assert call.tool_name == "weather" and call.tool_kwargs["sky"] in ("blue", "grey")


@case
def unknown_model():
    raises(openai.NotFoundError, lambda: model("nobody").chat(HELLO))


@case
def overload():
    with occupied("org/busy"):
        raises(openai.RateLimitError, lambda: model("org/busy").chat(HELLO))


run("llama-index, openai-like", version("llama-index-llms-openai-like"))
