"""What a validator found, as sentences that say which field and what to write instead."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# pydantic's error types (https://docs.pydantic.dev/latest/errors/validation_errors/) in our words.
SENTENCES: Mapping[str, object] = {
    "bool_parsing": gettext_lazy("must be true or false"),
    "bool_type": gettext_lazy("must be true or false"),
    "date_from_datetime_parsing": gettext_lazy("must be a date such as 2026-03-01"),
    "date_from_datetime_inexact": gettext_lazy("must be a date such as 2026-03-01"),
    "date_type": gettext_lazy("must be a date such as 2026-03-01"),
    "date_parsing": gettext_lazy("must be a date such as 2026-03-01"),
    "datetime_from_date_parsing": gettext_lazy("must be a moment with an offset, such as 2026-03-01T09:00:00Z"),
    "datetime_parsing": gettext_lazy("must be a moment with an offset, such as 2026-03-01T09:00:00Z"),
    "datetime_object_invalid": gettext_lazy("must be a moment with an offset, such as 2026-03-01T09:00:00Z"),
    "datetime_type": gettext_lazy("must be a moment with an offset, such as 2026-03-01T09:00:00Z"),
    "dict_type": gettext_lazy("must be an object"),
    "extra_forbidden": gettext_lazy("is not known here"),
    "float_parsing": gettext_lazy("must be a number"),
    "float_type": gettext_lazy("must be a number"),
    "greater_than": gettext_lazy("must be more than %(gt)s"),
    "greater_than_equal": gettext_lazy("must be at least %(ge)s"),
    "int_from_float": gettext_lazy("must be a whole number"),
    "int_parsing_size": gettext_lazy("must be a whole number"),
    "int_parsing": gettext_lazy("must be a whole number"),
    "int_type": gettext_lazy("must be a whole number"),
    "less_than": gettext_lazy("must be less than %(lt)s"),
    "less_than_equal": gettext_lazy("must be at most %(le)s"),
    "list_type": gettext_lazy("must be a list"),
    "literal_error": gettext_lazy("must be one of %(expected)s"),
    "enum": gettext_lazy("must be one of %(expected)s"),
    "missing": gettext_lazy("is required"),
    "model_attributes_type": gettext_lazy("must be an object"),
    "model_type": gettext_lazy("must be an object"),
    "string_too_long": gettext_lazy("must have at most %(max_length)s characters"),
    "string_too_short": gettext_lazy("must have at least %(min_length)s characters"),
    "string_type": gettext_lazy("must be text"),
    "time_parsing": gettext_lazy("must be a time such as 09:30"),
    "time_type": gettext_lazy("must be a time such as 09:30"),
    "timezone_aware": gettext_lazy("must carry its offset from UTC, such as 2026-03-01T09:00:00Z"),
    "too_long": gettext_lazy("must have at most %(max_length)s entries"),
    "too_short": gettext_lazy("must have at least %(min_length)s entries"),
    "uuid_parsing": gettext_lazy("must be an id (UUID)"),
    "uuid_type": gettext_lazy("must be an id (UUID)"),
}

# Where ninja says that the value stood; no part of the field's name.
SOURCES = {"body", "cookie", "file", "form", "header", "path", "query"}


class Detail(TypedDict):
    """One thing that is wrong: the dotted name of the field, empty for the whole body, and what it must be."""

    field: str
    message: str


def explain(errors: Sequence[Mapping[str, Any]]) -> list[Detail]:
    """Return ninja's list of validation errors in our words."""
    return [Detail(field=_field(error["loc"]) or _named_in(error), message=_message(error)) for error in errors]


def sentence(detail: Detail) -> str:
    """Return one finding as a sentence for people."""
    field, message = detail["field"] or _("The body"), detail["message"]
    # Our own words go on from the field's name; a library's begin anew.
    end = "" if message[-1] in "?؟!" else "."
    return f"{field} {message}{end}" if message[0].islower() else f"{field}: {message}{end}"


def _field(location: Sequence[str | int]) -> str:
    parts = list(location)
    if parts and parts[0] in SOURCES:
        # A body's first part is the name of our own argument, which nobody outside knows.
        parts = parts[2:] if parts[0] == "body" else parts[1:]
    # In brackets stands what pydantic means: a key, or which of several types it took something for.
    return ".".join(str(part) for part in parts if not str(part).startswith("["))


def _named_in(error: Mapping[str, Any]) -> str:
    """Return the field that is meant by what was found looking at all of them, "" for none."""
    return str(error["ctx"]["field"]) if error["type"] == "wrong_field" else ""


def _message(error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    if error["type"] == "value_error" and "error" in context:
        return str(context["error"]).rstrip(".")
    known = SENTENCES.get(error["type"])
    return str(error["msg"]).rstrip(".") if known is None else str(known) % dict(context)
