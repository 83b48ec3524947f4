"""All that is kept of a person, read by the register, as one ZIP: JSON for programs and a page for people."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.functional import Promise

from classbell.accounts.models import User
from classbell.audit.kinds import COLUMN_WORDS
from classbell.excuses.models import ExcuseDocument
from classbell.privacy.classification import About, Table
from classbell.privacy.register import about_people

# How a thing that a row points to is named, where that names nobody: by the class it is of, and its time.
NAMED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "courses.Course": ("group__name",),
    "groups.Group": ("name",),
    "excuses.Excuse": ("starts_at",),
    "halakat.Halaka": ("group__name",),
    "meetings.Meeting": ("group__name", "starts_at"),
    "meetings.Occurrence": ("meeting__group__name", "starts_at"),
}
READ_AT_A_TIME: Final = 2_000
AS_JSON: Final[Mapping[str, Any]] = {"cls": DjangoJSONEncoder, "ensure_ascii": False, "indent": 1}

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one table has of a person: its columns, and the rows as JSON has them."""

    table: Table
    columns: Sequence[str]
    rows: Sequence[Row]

    @property
    def heads(self) -> list[str | Promise]:
        """What the columns are called on a page."""
        return [COLUMN_WORDS.get(name, name.replace("_", " ").capitalize()) for name in self.columns]

    @property
    def lines(self) -> list[list[str]]:
        """The rows as a page shows them."""
        return [[_shown(row.get(name)) for name in self.columns] for row in self.rows]


def counted(person: User) -> dict[str, int]:
    """Return how many rows each table has of a person, by the label of its model; those with none are left out."""
    numbers = {one.model: sum(rows_of(one, about, person).count() for about in one.about) for one in about_people()}
    return {label: number for label, number in numbers.items() if number}


def parts_of(person: User) -> Iterator[Part]:
    """Read what each table has of a person, in the order of the register. Rows of no exported column are left out."""
    for one in about_people():
        columns = [column.name for column in one.rows._meta.local_fields]
        rows = [row for about in one.about for row in _read(one, about, person)]
        named = {name for row in rows for name in row}
        if rows:
            yield Part(table=one, columns=[name for name in columns if name in named], rows=rows)


def rows_of(one: Table, about: About, person: User) -> QuerySet[Model]:
    """Return the rows of a table that are somebody's in one way."""
    return one.rows._default_manager.filter(**{about.person: person.pk}).order_by("pk")


def made_export(person: User, *, now: datetime) -> bytes:
    """Return the ZIP of all that is kept of a person, in their language and on their clock."""
    with translation.override(person.locale), timezone.override(person.zone):
        parts = list(parts_of(person))
        page = render_to_string("privacy/export.html", {"person": person, "parts": parts, "made_at": now})
        described = json.dumps(_described(person, parts, now), **AS_JSON)
        return _zipped({"index.html": page, "everything.json": described, **_documents_of(person)})


def _described(person: User, parts: Sequence[Part], now: datetime) -> Row:
    return {
        "person": str(person.pk),
        "made_at": now,
        "tables": [
            {
                "table": part.table.model,
                "title": str(part.table.title),
                "purpose": str(part.table.purpose.label),
                "kept": part.table.kept.said,
                "rows": part.rows,
            }
            for part in parts
        ],
    }


def _documents_of(person: User) -> dict[str, bytes]:
    """Return what came along with a person's excuses, as files."""
    documents = ExcuseDocument.objects.filter(excuse__student=person).order_by("pk")
    return {f"documents/{one.pk}-{one.name}": bytes(one.content) for one in documents.iterator(chunk_size=1)}


def _zipped(files: Mapping[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return target.getvalue()


def _read(one: Table, about: About, person: User) -> Iterator[Row]:
    columns = one.exported(about)
    if not columns:
        return
    named = {
        column.name: NAMED_BY.get(column.remote_field.model._meta.label, ())
        for column in columns
        if column.remote_field
    }
    paths = [f"{name}__{path}" for name, parts in named.items() for path in parts]
    rows = rows_of(one, about, person).values(*(column.name for column in columns), *paths)
    for values in rows.iterator(chunk_size=READ_AT_A_TIME):
        yield {
            column.name: _pointed(values, column.name, named[column.name])
            if column.name in named
            else values[column.name]
            for column in columns
        }


def _pointed(values: Row, name: str, parts: Sequence[str]) -> Row | None:
    if values[name] is None:
        return None
    return {"id": values[name]} | {path.rpartition("__")[2]: values[f"{name}__{path}"] for path in parts}


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, dict):
        shown = [_shown(part) for name, part in value.items() if name != "id" or len(value) == 1]
        return " · ".join(part for part in shown if part)
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return str(value)
