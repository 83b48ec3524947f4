"""
Searching by what somebody typed: how much of it is looked at, and how.

Every word costs the database a look at every row, so words are few whoever asks: the API refuses more, pages leave the rest.
"""

from typing import Annotated, Any, Final

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from pydantic import AfterValidator

LONGEST: Final = 100
MOST_WORDS: Final = 8


def looked_for(typed: str) -> str:
    """Return as much of what somebody typed as is looked for."""
    return " ".join(typed.strip()[:LONGEST].split()[:MOST_WORDS])


def every_word(typed: str, *fields: str) -> Q:
    """Return the condition that each word (of those that are looked for) stands in one of these fields, in any case."""
    condition = Q()
    for word in looked_for(typed).split():
        condition &= Q(*((f"{field}__icontains", word) for field in fields), _connector=Q.OR)
    return condition


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
        found: Any = super().get_search_results(request, queryset, looked_for(search_term))
        return found  # type: ignore[no-any-return]
