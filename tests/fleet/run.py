#!/usr/bin/env python3
"""Runs three gateways behind nginx with a shared cache in Redis, and breaks parts of it under load.

    python tests/fleet/run.py [--gateway PROGRAM] [--seconds N] [--work FOLDER] [PHASE ...]

Needs redis-server and nginx (Debian: apt-get install redis-server nginx). Phases, in this order:
    calm          nothing breaks
    kill-gateway  one gateway is killed with -9 in mid-load, and started again before the next phase
    stop-redis    Redis hangs (SIGSTOP) for ten seconds
    kill-redis    Redis is killed with -9, and started again after five seconds
--no-shared leaves Redis out, and with it the phases that are about it.
Exit status 1 where a request failed that was not in flight on the killed gateway.
"""

import argparse
import collections
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import uuid
import zlib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PHASES = ("calm", "kill-gateway", "stop-redis", "kill-redis")
GATEWAYS, REPEATED_PICTURES = 3, 4
START_SECONDS, REQUEST_SECONDS = 180, 600
STOPPED_SECONDS, DOWN_SECONDS = 10, 5
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


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on now; all are held until all are found."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


class Part:
    """A program of the fleet, which can be started more than once."""

    def __init__(self, name: str, command: list, work: Path, environment: dict | None = None):
        self.name, self.command, self.environment = name, command, environment
        self.log = work / f"{name}.log"
        self.process = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdout=out, stderr=out
            )

    def wait(self, is_up) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if is_up():
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.1)
        tail = self.log.read_text(errors="replace")[-2000:]
        sys.exit(f"{self.name} does not start:\n{tail}")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.kill()


def answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    finally:
        connection.close()


