"""What gateway.py asks a gateway, and how: as fast as it is answered, at a fixed rate, and as a listener of streams.

At a fixed rate, times count from the moment at which a request was due, so that a gateway that falls behind cannot
hide it.
"""

import asyncio
import json
import re
import socket
import struct
import subprocess
import sys
import time
import zlib

from upstream import EVENTS, PAUSE, ROOT, precise

CONNECTIONS = 8
# Bytes of the receipt's picture.
PICTURE = 77_000
# Streams at once whose events come one by one.
PACED = 20
KEY = "sk-bench"

SCRIPT = """
local file = io.open("{body}", "rb")
wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["content-type"] = "{kind}"
wrk.headers["authorization"] = "Bearer {key}"
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %f %f\\n", summary.requests, summary.duration,
    latency:percentile(50), errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


def picture():
    """A receipt of 77 kB, as phones send them: most of it is no more than carried along."""
    file = (ROOT / "tests/fixtures/receipt-01-shop.png").read_bytes()
    end = file[-12:]
    padding = b"tEXt" + b"Comment\0" + b"a" * (PICTURE - len(file) - 20)
    part = struct.pack(">I", len(padding) - 4) + padding + struct.pack(">I", zlib.crc32(padding))
    return file[:-12] + part + end


class Case:
    """One kind of request."""

    def __init__(self, path, kind, body, units=1):
        self.path = path
        self.kind = kind
        self.body = body
        # What a request is worth, where its cost is told by the event.
        self.units = units

    def request(self):
        """As it goes over the wire."""
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {self.kind}\r\n"
            f"Authorization: Bearer {KEY}\r\nContent-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body

    @staticmethod
    def chat(model, stream):
        body = {
            "model": model,
            "messages": [{"role": "user", "content": "Tell me of it. " * 60}],
            "stream": stream,
        }
        body = json.dumps(body).encode()
        return Case("/v1/chat/completions", "application/json", body, EVENTS if stream else 1)

    @staticmethod
    def hit():
        line = "receipt-gateway-bench"
        head = (
            f"--{line}\r\nContent-Disposition: form-data; name=\"image\"; filename=\"r.png\"\r\n"
            "Content-Type: image/png\r\n\r\n"
        )
        body = head.encode() + picture() + f"\r\n--{line}--\r\n".encode()
        return Case("/extract", f"multipart/form-data; boundary={line}", body)


CASES = {
    "chat": Case.chat("whole", False),
    "stream": Case.chat("stream", True),
    "paced": Case.chat("paced", True),
    "hit": Case.hit(),
}


def flat_out(program, case, seconds, folder):
    """Requests a second, milliseconds at the median and of processor time, with wrk."""
    body, script = folder / "request", folder / "script.lua"
    body.write_bytes(case.body)
    script.write_text(SCRIPT.format(body=body, kind=case.kind, key=KEY))
    before = program.processor_seconds()
    url = f"http://127.0.0.1:{program.port}{case.path}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), url]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = program.processor_seconds() - before
    result = next(line for line in said.splitlines() if line.startswith("RESULT"))
    requests, micros, median, errors = map(float, result.split()[1:])
    if errors or not requests:
        program.fail(f"failed {errors:.0f} of {requests:.0f} requests")
    return requests / micros * 1e6, median / 1e3, used / requests * 1e3


class Connection(asyncio.Protocol):
    """A connection that is kept, with one request on it at a time."""

    def __init__(self):
        self.answer = b""
        self.done = None

    def connection_made(self, transport):
        self.transport = transport
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request):
        self.answer = b""
        self.done = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.done

    def data_received(self, data):
        self.answer += data
        if self.is_whole() and not self.done.done():
            self.done.set_result(self.answer.startswith(b"HTTP/1.1 200"))

    def connection_lost(self, error):
        if self.done and not self.done.done():
            self.done.set_result(False)

    def is_whole(self):
        head, blank, rest = self.answer.partition(b"\r\n\r\n")
        if not blank:
            return False
        head = head.lower()
        if b"transfer-encoding: chunked" in head:
            return rest.endswith(b"0\r\n\r\n")
        length = head.partition(b"content-length:")[2].split(b"\r\n")[0]
        return len(rest) >= int(length or 0)


async def at_rate(port, case, rate, seconds):
    """Milliseconds of each request from when it was due, at so many a second."""
    request = case.request()
    loop = asyncio.get_running_loop()
    idle, took, failed = [], [], 0

    async def one(due):
        nonlocal failed
        if idle:
            connection = idle.pop()
        else:
            _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
        if await connection.ask(request):
            took.append((time.perf_counter() - due) * 1e3)
            idle.append(connection)
        else:
            failed += 1

    running = set()
    began = time.perf_counter() + 0.1
    for number in range(int(rate * seconds)):
        due = began + number / rate
        if (left := due - time.perf_counter()) > 0:
            await asyncio.sleep(left)
        task = loop.create_task(one(due))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    for connection in idle:
        connection.transport.close()
    return took, failed


def steadily(program, case, rate, seconds):
    """The same at a fixed rate, with the processor time of a request."""
    before = program.processor_seconds()
    with asyncio.Runner(loop_factory=precise) as runner:
        took, failed = runner.run(at_rate(program.port, case, rate, seconds))
    used = program.processor_seconds() - before
    if failed:
        program.fail(f"failed {failed} requests")
    return took, used / len(took) * 1e3


class Listener(Connection):
    """Notes how late events are."""

    SENT = re.compile(rb"at ([0-9]+\.[0-9]+) ")

    def __init__(self, late):
        super().__init__()
        self.late = late

    def data_received(self, data):
        now = time.perf_counter()
        self.late.extend((now - float(sent)) * 1e3 for sent in self.SENT.findall(data))
        super().data_received(data)


async def listen(port, case, seconds):
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    late = []

    async def one(number):
        await asyncio.sleep(PAUSE * number / PACED)
        _, listener = await loop.create_connection(lambda: Listener(late), "127.0.0.1", port)
        while loop.time() < until:
            if not await listener.ask(case.request()):
                sys.exit("a stream failed")
        listener.transport.close()

    await asyncio.gather(*(one(number) for number in range(PACED)))
    return late


def heard(program, case, seconds):
    """Milliseconds by which each event was late, and microseconds of processor time an event."""
    before = program.processor_seconds()
    with asyncio.Runner(loop_factory=precise) as runner:
        late = runner.run(listen(program.port, case, seconds))
    return late, (program.processor_seconds() - before) / len(late) * 1e6
