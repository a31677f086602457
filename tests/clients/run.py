#!/usr/bin/env python3
"""Runs real clients against the built gateway, and prints what each of them passed.

    python tests/clients/run.py [--gateway PROGRAM] [--work FOLDER] [--record FILE] [CLIENT ...]

Needs Python, Node with npm, and Go; the clients themselves are installed at their pinned versions
into FOLDER (default: target/clients), once. Exit status 1 where a case fails.
"""

import argparse
import contextlib
import functools
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import venv
import xml.etree.ElementTree
from pathlib import Path

import record

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PICTURE = ROOT / "tests/fixtures/receipt-01-shop.png"

PYTHON, NODE, GO, SPEC = "venv/bin/python", "node", "go", "venv/bin/schemathesis"
CLIENTS = {
    "openai_python.py": PYTHON,
    "langchain.py": PYTHON,
    "mistral.py": PYTHON,
    "schemas.py": PYTHON,
    "openai_node.mjs": NODE,
    "openrouter_sdk.mjs": NODE,
    "ai_sdk.mjs": NODE,
    "go": GO,
    "schemathesis.toml": SPEC,
}
START_SECONDS, CLIENT_SECONDS = 120, 600


def install(work: Path, here: Path = HERE) -> None:
    """Installs what requirements.txt and package-lock.json in `here` name, where it is not yet."""
    work.mkdir(parents=True, exist_ok=True)
    for name, command in (
        ("requirements.txt", [work / PYTHON, "-m", "pip", "install", "-q", "-r"]),
        ("package-lock.json", ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]),
    ):
        wanted, done = here / name, work / name
        if done.exists() and done.read_bytes() == wanted.read_bytes():
            continue
        if name == "requirements.txt":
            venv.create(work / "venv", with_pip=True)
            subprocess.run([*command, wanted], check=True)
            shutil.copy(wanted, done)
        else:
            shutil.copy(here / "package.json", work)
            shutil.copy(wanted, done)
            try:
                subprocess.run(command, check=True, cwd=work)
            except subprocess.CalledProcessError:
                done.unlink()
                raise


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def serve_pictures() -> str:
    """The address of the picture, served from this machine."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def copyfile(self, *of):
            with contextlib.suppress(ConnectionError):  # a client may leave
                super().copyfile(*of)

    handler = functools.partial(Quiet, directory=PICTURE.parent)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/{PICTURE.name}"


def start(program: Path, log: Path) -> tuple[subprocess.Popen, str]:
    """The gateway, once it answers, and its address."""
    port = free_port()
    command = [program, "serve", "--config", HERE / "gateway.toml"]
    environment = os.environ | {"PORT": str(port), "HOST": "127.0.0.1"}
    with log.open("wb") as out:
        gateway = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and gateway.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/health").close()
            return gateway, address
        except urllib.error.URLError:
            time.sleep(0.1)
    gateway.kill()
    sys.exit(f"the gateway does not start:\n{log.read_text()}")


def command(client: str, kind: str, work: Path) -> list:
    if kind == GO:
        program = work / "go-client"
        subprocess.run(["go", "build", "-o", program, "."], check=True, cwd=HERE / client)
        return [program]
    if kind == NODE:
        # Beside node_modules, where Node looks for packages.
        for name in ("cases.mjs", client):
            shutil.copy(HERE / name, work)
        return ["node", work / client]
    return [work / kind, HERE / client]


def run(client: str, work: Path, environment: dict) -> tuple[str, str, list[dict]]:
    """Name and version of a client, and its cases."""
    if CLIENTS[client] == SPEC:
        return conform(client, work, environment["GATEWAY"])
    return outcome(client, command(client, CLIENTS[client], work), work, environment)


def outcome(client: str, command: list, work: Path, environment: dict) -> tuple[str, str, list]:
    """Name and version of a client, and its cases, as its program prints them."""
    done = subprocess.run(
        command,
        cwd=work,
        env=environment,
        stdout=subprocess.PIPE,
        timeout=CLIENT_SECONDS,
        text=True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode or len(lines) < 2:
        head = lines[0] if lines else {"client": client, "version": "?"}
        fault = f"it ended with status {done.returncode}"
        lines = [head, *lines[1:], {"case": "run to its end", "fault": fault}]
    return lines[0]["client"], lines[0]["version"], lines[1:]


def conform(config: str, work: Path, gateway: str) -> tuple[str, str, list[dict]]:
    """Holds the gateway to its own OpenAPI document; a case for each operation."""
    report = work / "schemathesis.xml"
    program = work / SPEC
    done = subprocess.run(
        [
            *(program, "--config-file", HERE / config, "run", f"{gateway}/openapi.json"),
            *("--phases", "examples,coverage", "--continue-on-failure", "--no-color"),
            *("--request-timeout", "60", "--warnings", "off", "--report-junit-path", report),
        ],
        cwd=work,
        stdout=subprocess.PIPE,
        timeout=CLIENT_SECONDS,
        text=True,
    )
    version = subprocess.check_output([program, "--version"], text=True).split()[-1]
    cases = [
        {
            "case": case.get("name"),
            "fault": "\n".join(fault.text or fault.get("message") for fault in case) or None,
        }
        for case in xml.etree.ElementTree.parse(report).iter("testcase")
    ]
    if done.returncode and not any(case["fault"] for case in cases):
        cases.append({"case": "run to its end", "fault": done.stdout})
    return "schemathesis", version, cases


def tell(name: str, version: str, cases: list[dict]) -> int:
    """Prints what became of a client's cases; how many failed."""
    faults = [case for case in cases if case["fault"]]
    print(f"{name:<30} {version:<10} {len(cases) - len(faults)} of {len(cases)}")
    for case in faults:
        print(f"    {case['case']}: {case['fault'].strip()}")
    sys.stdout.flush()
    return len(faults)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gateway", type=Path, default=ROOT / "target/release/receipt-gateway")
    parser.add_argument("--work", type=Path, default=ROOT / "target/clients")
    parser.add_argument(
        "--record", type=Path, help="file for all answers, which published.py reads"
    )
    parser.add_argument("clients", nargs="*", choices=[*CLIENTS, []], metavar="CLIENT")
    options = parser.parse_args()
    work = options.work.resolve()
    install(work)
    gateway, address = start(options.gateway.resolve(), work / "gateway.log")
    if options.record:
        address = record.serve(address, options.record)
    environment = os.environ | {
        "GATEWAY": address,
        "PICTURE": str(PICTURE),
        "PICTURE_URL": serve_pictures(),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    passed, failed = 0, 0
    print(f"{'client':<30} {'version':<10} cases passed")
    try:
        for client in options.clients or CLIENTS:
            name, version, cases = run(client, work, environment)
            faults = tell(name, version, cases)
            passed, failed = passed + len(cases) - faults, failed + faults
        if gateway.poll() is not None:
            print(f"the gateway ended with status {gateway.returncode}")
            failed += 1
    finally:
        gateway.terminate()
        gateway.wait()
    print(f"{passed} passed, {failed} failed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
