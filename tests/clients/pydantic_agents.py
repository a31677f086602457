"""Pydantic AI over OpenAI's form."""

import asyncio
import base64
from importlib.metadata import version
from typing import Annotated, Literal

from cases import DATA_URI, GATEWAY, PICTURE_URL, case, occupied, raises, run
from openai import AsyncOpenAI
from pydantic import BaseModel, Field
from pydantic_ai import Agent, BinaryContent, ImageUrl, NativeOutput, ToolOutput
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

PICTURE = BinaryContent(base64.b64decode(DATA_URI.split(",")[1]), media_type="image/png")


class Verdict(BaseModel):
    """What the weather is like."""

    mood: Literal["calm", "stormy"]
    degrees: Annotated[int, Field(ge=-40, le=40)]


class Total(BaseModel):
    """The total of a receipt."""

    total_due: float | None


def held(prompt, use, model="org/tiny", **more):
    """What `use` makes of an agent, with a client of its own for the event loop of its own."""

    async def run():
        async with AsyncOpenAI(base_url=f"{GATEWAY}/v1", api_key="any", max_retries=0) as client:
            chat = OpenAIChatModel(model, provider=OpenAIProvider(openai_client=client))
            settings = {"max_tokens": 8, **more.pop("settings", {})}
            return await use(Agent(chat, model_settings=settings, retries=0, **more), prompt)

    return asyncio.run(run())


def ask(prompt="Hello", **more):
    return held(prompt, lambda agent, prompt: agent.run(prompt), **more)


@case
def receipt_by_preset():
    answer = ask(["Read it.", PICTURE], model="receipt")
    assert Total.model_validate_json(answer.output)


@case
def receipt_by_address():
    answer = ask(["Read it.", ImageUrl(PICTURE_URL)], model="receipt")
    assert Total.model_validate_json(answer.output)


@case
def chat():
    answer = ask()
    assert answer.output and answer.usage.output_tokens == 8


@case
def stream():
    async def pieces(agent, prompt):
        async with agent.run_stream(prompt) as answer:
            return [piece async for piece in answer.stream_text(delta=True)]

    assert "".join(held("Hello", pieces)) == ask().output


@case
def output_by_schema():
    settings = {"max_tokens": 100}
    answer = ask(output_type=NativeOutput(Verdict, strict=True), settings=settings)
    assert isinstance(answer.output, Verdict)


@case
def output_by_tool():
    answer = ask(output_type=ToolOutput(Verdict), settings={"max_tokens": 400})
    assert isinstance(answer.output, Verdict)


@case
def unknown_model():
    assert raises(ModelHTTPError, lambda: ask(model="nobody")).status_code == 404


@case
def bad_request():
    error = raises(ModelHTTPError, lambda: ask(settings={"temperature": 3}))
    assert error.status_code == 400 and error.body["param"] == "temperature"


@case
def overload():
    with occupied("org/busy"):
        assert raises(ModelHTTPError, lambda: ask(model="org/busy")).status_code == 429


run("pydantic-ai", version("pydantic-ai-slim"))
