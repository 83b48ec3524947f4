"""Tabs above a list: what it shows, in the address."""

from collections.abc import Mapping
from dataclasses import dataclass

from classbell.web.kit.requests import PersonRequest


@dataclass(frozen=True, kw_only=True, slots=True)
class Tab:
    """One choice of what a list shows."""

    url: str
    word: str
    is_here: bool


def tabs_of(request: PersonRequest, words: Mapping[str, str], *, shown: str) -> list[Tab]:
    """
    Return a tab for each value of `show` in the address; the one without a value goes without it.

    What else is in the address stays, such as a search, but not the number of a page.
    """
    return [Tab(url=_address(request, show), word=word, is_here=show == shown) for show, word in words.items()]


def _address(request: PersonRequest, show: str) -> str:
    query = request.GET.copy()
    for name in ("page", "show"):
        query.pop(name, None)
    if show:
        query["show"] = show
    return f"{request.path}?{query.urlencode()}" if query else request.path
