"""OpenRouter's Python SDK: chats, and OpenRouter's own routes."""

from importlib.metadata import version

from cases import DATA_URI, GATEWAY, case, occupied, raises, run

# snippet
import json

from openrouter import OpenRouter

client = OpenRouter(server_url=f"{GATEWAY}/api/v1", api_key="any")
answer = client.chat.send(
    model="receipt",
    messages=[
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Read this receipt as JSON."},
                {"type": "image_url", "image_url": {"url": DATA_URI}},
            ],
        }
    ],
)
invoice = json.loads(answer.choices[0].message.content)
# end

from openrouter import errors  # noqa: E402

HELLO = [{"role": "user", "content": "Hello"}]


def ask(model="org/tiny", **more):
    return client.chat.send(model=model, messages=HELLO, retries=None, **{"max_tokens": 8, **more})


@case
def receipt_by_preset():
    assert "total_due" in invoice, invoice
    assert answer.model == "receipt"


@case
def chat():
    said = ask()
    assert said.choices[0].finish_reason == "length"
    assert said.usage.completion_tokens == 8
    assert said.usage.cost == 0


@case
def stream_with_usage():
    with ask(stream=True) as stream:
        chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == ask().choices[0].message.content
    assert chunks[-1].usage.completion_tokens == 8
    assert chunks[-1].usage.cost == 0


@case
def generation():
    said = ask()
    told = client.generations.get_generation(id=said.id).data
    assert (told.id, told.model, told.streamed) == (said.id, "org/tiny", False)
    assert told.tokens_completion == 8 and told.total_cost == 0
    assert told.provider_name == "receipt-gateway"
    error = raises(errors.NotFoundResponseError, lambda: client.generations.get_generation(id="x"))
    assert error.status_code == 404


@case
def key():
    told = client.api_keys.get_current_key_metadata().data
    assert told.label == "no key" and told.usage == 0 and told.limit is None


@case
def credits():
    told = client.credits.get_credits().data
    assert (told.total_credits, told.total_usage) == (0, 0)


@case
def providers():
    assert [told.slug for told in client.providers.list().data] == ["receipt-gateway"]


@case
def models():
    ids = [model.id for model in client.models.list().result.data]
    assert "org/tiny" in ids and "receipt" in ids
    assert client.models.count().data.count == len(ids)
    pages, page = [], client.models.list_for_user(security={"bearer": "any"}, limit=2)
    while page is not None:
        pages += [model.id for model in page.result.data]
        page = page.next()
    assert pages == ids
    assert client.models.get(author="org", slug="tiny").data.id == "org/tiny"
    assert client.models.get(author="receipt-gateway", slug="receipt").data.id == "receipt"


@case
def endpoints():
    told = client.endpoints.list(author="org", slug="tiny").data
    assert told.id == "org/tiny"
    assert told.endpoints[0].provider_name == "receipt-gateway"
    assert told.endpoints[0].context_length > 0
    assert told.endpoints[0].pricing.prompt == "0"
    assert client.endpoints.list(author="receipt-gateway", slug="receipt-nano").data.endpoints


@case
def unknown_model():
    error = raises(errors.NotFoundResponseError, lambda: ask("nobody"))
    assert error.data.error.code == 404


@case
def bad_request():
    error = raises(errors.BadRequestResponseError, lambda: ask(temperature=3))
    assert "temperature" in str(error)


@case
def overload():
    with occupied("org/busy"):
        error = raises(errors.TooManyRequestsResponseError, lambda: ask("org/busy"))
        assert error.status_code == 429


run("openrouter", version("openrouter"))
