"""Somebody at a browser, who comes in by the public address and fills forms in."""

import ssl
from types import TracebackType
from typing import Any, Self

import httpx
from lxml import html


class Visitor:
    """
    A browser without scripts: keeps cookies, trusts whom the machine trusts, and says with a form where it stood.

    `pages` is the client below, for what is no form.
    """

    def __init__(self, url: str, authorities: str, *, comes_from: str = "127.0.0.1") -> None:
        trusted = ssl.create_default_context(cafile=authorities)
        way = httpx.HTTPTransport(verify=trusted, local_address=comes_from)
        self.url = url
        self.pages = httpx.Client(base_url=url, transport=way, timeout=30, follow_redirects=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pages.close()

    def send(self, path: str, **typed: Any) -> httpx.Response:
        """Open a page, fill in its first form that has all these fields, and return the page that sending it leads to."""
        page = self.pages.get(path)
        assert page.status_code == 200, f"{path}: {page.status_code} {page.text[:2000]}"
        forms = html.document_fromstring(page.text, base_url=str(page.url)).forms
        form = next((form for form in forms if typed.keys() <= set(form.fields.keys())), None)
        assert form is not None, f"{path} has no form with {', '.join(typed)}"
        filled: dict[str, Any] = {}
        for name, value in form.form_values():
            filled.setdefault(name, []).append(value)
        # Without these two Django takes no form by https; every browser sends one of them.
        headers = {"Origin": self.url, "Referer": str(page.url)}
        answer = self.pages.post(str(page.url.join(form.action or "")), data=filled | typed, headers=headers)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer
