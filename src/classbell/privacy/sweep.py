"""Taking a name and addresses out of every text in the database, wherever somebody has written them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import CharField, Field, GeneratedField, JSONField, TextField
from psycopg import sql

from classbell.privacy.classification import Kind, Table, columns_of
from classbell.privacy.register import register

# What a name becomes in a text; an address becomes nothing.
NO_NAME: Final = "—"
# People's own names and addresses, and what is said of erasures themselves.
NOT_SWEPT: Final = frozenset({"accounts.User", "privacy.Erased", "privacy.RetentionRun"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What is looked for, in any case: whole names and addresses."""

    names: Sequence[str]
    emails: Sequence[str]


def swept_columns(one: Table) -> list["Field[Any, Any]"]:
    """Return the columns of a table in which anybody may be named: text and JSON that people or Zoom have written."""
    return [
        column
        for column in columns_of(one.rows)
        if _holds_words(column) and one.kind_of(column.name) is not Kind.SECRET
    ]


def sweep(words: Words) -> dict[str, int]:
    """
    Take these words out of all tables; return how many rows of each were changed, by the label of its model. One statement a
    table, which reads it whole. Call it where triggers are ignored: what was before is what must go.
    """
    if not words.names and not words.emails:
        return {}
    swept = {one.model: _sweep_table(one, words) for one in register().values() if one.model not in NOT_SWEPT}
    return {label: number for label, number in swept.items() if number}


def pattern_of(words: Sequence[str]) -> str:
    """Return PostgreSQL's regular expression for any of these words, letter for letter."""
    return "|".join(_quoted(word) for word in sorted(words, key=len, reverse=True))


def _sweep_table(one: Table, words: Words) -> int:
    columns = swept_columns(one)
    if not columns:
        return 0
    changes = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(_name(column), _without(column, words)) for column in columns
    )
    anything = sql.Literal(pattern_of([*words.emails, *words.names]))
    found = sql.SQL(" OR ").join(sql.SQL("{} ~* {}").format(_as_text(column), anything) for column in columns)
    statement = sql.SQL("UPDATE {} SET {} WHERE {}").format(sql.Identifier(one.rows._meta.db_table), changes, found)
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string())
        return int(cursor.rowcount)


def _without(column: "Field[Any, Any]", words: Words) -> sql.Composed:
    text = _as_text(column)
    for some, instead in ((words.emails, ""), (words.names, NO_NAME)):
        if some:
            text = sql.SQL("regexp_replace({}, {}, {}, 'gi')").format(
                text, sql.Literal(pattern_of(some)), sql.Literal(instead)
            )
    if isinstance(column, JSONField):
        return sql.SQL("({})::jsonb").format(text)
    if isinstance(column, ArrayField):
        return sql.SQL("({})::{}").format(text, sql.SQL(column.db_type(connection) or "text[]"))
    return text


def _as_text(column: "Field[Any, Any]") -> sql.Composed:
    return sql.SQL("{}::text").format(_name(column))


def _name(column: "Field[Any, Any]") -> sql.Identifier:
    return sql.Identifier(column.get_attname_column()[1] or column.attname)


def _holds_words(column: "Field[Any, Any]") -> bool:
    if column.primary_key or column.choices or column.remote_field is not None or isinstance(column, GeneratedField):
        return False
    if isinstance(column, ArrayField):
        return isinstance(column.base_field, CharField | TextField)
    return isinstance(column, CharField | TextField | JSONField)


def _quoted(word: str) -> str:
    return "".join(_letters(word))


def _letters(word: str) -> Iterator[str]:
    for letter in word:
        # In JSON a backslash stands before a quote.
        yield r'\\?"' if letter == '"' else letter if letter.isalnum() or ord(letter) > 127 else f"\\{letter}"