def pongs(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")


class Fleet:
    def __init__(self, options: argparse.Namespace, work: Path):
        self.front, self.redis_port, *self.ports = free_ports(2 + GATEWAYS)
        self.redis = None
        environment = {k: v for k, v in os.environ.items() if k not in ("MODEL_NAME", "HOST")}
        environment.pop("RECEIPT_GATEWAY_CACHE_URL", None)
        if options.shared:
            self.redis = Part(
                "redis",
                [
                    *(options.redis, "--port", str(self.redis_port), "--bind", "127.0.0.1"),
                    *("--save", "", "--appendonly", "no", "--dir", work),
                    *("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"),
                ],
                work,
            )
            environment["RECEIPT_GATEWAY_CACHE_URL"] = f"redis://127.0.0.1:{self.redis_port}"
        serve = [options.gateway.resolve(), "serve", "--config", HERE / "gateway.toml"]
        self.gateways = [
            Part(f"gateway-{port}", serve, work, environment | {"PORT": str(port)})
            for port in self.ports
        ]
        (work / "nginx.conf").write_text(self.nginx_config())
        nginx = [
            options.nginx,
            "-p",
            work,
            "-c",
            work / "nginx.conf",
            "-e",
            work / "nginx-error.log",
        ]
        directives = f"daemon off; pid {work}/nginx.pid;"
        self.nginx = Part("nginx", [*nginx, "-g", directives], work)
        self.access_log = work / "access.log"

    def nginx_config(self) -> str:
        """config/nginx.conf with our ports."""
        text = (ROOT / "config/nginx.conf").read_text()
        ports = iter(self.ports)
        text, servers = re.subn(
            r"server 127\.0\.0\.1:\d+", lambda _: f"server 127.0.0.1:{next(ports)}", text
        )
        text, listens = re.subn(r"listen \d+;", f"listen 127.0.0.1:{self.front};", text)
        if (servers, listens) != (GATEWAYS, 1):
            sys.exit("config/nginx.conf is not what run.py takes it for")
        return text

    def start(self) -> None:
        if self.redis:
            self.start_redis()
        for gateway in self.gateways:
            gateway.start()
        for number in range(GATEWAYS):
            self.wait_for_gateway(number)
        self.nginx.start()
        self.nginx.wait(lambda: answers(self.front, "/health/ready"))

    def start_redis(self) -> None:
        self.redis.start()
        self.redis.wait(lambda: pongs(self.redis_port))

    def wait_for_gateway(self, number: int) -> None:
        self.gateways[number].wait(lambda: answers(self.ports[number], "/health/ready"))

    def end(self) -> None:
        for part in (self.nginx, *self.gateways, self.redis):
            if part:
                part.end()


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


def run_phase(phase: str, fleet: Fleet, load: Load, seconds: float) -> tuple[float, str] | None:
    """When which gateway was killed, if one was."""
    load.phase = phase
    print(f"{phase} ...", flush=True)
    time.sleep(seconds / 3)
    killed = None
    if phase == "kill-gateway":
        fleet.gateways[0].kill()
        killed = (time.time(), f"127.0.0.1:{fleet.ports[0]}")
        time.sleep(seconds / 3)
        fleet.gateways[0].start()
        fleet.wait_for_gateway(0)
    elif phase == "stop-redis":
        fleet.redis.process.send_signal(signal.SIGSTOP)
        time.sleep(STOPPED_SECONDS)
        fleet.redis.process.send_signal(signal.SIGCONT)
    elif phase == "kill-redis":
        fleet.redis.kill()
        time.sleep(DOWN_SECONDS)
        fleet.start_redis()
    time.sleep(seconds * 2 / 3)
    return killed


def judge(outcomes: list[Outcome], killed: tuple[float, str] | None, access_log: Path) -> None:
    """Marks what nginx gave to another gateway, and what was in flight on the killed one: begun
    before, over after, and last given to it."""
    when, address = killed or (0, None)
    given = {}
    for line in access_log.read_text().splitlines():
        # ID STATUS ADDRESS[, ADDRESS ...] STATUS[, STATUS ...] SECONDS "REQUEST"
        given[line.split(" ", 1)[0]] = re.findall(r"127\.0\.0\.1:\d+", line.split('"')[0])
    for outcome in outcomes:
        gateways = given.get(outcome.id, [])
        outcome.retried = len(gateways) > 1
        outcome.in_flight = gateways[-1:] == [address] and outcome.began <= when <= outcome.ended


def percentiles(outcomes: list[Outcome]) -> str:
    times = [1000 * (outcome.ended - outcome.began) for outcome in outcomes]
    if len(times) < 2:
        return "-"
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return f"{cuts[49]:.0f} / {cuts[94]:.0f} / {max(times):.0f}"


def report(outcomes: list[Outcome]) -> int:
    """Prints the figures; how many requests failed that should not have."""
    titles = f"{'phase':<14}{'requests':>9}{'retried':>9}{'failed':>8}{'on killed':>11}"
    print(f"\n{titles}  ms p50 / p95 / max of hits")
    for phase in PHASES:
        of_phase = [outcome for outcome in outcomes if outcome.phase == phase]
        if not of_phase:
            continue
        failed = [outcome for outcome in of_phase if outcome.fault]
        hits = [outcome for outcome in of_phase if outcome.cache.startswith("hit")]
        on_killed = sum(outcome.in_flight for outcome in failed)
        retried = sum(outcome.retried for outcome in of_phase)
        counts = f"{len(of_phase):>9}{retried:>9}{len(failed):>8}{on_killed:>11}"
        print(f"{phase:<14}{counts}  {percentiles(hits)}")
        found = collections.Counter(outcome.cache for outcome in of_phase if outcome.cache)
        print("    " + ", ".join(f"{name} {count}" for name, count in found.most_common()))
    print(f"\n{'kind':<18}{'requests':>9}{'failed':>8}  ms p50 / p95 / max")
    for kind in MIX:
        of_kind = [outcome for outcome in outcomes if outcome.kind == kind]
        failed = sum(bool(outcome.fault) for outcome in of_kind)
        print(f"{kind:<18}{len(of_kind):>9}{failed:>8}  {percentiles(of_kind)}")
    faults = [outcome for outcome in outcomes if outcome.fault]
    for outcome in faults:
        where = "in flight on the killed gateway" if outcome.in_flight else "NOT in flight there"
        print(f"    {outcome.phase}, {outcome.kind}, {where}: {outcome.fault}")
    lost = sum(not outcome.in_flight for outcome in faults)
    print(f"\n{len(outcomes)} requests, {len(faults)} failed, {lost} without excuse")
    return lost


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gateway", type=Path, default=ROOT / "target/release/receipt-gateway")
    parser.add_argument("--seconds", type=float, default=30, help="of a phase, about; default 30")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--no-shared", dest="shared", action="store_false")
    parser.add_argument("--work", type=Path, default=ROOT / "target/fleet", help="logs and files")
    parser.add_argument("--redis", default="redis-server", help="or valkey-server")
    parser.add_argument("--nginx", default="nginx")
    parser.add_argument("phases", nargs="*", choices=[*PHASES, []], metavar="PHASE")
    options = parser.parse_args()
    phases = [
        phase
        for phase in PHASES
        if (not options.phases or phase in options.phases)
        and (options.shared or not phase.endswith("redis"))
    ]
    programs = [options.gateway, options.nginx, *([options.redis] if options.shared else [])]
    for program in programs:
        if not shutil.which(program):
            sys.exit(f"there is no program {program}")
    if options.work.exists():
        shutil.rmtree(options.work)
    options.work.mkdir(parents=True)
    work = options.work.resolve()
    fleet, killed = Fleet(options, work), None
    try:
        fleet.start()
        load = Load(fleet.front, options.clients)
        load.start()
        for phase in phases:
            killed = run_phase(phase, fleet, load, options.seconds) or killed
        load.stop()
        for part in fleet.gateways:
            if part.process.poll() is not None:
                sys.exit(f"{part.name} ended by itself; see {part.log}")
    finally:
        fleet.end()
    judge(load.outcomes, killed, fleet.access_log)
    lost = report(load.outcomes)
    unserved = {"repeated receipt", "new receipt", "chat"} - {
        outcome.kind for outcome in load.outcomes if not outcome.fault
    }
    if unserved:
        print(f"nothing was answered of: {', '.join(sorted(unserved))}")
    sys.exit(bool(lost or unserved))


if __name__ == "__main__":
    main()
