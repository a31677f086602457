"""The gateway and its peers as processes that speak OpenAI's API on the loopback, for real.py."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


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


class EngineError(Exception):
    """An engine that does not load a model, or does not answer; its own last words."""


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
                raise EngineError(self.last_words())
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
            raise EngineError(f"{response.status}: {response.read().decode()}")
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
        if not usage:
            raise EngineError(self.last_words())
        tokens = usage["completion_tokens"]
        steps = usage.get("completion_tokens_details", {}).get("steps", tokens)
        return Answer(usage["prompt_tokens"], tokens, steps, first or seconds, seconds)

    def last_words(self) -> str:
        self.log.seek(0)
        return self.log.read()[-2000:].strip()

    def peak(self) -> int:
        """Bytes of memory that the process held at most."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


class Watch:
    """What else the machine's cores do while a server is asked."""

    def __init__(self) -> None:
        self.began, self.spent = time.perf_counter(), self.others(None)

    @staticmethod
    def others(process: int | None) -> float:
        """Seconds of the cores that this program, its children and `process` did not use."""
        ticks = [int(n) for n in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        busy = (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
        own = sum(os.times()[:4])
        if process:
            fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
            own += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return busy - own

    def cores(self, server: Server) -> float:
        """How many of them others kept busy since the server was started."""
        spent = self.others(server.process.pid) - self.spent
        return spent / (time.perf_counter() - self.began)


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
    # As .cargo/config.toml sets it for `make run`.
    heaps = {"MALLOC_ARENA_MAX": "2"}
    return Server([str(binary), "--config", str(file)], port, environment(threads) | heaps)


def peer(name: str, files: list[Path], threads: int) -> Server:
    port = free_port()
    program = [sys.executable, HERE / "real_peers.py", name, port, threads, *files]
    return Server([str(word) for word in program], port, environment(threads))
