"""
Every field of every operation, with values that nobody means: never a 500, and a 400 that names the field.

`CLASSBELL_TEST_EVERY_VALUE=1` puts every value into every field; without it each gets a few, always the same ones.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction

from tests.api_client import ApiClient
from tests.meetings.api.test_roles import ROWS
from tests.roles import documented
from tests.roles.row import NAMED, PARAMETER, Row
from tests.roles.world import ROLES, World
from tests.walk.fields import Path, fields_of, put
from tests.walk.values import BODIES, IN_A_PATH, JSON, TYPED, some

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

Send = Callable[..., Any]
# Zoom's own words with Zoom's own status, by the contract.
ZOOMS = {"zoom_failed", "zoom_unavailable", "zoom_not_configured", "sdk_not_configured"}


def described() -> Iterator[tuple[Row, dict[str, Any]]]:
    """Yield every operation once, by a row that may be answered well, with its description."""
    by_operation: dict[str, Row] = {}
    for row in ROWS.values():
        best = by_operation.get(row.operation)
        if best is None or (min(row.statuses) < 300 <= min(best.statuses)):
            by_operation[row.operation] = row
    for operation, row in by_operation.items():
        yield row, documented.described(operation)


@pytest.mark.xdist_group("walk of the API")
def test_no_field_of_the_api_breaks_it(api: Callable[..., ApiClient], world: World) -> None:
    operations, fields, wrong = 0, 0, []
    statuses: Counter[int] = Counter()
    for row, operation in described():
        operations += 1
        client = api(world.person(role_of(row)))
        for field, kind, ask in requests(row, operation, world):
            fields += kind == ""
            if kind:
                with taken_back():
                    answer = ask(client)
                statuses[answer.status_code] += 1
                # Of what nobody may send well, something else is wrong already.
                named = field if any(row.status(role) < 300 for role in ROLES) else ""
                said = [*complaints(answer, named, kind), *documented.undocumented(row.operation, answer)]
                wrong += [f"{row.operation} {field} {kind}: {one}" for one in said]
    print(f"\n{operations} operations, {fields} fields, answers {dict(sorted(statuses.items()))}, {len(wrong)} wrong")

    assert wrong == []
    assert operations == sum(len(methods) for methods in documented.SCHEMA["paths"].values())


def requests(row: Row, operation: dict[str, Any], world: World) -> Iterator[tuple[str, str, Send]]:
    """Yield (field, kind of value, how to send it); once with no kind for each field."""
    address, base = row.address(world), row.sent(world)
    for name in PARAMETER.findall(row.operation):
        yield name, "", _nothing
        for kind, value in some(IN_A_PATH, f"{row.operation} {name}"):
            yield name, f"path {kind}", _sending(row.method, with_path(row, world, name, value), base)
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "query":
            name = parameter["name"]
            yield name, "", _nothing
            for kind, value in some(TYPED, f"{row.operation} {name}"):
                yield name, f"query {kind}", _sending(row.method, with_query(address, name, value), base)
    # Files have tests of their own: whatever is sent for one is read as a table.
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None:
        yield from in_the_body(row, content["schema"], address, base)


def in_the_body(row: Row, schema: dict[str, Any], address: str, base: Any) -> Iterator[tuple[str, str, Send]]:
    """Yield what is wrong with a whole body, and with each of its fields."""
    for kind, raw in BODIES.items():
        yield "body", f"whole {kind}", _sending(row.method, address, raw)
    for path in fields_of(schema, documented.SCHEMA["components"]["schemas"]):
        name = shown(path)
        yield name, "", _nothing
        for kind, value in some(JSON, f"{row.operation} {name}"):
            yield name, f"body {kind}", _sending(row.method, address, put(base, path, value))


def complaints(answer: Any, field: str, kind: str) -> Iterator[str]:
    """Yield what is wrong with an answer."""
    status = answer.status_code
    if status == 204 or "json" not in answer.headers.get("Content-Type", ""):
        if status >= 500:
            yield f"{status}"
        return
    body = answer.json()
    if status >= 500 and body["code"] not in ZOOMS:
        yield f"{status} {body}"
    # 401: without Zoom's signature nobody looks at what is in a webhook.
    if kind.startswith("whole") and status not in {400, 401}:
        yield f"{status}, not refused"
    if kind in {"body NUL", "body half", "query NUL"} and status != 400:
        yield f"{status}, kept"
    if status == 400 and body["code"] == "invalid_input" and not kind.startswith(("whole", "path")):
        text = body.get("error", body.get("message"))
        named = [detail.get("field", "") for detail in body["details"]]
        top = field.partition(".")[0]
        if top not in text and "" not in named and not [name for name in named if name.partition(".")[0] == top]:
            yield f"400 does not name it: {body}"


@contextmanager
def taken_back() -> Iterator[None]:
    """Take back what a request did."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def role_of(row: Row) -> str:
    """Return who is answered well, admins first."""
    return next((role for role in reversed(ROLES) if row.status(role) < 300), "admin")


def with_path(row: Row, world: World, name: str, value: str) -> str:
    """Return a row's address with another part in the place of a parameter."""
    known = world.ids[row.about.get(name, NAMED[name])]
    return row.address(world).replace(known, value, 1)


def with_query(address: str, name: str, value: str) -> str:
    """Return an address with one parameter more, in the place of an earlier one."""
    path, _mark, query = address.partition("?")
    others = [part for part in query.split("&") if part and not part.startswith(f"{name}=")]
    return f"{path}?{'&'.join([*others, f'{name}={quote(value)}'])}"


def shown(path: Path) -> str:
    """Return a field's name as errors have it."""
    return ".".join(map(str, path))


def _nothing(_client: ApiClient) -> None:
    return None


def _sending(method: str, address: str, body: Any) -> Send:
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()

    def send(client: ApiClient) -> Any:
        return client._client.generic(
            method, address, data=raw, content_type="application/json", headers=client._headers
        )

    return send
