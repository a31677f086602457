"""Measures the service under load: reloads every second, more work than it can do, several
generations at once, and two models in turn in memory that holds one.

Starts the built gateway with the random-weights model, so that the gateway itself is measured. Needs only the
standard library. See README.md for results.
"""

import argparse
import collections
import http.client
import json
import pathlib
import random
import signal
import statistics
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

CONFIG = """
[server]
port = {port}
max_connections = 4096
[extract]
model = "tiny"
schemas = "{root}/schemas"
prompt = "{root}/config/prompts/any.txt"
[[models]]
id = "tiny"
path = "{root}/models/tiny-qwen2-vl"
dtype = "f32"
device = "cpu"
preload = true
concurrency = {concurrency}
queue_length = {queue}
queue_seconds = 5
"""

OTHER = """
[memory]
budget_bytes = 2000000
min_residency_seconds = 2
[[models]]
id = "other"
path = "{root}/models/tiny-qwen3-vl"
dtype = "f32"
device = "cpu"
concurrency = 2
"""


class Gateway:
    """A gateway started for the test, on a free port."""

    def __init__(self, program, queue, concurrency=2, more=""):
        self.folder = tempfile.TemporaryDirectory()
        self.file = pathlib.Path(self.folder.name) / "gateway.toml"
        self.port = free_port()
        text = CONFIG.format(port=self.port, root=ROOT, queue=queue, concurrency=concurrency)
        self.text = text + more.format(root=ROOT)
        self.file.write_text(self.text)
        self.process = subprocess.Popen(
            [program, "--config", str(self.file)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while True:
            try:
                status, _, _ = self.ask("GET", "/health/ready", None)
            except OSError:
                status = 0
            if status == 200:
                return
            time.sleep(0.1)

    def ask(self, method, path, body):
        """Returns status, headers and seconds of a request on its own connection."""
        status, headers, seconds, _ = self.told(method, path, body)
        return status, headers, seconds

    def told(self, method, path, body):
        """Returns the same as `ask`, and the answer's text."""
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            content = json.dumps(body) if body is not None else None
            connection.request(method, path, content, {"content-type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, answer.headers, time.perf_counter() - began, text
        finally:
            connection.close()

    def chat(self, tokens, model="tiny"):
        body = {
            "model": model,
            "messages": [{"role": "user", "content": "Hello"}],
            "max_tokens": tokens,
            "temperature": 1,
        }
        return self.ask("POST", "/v1/chat/completions", body)

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.folder.cleanup()


def free_port():
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def clients(gateway, number, until, tokens, results):
    """Sends requests repeatedly from several threads."""

    def one():
        while time.perf_counter() < until:
            try:
                status, _, seconds = gateway.chat(tokens)
            except OSError as error:
                status, seconds = repr(error), 0
            results.append((status, seconds))

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    return threads


def reload(program, seconds):
    """Reloads a changed configuration every second while four clients send requests."""
    gateway = Gateway(program, queue=32)
    results, reloads = [], collections.Counter()
    until = time.perf_counter() + seconds
    threads = clients(gateway, 4, until, 24, results)
    number = 0
    while time.perf_counter() < until:
        number += 1
        preset = f'[presets.p{number}]\nmodel = "tiny"\n'
        gateway.file.write_text(gateway.text + preset)
        status, _, _ = gateway.ask("POST", "/admin/reload", None)
        reloads[status] += 1
        time.sleep(1)
    for thread in threads:
        thread.join()
    gateway.stop()
    statuses = collections.Counter(status for status, _ in results)
    print(f"reloads: {dict(reloads)}; requests: {dict(statuses)}")


def overload(program, seconds):
    """Sends five times the requests that the model can answer, without waiting for answers."""
    gateway = Gateway(program, queue=4)
    results = []
    until = time.perf_counter() + 10
    for thread in clients(gateway, 2, until, 32, results):
        thread.join()
    capacity = len(results) / 10
    base = statistics.median(seconds for _, seconds in results)
    answers, memory, threads = [], [gateway.resident_mib()], []

    def one():
        try:
            status, headers, took = gateway.chat(32)
            answers.append((status, took, headers.get("retry-after")))
        except OSError as error:
            answers.append((repr(error), 0, None))

    began = time.perf_counter()
    for number in range(int(capacity * 5 * seconds)):
        wait = began + number / (capacity * 5) - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        threads.append(threading.Thread(target=one))
        threads[-1].start()
        if number % int(capacity * 5) == 0:
            memory.append(gateway.resident_mib())
    for thread in threads:
        thread.join()
    gateway.stop()
    done = sorted(took for status, took, _ in answers if status == 200)
    refused = sorted(took for status, took, _ in answers if status == 429)
    waits = [wait for status, _, wait in answers if status == 429]
    print(f"capacity: {capacity:.0f} a second, {base * 1000:.0f} ms each")
    print(f"statuses: {dict(collections.Counter(status for status, _, _ in answers))}")
    for name, times in (("answered", done), ("refused", refused)):
        if times:
            at = [times[int(len(times) * share)] * 1000 for share in (0.5, 0.95, 0.99)]
            print(f"{name}: {at[0]:.1f}, {at[1]:.1f}, {at[2]:.1f} ms at 50, 95, 99 %")
    print(f"Retry-After on {sum(wait is not None for wait in waits)} of {len(waits)} refusals")
    print(f"resident memory: {memory[0]:.0f} MiB before, {max(memory):.0f} MiB at most")


def batching(program, seconds):
    """Measures concurrent generations, which the engine steps together, with as many clients."""
    for concurrency in (1, 2, 4, 8):
        gateway = Gateway(program, queue=8, concurrency=concurrency)
        results = []
        until = time.perf_counter() + seconds
        for thread in clients(gateway, concurrency, until, 64, results):
            thread.join()
        gateway.stop()
        took = statistics.median(seconds for _, seconds in results)
        print(f"{concurrency}: {len(results) / seconds:.1f} a second, {took * 1000:.0f} ms each")


def swapping(program, seconds):
    """Sends 200 requests of eight clients, each for one of two models, with memory for one."""
    gateway = Gateway(program, queue=32, more=OTHER)
    asked = iter(random.Random(1).choices(["tiny", "other"], k=200))
    lock, results, inside = threading.Lock(), [], []

    def one():
        while True:
            with lock:
                model = next(asked, None)
            if model is None:
                return
            try:
                status, _, took = gateway.chat(24, model)
            except OSError as error:
                status, took = repr(error), 0
            results.append((status, took))

    def models():
        return json.loads(gateway.told("GET", "/admin/models", None)[3])["models"]

    began = time.perf_counter()
    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) and time.perf_counter() - began < seconds:
        inside.append(sum(model["state"] in ("ready", "draining") for model in models()))
        time.sleep(0.05)
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    loads = sum(model["loads"] for model in models())
    gateway.stop()
    statuses = collections.Counter(status for status, _ in results)
    slowest = max(seconds for _, seconds in results)
    print(f"{took:.0f} s; requests: {dict(statuses)}, {slowest:.1f} s at most")
    print(f"loads: {loads}; in memory at once: {max(inside)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=list(PHASES))
    parser.add_argument("--gateway", default=str(ROOT / "target/release/receipt-gateway"))
    parser.add_argument("--seconds", type=int, default=60)
    asked = parser.parse_args()
    PHASES[asked.what](asked.gateway, asked.seconds)


PHASES = {"reload": reload, "overload": overload, "batching": batching, "swapping": swapping}

if __name__ == "__main__":
    main()
