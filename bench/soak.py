#!/usr/bin/env python3
"""Mixed requests to a model of real size for an hour, and what the gateway's memory does meanwhile.

    python bench/real.py prepare MODELS      # makes the model, 4.4 GB
    python bench/soak.py MODELS              # prints a line each five minutes, and a table at the end

Chats, chats with a picture, chats with a picture under a schema of bounded length, extractions, and chats and extractions
whose caller leaves in the middle follow one another in random order, as many at once as `--at-once` says. Of every
answer are checked its status and its form. The memory is what Linux states as resident, in MB.
"""

from __future__ import annotations

import argparse
import base64
import collections
import concurrent.futures
import http.client
import json
import random
import threading
import time
from pathlib import Path

from real import BINARY, PICTURE_MODEL
from real_server import HERE, Server, gateway
from real_turns import INVOICE, SCHEMA, prompt

PICTURES = sorted((HERE.parent / "tests" / "fixtures").glob("receipt-*.png"))
KINDS = {
    "chat": 4,
    "chat with a picture": 2,
    "chat under a schema": 1,
    "extraction": 2,
    "chat that is left": 1,
    "extraction that is left": 1,
}
EVERY = 300  # seconds between two lines
MORE = f"""
prompt = "{HERE.parent}/config/prompts/any.txt"
max_image_tokens = 256
queue_seconds = 600
deadline_seconds = 600
"""


def resident(server: Server) -> float:
    """Resident memory in MB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / 1e6


class Load:
    """Requests to one server, and how they ended."""

    def __init__(self, server: Server, end: float) -> None:
        self.server, self.end = server, end
        self.ended: collections.Counter[str] = collections.Counter()
        self.faults: list[str] = []
        self.lock = threading.Lock()

    def work(self, number: int) -> None:
        """Asks until the end."""
        draws = random.Random(number)
        while time.monotonic() < self.end:
            kind = draws.choices(list(KINDS), list(KINDS.values()))[0]
            fault = self.ask(kind, draws)
            with self.lock:
                self.ended[kind] += 1
                if fault:
                    self.faults.append(f"{kind}: {fault}")

    def ask(self, kind: str, draws: random.Random) -> str | None:
        """One request of a kind; what was wrong with its answer."""
        picture = draws.choice(PICTURES).read_bytes()
        url = "data:image/png;base64," + base64.b64encode(picture).decode()
        if kind.startswith("extraction"):
            return self.extract(url, kind.endswith("left"), draws)
        content = [{"type": "text", "text": prompt(draws.randrange(5, 60), draws.random())}]
        if kind in ("chat with a picture", "chat under a schema"):
            content.append({"type": "image_url", "image_url": {"url": url}})
        body = {
            "model": "bench",
            "messages": [{"role": "user", "content": content}],
            "max_tokens": draws.randrange(4, 40),
            "stream": kind.endswith("left"),
        }
        if kind == "chat under a schema":
            body |= {"response_format": SCHEMA, "max_tokens": 1000}
        response = self.server.request("POST", "/v1/chat/completions", body)
        if response.status != 200:
            return told(response)
        if kind.endswith("left"):
            for _ in range(draws.randrange(1, 12)):
                response.readline()
            response.close()
            return None
        text = json.loads(response.read())["choices"][0]["message"]["content"]
        is_right = json.loads(text).keys() == INVOICE.keys() if "schema" in kind else text
        return None if is_right else f"answered {text[:200]!r}"

    def extract(self, url: str, is_left: bool, draws: random.Random) -> str | None:
        """Asks for a receipt in brief, and stays for the answer or leaves."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=1800)
        body = json.dumps({"image_url": url, "model": "bench", "schema": "receipt-brief"})
        headers = {"content-type": "application/json", "cache-control": "no-cache"}
        connection.request("POST", "/extract", body, headers)
        if is_left:
            time.sleep(draws.uniform(0.1, 8))
            connection.close()
            return None
        response = connection.getresponse()
        if response.status != 200:
            return told(response)
        names = {"merchant", "date", "total", "currency"}
        missing = names - json.loads(response.read()).keys()
        return f"without {missing}" if missing else None


def told(response: http.client.HTTPResponse) -> str:
    """The status and the beginning of the text of an error."""
    return f"{response.status} {response.read(300).decode(errors='replace')}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("models", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--at-once", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--binary", type=Path, default=BINARY)
    parser.add_argument("--settings", default="", help='of the model, such as isq = "Q8_0"')
    given = parser.parse_args()
    more = f"{MORE}{given.settings}\n"
    server = gateway(given.binary, given.models.resolve(), PICTURE_MODEL, more, given.threads)
    began = time.monotonic()
    load = Load(server, began + given.minutes * 60)
    print("| minutes | requests ended | memory, MB | at most, MB |\n| --- | --- | --- | --- |")

    def line() -> None:
        minutes = (time.monotonic() - began) / 60
        total, most = sum(load.ended.values()), server.peak() / 1e6
        print(f"| {minutes:.0f} | {total} | {resident(server):.0f} | {most:.0f} |", flush=True)

    line()
    with concurrent.futures.ThreadPoolExecutor(given.at_once) as pool:
        workers = [pool.submit(load.work, number) for number in range(given.at_once)]
        while not all(worker.done() for worker in workers):
            concurrent.futures.wait(workers, timeout=EVERY)
            line()
        for worker in workers:
            worker.result()
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(load.ended.items()))
    print(f"\n{told}; {len(load.faults)} of them with a fault")
    for fault in load.faults[:20]:
        print(f"- {fault}")
    if load.faults:
        print(f"The end of the gateway's log:\n{server.last_words()}")
    server.close()


if __name__ == "__main__":
    main()
