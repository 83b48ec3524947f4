"""No dead ends: whoever may not open a thing gets no link to it, and every link on a page of theirs leads somewhere."""

import html
import re
from collections import Counter, deque
from collections.abc import Iterator
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
import pytest
from django.urls import Resolver404, resolve

from tests.browser.crawl import sign_in
from tests.demo.conftest import Demo

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]

LINK = re.compile(r'\s(?:href|hx-get)="([^"#]+)')
# A visitor; of those who teach, learn and answer for children, some who are in other groups than the rest.
PEOPLE = ("", "admin", "teacher", "khalid", "ines", "student", "maryam", "mother")
# Of pages that differ by an id, so many each; of an address that differs by what is asked of it (a day, a filter), one.
PAGES_OF_A_KIND = 8
FILES = ("/static/", "/assets/", "/zoom-sdk/")


@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: who or "visitor")
def test_every_link_opens(demo: Demo, who: str) -> None:
    with httpx.Client(base_url=demo.url, timeout=60) as client:
        if who:
            sign_in(client, f"{who}@classbell.example")

        assert list(dead_links(client)) == []


def dead_links(client: httpx.Client) -> Iterator[str]:
    """Follow all links from the entrance on; yield those that are refused, with the page that they stand on."""
    to_open, seen, opened = deque([("/", "")]), {"/"}, Counter[tuple[object, ...]]()
    while to_open:
        address, page = to_open.popleft()
        opened[kind := kind_of(address)] += 1
        if opened[kind] > (1 if urlsplit(address).query else PAGES_OF_A_KIND):
            continue
        answer = client.get(address)
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            yield f"{answer.status_code} {address} on {page}"
            continue
        for link in links_of(answer):
            if link not in seen:
                seen.add(link)
                to_open.append((link, address))


def links_of(answer: httpx.Response) -> Iterator[str]:
    """Yield where a page, or an answer that leads on, links to here."""
    found = [answer.headers["location"]] if answer.has_redirect_location else []
    if answer.headers.get("content-type", "").startswith("text/html"):
        found += map(html.unescape, LINK.findall(answer.text))
    here = f"{answer.url.scheme}://{answer.url.netloc.decode()}"
    for link in (urljoin(str(answer.url), link) for link in found):
        if link.startswith(f"{here}/") and not link.removeprefix(here).startswith(FILES):
            yield link.removeprefix(here)


def kind_of(address: str) -> tuple[object, ...]:
    """Return what addresses have in common that differ by ids, and by what they ask of a page."""
    parts = urlsplit(address)
    try:
        page = resolve(parts.path).route
    except Resolver404:
        page = parts.path
    return page, tuple(sorted(name for name, _value in parse_qsl(parts.query, keep_blank_values=True)))
