"""A model of a gateway, and the schemas and tools that it is asked for."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

ANSWER_SECONDS = 600

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 40},
        "age": {"type": "integer", "minimum": 0, "maximum": 120},
        "email": {"type": ["string", "null"], "maxLength": 60},
    },
    "required": ["name", "age", "email"],
    "additionalProperties": False,
}
ORDER = {
    "type": "object",
    "properties": {
        "number": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"},
        "placed": {"type": "string", "format": "date"},
        "status": {"enum": ["open", "paid", "sent", "returned"]},
        "lines": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {
                    "what": {"type": "string", "minLength": 1, "maxLength": 30},
                    "size": {"enum": ["S", "M", "L", None]},
                    "quantity": {"type": "integer", "minimum": 1, "maximum": 99},
                    "price": {
                        "type": "number",
                        "minimum": 0,
                        "maximum": 9999,
                        "multipleOf": 0.01,
                    },
                    "tags": {
                        "type": "array",
                        "maxItems": 2,
                        "items": {"enum": ["new", "sale", "gift"]},
                    },
                },
                "required": ["what", "size", "quantity", "price", "tags"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["number", "placed", "status", "lines"],
    "additionalProperties": False,
}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tells the weather of a city.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "maxLength": 40},
                "unit": {"enum": ["celsius", "fahrenheit"]},
                "days": {"type": "integer", "minimum": 1, "maximum": 7},
            },
            "required": ["city", "unit", "days"],
            "additionalProperties": False,
        },
    },
}
CLOCK = {
    "type": "function",
    "function": {
        "name": "get_time",
        "description": "Tells the time of a time zone.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"zone": {"type": "string", "maxLength": 40}},
            "required": ["zone"],
            "additionalProperties": False,
        },
    },
}


class Model:
    """A model of the gateway."""

    def __init__(self, address: str, name: str):
        self.address, self.name = address, name

    def post(self, path: str, body: bytes, kind: str):
        request = urllib.request.Request(f"{self.address}{path}", body, {"content-type": kind})
        try:
            return urllib.request.urlopen(request, timeout=ANSWER_SECONDS)
        except urllib.error.HTTPError as fault:
            raise AssertionError(f"{path}: {fault.code}: {fault.read().decode()}") from None

    def ask(self, path: str, **fields) -> dict:
        body = json.dumps({"model": self.name} | fields).encode()
        with self.post(path, body, "application/json") as answer:
            return json.load(answer)

    def chat(self, said: str | list, **fields) -> dict:
        """The whole answer to a message, or to messages."""
        return self.ask("/v1/chat/completions", messages=messages(said), **fields)

    def choice(self, said: str | list, **fields) -> dict:
        (choice,) = self.chat(said, **fields)["choices"]
        return choice

    def text(self, said: str | list, **fields) -> str:
        return self.choice(said, **fields)["message"]["content"]

    def stream(self, said: str | list, **fields) -> Iterator[dict]:
        """The chunks of an answer, and then its usage."""
        fields |= {"stream": True, "stream_options": {"include_usage": True}}
        body = json.dumps({"model": self.name, "messages": messages(said)} | fields).encode()
        with self.post("/v1/chat/completions", body, "application/json") as answer:
            for line in answer:
                event = line.decode().strip().removeprefix("data: ")
                if event == "[DONE]":
                    return
                if event and not event.startswith(":"):
                    yield json.loads(event)
        raise AssertionError("the stream ends without [DONE]")


def messages(said: str | list) -> list:
    return [{"role": "user", "content": said}] if isinstance(said, str) else said
