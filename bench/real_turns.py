"""What real.py asks of an engine that has just been loaded, and the figures that come of it."""

from __future__ import annotations

import base64
import concurrent.futures
import random
import time
from collections.abc import Callable, Iterator

from real_peers import AT_ONCE
from real_server import HERE, Answer, Server

RECEIPTS = HERE.parent / "tests" / "fixtures"
SHOP, RESTAURANT = "receipt-01-shop", "receipt-03-restaurant"
WRITTEN = 32  # tokens of an answer

# An invoice whose length does not hang on what a model likes to write.
AMOUNT = {"type": "number", "minimum": 0, "maximum": 9999, "multipleOf": 0.01}
TEXT = {"type": "string", "minLength": 10, "maxLength": 24}
INVOICE = {
    "vendor_name": TEXT,
    "invoice_number": TEXT,
    "date": {"type": "string", "format": "date"},
    "currency": {"type": "string", "enum": ["IDR", "MYR", "SGD", "EUR", "USD"]},
    "category": {"type": "string", "enum": ["FOOD", "GROCERIES", "TRANSPORT", "OTHER"]},
    "items": {
        "type": "array",
        "minItems": 5,
        "maxItems": 5,
        "items": {"description": TEXT, "quantity": AMOUNT, "unit_price": AMOUNT, "total": AMOUNT},
    },
    "subtotal": AMOUNT,
    "tax_rate_percent": AMOUNT,
    "tax_amount": AMOUNT,
    "discount": AMOUNT,
    "total_due": AMOUNT,
}


def closed(properties: dict) -> dict:
    """The object that has just these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


INVOICE["items"]["items"] = closed(INVOICE["items"]["items"])
SCHEMA = {
    "type": "json_schema",
    "json_schema": {"name": "invoice", "strict": True, "schema": closed(INVOICE)},
}
WORDS = "total rice tea tax cash change table shop street paper bread milk sugar date".split()


def prompt(words: int, seed: object) -> str:
    draws = random.Random(str(seed))
    return " ".join(draws.choice(WORDS) for _ in range(words))


def text_turn(server: Server, round_: int, lengths: list[int]) -> Iterator[tuple[str, float]]:
    """The figures of a model of text, by name."""
    yield "load, s", server.load_seconds
    yield "memory at the load's peak, MB", server.load_peak / 1e6

    def ask(words: int, seed: object) -> Answer:
        body = {"prompt": prompt(words, seed), "max_tokens": WRITTEN}
        return server.ask("/v1/completions", body)

    ask(8, "warm")
    for length in lengths:
        answer = ask(length, (round_, length))
        yield f"prompt of {length} words, tokens a second", answer.prompt_speed
        yield f"writing after {length} words, tokens a second", answer.writing_speed
    chat = [{"role": "user", "content": "Invent an invoice. " + prompt(50, round_)}]
    body = {"messages": chat, "response_format": SCHEMA, "max_tokens": 2000}
    answer = server.ask("/v1/chat/completions", body)
    yield "invoice under a schema, s", answer.seconds
    yield "... its tokens", answer.tokens
    yield "... steps a token", answer.steps / answer.tokens
    yield f"{AT_ONCE} at once, tokens a second", at_once(lambda n: ask(50, (round_, "at once", n)))
    yield "memory at the peak, MB", server.peak() / 1e6


def picture_turn(server: Server, round_: int) -> Iterator[tuple[str, float]]:
    """The figures of a model of pictures, by name."""
    yield "load, s", server.load_seconds
    yield "memory at the load's peak, MB", server.load_peak / 1e6

    def ask(text: str, receipt: str | None = None, **more: object) -> Answer:
        content: list[dict] = [{"type": "text", "text": text}]
        if receipt:
            data = base64.b64encode((RECEIPTS / f"{receipt}.png").read_bytes()).decode()
            url = "data:image/png;base64," + data
            content.append({"type": "image_url", "image_url": {"url": url}})
        body = {"messages": [{"role": "user", "content": content}], "max_tokens": WRITTEN}
        return server.ask("/v1/chat/completions", body | more)

    ask("warm", max_tokens=2)
    answer = ask(prompt(600, round_))
    yield "prompt of 600 words, tokens a second", answer.prompt_speed
    yield "writing after 600 words, tokens a second", answer.writing_speed
    # From here on a prompt's beginning may be kept, as for receipts that come one after another.
    below, keeping = prompt(200, round_), {"cache_prompt": True}
    answer = ask(below, SHOP, response_format=SCHEMA, max_tokens=2000, **keeping)
    yield "receipt below 200 words: its tokens", answer.prompt_tokens
    yield "... first token, s", answer.first
    yield "... invoice under a schema, s", answer.seconds
    yield "... tokens of the invoice", answer.tokens
    yield "... steps a token", answer.steps / answer.tokens
    answer = ask(below, RESTAURANT, **keeping)
    yield "another receipt below the same words: first token, s", answer.first
    answer = ask(prompt(200, f"again {round_}"), SHOP)
    yield "the first receipt below other words: first token, s", answer.first
    yield (
        f"{AT_ONCE} prompts of 50 words at once, tokens a second",
        at_once(lambda n: ask(prompt(50, (round_, "at once", n)))),
    )
    yield "memory at the peak, MB", server.peak() / 1e6


def at_once(ask: Callable[[int], Answer]) -> float:
    """Tokens a second of so many askers together."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        start = time.perf_counter()
        answers = list(pool.map(ask, range(AT_ONCE)))
        return sum(answer.tokens for answer in answers) / (time.perf_counter() - start)
