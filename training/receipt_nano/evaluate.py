"""Measures a running gateway on rendered receipts and on scans that were never trained on."""

import argparse
import io
import json
import statistics
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PIL import Image

from . import sroie
from .page import Page
from .pool import rendered

SETS = ("rendered", "unseen fonts", "scans")
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
CENT = 0.011  # amounts this near are the same


@dataclass
class Tally:
    """What was measured on one set: by measure, a value from 0 to 1 for each receipt."""

    values: dict[str, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    failures: int = 0

    def add(self, measure: str, value: float) -> None:
        self.values.setdefault(measure, []).append(float(value))


def same(a: object, b: object) -> bool:
    """Whether two values of a field agree; amounts to the cent, items but for the currency, which
    is a setting of the gateway."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return all(same(a[name], b[name]) for name in ITEM_FIELDS)
    if isinstance(a, int | float) and isinstance(b, int | float):
        return abs(a - b) < CENT
    return a == b


def similarity(a: str | None, b: str | None) -> float:
    """1 less the edit distance over the longer length, letter case aside."""
    a, b = (a or "").upper(), (b or "").upper()
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return 1 - row[-1] / max(len(a), len(b), 1)


def adds_up(invoice: dict) -> bool:
    """Whether the items make the subtotal, and that with tax, discount and so on the total."""
    totals = [item["total"] for item in invoice["items"]]
    parts = [invoice["subtotal"], invoice["total_due"], *totals]
    if not totals or any(part is None for part in parts):
        return False
    items = abs(sum(totals) - invoice["subtotal"]) < CENT
    due = invoice["subtotal"] + invoice["tax_amount"] - invoice["discount"]
    due += invoice.get("rounding", 0) - invoice.get("prepaid", 0)
    return items and abs(due - invoice["total_due"]) < CENT


def score(tally: Tally, read: dict, truth: dict) -> None:
    known = [name for name in FIELDS if name in truth]
    agree = {name: same(read[name], truth[name]) for name in known}
    for name, right in agree.items():
        tally.add(name, right)
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


def measure(server: str, examples: list[tuple[bytes, dict]]) -> Tally:
    tally = Tally()
    for picture, truth in examples:
        started = time.perf_counter()
        try:
            read = ask(server, picture)
        except urllib.error.HTTPError:
            tally.failures += 1
            continue
        tally.seconds.append(time.perf_counter() - started)
        score(tally, read, truth)
    return tally


def mean(tally: Tally, name: str) -> str:
    """A measure in per cent; nothing where the set has no truth for it."""
    values = tally.values.get(name)
    return f"{100 * statistics.mean(values):.1f}" if values else ""


def table(tallies: dict[str, Tally]) -> str:
    """Markdown: measures down, sets across, per cent."""
    names = list(dict.fromkeys(m for t in tallies.values() for m in t.values))
    rows = [["", *tallies], ["---"] * (len(tallies) + 1)]

    def row(label: str, cell) -> None:
        rows.append([label, *(cell(t) for t in tallies.values())])

    row("receipts", lambda t: str(len(t.seconds) + t.failures))
    for name in names:
        row(name, partial(mean, name=name))
    row("failed", lambda t: str(t.failures))
    row("median seconds", lambda t: f"{statistics.median(t.seconds):.2f}" if t.seconds else "")
    return "\n".join("| " + " | ".join(cells) + " |" for cells in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="http://localhost:8000")
    parser.add_argument("--scans", type=Path, help="folder of the SROIE scans")
    parser.add_argument("--rendered", type=int, default=500)
    parser.add_argument("--unseen", type=int, default=200)
    parser.add_argument("--real", type=int, default=60)
    options = parser.parse_args()
    counts = dict(zip(SETS, (options.rendered, options.unseen, options.real), strict=True))
    if not options.scans:
        counts.pop("scans")
    tallies = {
        name: measure(options.server, pages(name, count, options.scans))
        for name, count in counts.items()
        if count
    }
    print(table(tallies))


if __name__ == "__main__":
    main()
