"""Runs the cases of a Python client and prints a line of JSON for each."""

import base64
import contextlib
import json
import os
import traceback
import urllib.request
from pathlib import Path

GATEWAY = os.environ["GATEWAY"]
PICTURE_URL = os.environ["PICTURE_URL"]
PICTURE = Path(os.environ["PICTURE"])
DATA_URI = "data:image/png;base64," + base64.b64encode(PICTURE.read_bytes()).decode()
PDF_NAME = "receipt-05-invoice.pdf"
PDF_URL = PICTURE_URL.replace(PICTURE.name, PDF_NAME)
PDF_BASE64 = base64.b64encode((PICTURE.parent / PDF_NAME).read_bytes()).decode()
PDF_URI = f"data:application/pdf;base64,{PDF_BASE64}"
CSV_URI = "data:text/csv;base64," + base64.b64encode(b"item;price\nTea;2.50\n" * 10).decode()

CASES = []


def case(function):
    CASES.append(function)
    return function


def run(client: str, version: str) -> None:
    print(json.dumps({"client": client, "version": version}), flush=True)
    for function in CASES:
        try:
            function()
            fault = None
        except Exception:  # whatever a client throws is what the case is about
            fault = traceback.format_exc()
        name = function.__name__.replace("_", " ")
        print(json.dumps({"case": name, "fault": fault}), flush=True)


@contextlib.contextmanager
def occupied(model: str):
    """A model that has no place for anybody else."""
    body = {
        "model": model,
        "messages": [{"role": "user", "content": "On and on"}],
        "max_tokens": 100_000,
        "stream": True,
    }
    request = urllib.request.Request(
        f"{GATEWAY}/v1/chat/completions",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        answer.readline()
        yield


def raises(kind, call):
    """The exception of that kind that `call` ends in."""
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")
