"""Holds recorded answers to the OpenAPI descriptions that OpenAI and OpenRouter publish.

    python tests/clients/run.py --record answers.jsonl
    python tests/clients/published.py answers.jsonl --openai openapi.json --openrouter in.openapi.yaml

The descriptions are in github.com/openai/openai-openapi and, under .speakeasy, in
github.com/OpenRouterTeam/typescript-sdk. Needs jsonschema and PyYAML.
"""

import argparse
import collections
import json
import re
import sys
from pathlib import Path

import jsonschema
import yaml

OPENAI, OPENROUTER = "OpenAI", "OpenRouter"
# Answers by publisher, route and kind: the schema of a whole answer, and of a stream's event.
# A schema without a name is called by its operation.
ROUTES = {
    (OPENAI, "POST", "/v1/chat/completions"): (
        "CreateChatCompletionResponse",
        "CreateChatCompletionStreamResponse",
    ),
    (OPENAI, "POST", "/v1/completions"): ("CreateCompletionResponse", "CreateCompletionResponse"),
    (OPENAI, "POST", "/v1/responses"): ("Response", "ResponseStreamEvent"),
    (OPENAI, "GET", "/v1/models"): ("ListModelsResponse", None),
    (OPENAI, "GET", "/v1/models/.+"): ("Model", None),
    (OPENROUTER, "POST", "/api/v1/chat/completions"): ("ChatResult", "ChatStreamChunk"),
    (OPENROUTER, "POST", "/api/v1/responses"): ("OpenResponsesResult", "StreamEvents"),
    (OPENROUTER, "GET", "/api/v1/models"): ("ModelsListResponse", None),
    (OPENROUTER, "GET", "/api/v1/model/.+"): ("ModelResponse", None),
    (OPENROUTER, "GET", "/api/v1/models/user"): ("ModelsListResponse", None),
    (OPENROUTER, "GET", "/api/v1/models/count"): ("ModelsCountResponse", None),
    (OPENROUTER, "GET", "/api/v1/generation"): ("GenerationResponse", None),
    (OPENROUTER, "GET", "/api/v1/key"): ("GET /key", None),
    (OPENROUTER, "GET", "/api/v1/credits"): ("GET /credits", None),
    (OPENROUTER, "GET", "/api/v1/providers"): ("GET /providers", None),
    (OPENROUTER, "GET", "/api/v1/models/.+/endpoints"): (
        "GET /models/{author}/{slug}/endpoints",
        None,
    ),
}
# Routes of Anthropic's, who publishes no description.
UNPUBLISHED = "/v1/messages"
FAULTS = {
    OPENAI: {None: "ErrorResponse"},
    OPENROUTER: {
        400: "BadRequestResponse",
        401: "UnauthorizedResponse",
        404: "NotFoundResponse",
        429: "TooManyRequestsResponse",
        502: "BadGatewayResponse",
        503: "ServiceUnavailableResponse",
    },
}
# Where an answer deliberately is not what a description says: which one, where, and why.
DELIBERATE = [
    (
        r"CreateChatCompletionStreamResponse|CreateCompletionResponse, a stream's",
        r"/choices/\*/finish_reason: None is not",
        "null before the end, as in OpenAI's own streams and SDKs",
    ),
    (
        "CreateChatCompletionStreamResponse",
        r"/choices/\*/finish_reason: 'error' is not",
        "the chunk that tells a fault in mid-stream, which OpenAI's description has no word for",
    ),
    (
        r"GET /models/\{author\}/\{slug\}/endpoints",
        r"/data/architecture/tokenizer: None is not",
        "not known; its SDKs take null",
    ),
    (
        r"GET /models/\{author\}/\{slug\}/endpoints",
        r"/data/endpoints/\*/provider_name: 'receipt-gateway' is not one of",
        "OpenRouter lists its own providers; its SDKs take others",
    ),
]


class Published:
    """The schemas of one description."""

    def __init__(self, path: Path):
        text = path.read_text()
        document = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
        self.schemas, self.paths = document["components"]["schemas"], document["paths"]
        self.root = {"components": {"schemas": self.schemas}}
        self.validators = {}

    def named(self, name: str) -> dict:
        if not name.startswith("GET "):
            return {"$ref": f"#/components/schemas/{name}"}
        answers = self.paths[name.removeprefix("GET ")]["get"]["responses"]
        return answers["200"]["content"]["application/json"]["schema"]

    def faults(self, name: str, value: object) -> list[str]:
        if name not in self.validators:
            schema = {**self.root, **self.named(name)}
            self.validators[name] = jsonschema.Draft202012Validator(schema)
        return [tell(error) for error in self.validators[name].iter_errors(value)]


def tell(error: jsonschema.ValidationError) -> str:
    """Where and why, of the deepest of what one of several schemas wants."""
    while error.context:
        error = max(error.context, key=lambda e: len(e.absolute_path))
    path = "/" + "/".join("*" if isinstance(p, int) else p for p in error.absolute_path)
    return f"{path}: {error.message[:120]}"


def parts(answer: dict) -> list[tuple[bool, dict]]:
    """What there is to check of an answer, and whether it is an event of a stream."""
    if answer["type"] != "text/event-stream":
        return [] if answer["left"] else [(False, json.loads(answer["body"]))]
    lines = answer["body"].split("\n")
    if answer["left"]:  # the last may be cut off
        lines.pop()
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return [(True, json.loads(text)) for text in data if text != "[DONE]"]


def schema_of(publisher: str, answer: dict, is_event: bool) -> str | None:
    if answer["status"] != 200:
        faults = FAULTS[publisher]
        return faults.get(answer["status"], faults.get(None))
    asked = answer["path"].partition("?")[0]
    for (by, method, path), (whole, event) in ROUTES.items():
        if by == publisher and method == answer["method"] and re.fullmatch(path, asked):
            return event if is_event else whole
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("answers", type=Path)
    parser.add_argument("--openai", type=Path, required=True)
    parser.add_argument("--openrouter", type=Path, required=True)
    options = parser.parse_args()
    published = {OPENAI: Published(options.openai), OPENROUTER: Published(options.openrouter)}

    checked, faults = collections.Counter(), collections.Counter()
    for line in options.answers.read_text().splitlines():
        answer = json.loads(line)
        publisher = OPENROUTER if answer["path"].startswith("/api/v1") else OPENAI
        if "/v1" not in answer["path"] or UNPUBLISHED in answer["path"]:
            continue
        for is_event, part in parts(answer):
            name = schema_of(publisher, answer, is_event)
            if name is None:
                what = f"{answer['path']}, {answer['status']}"
                checked[publisher, f"{what}: not described"] += 1
                if answer["status"] == 200:
                    faults[publisher, what, "not described"] += 1
                continue
            is_both = is_event and name == "CreateCompletionResponse"
            shown = f"{name}, a stream's" if is_both else name
            checked[publisher, shown] += 1
            for fault in published[publisher].faults(name, part):
                faults[publisher, shown, fault] += 1
    print("| description | schema | checked |\n| --- | --- | --- |")
    for (publisher, name), count in sorted(checked.items()):
        print(f"| {publisher} | {name} | {count} |")
    unexpected = 0
    for (publisher, name, fault), count in sorted(faults.items()):
        known = [
            why
            for schema, where, why in DELIBERATE
            if re.fullmatch(schema, name) and re.match(where, fault)
        ]
        unexpected += not known
        print(f"{count} x {publisher} {name} {fault}" + (f" ({known[0]})" if known else ""))
    sys.exit(bool(unexpected))


if __name__ == "__main__":
    main()
