#!/usr/bin/env python3
"""llama.cpp and the wheel of mistralrs as servers of OpenAI's API on the loopback, for real.py.

    python bench/real_peers.py llama PORT THREADS MODEL.gguf [MMPROJ.gguf]
    python bench/real_peers.py wheel PORT THREADS MODEL.gguf|FOLDER
"""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any

AT_ONCE = 8
CONTEXT = 4096  # tokens of each


def serve_llama(port: int, threads: int, model: str, tower: str | None = None) -> None:
    """llama.cpp's own server, in this process."""
    xllamacpp: Any = import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = model
    if tower:
        params.mmproj.path = tower
    params.port = port
    params.n_ctx = CONTEXT * AT_ONCE
    params.n_parallel = AT_ONCE
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.verbosity = 0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    while True:
        time.sleep(3600)


def placed(message: dict) -> dict:
    """A message with the place of its picture in the text: 0.9.5 writes none for a Qwen2-VL."""
    content = message["content"]
    if isinstance(content, str):
        return message
    text, *pictures = content
    place = "<|vision_start|><|image_pad|><|vision_end|>" * len(pictures)
    return message | {"content": [text | {"text": text["text"] + place}, *pictures]}


class Wheel(BaseHTTPRequestHandler):
    """What the bench asks for, passed to mistralrs."""

    protocol_version = "HTTP/1.1"
    api: Any
    runner: Any

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for chunk in self.runner.send_chat_completion_request(self.request_of(body)):
            choice, usage = chunk.choices[0], chunk.usage
            told: dict[str, Any] = {"choices": [{"delta": {"content": choice.delta.content}}]}
            if usage:
                names = "prompt_tokens", "completion_tokens"
                told["usage"] = {name: getattr(usage, name) for name in names}
            self.wfile.write(f"data: {json.dumps(told)}\n\n".encode())
            self.wfile.flush()
        self.close_connection = True

    def request_of(self, body: dict) -> Any:
        held = {}
        if schema := body.get("response_format"):
            # No blanks between tokens, as in the gateway: random weights would write many.
            compact = {"x-guidance": {"whitespace_flexible": False}}
            schema = json.dumps(schema["json_schema"]["schema"] | compact)
            held = {"grammar_type": "json_schema", "grammar": schema}
        return self.api.ChatCompletionRequest(
            # A prompt as it is, or a chat.
            messages=body.get("prompt") or [placed(message) for message in body["messages"]],
            model="default",
            max_tokens=body["max_tokens"],
            temperature=0.0,
            stream=True,
            ignore_eos=body["ignore_eos"],
            **held,
        )

    def log_message(self, *_: object) -> None:
        pass


def serve_wheel(port: int, _: int, model: str) -> None:
    """mistralrs in this process; its threads are told by the environment."""
    api: Any = import_module("mistralrs")
    path = Path(model)
    if path.is_dir():
        which = api.Which.MultimodalPlain(model)
    else:
        which = api.Which.GGUF(str(path.parent), path.name)
    Wheel.api, Wheel.runner = api, api.Runner(which, max_seqs=AT_ONCE)
    ThreadingHTTPServer(("127.0.0.1", port), Wheel).serve_forever()


def main() -> None:
    name, port, threads, *models = sys.argv[1:]
    serve = {"llama": serve_llama, "wheel": serve_wheel}[name]
    serve(int(port), int(threads), *models)


if __name__ == "__main__":
    main()
