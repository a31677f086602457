#!/usr/bin/env python3
"""Has generators make clients out of the committed OpenAPI document, compiles what they make, and
has each client ask the built gateway; has validators judge answers by the published schemas, too.

    python tests/generators/run.py [--gateway PROGRAM] [--work FOLDER] [GENERATOR ...]

Needs Python, Java, Node with npm, and Go; the generators are installed at their pinned versions
into FOLDER (default: target/generators), once. Exit status 1 where a client does not compile or a
case fails.
"""

import argparse
import os
import shutil
import subprocess
import sys
import urllib.request
from importlib.metadata import distributions
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DOCUMENT = ROOT / "openapi/openapi.json"
sys.path.insert(0, str(HERE.parent / "clients"))
import run as clients  # noqa: E402

PICTURE = clients.PICTURE


class Broken(Exception):
    """A generator that refuses the document, or a client that does not compile."""


def call(*command, cwd: Path) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise Broken(f"{Path(command[0]).name}: {done.stdout}")


def openapi_generator(work: Path, language: str) -> Path:
    made = work / "generated" / language
    program = work / "venv/bin/openapi-generator-cli"
    call(program, "generate", "-g", language, "-i", DOCUMENT, "-o", made, cwd=work)
    return made


def go(work: Path) -> list:
    made = openapi_generator(work, "go")
    # A main package of the module that was made.
    shutil.copytree(HERE / "go", made / "cmd")
    call("go", "build", "./...", cwd=made)
    call("go", "vet", ".", "./cmd", cwd=made)
    call("go", "build", "-o", work / "go-client", "./cmd", cwd=made)
    return [work / "go-client"]


IMPORT_ALL = """
import importlib, pkgutil, sys
for module in pkgutil.walk_packages([sys.argv[1]], sys.argv[1] + "."):
    importlib.import_module(module.name)
"""


def python(work: Path, program: str, made: Path, package: str) -> list:
    interpreter = work / clients.PYTHON
    call(interpreter, "-m", "compileall", "-q", package, cwd=made)
    call(interpreter, "-c", IMPORT_ALL, package, cwd=made)
    return placed(work, program, made)


def placed(work: Path, program: str, made: Path) -> list:
    """The program beside the package that it imports, where Python looks for it."""
    for file in (HERE / program, HERE.parent / "clients/cases.py"):
        shutil.copy(file, made)
    return [work / clients.PYTHON, made / program]


def openapi_generator_python(work: Path) -> list:
    made = openapi_generator(work, "python")
    return python(work, "openapi_generator.py", made, "openapi_client")


def openapi_python_client(work: Path) -> list:
    made = work / "generated/openapi-python-client"
    made.mkdir(parents=True)
    program = work / "venv/bin/openapi-python-client"
    package = "receipt_gateway_client"
    where = ("--path", DOCUMENT, "--output-path", made / package)
    call(program, "generate", *where, "--meta", "none", cwd=work)
    return python(work, "openapi_python_client.py", made, package)


def typescript(work: Path, name: str, program: str, *generate: str) -> list:
    """A project of its own, so that each client is compiled by itself."""
    project = work / "generated" / name
    project.mkdir(parents=True)
    modules = project / "node_modules"
    modules.symlink_to(work / "node_modules")
    for file in ("cases.ts", "tsconfig.json", program):
        shutil.copy(HERE / file, project)
    if generate:
        binary, *arguments = generate
        call(modules / ".bin" / binary, *arguments, cwd=project)
    call(modules / ".bin/tsc", cwd=project)
    return ["node", project / "built" / Path(program).with_suffix(".js").name]


def openapi_typescript(work: Path) -> list:
    made = "generated/openapi-typescript/api.d.ts"
    generate = ("openapi-typescript", DOCUMENT, "-o", made)
    return typescript(work, "openapi-typescript", "openapi_typescript.ts", *generate)


def orval(work: Path) -> list:
    generate = ("orval", "--input", DOCUMENT, "--output", "generated/orval/api.ts")
    return typescript(work, "orval", "orval.ts", *generate)


def hey_api(work: Path) -> list:
    generate = ("openapi-ts", "-i", DOCUMENT, "-o", "generated/hey-api")
    return typescript(work, "hey-api", "hey_api.ts", *generate)


def validators_python(work: Path) -> list:
    made = work / "generated/validators-python"
    made.mkdir(parents=True)
    return placed(work, "validators.py", made)


def validators_typescript(work: Path) -> list:
    return typescript(work, "validators", "validators.ts")


GENERATORS = {
    "openapi-generator-go": go,
    "openapi-generator-python": openapi_generator_python,
    "openapi-python-client": openapi_python_client,
    "openapi-typescript": openapi_typescript,
    "orval": orval,
    "hey-api": hey_api,
    "jsonschema": validators_python,
    "ajv": validators_typescript,
}


def version(work: Path, package: str) -> str:
    [site] = (work / "venv/lib").glob("python*/site-packages")
    found = [each for each in distributions(path=[str(site)]) if each.name == package]
    return found[0].version


def expected(gateway: str) -> str:
    """What the gateway itself says of the picture."""
    request = urllib.request.Request(
        f"{gateway}/extract", PICTURE.read_bytes(), {"Content-Type": "image/png"}
    )
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def run(generator: str, work: Path, environment: dict) -> tuple[str, str, list[dict]]:
    """Name and version of a generator, and its client's cases."""
    try:
        command = GENERATORS[generator](work)
    except Broken as broken:
        return generator, "?", [{"case": "compile", "fault": str(broken)}]
    return clients.outcome(generator, command, work, environment)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gateway", type=Path, default=ROOT / "target/release/receipt-gateway")
    parser.add_argument("--work", type=Path, default=ROOT / "target/generators")
    parser.add_argument("generators", nargs="*", choices=[*GENERATORS, []], metavar="GENERATOR")
    options = parser.parse_args()
    work = options.work.resolve()
    clients.install(work, HERE)
    shutil.rmtree(work / "generated", ignore_errors=True)
    no_picture = work / "b.txt"
    no_picture.write_text("none")
    gateway, address = clients.start(options.gateway.resolve(), work / "gateway.log")
    failed = 0
    try:
        environment = os.environ | {
            "GATEWAY": address,
            "GENERATOR": version(work, "openapi-generator-cli"),
            "INVOICE": expected(address),
            "DOCUMENT": str(DOCUMENT),
            "PICTURE": str(PICTURE),
            "PICTURE_URL": "",
            "NO_PICTURE": str(no_picture),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        print(f"{'generator':<30} {'version':<10} cases passed")
        for generator in options.generators or GENERATORS:
            failed += clients.tell(*run(generator, work, environment))
    finally:
        gateway.terminate()
        gateway.wait()
    print(f"{failed} failed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
