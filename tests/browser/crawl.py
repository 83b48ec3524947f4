"""Which pages there are for somebody, found by following links, so that a new page is looked at without being listed."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver, get_resolver, resolve, reverse
from django.urls.exceptions import NoReverseMatch

from tests.browser.chromium import PASSWORD

LINK = re.compile(r'[^-]href="(/[^"#]*)"')
ADDRESS = re.compile(r'="(/[^"#]*)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PEOPLE = {
    "visitor": "",
    "student": "student@classbell.example",
    "teacher": "teacher@classbell.example",
    "admin": "admin@classbell.example",
}
# Not pages of ours: the API, Django's admin, and files.
ELSEWHERE = ("/api/", "/admin/", "/assets/", "/static/", "/healthz", "/metrics", "/zoom-sdk/")
NAMED = re.compile(r"<(?:\w+:)?(\w+)>")


def page_names() -> dict[str, tuple[str, ...]]:
    """Return the names of all addresses that could be pages, with the names of what each needs."""
    return {
        str(pattern.name): tuple(NAMED.findall(prefix))
        for prefix, pattern in _patterns(get_resolver())
        if pattern.name and not f"/{prefix}".startswith(ELSEWHERE)
    }


def sign_in(client: httpx.Client, email: str, password: str = PASSWORD) -> None:
    """Sign somebody in through the page; their cookies stay in the client."""
    token = TOKEN.findall(client.get("/accounts/login/").text)[0]
    form = {"login": email, "password": password, "csrfmiddlewaretoken": token}
    answer = client.post("/accounts/login/", data=form)
    assert answer.status_code == httpx.codes.FOUND, answer.text


class Crawl:
    """
    What one person can open: `pages` by name of their address, and what is `missing`: pages nobody named an id of.

    Starts at every address without ids, follows every link, and makes the addresses that no page links to of the ids seen.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._seen: set[str] = set()
        self._ids: dict[str, str] = {}
        self.pages: dict[str, str] = {}
        self.missing: set[str] = set()
        names = page_names()
        for name in (name for name, needs in names.items() if not needs):
            self._open(reverse(name), name)
        for name in (name for name, needs in names.items() if needs):
            if name not in self._seen:
                self._open_by_ids(name, names[name])

    def _open(self, path: str, name: str) -> int:
        """Return the status; note a page and follow its links."""
        self._seen.add(name)
        answer = self._client.get(path)
        if answer.status_code == httpx.codes.OK and answer.headers["content-type"].startswith("text/html"):
            if "<html" in answer.text:  # else a fragment of a page
                self.pages[name] = path
            for link in ADDRESS.findall(answer.text):
                self._note_ids(link)
            for link in LINK.findall(answer.text):
                self._follow(link.replace("&amp;", "&"))
        return answer.status_code

    def _follow(self, link: str) -> None:
        match = _resolve(link)
        if match and match.url_name and match.url_name not in self._seen:
            self._open(link, match.url_name)

    def _note_ids(self, link: str) -> None:
        match = _resolve(link)
        if match:
            self._ids = {key: str(value) for key, value in match.kwargs.items()} | self._ids

    def _open_by_ids(self, name: str, needs: tuple[str, ...]) -> None:
        # What only takes forms refuses to be opened whatever the id.
        ids = {key: self._ids.get(key, str(UUID(int=0))) for key in needs}
        try:
            status = self._open(reverse(name, kwargs=ids), name)
        except NoReverseMatch:
            status = httpx.codes.NOT_FOUND
        if status == httpx.codes.NOT_FOUND:
            self.missing.add(name)


def crawl_everything(base_url: str) -> dict[str, Crawl]:
    """Return what each person of a running demo can open; the entrance, which looks the same to all, the visitor's only."""
    found = {}
    for who, email in PEOPLE.items():
        with httpx.Client(base_url=base_url, timeout=30) as client:
            if email:
                sign_in(client, email)
            found[who] = Crawl(client)
    for who in found.keys() - {"visitor"}:
        for name in found["visitor"].pages.keys() & found[who].pages.keys():
            if name.startswith("account_"):
                del found[who].pages[name]
    return found


def _resolve(link: str) -> ResolverMatch | None:
    path = urlsplit(link).path
    try:
        return None if path.startswith(ELSEWHERE) else resolve(path)
    except Resolver404:
        return None


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if not pattern.namespace:
                yield from _patterns(pattern, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern
