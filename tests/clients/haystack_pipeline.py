"""Haystack over OpenAI's form."""

import json
from importlib.metadata import version

import openai
from cases import GATEWAY, PICTURE, case, occupied, raises, run
from haystack import Pipeline
from haystack.components.builders import ChatPromptBuilder
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage, ImageContent
from haystack.tools import Tool
from haystack.utils import Secret

WEATHER = {
    "type": "object",
    "properties": {"sky": {"enum": ["blue", "grey"]}},
    "required": ["sky"],
    "additionalProperties": False,
}
HELLO = [ChatMessage.from_user("Hello")]


def generator(model="org/tiny", **more):
    settings = {"max_tokens": 8, **more.pop("settings", {})}
    return OpenAIChatGenerator(
        api_key=Secret.from_token("any"),
        api_base_url=f"{GATEWAY}/v1",
        model=model,
        generation_kwargs=settings,
        max_retries=0,
        **more,
    )


def ask(messages=HELLO, **more):
    return generator(**more).run(messages)["replies"][0]


@case
def receipt_by_preset():
    picture = ImageContent.from_file_path(PICTURE)
    answer = ask([ChatMessage.from_user(content_parts=["Read it.", picture])], model="receipt")
    assert "total_due" in json.loads(answer.text)


@case
def pipeline():
    line = Pipeline()
    line.add_component("prompt", ChatPromptBuilder([ChatMessage.from_user("Hello {{ name }}")]))
    line.add_component("model", generator())
    line.connect("prompt.prompt", "model.messages")
    answer = line.run({"prompt": {"name": "Ayu"}}, include_outputs_from={"model"})
    assert answer["model"]["replies"][0].meta["usage"]["completion_tokens"] == 8


@case
def stream():
    pieces = []
    answer = ask(streaming_callback=lambda piece: pieces.append(piece.content))
    assert "".join(pieces) == answer.text == ask().text


@case
def structured_output():
    form = {"type": "json_schema", "json_schema": {"name": "weather", "schema": WEATHER}}
    answer = ask(settings={"max_tokens": 100, "response_format": form})
    assert json.loads(answer.text)["sky"] in ("blue", "grey")


@case
def tools():
    tool = Tool("weather", "Tells the sky.", WEATHER, function=lambda sky: sky)
    more = {"tools": [tool], "settings": {"max_tokens": 400, "tool_choice": "required"}}
    [call, *_] = ask(**more).tool_calls
    assert call.tool_name == "weather" and call.arguments["sky"] in ("blue", "grey")


@case
def unknown_model():
    raises(openai.NotFoundError, lambda: ask(model="nobody"))


@case
def overload():
    with occupied("org/busy"):
        raises(openai.RateLimitError, lambda: ask(model="org/busy"))


run("haystack-ai", version("haystack-ai"))
