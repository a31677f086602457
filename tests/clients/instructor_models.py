"""Instructor over OpenAI's form."""

from importlib.metadata import version
from typing import Annotated, Literal

import instructor
import openai
from cases import DATA_URI, GATEWAY, case, raises, run
from instructor.core import InstructorRetryException
from pydantic import BaseModel, Field

HELLO = [{"role": "user", "content": "Hello"}]


class Verdict(BaseModel):
    """What the weather is like."""

    mood: Literal["calm", "stormy"]
    degrees: Annotated[int, Field(ge=-40, le=40)]


class Total(BaseModel):
    """The total of a receipt."""

    total_due: float | None


def ask(mode, model="org/tiny", messages=HELLO, response_model=Verdict, **more):
    plain = openai.OpenAI(base_url=f"{GATEWAY}/v1", api_key="any", max_retries=0)
    settings = {"max_tokens": 400, "max_retries": 1, **more}
    return instructor.from_openai(plain, mode=mode).chat.completions.create(
        model=model, messages=messages, response_model=response_model, **settings
    )


@case
def receipt_by_preset():
    picture = instructor.Image.from_base64(DATA_URI)
    messages = [{"role": "user", "content": ["Read it.", picture]}]
    answer = ask(instructor.Mode.JSON, "receipt", messages, response_model=Total)
    assert answer.total_due is not None


@case
def by_schema():
    assert isinstance(ask(instructor.Mode.JSON_SCHEMA), Verdict)


@case
def by_tools():
    assert isinstance(ask(instructor.Mode.TOOLS), Verdict)


@case
def by_strict_tools():
    assert isinstance(ask(instructor.Mode.TOOLS_STRICT), Verdict)


@case
def partly_by_stream():
    partial = instructor.Partial[Verdict]
    *_, last = ask(instructor.Mode.JSON_SCHEMA, response_model=partial, stream=True)
    assert last.mood in ("calm", "stormy")


@case
def faults():
    error = raises(InstructorRetryException, lambda: ask(instructor.Mode.TOOLS, "nobody"))
    assert "nobody" in str(error)


run("instructor", version("instructor"))
