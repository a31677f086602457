"""LiteLLM's proxy as the provider of a gateway of its own, before the one of the other clients."""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from importlib.metadata import version
from pathlib import Path

import openai
from cases import DATA_URI, GATEWAY, PICTURE_URL, case, occupied, raises, run

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
KEY = f"sk-{secrets.token_hex(16)}"
HELLO = [{"role": "user", "content": "Hello"}]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def deployed(name, **settings):
    return {"model_name": name, "litellm_params": {"api_key": "any", **settings}}


def forwarded(name, model):
    return deployed(name, model=f"openai/{model}", api_base=f"{GATEWAY}/v1")


def pretended(name, answer):
    return deployed(name, model="openai/nothing", mock_response=answer)


# JSON is YAML.
PROXY = {
    "model_list": [
        forwarded("tiny", "org/tiny"),
        forwarded("busy", "org/busy"),
        forwarded("slow", "org/slow"),
        forwarded("receipt", "receipt"),
        pretended("told", "from LiteLLM"),
        pretended("limited", "litellm.RateLimitError"),
        pretended("too-long", "litellm.ContextWindowExceededError"),
    ],
    "litellm_settings": {"telemetry": False, "num_retries": 0},
}
NAMES = [model["model_name"] for model in PROXY["model_list"]] + ["nobody"]


MODEL = """
[[models]]
id = "{name}"
provider = "litellm"
model = "{name}"
context_length = 32768
"""


def configured(proxy_port):
    """The configuration of the gateway, whose models all run at LiteLLM."""
    models = [MODEL.format(name=name) for name in NAMES]
    return f"""
[extract]
model = "receipt"
schemas = "{ROOT}/schemas"
prompt = "{ROOT}/config/prompts/any.txt"

[fetch]
allowed_hosts = ["127.0.0.1"]

[providers.litellm]
base_url = "http://127.0.0.1:{proxy_port}/v1"
api_key_env = "LITELLM_MASTER_KEY"

[presets.fallback]
models = ["limited", "tiny"]

{"".join(models)}"""


def started(command, environment, address, log):
    """A server, once it answers."""
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=os.environ | environment, stdout=out, stderr=out)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(address).close()
            return server
        except urllib.error.URLError:
            time.sleep(0.1)
    server.kill()
    sys.exit(f"{command[0]} does not start:\n{log.read_text()[-4000:]}")


def ask(model="tiny", messages=HELLO, max_tokens=8, client=None, **more):
    return (client or front).chat.completions.create(
        model=model, messages=messages, max_tokens=max_tokens, **more
    )


def text_of(chunks):
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


@case
def chat():
    raw = front.chat.completions.with_raw_response.create(
        model="tiny", messages=HELLO, max_tokens=8
    )
    answer = raw.parse()
    assert raw.headers["x-provider"] == "litellm"
    assert answer.usage.completion_tokens == 8 and answer.choices[0].finish_reason == "length"
    direct = ask("org/tiny", client=behind)
    assert answer.choices[0].message.content == direct.choices[0].message.content
    assert ask("told").choices[0].message.content == "from LiteLLM"


