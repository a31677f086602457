#!/usr/bin/env python3
"""Runs three gateways behind a load balancer with a shared cache in Redis, and breaks parts of it
under load.

    python tests/fleet/run.py [--gateway PROGRAM] [--balancer nginx|haproxy] [--seconds N]
                              [--work FOLDER] [PHASE ...]

Needs redis-server and nginx or haproxy (Debian: apt-get install redis-server nginx haproxy).
Phases, in this order:
    calm             nothing breaks
    restart-gateway  one gateway is told to stop (SIGTERM) in mid-load, and started again
    kill-gateway     one gateway is killed with -9 in mid-load, and started again
    stop-redis       Redis hangs (SIGSTOP) for ten seconds
    kill-redis       Redis is killed with -9, and started again after five seconds
--no-shared leaves Redis out, and with it the phases that are about it.
Exit status 1 where a request failed that was not in flight on the killed gateway.
"""

import argparse
import collections
import os
import shutil
import signal
import statistics
import sys
import time
from pathlib import Path

from balancers import BALANCERS
from load import MIX, Load, Outcome
from parts import Part, answers, free_ports, pongs

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PHASES = ("calm", "restart-gateway", "kill-gateway", "stop-redis", "kill-redis")
GATEWAYS, STOPPED_SECONDS, DOWN_SECONDS = 3, 10, 5


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
        balancer = BALANCERS[options.balancer]
        self.balancer = balancer(options.balancer, self.front, self.ports, work)

    def start(self) -> None:
        if self.redis:
            self.start_redis()
        for gateway in self.gateways:
            gateway.start()
        for number in range(GATEWAYS):
            self.wait_for_gateway(number)
        self.balancer.start()
        self.balancer.wait(lambda: answers(self.front, "/health/ready"))

    def start_redis(self) -> None:
        self.redis.start()
        self.redis.wait(lambda: pongs(self.redis_port))

    def wait_for_gateway(self, number: int) -> None:
        self.gateways[number].wait(lambda: answers(self.ports[number], "/health/ready"))

    def end(self) -> None:
        for part in (self.balancer, *self.gateways, self.redis):
            if part:
                part.end()


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
    elif phase == "restart-gateway":
        fleet.gateways[1].end()
        fleet.gateways[1].start()
        fleet.wait_for_gateway(1)
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


def judge(outcomes: list[Outcome], killed: tuple[float, str] | None, given: dict) -> None:
    """Marks what was given to another gateway, and what was in flight on the killed one: begun before,
    over after, and last given to it."""
    when, address = killed or (0, None)
    for outcome in outcomes:
        told = given.get(outcome.id)
        outcome.retried = bool(told and told.retried)
        on_killed = bool(told and told.gateway == address)
        outcome.in_flight = on_killed and outcome.began <= when <= outcome.ended


def percentiles(outcomes: list[Outcome]) -> str:
    times = [1000 * (outcome.ended - outcome.began) for outcome in outcomes]
    if len(times) < 2:
        return "-"
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return f"{cuts[49]:.0f} / {cuts[94]:.0f} / {max(times):.0f}"


def report(outcomes: list[Outcome]) -> int:
    """Prints the figures; how many requests failed that should not have."""
    titles = f"{'phase':<17}{'requests':>9}{'retried':>9}{'failed':>8}{'on killed':>11}"
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
        print(f"{phase:<17}{counts}  {percentiles(hits)}")
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
    parser.add_argument("--balancer", default="nginx", choices=BALANCERS)
    parser.add_argument("phases", nargs="*", choices=[*PHASES, []], metavar="PHASE")
    options = parser.parse_args()
    phases = [
        phase
        for phase in PHASES
        if (not options.phases or phase in options.phases)
        and (options.shared or not phase.endswith("redis"))
    ]
    programs = [options.gateway, options.balancer, *([options.redis] if options.shared else [])]
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
    judge(load.outcomes, killed, fleet.balancer.given())
    lost = report(load.outcomes)
    unserved = {"repeated receipt", "new receipt", "chat"} - {
        outcome.kind for outcome in load.outcomes if not outcome.fault
    }
    if unserved:
        print(f"nothing was answered of: {', '.join(sorted(unserved))}")
    sys.exit(bool(lost or unserved))


if __name__ == "__main__":
    main()
