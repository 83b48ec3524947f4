"""
How the API reads what it is sent, before any field is looked at.

A body is a JSON object that a database can keep: no NUL, no half of a character, no number that is none, and not deeper
than anybody means. Whatever breaks that is refused here, naming the field, so that no schema and no service has to.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.params.models import BodyModel
from ninja.parser import Parser
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from classbell.errors import DomainError
from classbell.text import is_storable

DEEPEST: Final = 20
LONGEST_NUMBER: Final = 40


class InputUnreadable(DomainError):
    """What was sent cannot be taken in; `details` names the field, "" for the whole body."""

    code = "invalid_input"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field or _('The body')} {message}.", details=[{"field": field, "message": message}])


class StrictParser(Parser):
    """Reads bodies and queries for every operation. Raises InputUnreadable, and ValueError for what is no JSON."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Return the body's object; of a form that brings a file, its fields, without those that were left empty."""
        if request.content_type == "multipart/form-data":
            _kept = request.body  # Read first, so that it can be read again once the form is.
            fields = {name: text for name, text in request.POST.items() if text != ""}
            _check(fields)
            return fields
        try:
            body = json.loads(
                request.body,
                parse_constant=_number,
                parse_float=_number,
                parse_int=_whole_number,
                object_pairs_hook=_object,
            )
        except RecursionError as error:
            raise InputUnreadable("", _("is nested too deeply")) from error
        if not isinstance(body, dict):
            raise InputUnreadable("", _("must be an object"))
        _check(body)
        return body

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Return the query's values, or a form's."""
        for name in data:
            for value in [name, *data.getlist(name)]:
                if isinstance(value, str) and not is_storable(value):
                    raise InputUnreadable(_shown(name), _unstorable())
        return super().parse_querydict(data, list_fields, request)


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise InputUnreadable(_shown(name), _("must not stand there twice"))
        found[name] = value
    return found


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise InputUnreadable("", _("holds %(text)s, which is no number") % {"text": text[:LONGEST_NUMBER]})
    return value


def _whole_number(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise InputUnreadable("", _("holds a number of more than %(most)s digits") % {"most": LONGEST_NUMBER})
    return int(text)


def let_bodies_be_absent(api: NinjaAPI) -> None:
    """
    Let operations whose body has no field that must be given be called without one, as with an empty object. Call it when
    all routers are added.
    """
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            for model in (one for operation in view.operations for one in operation.models):
                if issubclass(model, BodyModel):
                    _let_be_absent(model)


def _let_be_absent(model: type[BodyModel]) -> None:
    (body,) = model.model_fields.values()
    schema = body.annotation
    if not isinstance(schema, type) or not issubclass(schema, BaseModel):
        return
    if any(field.is_required() for field in schema.model_fields.values()):
        return
    # Validated, so that rules about the fields together are asked as of an empty object.
    body.default, body.default_factory, body.validate_default = PydanticUndefined, dict, True
    model.model_rebuild(force=True)


def _check(body: Mapping[str, Any]) -> None:
    for path, text in _texts(body, ()):
        if len(path) > DEEPEST:
            raise InputUnreadable(_name(path[:1]), _("is nested too deeply"))
        if not is_storable(text):
            raise InputUnreadable(_name(path), _unstorable())


def _texts(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text of a value, its keys too, with where it stands; of what is too deep only that it is."""
    if isinstance(value, str):
        yield path, value
    elif len(path) > DEEPEST:
        yield path, ""
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key), key
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*path, str(number)))


def _unstorable() -> str:
    return _("must not contain the character NUL, or half of a character")


def _name(path: tuple[str, ...]) -> str:
    return ".".join(map(_shown, path))


def _shown(text: str) -> str:
    """Return a name from outside that can be written into an answer."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")[:100]
