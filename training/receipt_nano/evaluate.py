"""Measures a running gateway on receipts that were never trained on.

They are rendered ones, scans, and the repository's fixtures. Each is read once with free values and
once with values that are chosen from what is printed, and the figures stand side by side;
--grounding configured asks once, as the gateway is configured.
"""

import argparse
import io
import json
import statistics
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PIL import Image

from . import sroie
from .page import Page
from .pool import rendered
from .sums import CENT, adds_up

SETS = ("rendered", "unseen fonts", "scans", "fixtures")
FIXTURES = Path(__file__).resolve().parents[2] / "tests/fixtures"
PICTURES = (".png", ".jpg", ".webp")  # the fixtures' files; their PDFs hold the same receipts
# What the gateway calls its ways of grounding, and what the table calls them.
GROUNDINGS = {"report": "free", "enforce": "grounded", "off": "off", "configured": ""}
FIELDS = (
    "vendor_name",
    "invoice_number",
    "invoice_date",
    "due_date",
    "items",
    "subtotal",
    "tax_rate_percent",
    "tax_amount",
    "discount",
    "total_due",
)
ITEM_FIELDS = ("description", "details", "quantity", "unit_price", "total", "category")
MUST_STAND = ("printed", "derived", "missing")  # what the gateway says of a value that has to stand
HALF = 0.005  # the same where fields are counted, as in tests/it/receipt_nano.rs


@dataclass
class Tally:
    """What was measured on one set in one way of grounding.

    values    by measure, a value from 0 to 1 for each receipt
    counts    of fields and amounts, and of those that are right or stand nowhere
    lapses    why values were free that were to be chosen, and how often
    """

    values: dict[str, list[float]] = field(default_factory=dict)
    counts: Counter = field(default_factory=Counter)
    lapses: Counter = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    failures: int = 0

    def add(self, measure: str, value: float) -> None:
        self.values.setdefault(measure, []).append(float(value))


def same(a: object, b: object, within: float = CENT) -> bool:
    """Whether two values of a field agree; amounts to the cent, items but for the currency, which
    is a setting of the gateway."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y, within) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return all(same(a[name], b[name], within) for name in ITEM_FIELDS)
    if isinstance(a, int | float) and isinstance(b, int | float):
        return abs(a - b) < within
    return a == b


def kind_of(pointer: str) -> str:
    """The kind of an invoice's value, as the gateway names it."""
    name = pointer.rsplit("/", 1)[-1]
    if name in ("currency", "category"):
        return "choice"
    if name in ("vendor_name", "invoice_number", "description") or "/details/" in pointer:
        return "text"
    return "date" if name.endswith("date") else "number"


def similarity(a: str | None, b: str | None) -> float:
    """1 less the edit distance over the longer length, letter case aside."""
    a, b = (a or "").upper(), (b or "").upper()
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return 1 - row[-1] / max(len(a), len(b), 1)


def score(tally: Tally, reading: dict, truth: dict) -> None:
    """Compares an answer with its meta with the truth, as far as it is known."""
    read = reading["invoice"]
    known = [name for name in FIELDS if name in truth]
    agree = {name: same(read[name], truth[name]) for name in known}
    for name, right in agree.items():
        tally.add(name, right)
        tally.counts["fields"] += 1
        tally.counts["fields right"] += same(read[name], truth[name], HALF)
    if "vendor_name" in known:
        tally.add("vendor similarity", similarity(read["vendor_name"], truth["vendor_name"]))
    if len(known) == len(FIELDS):
        tally.add("whole invoice", all(agree.values()))
        if len(read["items"]) == len(truth["items"]):
            for mine, theirs in zip(read["items"], truth["items"], strict=True):
                for name in ITEM_FIELDS:
                    tally.add(f"  item {name}", same(mine[name], theirs[name]))
        tally.add("number of items", len(read["items"]) == len(truth["items"]))
    tally.add("adds up", adds_up(read))
    weigh(tally, reading["meta"])


def weigh(tally: Tally, meta: dict) -> None:
    """Counts amounts that stand nowhere on the pages and follow from nothing that is printed."""
    for pointer, of_field in meta["fields"].items():
        if kind_of(pointer) == "number" and of_field["printed"] in MUST_STAND:
            tally.counts["amounts"] += 1
            tally.counts["amounts that stand nowhere"] += of_field["printed"] == "missing"
    for check in meta["checks"]:
        if check["name"] == "is_printed":
            tally.add("nothing stands nowhere", check["passed"])
    reason = meta.get("grounding", {}).get("reason")
    if reason:
        tally.lapses[reason] += 1


