"""What the gateway itself costs: chats passed on to a provider that answers at once, streams of them, and
receipts that are in the cache; beside LiteLLM's proxy where there is one.

nginx is the provider, wrk asks as fast as it is answered, and a generator in this file asks at a fixed rate:
what it measures counts from the moment at which a request was due, so that a gateway that falls behind
cannot hide it. Needs nginx and wrk; Python's standard library else. See README.md for what was seen.
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import pathlib
import re
import selectors
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
EVENTS = 100
CONNECTIONS = 8
# Bytes of the receipt's picture.
PICTURE = 77_000
# Streams at once whose events come one by one, and the seconds between two of one stream.
PACED = 20
PAUSE = 0.02
KEY = "sk-bench"

NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_buffer_size 1m;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  open_file_cache max=8;
  server {{
    listen 127.0.0.1:{port};
    error_page 405 =200 $uri;
    root {folder}/answers;
    location /whole/ {{ types {{}} default_type application/json; }}
    location /receipt/ {{ types {{}} default_type application/json; }}
    location /stream/ {{ types {{}} default_type text/event-stream; }}
  }}
}}
"""

OURS = """
[server]
port = {port}
[log]
level = "info"
[extract]
model = "receipt"
schemas = "{root}/schemas"
prompt = "{root}/config/prompts/any.txt"
prompts = {{ invoice = "{root}/config/prompts/invoice.txt" }}
"""

OUR_MODEL = """
[providers.{name}]
base_url = "http://127.0.0.1:{port}/{name}/v1"
[[models]]
id = "{name}"
provider = "{name}"
context_length = 32768
reads_pictures = true
concurrency = 256
queue_length = 256
"""

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


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def chunk(delta, finish=None):
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    about = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "stream"}
    return "data: " + json.dumps(about | {"choices": [choice]}) + "\n\n"


def whole(text):
    return json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "whole",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 200, "completion_tokens": 150, "total_tokens": 350},
        }
    )


def events():
    """A stream of that many words."""
    words = [chunk({"content": "word "}) for _ in range(EVENTS - 2)]
    begin = chunk({"role": "assistant", "content": ""})
    return [begin, *words, chunk({}, "stop"), "data: [DONE]\n\n"]


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


