"""What openapi-generator makes for Python."""

import importlib.metadata
import json
import os

import openapi_client
from cases import DATA_URI, GATEWAY, PICTURE, case, raises, run

INVOICE = json.loads(os.environ["INVOICE"])
BYTES = PICTURE.read_bytes()

client = openapi_client.ApiClient(openapi_client.Configuration(host=GATEWAY))
receipts = openapi_client.ReceiptsApi(client)
openai = openapi_client.OpenaiApi(client)


def read(answer) -> openapi_client.Invoice:
    invoice = answer.actual_instance
    assert isinstance(invoice, openapi_client.Invoice), type(invoice)
    return invoice


@case
def a_picture_by_upload():
    invoice = read(receipts.extract_receipt(image=[(PICTURE.name, BYTES)]))
    assert invoice.total_due == INVOICE["total_due"], invoice.total_due
    assert [item.total for item in invoice.items] == [item["total"] for item in INVOICE["items"]]
    read(receipts.extract_receipt(image=[str(PICTURE)], model="receipt-nano"))


@case
def two_pages_by_upload():
    answer = receipts.extract_receipt(image=[BYTES, BYTES], include="meta").actual_instance
    assert isinstance(answer, openapi_client.ReadingBody), type(answer)
    assert answer.meta.pages == 2
    read(answer.invoice)


@case
def a_picture_by_address():
    asked = openapi_client.ExtractJson(image_url=DATA_URI)
    assert read(receipts.extract_receipt_from_url(asked)).total_due == INVOICE["total_due"]


@case
def a_schema_of_my_own():
    schema = {
        "type": "object",
        "properties": {"paid": {"type": "boolean"}},
        "required": ["paid"],
        "additionalProperties": False,
    }
    for choice in ("receipt-brief", openapi_client.JsonSchema.from_dict(schema)):
        asked = openapi_client.ExtractJson(
            image_url=DATA_URI, var_schema=openapi_client.SchemaChoice(choice)
        )
        answer = receipts.extract_receipt_from_url(asked).actual_instance
        assert isinstance(answer, dict), type(answer)
        assert answer.keys() in ({"paid"}, {"merchant", "date", "total", "currency"}), answer


@case
def a_picture_as_the_body():
    assert read(receipts.extract_receipt_from_file(BYTES)).total_due == INVOICE["total_due"]


@case
def a_batch():
    lines = receipts.extract_receipts(image=[("a.png", BYTES), ("b.txt", b"none")])
    assert [line.name for line in lines] == ["a.png", "b.txt"]
    assert read(lines[0].invoice).total_due == INVOICE["total_due"]
    assert lines[1].status == 415, lines[1]


@case
def a_chat_with_a_picture():
    parts = [
        openapi_client.ContentPartText(type="text", text="Read it."),
        openapi_client.ContentPartImageUrl(
            type="image_url",
            image_url=openapi_client.ImageUrl(openapi_client.ImageUrlObject(url=DATA_URI)),
        ),
    ]
    content = openapi_client.Content([openapi_client.ContentPart(part) for part in parts])
    message = openapi_client.WireMessage(role=openapi_client.WireRole.USER, content=content)
    answer = openai.create_chat_completion(
        openapi_client.ChatRequest(model="receipt", messages=[message])
    )
    assert json.loads(answer.choices[0].message.content) == INVOICE, answer


@case
def a_chat():
    content = openapi_client.Content("Hello")
    message = openapi_client.WireMessage(role=openapi_client.WireRole.USER, content=content)
    asked = openapi_client.ChatRequest(model="org/tiny", messages=[message], max_tokens=4)
    assert openai.create_chat_completion(asked).usage.completion_tokens == 4


@case
def models_listed_and_found():
    ids = [model.id for model in openai.list_models().data]
    assert "receipt-nano" in ids and "org/tiny" in ids, ids
    assert openai.retrieve_model("org/tiny").id == "org/tiny"


@case
def a_refusal():
    refused = raises(
        openapi_client.ApiException,
        lambda: receipts.extract_receipt(image=[BYTES], model="nobody"),
    )
    assert (refused.status, refused.data.code) == (404, "model_not_found"), refused


@case
def amounts_are_exact():
    for total in ("16777217", "203800.45", "12345678.91"):
        sent = json.dumps(INVOICE | {"total_due": json.loads(total)})
        invoice = read(openapi_client.ExtractAnswer.from_json(sent))
        assert json.dumps(invoice.to_dict()["total_due"]) == total, invoice.total_due


run("openapi-generator, Python", importlib.metadata.version("openapi-generator-cli"))
