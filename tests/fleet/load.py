"""Clients that ask a fleet for receipts and chats, and what becomes of what they ask."""

import http.client
import json
import random
import threading
import time
import uuid
import zlib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPEATED_PICTURES, REQUEST_SECONDS = 4, 600
# Kinds of requests, and how many of a hundred are of each.
MIX = {"repeated receipt": 60, "new receipt": 15, "chat": 15, "streamed chat": 10}


@dataclass
class Outcome:
    id: str
    phase: str
    kind: str
    began: float
    ended: float
    cache: str
    fault: str | None
    in_flight: bool = False
    retried: bool = False


def with_note(png: bytes, note: str) -> bytes:
    """The same picture in another file: a text chunk more, behind the header."""
    body = b"tEXtnote\0" + note.encode()
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    header = 8 + 4 + 4 + 13 + 4
    return png[:header] + chunk + png[header:]


class Load:
    """Clients that send one request after another until they are stopped."""

    def __init__(self, port: int, clients: int):
        self.port, self.phase = port, "calm"
        files = sorted(
            (ROOT / "tests/fixtures").glob("receipt-*.png"), key=lambda f: f.stat().st_size
        )
        self.pictures = [file.read_bytes() for file in files[:REPEATED_PICTURES]]
        # So that a second run against a Redis that was kept begins anew.
        self.run = uuid.uuid4().hex
        self.outcomes, self.lock, self.stopping = [], threading.Lock(), threading.Event()
        self.threads = [
            threading.Thread(target=self.client, args=(number,), daemon=True)
            for number in range(clients)
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(REQUEST_SECONDS)

    def client(self, number: int) -> None:
        chance = random.Random(number)
        while not self.stopping.is_set():
            kind = chance.choices(list(MIX), MIX.values())[0]
            outcome = self.ask(kind, chance)
            with self.lock:
                self.outcomes.append(outcome)

    def ask(self, kind: str, chance: random.Random) -> Outcome:
        path, body, content_type = self.request(kind, chance)
        request_id, phase, began = uuid.uuid4().hex, self.phase, time.time()
        cache, fault = "", None
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=REQUEST_SECONDS)
        headers = {"Content-Type": content_type, "X-Request-Id": request_id}
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            cache = response.headers.get("x-cache") or ""
            text = response.read()
            if response.status != 200:
                fault = f"{response.status} {text[:200]!r}"
            elif kind == "streamed chat":
                if b"data: [DONE]" not in text or b'"error"' in text:
                    fault = f"a stream that broke off: {text[-200:]!r}"
            elif not isinstance(json.loads(text), dict):
                fault = f"no object: {text[:200]!r}"
        except (OSError, http.client.HTTPException, ValueError) as error:
            fault = f"{type(error).__name__}: {error}"
        finally:
            connection.close()
        return Outcome(request_id, phase, kind, began, time.time(), cache, fault)

    def request(self, kind: str, chance: random.Random) -> tuple[str, bytes, str]:
        if kind.endswith("receipt"):
            picture = chance.choice(self.pictures)
            note = self.run if kind == "repeated receipt" else uuid.uuid4().hex
            return "/extract", with_note(picture, note), "image/png"
        body = {
            "model": "tiny",
            "messages": [{"role": "user", "content": f"Count to {chance.randrange(100)}."}],
            "max_tokens": 32,
            "stream": kind == "streamed chat",
        }
        return "/v1/chat/completions", json.dumps(body).encode(), "application/json"
