#!/usr/bin/env python3
"""Runs real clients against the built gateway, and prints what each of them passed.

    python tests/clients/run.py [--gateway PROGRAM] [--work FOLDER] [--record FILE] [CLIENT ...]

Needs Python, Node with npm, and cargo; Go and the clients themselves are installed at their pinned
versions into FOLDER (default: target/clients), once. The Go clients of SDKS are run only where
they are named, since they are fetched from Go's module proxy. Exit status 1 where a case fails.
"""

import argparse
import contextlib
import functools
import http.server
import json
import os
import re
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
DOCUMENT = ROOT / "tests/fixtures/receipt-05-invoice.pdf"

PYTHON, NODE, SPEC = "venv/bin/python", "node", "venv/bin/schemathesis"
# Some clients do not want OpenAI's client of today.
PYTHON_OPENAI_2 = "venv-openai-2/bin/python"
# A server's packages, of which the clients know nothing.
PYTHON_LITELLM = "venv-litellm/bin/python"
VENVS = {
    "requirements.txt": "venv",
    "requirements-openai-2.txt": "venv-openai-2",
    "requirements-litellm.txt": "venv-litellm",
}
GO, GO_SDK, GO_TEST = "go", "a Go client with modules", "go test"
RUST = "a Rust client"
CLIENTS = {
    "openai_python.py": PYTHON,
    "anthropic_python.py": PYTHON,
    "langchain.py": PYTHON,
    "mistral.py": PYTHON,
    "openrouter_python.py": PYTHON,
    "schemas.py": PYTHON,
    "pydantic_agents.py": PYTHON,
    "haystack_pipeline.py": PYTHON,
    "litellm_router.py": PYTHON,
    "instructor_models.py": PYTHON_OPENAI_2,
    "llama_index_like.py": PYTHON_OPENAI_2,
    "litellm_behind.py": PYTHON_LITELLM,
    "openai_node.mjs": NODE,
    "anthropic_node.mjs": NODE,
    "openrouter_sdk.mjs": NODE,
    "ai_sdk.mjs": NODE,
    "go": GO,
    "go/replays": GO,
    "go/routes": GO,
    "rust/async_openai": RUST,
    "rust/genai": RUST,
    "../../clients/go": GO_TEST,
    "schemathesis.toml": SPEC,
}
SDKS = {f"go/{path.parent.name}": GO_SDK for path in sorted(HERE.glob("go/*/go.mod"))}
START_SECONDS, CLIENT_SECONDS = 120, 600


def install(work: Path, here: Path = HERE) -> None:
    """Installs what the requirements and package-lock.json in `here` name, where it is not yet."""
    work.mkdir(parents=True, exist_ok=True)
    for name in (*VENVS, "package-lock.json"):
        wanted, done = here / name, work / name
        if not wanted.exists() or done.exists() and done.read_bytes() == wanted.read_bytes():
            continue
        if name in VENVS:
            folder = work / VENVS[name]
            venv.create(folder, with_pip=True)
            subprocess.run([folder / "bin/pip", "install", "-q", "-r", wanted], check=True)
            shutil.copy(wanted, done)
        else:
            shutil.copy(here / "package.json", work)
            shutil.copy(wanted, done)
            try:
                command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
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


def go(work: Path, *arguments, cwd: Path, **more) -> subprocess.CompletedProcess:
    """Runs the installed Go, which fetches no other one."""
    environment = os.environ | {"GOTOOLCHAIN": "local"} | more.pop("env", {})
    return subprocess.run([work / "venv/bin/go", *arguments], cwd=cwd, env=environment, **more)


def command(client: str, kind: str, work: Path) -> list:
    if kind in (GO, GO_SDK):
        program = work / client.replace("/", "-")
        options = ["-o", program]
        if kind == GO_SDK:
            # Go completes go.mod, and writes go.sum, in a copy.
            modules = program.with_suffix(".mod")
            shutil.copy(HERE / client / "go.mod", modules)
            options += ["-mod=mod", f"-modfile={modules}"]
        go(work, "build", *options, ".", cwd=HERE / client, check=True)
        return [program]
    if kind == RUST:
        folder, program = client.split("/")
        target = work / folder
        build = ["cargo", "build", "--quiet", "--locked", "--bin", program, "--target-dir", target]
        subprocess.run(build, cwd=HERE / folder, check=True)
        return [target / "debug" / program]
    if kind == NODE:
        # Beside node_modules, where Node looks for packages.
        for name in ("cases.mjs", client):
            shutil.copy(HERE / name, work)
        return ["node", work / client]
    return [work / kind, HERE / client]


def run(client: str, work: Path, environment: dict) -> tuple[str, str, list[dict]]:
    """Name and version of a client, and its cases."""
    kind = (CLIENTS | SDKS)[client]
    if kind == SPEC:
        return conform(client, work, environment["GATEWAY"])
    if kind == GO_TEST:
        return test(client, work, environment)
    return outcome(client, command(client, kind, work), work, environment)


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


def test(client: str, work: Path, environment: dict) -> tuple[str, str, list[dict]]:
    """Tests a Go client's own package, also against the gateway; a case for each test."""
    folder = HERE / client
    done = go(
        work,
        *("test", "-json", "-count=1", "-timeout", f"{CLIENT_SECONDS}s", "."),
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    said, ends = {}, {}
    for event in map(json.loads, done.stdout.splitlines()):
        if event["Action"] in ("output", "build-output"):
            said[event.get("Test")] = said.get(event.get("Test"), "") + event["Output"]
        elif event["Action"] in ("pass", "fail", "skip"):
            ends[event.get("Test")] = event["Action"]
    whole = ends.pop(None, "fail")
    cases = [
        {"case": name, "fault": None if end == "pass" else said.get(name, end)}
        for name, end in ends.items()
    ]
    if (done.returncode or whole == "fail") and not any(case["fault"] for case in cases):
        cases.append({"case": "run to its end", "fault": said.get(None, done.stdout)})
    [version] = re.findall(r'^const Version = "(.+)"$', (folder / "client.go").read_text(), re.M)
    return "receipts, Go", version, cases


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
    choices = [*CLIENTS, *SDKS, []]
    parser.add_argument("clients", nargs="*", choices=choices, metavar="CLIENT")
    options = parser.parse_args()
    work = options.work.resolve()
    install(work)
    gateway, address = start(options.gateway.resolve(), work / "gateway.log")
    if options.record:
        address = record.serve(address, options.record)
    environment = os.environ | {
        "GATEWAY": address,
        "GATEWAY_PROGRAM": str(options.gateway.resolve()),
        "PICTURE": str(PICTURE),
        "PICTURE_URL": serve_pictures(),
        "DOCUMENT": str(DOCUMENT),
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
