#!/usr/bin/env python3
"""Has real producers write e-invoices and receipts with codes, posts them to the built gateway, and compares every
value of the answers with what went in.

    python tests/documents/run.py [--gateway PROGRAM] [--work FOLDER] [--keep FOLDER]

Needs Python and Node with npm; the producers are installed at their pinned versions into FOLDER (default:
target/documents), once. --keep leaves the documents in a folder. Prints how many of each producer's documents were
read rightly, and what was not. Exit status 1 where one is wrong.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
START_SECONDS, ANSWER_SECONDS = 120, 120
TYPES = {".xml": "application/xml", ".pdf": "application/pdf", ".png": "image/png"}
# How far an edge of a code's box may be from where it was drawn, as a fraction of the page.
BOX_SLACK = 0.03


def install(work: Path) -> None:
    """Installs what requirements.txt and package-lock.json name, where it is not yet."""
    work.mkdir(parents=True, exist_ok=True)
    wanted = (HERE / "requirements.txt").read_bytes()
    if not same(work / "requirements.txt", wanted):
        venv.create(work / "venv", with_pip=True, clear=True)
        pip = [work / "venv/bin/python", "-m", "pip", "install", "-q"]
        subprocess.run([*pip, "-r", HERE / "requirements.txt"], check=True)
        (work / "requirements.txt").write_bytes(wanted)
    wanted = (HERE / "package-lock.json").read_bytes()
    if not same(work / "installed-lock.json", wanted):
        for name in ("package.json", "package-lock.json"):
            (work / name).write_bytes((HERE / name).read_bytes())
        npm = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        subprocess.run(npm, check=True, cwd=work)
        (work / "installed-lock.json").write_bytes(wanted)


def same(path: Path, wanted: bytes) -> bool:
    return path.exists() and path.read_bytes() == wanted


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start(program: Path, log: Path) -> tuple[subprocess.Popen, str]:
    """The gateway, once it answers, and its address."""
    port = free_port()
    environment = os.environ | {"PORT": str(port), "HOST": "127.0.0.1"}
    with log.open("wb") as out:
        command = [program, "serve", "--config", HERE / "gateway.toml"]
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


def exact(text: str | bytes):
    """JSON with its numbers as decimals, so that nothing is rounded away."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def ask(address: str, path: Path) -> tuple[int, dict]:
    """The status and the answer for a document as the body of the request."""
    request = urllib.request.Request(
        f"{address}/extract?include=meta",
        data=path.read_bytes(),
        headers={"content-type": TYPES[path.suffix]},
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
            return answer.status, exact(answer.read())
    except urllib.error.HTTPError as fault:
        return fault.code, exact(fault.read())


def differences(wanted, given, at: str = "") -> Iterator[str]:
    """Every value that differs, by its JSON pointer."""
    if isinstance(wanted, dict) and isinstance(given, dict):
        for key in [*wanted, *(key for key in given if key not in wanted)]:
            missing = "nothing"
            yield from differences(wanted.get(key, missing), given.get(key, missing), f"{at}/{key}")
    elif isinstance(wanted, list) and isinstance(given, list) and len(wanted) == len(given):
        for place, (one, other) in enumerate(zip(wanted, given, strict=True)):
            yield from differences(one, other, f"{at}/{place}")
    elif wanted != given:
        yield f"{at or '/'} is {given}, and {wanted} went in"


def faults(document: dict, folder: Path, status: int, answer: dict) -> list[str]:
    """What is wrong with an answer."""
    if document.get("refused"):
        told = json.dumps(answer, default=str)
        if status == 422 and document["refused"] in told:
            return []
        return [
            f"answered {status} instead of a 422 that names {document['refused']}: {told[:300]}"
        ]
    if status != 200:
        return [f"refused with {status}: {json.dumps(answer, default=str)[:300]}"]
    if "code" in document:
        return code_faults(document["code"], answer["meta"].get("codes") or [])
    wanted = exact((folder / document["expected"]).read_text(encoding="utf-8"))
    found = list(differences(wanted, answer["invoice"]))
    failed = [check for check in answer["meta"].get("checks", []) if check.get("passed") is False]
    return found + [f"the check {check.get('name')} fails" for check in failed]


def code_faults(wanted: dict, codes: list[dict]) -> list[str]:
    if len(codes) != 1:
        return [f"{len(codes)} codes were read"]
    code = codes[0]
    found = [
        f"{key} is {code.get(key)}, and {wanted[key]} was drawn"
        for key in ("kind", "page")
        if code.get(key) != wanted[key]
    ]
    fields = code.get("fields", {})
    found += [
        f"the field {name} is {fields.get(name)}, and {value} was encoded"
        for name, value in wanted["fields"].items()
        if fields.get(name) != value
    ]
    left, upper, width, height = [float(side) for side in code["box"]]
    box = [left, upper, left + width, upper + height]
    near = [abs(one - other) <= BOX_SLACK for one, other in zip(box, wanted["box"])]
    if near != [True] * 4:
        found.append(f"the box is {box}, and {wanted['box']} was drawn")
    return found


def report(documents: list[dict], folder: Path, address: str) -> int:
    """Posts all documents and prints the table; how many are wrong."""
    of, right, wrong, seconds = Counter(), Counter(), [], []
    for document in documents:
        producer = (document["producer"], document["version"])
        begun = time.monotonic()
        status, answer = ask(address, folder / document["path"])
        if "code" not in document:
            seconds.append(time.monotonic() - begun)
        found = faults(document, folder, status, answer)
        of[producer] += 1
        right[producer] += not found
        if found:
            wrong.append((document["path"], found))
    print(f"{'producer':<22} {'version':<10} {'files':>5} {'right':>5}")
    for producer in of:
        print(f"{producer[0]:<22} {producer[1]:<10} {of[producer]:>5} {right[producer]:>5}")
    print(f"{'':<22} {'':<10} {of.total():>5} {right.total():>5}")
    for path, found in wrong:
        print(f"{path}:")
        for fault in found[:8]:
            print(f"    {fault}")
    median = sorted(seconds)[len(seconds) // 2] * 1000
    print(f"an e-invoice took {median:.1f} ms at the median, over HTTP")
    return len(wrong)


def main() -> None:
    parser = argparse.ArgumentParser(description="Reads documents of real producers.")
    parser.add_argument("--gateway", type=Path, default=ROOT / "target/release/receipt-gateway")
    parser.add_argument("--work", type=Path, default=ROOT / "target/documents")
    parser.add_argument("--keep", type=Path, help="folder for the documents")
    options = parser.parse_args()
    work = options.work.resolve()
    install(work)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.keep or Path(temporary)).resolve()
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        make = [work / "venv/bin/python", HERE / "make.py", work, folder]
        subprocess.run(make, check=True, env=environment)
        documents = json.loads((folder / "documents.json").read_text(encoding="utf-8"))
        gateway, address = start(options.gateway.resolve(), work / "gateway.log")
        try:
            wrong = report(documents, folder, address)
            if gateway.poll() is not None:
                print(f"the gateway ended with status {gateway.returncode}")
                wrong += 1
        finally:
            gateway.terminate()
            gateway.wait()
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
