"""What the gateway itself costs: chats passed on to a provider that answers at once, streams of them, and
receipts that are in the cache; beside LiteLLM's proxy where there is one.

Needs nginx and wrk; Python's standard library else. See README.md for what was seen.
"""

import argparse
import pathlib
import shutil
import statistics
import sys
import tempfile

from load import CASES, flat_out, heard, steadily
from programs import litellm, ours
from upstream import ROOT, start_nginx, start_pacing

LABELS = [("50 %", 0.5), ("99 %", 0.99), ("99.9 %", 0.999)]
# Requests below which the slowest are no share of them.
ENOUGH = 1000
# Of what a gateway can do, how much it is asked for at a fixed rate, at most.
ROOM = 0.7


def shares(took):
    """The times below which so many of them are."""
    took = sorted(took)
    told = LABELS if len(took) >= ENOUGH else LABELS[:2]
    times = [(label, took[min(len(took) - 1, int(len(took) * share))]) for label, share in told]
    return ", ".join(f"{time:.2f} ms at {label}" for label, time in times)


def rounds_of(programs, rounds, measure):
    """What `measure` tells of each program, in turn, so many times."""
    told = {program: [] for program in programs}
    for _ in range(rounds):
        for program in programs:
            told[program].append(measure(program))
    return told


def measure_flat_out(name, programs, asked, folder):
    """Prints what comes of asking as fast as it is answered; requests a second of each program."""
    case = CASES[name]
    for program in programs:
        program.wait(case)
        flat_out(program, case, 1, folder)
    told = rounds_of(programs, asked.rounds, lambda program: flat_out(program, case, asked.seconds, folder))
    capacity = {}
    for program, rows in told.items():
        rate, median, cost = map(statistics.median, zip(*rows))
        capacity[program] = rate
        line = f"{name}, {program.name}: {rate:.0f} a second, {median:.2f} ms at the median"
        line += f", {cost:.4f} ms of processor time"
        if case.units > 1:
            line += f" ({cost / case.units * 1e3:.2f} us an event)"
        print(f"{line}, {program.resident_mib():.0f} MiB", flush=True)
    return capacity


def measure_at(rate, name, programs, asked):
    """Prints how long answers take at that rate, of the requests of all rounds together."""
    seconds = asked.steady_seconds
    told = rounds_of(programs, asked.rounds, lambda program: steadily(program, CASES[name], rate, seconds))
    for program, rows in told.items():
        took = [time for row, _ in rows for time in row]
        cost = statistics.median(cost for _, cost in rows)
        line = f"  at {rate} a second, {program.name}: {shares(took)}"
        print(f"{line}, {cost:.3f} ms of processor time", flush=True)


def measure_paced(name, programs, asked):
    """Prints how late the events of streams are that come one by one."""
    for program in programs:
        program.wait(CASES[name])
    told = rounds_of(programs, asked.rounds, lambda program: heard(program, CASES[name], asked.steady_seconds))
    for program, rows in told.items():
        late = [time for row, _ in rows for time in row]
        cost = statistics.median(cost for _, cost in rows)
        print(f"{name}, {program.name}: {shares(late)} late, {cost:.1f} us of processor time an event", flush=True)


def measure(name, programs, asked, folder):
    if name == "paced":
        measure_paced(name, programs, asked)
        return
    able = [program for program in programs if program.reads_receipts or name != "hit"]
    capacity = measure_flat_out(name, able, asked, folder)
    for rate in asked.rates:
        if able := [program for program in able if rate <= ROOM * capacity[program]]:
            measure_at(rate, name, able, asked)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", default=list(CASES), help=", ".join(CASES))
    parser.add_argument("--gateway", default=str(ROOT / "target/release/receipt-gateway"))
    parser.add_argument("--before", help="another build of it, measured in turn with this one")
    parser.add_argument("--litellm", help="LiteLLM's program; left out where there is none")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5, help="of each round")
    parser.add_argument("--rates", type=int, nargs="*", default=[40, 1000], help="requests a second")
    parser.add_argument("--steady-seconds", type=int, default=25, help="of each round, at each rate")
    return parser.parse_args()


def main():
    asked = arguments()
    for tool in ["nginx", "wrk"]:
        if not shutil.which(tool):
            sys.exit(f"{tool} is not installed")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        nginx, port = start_nginx(folder)
        upstreams = dict.fromkeys(["whole", "stream", "receipt"], port) | {"paced": start_pacing()}
        programs = []
        try:
            programs.append(ours("this gateway", asked.gateway, upstreams, folder))
            if asked.before:
                programs.append(ours("the build before", asked.before, upstreams, folder))
            if asked.litellm:
                programs.append(litellm(asked.litellm, upstreams, folder))
            for name in asked.cases:
                measure(name, programs, asked, folder)
        finally:
            for program in programs:
                program.stop()
            nginx.terminate()
            nginx.wait()


if __name__ == "__main__":
    main()