@case
def stream_with_usage():
    chunks = list(ask(stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == 8
    assert text_of(chunks) == ask().choices[0].message.content
    assert text_of(ask("told", stream=True)) == "from LiteLLM"


@case
def picture():
    shown = {"type": "image_url", "image_url": {"url": DATA_URI}}
    text = {"type": "text", "text": "What is this?"}
    assert ask(messages=[{"role": "user", "content": [text, shown]}]).usage.prompt_tokens > 100


SKY = {
    "type": "object",
    "properties": {"sky": {"enum": ["blue", "grey"]}},
    "required": ["sky"],
    "additionalProperties": False,
}


@case
def tools():
    tool = {"type": "function", "function": {"name": "weather", "parameters": SKY}}
    call = {"max_tokens": 400, "tools": [tool], "tool_choice": "required"}
    [made, *_] = ask(**call).choices[0].message.tool_calls
    assert made.function.name == "weather" and made.id
    assert json.loads(made.function.arguments)["sky"] in ("blue", "grey")
    pieces = ""
    for chunk in ask(stream=True, **call):
        for choice in chunk.choices:
            for called in choice.delta.tool_calls or []:
                pieces += called.function.arguments if called.index == 0 else ""
    assert pieces == made.function.arguments


@case
def structured_output():
    schema = {"name": "weather", "schema": SKY, "strict": True}
    form = {"type": "json_schema", "json_schema": schema}
    answer = ask(max_tokens=400, response_format=form)
    assert json.loads(answer.choices[0].message.content)["sky"] in ("blue", "grey")


@case
def receipt():
    """The schema goes the whole way as a response_format: receipt-nano writes under its grammar."""
    body = json.dumps({"image_url": PICTURE_URL, "schema": "receipt-brief"}).encode()
    request = urllib.request.Request(
        f"{front_address}/extract", body, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            assert answer.headers["x-provider"] == "litellm"
            brief = json.load(answer)
    except urllib.error.HTTPError as error:
        raise AssertionError(error.read().decode()) from error
    assert set(brief) == {"merchant", "date", "total", "currency"}, brief


@case
def generation():
    """LiteLLM tells the tokens, and no cost in the answer."""
    answer = ask()
    url = f"{front_address}/api/v1/generation?id={answer.id}"
    with urllib.request.urlopen(url) as told:
        told = json.load(told)["data"]
    assert told["provider_name"] == "litellm" and told["tokens_completion"] == 8
    assert told["total_cost"] is None


@case
def context_overflow():
    error = raises(openai.BadRequestError, lambda: ask("too-long"))
    assert error.code == "context_length_exceeded"
    long = [{"role": "user", "content": "word " * 100_000}]
    error = raises(openai.BadRequestError, lambda: ask(messages=long))
    assert error.code == "context_length_exceeded", error


@case
def overload():
    error = raises(openai.RateLimitError, lambda: ask("limited"))
    assert error.code == "provider_busy"
    with occupied("org/busy"):
        error = raises(openai.RateLimitError, lambda: ask("busy"))
    assert error.code == "provider_busy"


@case
def fallback():
    answer = ask("fallback")
    assert answer.choices[0].message.content == ask().choices[0].message.content


@case
def faults():
    error = raises(openai.BadRequestError, lambda: ask("nobody"))
    assert error.code == "provider_refused" and "nobody" in error.message
    error = raises(openai.InternalServerError, lambda: ask("slow", max_tokens=100_000))
    assert error.code in ("provider_timeout", "provider_failed"), error
    stream = ask("slow", max_tokens=100_000, stream=True)
    raises(openai.APIError, lambda: list(stream))


with tempfile.TemporaryDirectory() as folder:
    folder = Path(folder)
    proxy_port, port = free_port(), free_port()
    (folder / "proxy.yaml").write_text(json.dumps(PROXY))
    (folder / "gateway.toml").write_text(configured(proxy_port))
    proxy_address, front_address = f"http://127.0.0.1:{proxy_port}", f"http://127.0.0.1:{port}"
    # Else it fetches its prices when it starts.
    keys = {"LITELLM_MASTER_KEY": KEY, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    program = Path(sys.executable).parent / "litellm"
    command = [program, "--config", folder / "proxy.yaml"]
    command += ["--host", "127.0.0.1", "--port", str(proxy_port)]
    proxy = started(command, keys, f"{proxy_address}/health/liveliness", folder / "proxy.log")
    try:
        command = [os.environ["GATEWAY_PROGRAM"], "serve", "--config", folder / "gateway.toml"]
        place = {"HOST": "127.0.0.1", "PORT": str(port)}
        gateway = started(command, keys | place, f"{front_address}/health", folder / "gateway.log")
        try:
            front = openai.OpenAI(base_url=f"{front_address}/v1", api_key="any", max_retries=0)
            behind = openai.OpenAI(base_url=f"{GATEWAY}/v1", api_key="any", max_retries=0)
            run("litellm, behind", version("litellm"))
        finally:
            gateway.terminate()
            gateway.wait()
    finally:
        proxy.terminate()
        proxy.wait()
