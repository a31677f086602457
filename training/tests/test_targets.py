"""What is to be written is the truth, and its digits point at the print."""

import json
import random
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from receipt_nano import render
from receipt_nano.targets import NONE, TOKENIZER, brief, invoice

# What the gateway adds to the model's answer (`empty_fields` in its configuration).
EMPTY = {"taxes": [], "prepaid": 0}


def schema(name: str) -> dict:
    path = Path(__file__).parents[2] / f"schemas/{name}.schema.json"
    return json.loads(path.read_text(), parse_float=Decimal)


@pytest.mark.parametrize("seed", range(60))
def test_the_target_is_the_truth(seed: int) -> None:
    page = render.draw(random.Random(seed), "train")
    target = invoice(page)
    text = TOKENIZER.decode(list(target.ids[:-1]), skip_special_tokens=False)
    jsonschema.validate(json.loads(text, parse_float=Decimal) | EMPTY, schema("invoice"))
    assert json.loads(text) == page.truth


@pytest.mark.parametrize("seed", range(60))
def test_sources_are_the_glyphs_that_are_copied(seed: int) -> None:
    page = render.draw(random.Random(seed), "train")
    target = invoice(page)
    copied = wrong = 0
    for token, source in zip(target.ids, target.source, strict=True):
        text = TOKENIZER.decode([int(token)])
        if source != NONE and len(text) == 1 and text not in "-.0":
            copied += 1
            wrong += text != chr(page.glyphs["char"][source])
    assert copied > 20
    assert wrong <= 0.1 * copied  # digits of months that are printed as words


@pytest.mark.parametrize("seed", range(30))
def test_the_brief_target_is_a_part_of_the_truth(seed: int) -> None:
    page = render.draw(random.Random(seed), "train")
    text = TOKENIZER.decode(list(brief(page).ids[:-1]), skip_special_tokens=False)
    jsonschema.validate(json.loads(text, parse_float=Decimal), schema("receipt-brief"))
    assert json.loads(text) == {
        "merchant": page.truth["vendor_name"],
        "date": page.truth["invoice_date"],
        "total": page.truth["total_due"],
        "currency": page.truth["items"][0]["currency"],
    }