class Program:
    """A gateway as a process."""

    def __init__(self, name, port, command, environment):
        self.name = name
        self.port = port
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, env=os.environ | environment, stdout=self.log, stderr=subprocess.STDOUT
        )

    def wait(self, case):
        """Until it answers, and rightly."""
        for _ in range(600):
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                self.ask(case)
                break
            time.sleep(0.5)
        else:
            self.fail("does not answer")
        if self.process.poll() is not None:
            self.fail("did not start")
        status, headers, text = self.ask(case)
        if status != 200:
            self.fail(f"answered {status} {text[:200]}")
        if case.path == "/extract" and headers["x-cache"] != "hit":
            self.fail(f"answered with x-cache: {headers['x-cache']}")
        if b"word" not in text and case.path != "/extract":
            self.fail(f"answered {text[:200]}")

    def fail(self, what):
        self.log.seek(0)
        sys.exit(f"{self.name} {what}:\n{self.log.read()[-4000:]}")

    def ask(self, case):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"content-type": case.kind, "authorization": f"Bearer {KEY}"}
        try:
            connection.request("POST", case.path, case.body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def processor_seconds(self):
        """What it has used so far, in all its threads."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


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


def precise():
    """A loop whose waits, unlike epoll's, may be shorter than a millisecond."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


def steadily(program, case, rate, seconds):
    """The same at a fixed rate, with the processor time of a request."""
    before = program.processor_seconds()
    with asyncio.Runner(loop_factory=precise) as runner:
        took, failed = runner.run(at_rate(program.port, case, rate, seconds))
    used = program.processor_seconds() - before
    if failed:
        program.fail(f"failed {failed} requests")
    return took, used / len(took) * 1e3


LABELS = [("50 %", 0.5), ("99 %", 0.99), ("99.9 %", 0.999)]


def at(took, share):
    took = sorted(took)
    return took[min(len(took) - 1, int(len(took) * share))]


async def pace(reader, writer):
    """Answers with a stream whose events come one by one, and say when they were sent."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

    def write(text):
        writer.write(b"%x\r\n%b\r\n" % (len(text), text.encode()))

    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            asked = await reader.readuntil(b"\r\n\r\n")
            length = asked.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            writer.write(head)
            write(chunk({"role": "assistant", "content": "word "}))
            for _ in range(EVENTS - 2):
                await asyncio.sleep(PAUSE)
                write(chunk({"content": f"at {time.perf_counter():.6f} "}))
            write(chunk({}, "stop"))
            write("data: [DONE]\n\n")
            writer.write(b"0\r\n\r\n")
    writer.close()


def start_pacing():
    """The provider whose events come one by one, on a thread of its own; its port."""
    port = free_port()

    async def serve():
        server = await asyncio.start_server(pace, "127.0.0.1", port)
        await server.serve_forever()

    def run():
        with asyncio.Runner(loop_factory=precise) as runner:
            runner.run(serve())

    threading.Thread(target=run, daemon=True).start()
    return port


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


def measure_paced(program, case, seconds):
    program.wait(case)
    before = program.processor_seconds()
    with asyncio.Runner(loop_factory=precise) as runner:
        late = runner.run(listen(program.port, case, seconds))
    cost = (program.processor_seconds() - before) / len(late) * 1e6
    shown = ", ".join(f"{at(late, share):.2f} ms at {label}" for label, share in LABELS)
    print(f"paced, {program.name}: {shown} late, {cost:.1f} us of processor time an event", flush=True)


def start_nginx(folder):
    port = free_port()
    receipt = json.loads((ROOT / "tests/fixtures/receipt-01-shop.json").read_text())
    receipt = {"taxes": [], "prepaid": 0, "rounding": 0} | receipt
    answers = {
        "whole": whole("word " * 150),
        "receipt": whole(json.dumps(receipt)),
        "stream": "".join(events()),
    }
    for name, answer in answers.items():
        file = folder / "answers" / name / "v1/chat/completions"
        file.parent.mkdir(parents=True)
        file.write_text(answer)
    # nginx's worker is another user where it is started by root.
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port))
    return subprocess.Popen(["nginx", "-c", str(config), "-p", str(folder)]), port


def ours(program, upstreams, folder):
    port = free_port()
    config = OURS.format(port=port, root=ROOT)
    config += "".join(OUR_MODEL.format(name=name, port=at) for name, at in upstreams.items())
    file = folder / "gateway.toml"
    file.write_text(config)
    return Program("this gateway", port, [program, "--config", str(file)], {})


def litellm(program, upstreams, folder):
    port = free_port()
    models = [
        {
            "model_name": name,
            "litellm_params": {
                "model": f"openai/{name}",
                "api_base": f"http://127.0.0.1:{at}/{name}/v1",
                "api_key": "none",
            },
        }
        for name, at in upstreams.items()
    ]
    file = folder / "litellm.yaml"
    # JSON is YAML.
    file.write_text(json.dumps({"model_list": models}))
    command = [program, "--config", str(file), "--host", "127.0.0.1", "--port", str(port)]
    environment = {"LITELLM_MASTER_KEY": KEY, "LITELLM_LOG": "ERROR"}
    return Program("LiteLLM", port, command, environment)


def measure(name, programs, asked, folder):
    case = CASES[name]
    rows = {program.name: [] for program in programs}
    for program in programs:
        program.wait(case)
        flat_out(program, case, 1, folder)
    for _ in range(asked.rounds):
        for program in programs:
            rows[program.name].append(flat_out(program, case, asked.seconds, folder))
    for program in programs:
        rates, medians, costs = zip(*rows[program.name])
        cost = statistics.median(costs)
        line = f"{name}, {program.name}: {statistics.median(rates):.0f} a second"
        line += f", {statistics.median(medians):.2f} ms at the median"
        line += f", {cost:.4f} ms of processor time"
        if case.units > 1:
            line += f" ({cost / case.units * 1e3:.2f} us an event)"
        print(f"{line}, {program.resident_mib():.0f} MiB", flush=True)
    for rate in asked.rates:
        for program in programs:
            if rate > 0.7 * statistics.median(row[0] for row in rows[program.name]):
                continue
            took, cost = steadily(program, case, rate, asked.steady_seconds)
            # The last of few requests is no share of them.
            told = LABELS if len(took) >= 5000 else LABELS[:2]
            shown = ", ".join(f"{at(took, share):.2f} ms at {label}" for label, share in told)
            print(f"  at {rate} a second, {program.name}: {shown}, {cost:.3f} ms of processor time", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", default=list(CASES), help=", ".join(CASES))
    parser.add_argument("--gateway", default=str(ROOT / "target/release/receipt-gateway"))
    parser.add_argument("--litellm", help="LiteLLM's program; left out where there is none")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5, help="of each round")
    parser.add_argument("--rates", type=int, nargs="*", default=[20, 500])
    parser.add_argument("--steady-seconds", type=int, default=20, help="at each rate")
    asked = parser.parse_args()
    for tool in ["nginx", "wrk"]:
        if not shutil.which(tool):
            sys.exit(f"{tool} is not installed")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        nginx, port = start_nginx(folder)
        upstreams = dict.fromkeys(["whole", "stream", "receipt"], port) | {"paced": start_pacing()}
        programs = []
        try:
            programs.append(ours(asked.gateway, upstreams, folder))
            if asked.litellm:
                programs.append(litellm(asked.litellm, upstreams, folder))
            for name in asked.cases:
                if name == "paced":
                    for program in programs:
                        measure_paced(program, CASES[name], asked.steady_seconds)
                    continue
                # LiteLLM reads no receipts.
                able = programs if name != "hit" else programs[:1]
                measure(name, able, asked, folder)
        finally:
            for program in programs:
                program.stop()
            nginx.terminate()
            nginx.wait()


if __name__ == "__main__":
    main()
