"""What openapi-python-client makes."""

import importlib.metadata
import io
import json
import os

from cases import DATA_URI, GATEWAY, PICTURE, case, run
from receipt_gateway_client import Client, models
from receipt_gateway_client.api.openai import create_chat_completion, list_models, retrieve_model
from receipt_gateway_client.api.receipts import (
    extract_receipt,
    extract_receipt_from_file,
    extract_receipt_from_url,
    extract_receipts,
)
from receipt_gateway_client.types import File

INVOICE = json.loads(os.environ["INVOICE"])

# It states no preference by itself, and a batch is lines of JSON where none is stated.
client = Client(GATEWAY, timeout=120, headers={"Accept": "application/json"})


def picture(name=PICTURE.name, data=PICTURE.read_bytes()) -> File:
    return File(io.BytesIO(data), name, "application/octet-stream")


def read(answer) -> models.Invoice:
    assert isinstance(answer, models.Invoice), answer
    return answer


@case
def a_picture_by_upload():
    body = models.ExtractForm(image=[picture()])
    invoice = read(extract_receipt.sync(client=client, body=body))
    assert invoice.total_due == INVOICE["total_due"], invoice.total_due
    assert [item.total for item in invoice.items] == [item["total"] for item in INVOICE["items"]]


@case
def two_pages_by_upload():
    body = models.ExtractForm(image=[picture(), picture()], model="receipt-nano")
    include = models.ExtractReceiptInclude.META
    answer = extract_receipt.sync(client=client, body=body, include=include)
    assert isinstance(answer, models.ReadingBody), answer
    assert answer.meta.pages == 2
    read(answer.invoice)


@case
def a_picture_by_address():
    body = models.ExtractJson(image_url=DATA_URI)
    invoice = read(extract_receipt_from_url.sync(client=client, body=body))
    assert invoice.total_due == INVOICE["total_due"]


@case
def a_schema_of_my_own():
    schema = {
        "type": "object",
        "properties": {"paid": {"type": "boolean"}},
        "required": ["paid"],
        "additionalProperties": False,
    }
    for choice in ("receipt-brief", models.JsonSchema.from_dict(schema)):
        body = models.ExtractJson(image_url=DATA_URI, schema=choice)
        answer = extract_receipt_from_url.sync(client=client, body=body).to_dict()
        assert answer.keys() in ({"paid"}, {"merchant", "date", "total", "currency"}), answer


@case
def a_picture_as_the_body():
    invoice = read(extract_receipt_from_file.sync(client=client, body=picture()))
    assert invoice.total_due == INVOICE["total_due"]


@case
def a_batch():
    body = models.BatchForm(image=[picture("a.png"), picture("b.txt", b"none")])
    lines = extract_receipts.sync(client=client, body=body)
    assert [line.name for line in lines] == ["a.png", "b.txt"]
    assert read(lines[0].invoice).total_due == INVOICE["total_due"]
    assert lines[1].status == 415, lines[1]


@case
def a_chat_with_a_picture():
    parts = [
        models.ContentPartText(type_=models.ContentPartTextType.TEXT, text="Read it."),
        models.ContentPartImageUrl(
            type_=models.ContentPartImageUrlType.IMAGE_URL,
            image_url=models.ImageUrlObject(url=DATA_URI),
        ),
    ]
    message = models.WireMessage(role=models.WireRole.USER, content=parts)
    body = models.ChatRequest(model="receipt", messages=[message])
    answer = create_chat_completion.sync(client=client, body=body)
    assert json.loads(answer.choices[0].message.content) == INVOICE, answer


@case
def a_chat():
    message = models.WireMessage(role=models.WireRole.USER, content="Hello")
    body = models.ChatRequest(model="org/tiny", messages=[message], max_tokens=4)
    assert create_chat_completion.sync(client=client, body=body).usage.completion_tokens == 4


@case
def models_listed_and_found():
    ids = [model.id for model in list_models.sync(client=client).data]
    assert "receipt-nano" in ids and "org/tiny" in ids, ids
    assert retrieve_model.sync("org/tiny", client=client).id == "org/tiny"


@case
def a_refusal():
    body = models.ExtractForm(image=[picture()], model="nobody")
    answer = extract_receipt.sync(client=client, body=body)
    assert isinstance(answer, models.ErrorBody) and answer.code == "model_not_found", answer


@case
def amounts_are_exact():
    for total in ("16777217", "203800.45", "12345678.91"):
        invoice = models.Invoice.from_dict(INVOICE | {"total_due": json.loads(total)})
        assert json.dumps(invoice.to_dict()["total_due"]) == total, invoice.total_due


run("openapi-python-client", importlib.metadata.version("openapi-python-client"))
