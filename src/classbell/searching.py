"""
Searching by what somebody typed: how much of it is looked at, and how.

What is looked for and what is looked through are folded by one function of the database, `classbell_folded`, which does what
`folding` says. The article ال is looked for only where little is left without it: الحربي finds حربي, and the other way round.

Every word costs the database a look at every row, so words are few whoever asks: the API refuses more, pages leave the rest.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final

from django.contrib import admin
from django.db.models import BooleanField, Case, Func, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.translation import gettext as _
from pydantic import AfterValidator

from classbell.folding import folded
from classbell.text import one_line

LONGEST: Final = 100
MOST_WORDS: Final = 8
_LIKE_SIGNS: Final = re.compile(r"([\\%_])")
# As folded: the article before what is still a name without it.
_ARTICLE: Final = re.compile("^ال(?=.{4})")
_ESCAPED: Final = r"\\\1"


def looked_for(typed: str) -> str:
    """Return as much of what somebody typed as is looked for."""
    return " ".join(one_line(typed)[:LONGEST].split()[:MOST_WORDS])


def every_word(typed: str, *fields: str | Case) -> Q:
    """Return the condition that each word (of those that are looked for) stands in one of these fields, however spelled."""
    words = looked_for(typed).split()
    return Q(_Holds(fields, words)) if words else Q()


class _Holds(Func):
    """Whether some fields, put together and folded once, hold every word."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, fields: Sequence[str | Case], words: Sequence[str]) -> None:
        text = Func(Value("\n"), *(Cast(field, TextField()) for field in fields), function="concat_ws")
        super().__init__(_folded(text), *map(_pattern, words))

    def as_sql(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Return `text LIKE ALL (patterns)`."""
        text, *patterns = [compiler.compile(one) for one in self.source_expressions]
        listed = ", ".join(sql for sql, _parameters in patterns)
        return f"{text[0]} LIKE ALL (ARRAY[{listed}])", [*text[1], *(one for _sql, of in patterns for one in of)]


def _pattern(word: str) -> Func:
    # Whether it begins with the article shows only when it is folded.
    bare = folded(word)[2:] if _ARTICLE.match(folded(word)) else word
    return _folded(Value(f"%{_LIKE_SIGNS.sub(_ESCAPED, bare)}%"))


def _folded(expression: Func | Value) -> Func:
    return Func(expression, function="classbell_folded", output_field=TextField())


def _bounded(typed: str) -> str:
    if "\0" in typed:
        raise ValueError(_("must not contain the character NUL"))
    if len(typed) > LONGEST:
        raise ValueError(_("must be at most %(most)s characters") % {"most": LONGEST})
    if len(typed.split()) > MOST_WORDS:
        raise ValueError(_("must be at most %(most)s words") % {"most": MOST_WORDS})
    return typed


# What the API is asked to search for.
SearchText = Annotated[str, AfterValidator(_bounded)]


class BoundedSearch(admin.ModelAdmin):  # type: ignore[type-arg]  # no parameters at run time
    """Django's admin lists: searched by as much as everything else."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        """Return what is found by the words that are looked for."""
        return queryset.filter(every_word(search_term, *self.search_fields)), False
