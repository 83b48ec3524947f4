"""What the OpenAPI description says of errors, which operations may answer in which shape, of keys, and of webhooks."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from ninja import NinjaAPI

from classbell.accounts.acting import STUDENT_ID
from classbell.accounts.keys.auth import ApiKeyBearer
from classbell.accounts.permissions import takes_wards
from classbell.config.api_errors import ENVELOPE_PREFIX
from classbell.config.key_scopes import scope_of
from classbell.hooks.events import EVENTS, TEST, schema_of

# Any request may be unreadable (400), come too fast (429), meet a fault of ours or of Zoom (500), or find it all busy (503).
ANYWHERE: Final = (400, 429, 500, 503)
SIGNED_BY: Final = {
    "webhook-id": "The same for every try of a delivery: drop what you have had.",
    "webhook-timestamp": "When this try was sent, in seconds since 1970.",
    "webhook-signature": "v1 and HMAC-SHA256 by the secret; several, with spaces between them, after a rotation.",
}
FOR_WARD: Final = {
    "name": STUDENT_ID,
    "in": "query",
    "required": False,
    "schema": {"type": "string", "format": "uuid"},
    "description": "For guardians: one of `me/wards`, for whom it is asked. 403 `not_their_guardian` for others.",
}
_CONVERTER: Final = re.compile(r"{\w+:")
# As descriptions name the errors of their own: 409 `price_changed`.
_IN_WORDS: Final = re.compile(r"\b([45]\d\d)\s+`")
DETAILS: Final = {"type": "array", "items": {"type": "object"}}
CODE: Final = {"type": "string", "description": "Stable, for programs."}
SHAPES: Final = {
    "Error": {
        "type": "object",
        "required": ["error", "code", "details"],
        "properties": {"error": {"type": "string"}, "code": CODE, "details": DETAILS},
    },
    "ErrorEnvelope": {
        "type": "object",
        "required": ["status", "message", "code", "details"],
        "properties": {
            "status": {"const": "error"},
            "message": {"type": "string"},
            "code": CODE,
            "details": DETAILS,
        },
    },
}


def describe_errors(schema: dict[str, Any]) -> None:
    """
    Write into an OpenAPI schema the errors of every operation. An operation that may answer others besides says so in its
    description, with their codes, or by `openapi_extra={"responses": {410: {}}}`.
    """
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(SHAPES)
    for path, operations in schema["paths"].items():
        name = "ErrorEnvelope" if path.startswith(ENVELOPE_PREFIX) else "Error"
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        for operation in operations.values():
            answers = operation["responses"]
            for status in _errors(path, operation, schemas):
                answers.setdefault(status, {})
            for status in sorted(status for status in answers if status >= 400):
                answers[status] = {"description": HTTPStatus(status).phrase, "content": content} | answers.pop(status)
            answers["default"] = {"description": "Another error", "content": content}


def describe_scopes(schema: dict[str, Any]) -> None:
    """Write the scope that an API key needs into each operation; one that no key is let in to names no key."""
    name = ApiKeyBearer.__name__
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            ways = [way for way in operation.get("security", []) if name not in way]
            scope = scope_of(method, path)
            if ways:
                operation["security"] = [*ways, {name: [scope]}] if scope else ways


def describe_wards(schema: dict[str, Any], api: NinjaAPI) -> None:
    """Write into each operation that guardians may ask for as for themselves the parameter that says for whom."""
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            named = _CONVERTER.sub("{", f"/api/{router.prefix.strip('/')}{path}")
            for operation in view.operations:
                for method in operation.methods if takes_wards(operation.view_func) else ():
                    schema["paths"][named][method.lower()].setdefault("parameters", []).append(FOR_WARD)


def describe_webhooks(schema: dict[str, Any]) -> None:
    """Write what is sent for each event, by the headers of Standard Webhooks, into an OpenAPI schema."""
    schemas = schema["components"]["schemas"]
    headers = [
        {"name": name, "in": "header", "required": True, "description": words, "schema": {"type": "string"}}
        for name, words in SIGNED_BY.items()
    ]
    schema["webhooks"] = {}
    for event in (*EVENTS, TEST):
        model = schema_of(event)
        body = model.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
        schemas.update(body.pop("$defs", {}))
        schemas[model.__name__] = body
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}
        schema["webhooks"][event] = {
            "post": {
                "operationId": model.__name__,
                "summary": str(EVENTS[event].words) if event in EVENTS else "An admin tries whether webhooks arrive",
                "tags": ["Webhooks"],
                "parameters": headers,
                "requestBody": {"required": True, "content": content},
                "responses": {
                    "2XX": {
                        "description": "Taken in. Anything else, and no answer within ten seconds, is tried again."
                    },
                    "410": {"description": "Gone for good: the webhook is paused."},
                },
                "security": [],
            }
        }


def _errors(path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[int]:
    """Yield the statuses of the errors that an operation may answer by what it takes."""
    yield from ANYWHERE
    yield from map(int, _IN_WORDS.findall(operation.get("description", "")))
    if "security" in operation:
        yield from (401, 403)
    if "requestBody" in operation:
        yield 413
    taken = [operation.get("parameters", []), operation.get("requestBody", {})]
    # The open door is not there while it is closed.
    if "{" in path or path.startswith("/api/public/") or _names_something(taken, schemas):
        yield 404


def _names_something(part: Any, schemas: dict[str, Any]) -> bool:
    """Say whether an id stands anywhere in what is taken: what it names may not be there."""
    if isinstance(part, list):
        return any(_names_something(one, schemas) for one in part)
    if not isinstance(part, dict):
        return False
    if part.get("format") == "uuid":
        return True
    if "$ref" in part:
        return _names_something(schemas[part["$ref"].rpartition("/")[2]], schemas)
    return any(_names_something(one, schemas) for one in part.values())
