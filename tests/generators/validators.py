"""Python's jsonschema, given the schemas that are published."""

import importlib.metadata
import json
import os
import urllib.request

import jsonschema
from cases import GATEWAY, case, run

INVOICE = json.loads(os.environ["INVOICE"])
DOCUMENT = json.load(open(os.environ["DOCUMENT"]))
# Doubles that are no multiples of 0.01 to whoever divides doubles, or have more decimals.
AMOUNTS = [80.91, 0.07, 1.1, 16777217, 203800.45, 12345678.91, 0]


def listed() -> dict:
    with urllib.request.urlopen(f"{GATEWAY}/schemas") as answer:
        schemas = json.load(answer)["schemas"]
    return {schema["name"]: schema["schema"] for schema in schemas}


def accepts(schema: dict, instance: dict) -> None:
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    validator.validate(instance)


@case
def invoices_by_the_listed_schema():
    schema = listed()["invoice"]
    accepts(schema, INVOICE)
    for amount in AMOUNTS:
        accepts(schema, INVOICE | {"total_due": amount, "tax_amount": amount})


@case
def invoices_by_the_document():
    schema = {
        "$ref": "#/components/schemas/ExtractAnswer",
        "components": DOCUMENT["components"],
    }
    for amount in AMOUNTS:
        accepts(schema, INVOICE | {"subtotal": amount, "discount": amount})


@case
def receipts_in_brief():
    schema = listed()["receipt-brief"]
    for amount in AMOUNTS:
        brief = {"merchant": "Toko", "date": "2024-02-29", "total": amount, "currency": "IDR"}
        accepts(schema, brief)


run("jsonschema", importlib.metadata.version("jsonschema"))
