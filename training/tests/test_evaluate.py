"""Answers are compared with the truth, and what they hold that is not printed is counted."""

import json
import urllib.error
from email.message import Message

import pytest

from receipt_nano import evaluate
from receipt_nano.evaluate import Tally, kind_of, measure, pages, same, score, table

INVOICE = {
    "vendor_name": "TOKO",
    "invoice_number": None,
    "invoice_date": "2024-02-29",
    "due_date": None,
    "items": [],
    "subtotal": 10,
    "tax_rate_percent": 0,
    "tax_amount": 0,
    "discount": 0,
    "total_due": 10.01,
}


def answer(total: float, standing: str, reason: str | None = None) -> dict:
    fields = {"/total_due": standing, "/tax_amount": "exempt", "/vendor_name": "missing"}
    return {
        "invoice": INVOICE | {"total_due": total},
        "meta": {
            "fields": {pointer: {"printed": printed} for pointer, printed in fields.items()},
            "checks": [{"name": "is_printed", "passed": standing != "missing"}],
            "grounding": {"mode": "report" if reason else "enforce", "reason": reason},
        },
    }


def test_a_cent_is_near_enough_for_shares_but_not_for_counts() -> None:
    assert same(10.0, 10.01) and not same(10.0, 10.01, evaluate.HALF)
    tally = Tally()
    score(tally, answer(10.0, "printed"), INVOICE)
    assert tally.values["total_due"] == [1.0]
    assert (tally.counts["fields right"], tally.counts["fields"]) == (9, 10)


def test_amounts_that_stand_nowhere_are_counted_and_exempt_ones_are_not() -> None:
    tally = Tally()
    for standing in ("missing", "printed", "derived", "unknown"):
        score(tally, answer(10.01, standing), INVOICE)
    assert (tally.counts["amounts that stand nowhere"], tally.counts["amounts"]) == (1, 3)
    assert tally.values["nothing stands nowhere"] == [0.0, 1.0, 1.0, 1.0]
    assert kind_of("/items/0/unit_price") == "number" and kind_of("/items/0/details/1") == "text"


def test_ways_of_grounding_take_turns_and_stand_side_by_side(monkeypatch) -> None:
    asked = []

    def ask(server: str, picture: bytes, query: str) -> dict:
        asked.append((picture, query))
        if picture == b"two":
            raise urllib.error.HTTPError(server, 502, "invalid_answer", Message(), None)
        return answer(10.01, "missing") if "report" in query else answer(9, "printed", "no_text")

    monkeypatch.setattr(evaluate, "ask", ask)
    examples = [(b"one", INVOICE), (b"two", INVOICE)]
    tallies = measure("http://gateway", examples, ["report", "enforce", "configured"])
    free, grounded = "?include=meta&grounding=report", "?include=meta&grounding=enforce"
    queries = (free, grounded, "?include=meta")
    assert asked == [(picture, query) for picture in (b"one", b"two") for query in queries]
    rows = [line.strip("| ").split(" | ") for line in table(tallies).splitlines()]
    cells = {row[0]: row[1:] for row in rows}
    assert cells["total_due"] == ["100.0", "0.0", "0.0"]
    assert cells["fields right"] == ["10 of 10", "9 of 10", "9 of 10"]
    assert cells["amounts that stand nowhere"] == ["1 of 1", "0 of 1", "0 of 1"]
    assert cells["fell back to free"] == ["0", "1", "1"]
    assert cells["failed"] == ["1", "1", "1"]


@pytest.mark.parametrize("count", [12, 3])
def test_the_fixtures_are_pictures_with_a_whole_invoice(count: int) -> None:
    found = pages("fixtures", count, None)
    assert len(found) == count
    assert all(set(evaluate.FIELDS) <= set(truth) for _, truth in found)
    assert json.dumps(found[0][1]["vendor_name"]) == '"TOKO SUMBER REJEKI"'