def ask(server: str, picture: bytes, query: str = "") -> dict:
    """The gateway's answer for a picture's file, not from its cache."""
    boundary = uuid.uuid4().hex
    start = f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n'
    body = start.encode() + picture + f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Cache-Control": "no-cache",
    }
    request = urllib.request.Request(f"{server}/extract{query}", body, headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def png(page: Page) -> bytes:
    out = io.BytesIO()
    Image.fromarray(page.image).save(out, "PNG")
    return out.getvalue()


def pages(name: str, count: int, scans: Path | None) -> list[tuple[bytes, dict]]:
    """Files and truths of a set."""
    if name == "scans":
        return [scan(scans, n) for n in sroie.scans(scans, "validation")[:count]]
    if name == "fixtures":
        files = sorted(f for f in FIXTURES.glob("receipt-*") if f.suffix in PICTURES)[:count]
        return [(f.read_bytes(), json.loads(f.with_suffix(".json").read_text())) for f in files]
    fonts = "held_out" if name == "unseen fonts" else "train"
    made = (rendered(seed, "eval", fonts) for seed in range(count))
    return [(png(page), page.truth) for page in made]


def scan(folder: Path, name: str) -> tuple[bytes, dict]:
    """A scan's file and what its key says, whether found in print or not."""
    key = json.loads((folder / "key" / f"{name}.json").read_text())
    truth = {
        "vendor_name": key["company"],
        "invoice_date": sroie.normalise_date(key["date"]),
        "total_due": sroie.normalise_amount(key["total"]),
    }
    return (folder / "img" / f"{name}.jpg").read_bytes(), truth


def measure(
    server: str,
    examples: list[tuple[bytes, dict]],
    groundings: list[str],
    model: str | None = None,
) -> dict[str, Tally]:
    """What is measured by way of grounding; they take turns, and so share the machine alike."""
    tallies = {grounding: Tally() for grounding in groundings}
    for picture, truth in examples:
        for grounding, tally in tallies.items():
            query = "?include=meta"
            if grounding != "configured":
                query += f"&grounding={grounding}"
            if model:
                query += f"&model={urllib.parse.quote(model, safe='')}"
            started = time.perf_counter()
            try:
                reading = ask(server, picture, query)
            except urllib.error.HTTPError:
                tally.failures += 1
                continue
            tally.seconds.append(time.perf_counter() - started)
            score(tally, reading, truth)
    return tallies


def mean(tally: Tally, name: str) -> str:
    """A measure in per cent; nothing where the set has no truth for it."""
    values = tally.values.get(name)
    return f"{100 * statistics.mean(values):.1f}" if values else ""


def count(tally: Tally, name: str, of: str) -> str:
    """A count, and of how many; nothing where there were none."""
    return f"{tally.counts[name]} of {tally.counts[of]}" if tally.counts[of] else ""


def table(tallies: dict[str, Tally]) -> str:
    """Markdown: measures down, sets across, per cent."""
    names = list(dict.fromkeys(m for t in tallies.values() for m in t.values))
    rows = [["", *tallies], ["---"] * (len(tallies) + 1)]

    def row(label: str, cell) -> None:
        rows.append([label, *(cell(t) for t in tallies.values())])

    row("receipts", lambda t: str(len(t.seconds) + t.failures))
    for name in names:
        row(name, partial(mean, name=name))
    row("fields right", partial(count, name="fields right", of="fields"))
    nowhere = "amounts that stand nowhere"
    row(nowhere, partial(count, name=nowhere, of="amounts"))
    row("fell back to free", lambda t: str(sum(t.lapses.values())))
    row("failed", lambda t: str(t.failures))
    row("median seconds", lambda t: f"{statistics.median(t.seconds):.2f}" if t.seconds else "")
    return "\n".join("| " + " | ".join(cells) + " |" for cells in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="http://localhost:8000")
    parser.add_argument("--model", help="another than the server's")
    parser.add_argument("--scans", type=Path, help="folder of the SROIE scans")
    parser.add_argument("--rendered", type=int, default=500)
    parser.add_argument("--unseen", type=int, default=200)
    parser.add_argument("--real", type=int, default=60)
    parser.add_argument("--fixtures", type=int, default=12, help="of the repository's receipts")
    known = ", ".join(GROUNDINGS)
    parser.add_argument("--grounding", default="report,enforce", help=f"one or more of {known}")
    options = parser.parse_args()
    groundings = options.grounding.split(",")
    if not set(groundings) <= set(GROUNDINGS):
        parser.error(f"--grounding is one or more of {known}, with commas between them")
    counts = (options.rendered, options.unseen, options.real, options.fixtures)
    tallies = {}
    for name, number in zip(SETS, counts, strict=True):
        if number and (options.scans or name != "scans"):
            examples = pages(name, number, options.scans)
            measured = measure(options.server, examples, groundings, options.model)
            for grounding, tally in measured.items():
                tallies[f"{name} {GROUNDINGS[grounding]}".strip()] = tally
    print(table(tallies))
    for name, tally in tallies.items():
        for reason, number in tally.lapses.most_common():
            print(f"{name}: {number} for {reason}")


if __name__ == "__main__":
    main()
