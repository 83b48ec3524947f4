"""
Line breaks and control characters come in nowhere, by the API's schemas nor by pages' forms: what is one line stays one, and
longer text has its breaks and nothing else. Then no title stops a mail, a calendar or a list.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, Final, get_args

import pytest
from django import forms
from pydantic import BaseModel, TypeAdapter, ValidationError

import classbell
from classbell.config.api import api
from classbell.wire import AS_TEXT, Input

# What ends a line somewhere, and what nobody sees.
ODD: Final = "Hi\r\nBcc: x@y.example\n\n\x0b\x07\x85\u2028\u202e\tyou"
NOT_IN_A_LINE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]")
NOT_IN_TEXT: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]")
# What is not kept as it is typed, by the names of its fields.
NOT_KEPT: Final = frozenset(
    {
        # As somebody chose it, or compared with what we gave out.
        *("password", "old_password", "password1", "password2", "oldpassword", "credential", "code", "refresh_token"),
        *("cursor", "fingerprint", "seen"),
        # One of a list, or refused: by the service, which knows the list.
        *("scopes", "events", "timezone"),
        # Read by whoever reads addresses of the internet, of people, keys, tables and claims: each cell is folded there.
        *("url", "endpoint", "p256dh", "auth", "emails", "text", "claims", "certificate", "metadata"),
        # Others' words, for which they answer: Zoom's settings, a provider's secret.
        *("settings", "meeting_settings", "client_secret"),
    }
)


def every(kind: type[Any]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from every(one)


@pytest.fixture(scope="module", autouse=True)
def everything_is_imported() -> None:
    api.get_openapi_schema()
    for module in walk_packages(classbell.__path__, "classbell."):
        if ".web." in module.name or module.name.endswith((".schemas", ".forms", ".api")):
            import_module(module.name)


def said(value: Any) -> Iterator[str]:
    """Yield all text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from said(key)
            yield from said(one)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from said(one)


def takes_longer_text(annotation: Any) -> bool:
    """Whether a field is longer text, by its type."""
    return AS_TEXT in getattr(annotation, "__metadata__", ()) or any(map(takes_longer_text, get_args(annotation)))


def test_no_schema_lets_line_breaks_into_one_line() -> None:
    broken = []
    for model in every(Input):
        assert issubclass(model, BaseModel)
        for name, field in model.model_fields.items():
            if name in NOT_KEPT:
                continue
            annotation = field.rebuild_annotation()
            for tried in (ODD, [ODD], {"a": ODD}):
                try:
                    read = TypeAdapter(annotation).validate_python(tried)
                except ValidationError:
                    continue
                odd = NOT_IN_TEXT if takes_longer_text(annotation) else NOT_IN_A_LINE
                if any(odd.search(text) for text in said(read)):
                    broken.append(f"{model.__module__}.{model.__name__}.{name}")
    assert not broken, "\n".join(sorted(set(broken)))


def test_no_form_lets_line_breaks_into_one_line() -> None:
    broken = []
    for form in every(forms.BaseForm):
        # Django's admin pages make their fields by `fields.ADMIN_FIELDS`.
        if not form.__module__.startswith("classbell.") or form.__module__.endswith(".admin"):
            continue
        for name, field in getattr(form, "base_fields", {}).items():
            if not isinstance(field, forms.CharField) or name in NOT_KEPT:
                continue
            try:
                read = field.clean(ODD)
            except forms.ValidationError:
                continue
            odd = NOT_IN_TEXT if isinstance(field.widget, forms.Textarea) else NOT_IN_A_LINE
            if any(odd.search(text) for text in said(read)):
                broken.append(f"{form.__module__}.{form.__name__}.{name}")
    assert not broken, "\n".join(sorted(set(broken)))
