"""Measures how much of JSON Schema the gateway enforces: asks a model with random weights for an answer to each
schema of JSONSchemaBench, and validates the answers.

    python bench/schema_coverage.py DATA [--server URL] [--model NAME] [--every N] [--max-tokens N]

DATA is the folder `data` of github.com/guidance-ai/jsonschemabench, with a folder for each collection.
"""

import argparse
import collections
import concurrent.futures
import json
import time
import urllib.error
import urllib.request
from pathlib import Path

import jsonschema
import referencing.exceptions

OUTCOMES = [
    "valid",
    "invalid",
    "unchecked",
    "cut off",
    "refused",
    "too large",
    "too slow",
    "failed",
]


def ask(options: argparse.Namespace, schema: dict, seed: int) -> tuple[str, str]:
    """Returns the outcome of one schema, and details."""
    body = {
        "model": options.model,
        "messages": [{"role": "user", "content": "Answer."}],
        "temperature": 1,
        "seed": seed,
        "max_tokens": options.max_tokens,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "a", "schema": schema, "strict": True},
        },
    }
    request = urllib.request.Request(
        f"{options.server}/v1/chat/completions",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=options.timeout) as reply:
            [choice] = json.load(reply)["choices"]
    except urllib.error.HTTPError as error:
        reason = json.load(error)["error"]["message"]
        if error.code >= 500:
            return "failed", reason
        for outcome, words in (("too large", " bytes; "), ("too slow", "longer than")):
            if words in reason:
                return outcome, reason
        return "refused", reason
    except TimeoutError:
        return "too slow", ""
    if choice["finish_reason"] == "length":
        return "cut off", ""
    text = choice["message"]["content"]
    try:
        jsonschema.validators.validator_for(schema)(schema).validate(json.loads(text))
    except (ValueError, jsonschema.ValidationError) as error:
        return "invalid", f"{text}: {str(error).splitlines()[0]}"
    except (jsonschema.SchemaError, referencing.exceptions.Unresolvable) as error:
        return "unchecked", str(error).splitlines()[0]
    return "valid", ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--server", default="http://localhost:8000")
    parser.add_argument("--model", default="tiny-qwen2-vl")
    parser.add_argument(
        "--every", type=int, default=1, help="take every Nth schema of a collection"
    )
    parser.add_argument("--max-tokens", type=int, default=1000)
    parser.add_argument("--timeout", type=float, default=60, help="seconds for one schema")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--show", type=Path, help="file for the refused schemas, with the reasons")
    options = parser.parse_args()

    print("| collection | schemas | " + " | ".join(OUTCOMES) + " | median ms | slowest s |")
    print("| --- " * (len(OUTCOMES) + 4) + "|")
    told, total = [], collections.Counter()
    for folder in sorted(path for path in options.data.iterdir() if path.is_dir()):
        files = sorted(folder.glob("*.json"))[:: options.every]

        def one(number: int, files: list[Path] = files) -> tuple[str, str, float]:
            schema = json.loads(files[number].read_text())
            started = time.monotonic()
            outcome, more = ask(options, schema, number)
            return outcome, more, time.monotonic() - started

        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            results = list(pool.map(one, range(len(files))))
        counts = collections.Counter(outcome for outcome, _, _ in results)
        total += counts
        seconds = sorted(took for _, _, took in results)
        row = [folder.name, len(files), *(counts[outcome] for outcome in OUTCOMES)]
        row += [f"{1000 * seconds[len(seconds) // 2]:.0f}", f"{seconds[-1]:.1f}"]
        print("| " + " | ".join(map(str, row)) + " |", flush=True)
        told += [
            f"{file}\t{outcome}\t{more}"
            for file, (outcome, more, _) in zip(files, results, strict=True)
            if more
        ]
    row = ["all", total.total(), *(total[outcome] for outcome in OUTCOMES), "", ""]
    print("| " + " | ".join(map(str, row)) + " |")
    if options.show:
        options.show.write_text("\n".join(told))


if __name__ == "__main__":
    main()
