"""Mistral's client for Python, for the text of pages."""

from importlib.metadata import version

from cases import DATA_URI, GATEWAY, PICTURE_URL, case, raises, run
from mistralai.client import Mistral
from mistralai.client.errors import SDKError

client = Mistral(api_key="any", server_url=GATEWAY)
PICTURE = {"type": "image_url", "image_url": DATA_URI}


def read(document, **more):
    return client.ocr.process(model="page-reader", document=document, **more)


def fault(document, **more):
    return raises(SDKError, lambda: read(document, **more))


@case
def picture_by_data_uri():
    text = read(PICTURE)
    assert [page.index for page in text.pages] == [0]
    assert "TOTAL" in text.pages[0].markdown, text
    assert text.pages[0].dimensions.width == 420
    assert text.usage_info.pages_processed == 1
    assert text.model == "page-reader"


@case
def picture_by_url():
    text = read({"type": "document_url", "document_url": PICTURE_URL})
    assert text.pages == read({"type": "image_url", "image_url": {"url": DATA_URI}}).pages


@case
def blocks_and_scores():
    page = read(PICTURE, include_blocks=True, confidence_scores_granularity="page").pages[0]
    total = next(block for block in page.blocks if "TOTAL" in block.content.split()[0])
    assert total.type == "text" and 480 < total.top_left_y < total.bottom_right_y < 550, total
    scores = page.confidence_scores
    assert 0 < scores.minimum_page_confidence_score <= scores.average_page_confidence_score <= 1


@case
def selected_pages():
    assert len(read(PICTURE, pages=[0, 3]).pages) == 1
    assert len(read(PICTURE, pages="0-3").pages) == 1
    assert fault(PICTURE, pages=[3]).status_code == 400


@case
def faults():
    stored = fault({"type": "file", "file_id": "abc"})
    assert stored.status_code == 400 and "document.file_id" in stored.body
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}
    assert "document_annotation_format" in fault(PICTURE, document_annotation_format=form).body


run("mistralai", version("mistralai"))
