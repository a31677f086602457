"""Runs one turn of one engine, in a process that engines.py starts:

python bench/turn.py <engine> <picture> <result.json> <options as JSON>
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

HERE = Path(__file__).resolve().parent
MODEL = HERE.parent / "models" / "tiny-qwen3-vl"
PROMPT = "What is the total?"
WARM_UP = "Hello"
TOKENS = 40


@dataclass
class Options:
    """The options that all turns share."""

    binary: str
    repeats: int
    stream: bool
    threads: int


@dataclass
class Answer:
    """The answer to a request, and its times."""

    seconds: float
    first_token_seconds: float | None  # only if the answer was streamed
    prompt_tokens: int
    completion_tokens: int
    text: str


class Engine(Protocol):
    """A loaded engine; `picture` is whether the picture is sent."""

    def ask(self, prompt: str, picture: bool, stream: bool) -> Answer: ...

    def close(self) -> None: ...


class Ours:
    """The gateway as a process, with requests over HTTP on the loopback."""

    def __init__(self, picture: Path, options: Options) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = data_uri(picture)
        self.log = tempfile.TemporaryFile("w+")
        self.server = subprocess.Popen(
            [options.binary, "--config", HERE / "gateway.toml"],
            env=os.environ | {"PORT": str(self.port)},
            cwd=picture.parent,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        for _ in range(600):
            try:
                self.request("GET", "/health").read()
                return
            except ConnectionRefusedError:
                if self.server.poll() is not None:
                    break
                time.sleep(0.1)
        self.close()
        self.log.seek(0)
        sys.exit(f"the gateway did not start:\n{self.log.read()}")

    def request(
        self, method: str, path: str, body: bytes | None = None
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request(method, path, body, {"content-type": "application/json"})
        return connection.getresponse()

    def ask(self, prompt: str, picture: bool, stream: bool) -> Answer:
        body = json.dumps(
            {
                "model": MODEL.name,
                "messages": messages(prompt, self.url if picture else None),
                "max_tokens": TOKENS,
                "temperature": 0,
                "stream": stream,
                "stream_options": {"include_usage": True} if stream else None,
            }
        ).encode()
        start = time.perf_counter()
        response = self.request("POST", "/v1/chat/completions", body)
        if response.status != 200:
            sys.exit(f"the gateway answered {response.status}: {response.read().decode()}")
        usage: dict[str, int] = {}
        first, text = None, ""
        if stream:
            for line in response:
                if not line.startswith(b"data: {"):
                    continue
                chunk = json.loads(line[6:])
                usage = chunk.get("usage") or usage
                for choice in chunk["choices"]:
                    piece = choice["delta"].get("content") or ""
                    if piece and first is None:
                        first = time.perf_counter() - start
                    text += piece
        else:
            answer = json.load(response)
            usage, text = answer["usage"], answer["choices"][0]["message"]["content"]
        seconds = time.perf_counter() - start
        return Answer(seconds, first, usage["prompt_tokens"], usage["completion_tokens"], text)

    def close(self) -> None:
        self.server.terminate()
        self.server.wait()


class Wheel:
    """The newest mistral.rs from PyPI, in this process, without a prefix cache."""

    def __init__(self, picture: Path, _: Options) -> None:
        self.api: Any = import_module("mistralrs")
        self.url = data_uri(picture)
        model = self.api.Which.MultimodalPlain(str(MODEL), dtype=self.api.ModelDType.F32)
        self.runner = self.api.Runner(model, prefix_cache_n=0)

    def ask(self, prompt: str, picture: bool, stream: bool) -> Answer:
        request = self.api.ChatCompletionRequest(
            messages=messages(prompt, self.url if picture else None),
            model="default",
            max_tokens=TOKENS,
            temperature=0.0,
            stream=stream,
        )
        start = time.perf_counter()
        response = self.runner.send_chat_completion_request(request)
        usage: Any = None
        first, text = None, ""
        if stream:
            for chunk in response:
                first = first or time.perf_counter() - start
                usage = chunk.usage or usage
                text += chunk.choices[0].delta.content or ""
        else:
            usage, text = response.usage, response.choices[0].message.content
        seconds = time.perf_counter() - start
        return Answer(seconds, first, usage.prompt_tokens, usage.completion_tokens, text)

    def close(self) -> None:
        pass


class Mlx:
    """mlx-vlm on the CPU, in this process, without a prefix cache, but with the cache of pictures
    that its own server uses (0.7.10 keeps no Qwen3-VL pictures in it)."""

    def __init__(self, picture: Path, _: Options) -> None:
        core = import_module("mlx.core")
        core.set_default_device(core.cpu)
        self.api: Any = import_module("mlx_vlm")
        self.template: Any = import_module("mlx_vlm.prompt_utils").apply_chat_template
        self.seen = import_module("mlx_vlm.vision_cache").VisionFeatureCache()
        self.picture = str(picture)
        self.model, self.processor = self.api.load(str(MODEL))

    def ask(self, prompt: str, picture: bool, stream: bool) -> Answer:
        start = time.perf_counter()
        first, text, last = None, "", None
        for last in self.api.stream_generate(  # as its `generate` does
            self.model,
            self.processor,
            self.template(self.processor, self.model.config, prompt, num_images=int(picture)),
            image=[self.picture] if picture else None,
            vision_cache=self.seen,
            max_tokens=TOKENS,
            temperature=0.0,
        ):
            if stream:
                first = first or time.perf_counter() - start
            text += last.text
        seconds = time.perf_counter() - start
        assert last is not None
        return Answer(seconds, first, last.prompt_tokens, last.generation_tokens, text)

    def close(self) -> None:
        pass


ENGINES: dict[str, Callable[[Path, Options], Engine]] = {"ours": Ours, "wheel": Wheel, "mlx": Mlx}


def messages(prompt: str, picture: str | None) -> list[dict[str, Any]]:
    """Returns the messages of a chat; `picture` is a URL."""
    content: list[dict[str, Any]] = [{"type": "text", "text": prompt}]
    if picture:
        content.insert(0, {"type": "image_url", "image_url": {"url": picture}})
    return [{"role": "user", "content": content}]


def data_uri(picture: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(picture.read_bytes()).decode()


def main() -> None:
    name, picture, result = sys.argv[1:4]
    options = Options(**json.loads(sys.argv[4]))
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    engine = ENGINES[name](Path(picture), options)
    try:
        engine.ask(WARM_UP, False, options.stream)
        answers = [engine.ask(PROMPT, True, options.stream) for _ in range(1 + options.repeats)]
    finally:
        engine.close()
    for answer in answers:
        if answer.completion_tokens != TOKENS:
            sys.exit(f"{name} wrote {answer.completion_tokens} tokens instead of {TOKENS}")
    Path(result).write_text(json.dumps([asdict(answer) for answer in answers]))


if __name__ == "__main__":
    main()
