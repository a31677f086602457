"""LiteLLM, whose proxy is this router with a port: in front of the gateway."""

import json
import os
from importlib.metadata import version

# Else it fetches its prices when it is imported.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm
from cases import DATA_URI, GATEWAY, case, occupied, raises, run

HELLO = [{"role": "user", "content": "Hello"}]
DIRECT = {"api_base": f"{GATEWAY}/v1", "api_key": "any"}
litellm.telemetry = False
litellm.suppress_debug_info = True


def deployed(name, model, **more):
    settings = {"model": f"openai/{model}", **DIRECT, **more}
    return {"model_name": name, "litellm_params": settings}


router = litellm.Router(
    model_list=[
        deployed("receipt", "receipt"),
        deployed("tiny", "org/tiny"),
        deployed("busy", "org/busy"),
        deployed("slow", "org/slow"),
        deployed("elsewhere", "elsewhere", mock_response="from elsewhere"),
    ],
    context_window_fallbacks=[{"tiny": ["elsewhere"]}],
    fallbacks=[{"busy": ["elsewhere"]}],
    num_retries=0,
)


def ask(model="tiny", messages=HELLO, max_tokens=8, **more):
    return router.completion(model=model, messages=messages, max_tokens=max_tokens, **more)


@case
def receipt_by_preset():
    picture = {"type": "image_url", "image_url": {"url": DATA_URI}}
    text = {"type": "text", "text": "Read it."}
    answer = ask("receipt", [{"role": "user", "content": [text, picture]}])
    assert "total_due" in json.loads(answer.choices[0].message.content)


@case
def chat():
    answer = ask()
    assert answer.usage.completion_tokens == 8 and answer.choices[0].finish_reason == "length"


@case
def stream():
    text = "".join(chunk.choices[0].delta.content or "" for chunk in ask(stream=True))
    assert text == ask().choices[0].message.content


@case
def tools():
    parameters = {
        "type": "object",
        "properties": {"sky": {"enum": ["blue", "grey"]}},
        "required": ["sky"],
        "additionalProperties": False,
    }
    tool = {"type": "function", "function": {"name": "weather", "parameters": parameters}}
    answer = ask(max_tokens=400, tools=[tool], tool_choice="required")
    [call, *_] = answer.choices[0].message.tool_calls
    assert json.loads(call.function.arguments)["sky"] in ("blue", "grey")


@case
def fallback_on_context_overflow():
    long = [{"role": "user", "content": "word " * 100_000}]
    assert ask(messages=long).choices[0].message.content == "from elsewhere"
    asked = {"model": "openai/org/tiny", "messages": long, "max_tokens": 8}
    raises(litellm.ContextWindowExceededError, lambda: litellm.completion(**DIRECT, **asked))


@case
def fallback_on_overload():
    with occupied("org/busy"):
        assert ask("busy").choices[0].message.content == "from elsewhere"


@case
def faults():
    def call(model, **more):
        return litellm.completion(model=model, messages=HELLO, **DIRECT, **more)

    raises(litellm.NotFoundError, lambda: call("openai/nobody"))
    raises(litellm.BadRequestError, lambda: call("openai/org/tiny", temperature=3))
    raises(litellm.Timeout, lambda: ask("slow", max_tokens=100_000))


run("litellm", version("litellm"))
