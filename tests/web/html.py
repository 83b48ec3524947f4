"""Reading pages in tests without caring how they are laid out."""

import functools
from html.parser import HTMLParser
from typing import Protocol


class Page(Protocol):
    """Whatever holds a page: an answer to a test's client, or a response that was made by hand."""

    @property
    def content(self) -> bytes:
        """The page as it is sent."""
        ...


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        # A script of JSON is data, which browsers run as little as any other text.
        is_code = tag == "script" and "src" not in given and given.get("type") != "application/json"
        if tag == "style" or "style" in given or is_code:
            self.inline.append(self.get_starttag_text() or tag)
        self.inline += [name for name in given if name.startswith(("on", "hx-on"))]
        self.inline += [value for value in given.values() if value and value.lower().startswith("javascript:")]
        self._in_script = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if not self._in_script:
            self.text.append(data)


def words(page: Page) -> str:
    """Return a page's text with every run of white space as one space."""
    return " ".join(" ".join(_read(page).text).split())


def inline_code(page: Page) -> list[str]:
    """Return everything on a page that the content security policy would refuse."""
    return _read(page).inline


def attributes(page: Page, tag: str) -> list[dict[str, str | None]]:
    """Return the attributes of every element of a kind."""
    return [given for name, given in _read(page).tags if name == tag]


def links(page: Page) -> list[str]:
    """Return where a page's links lead."""
    return [given.get("href") or "" for given in attributes(page, "a")]


def undo_of(page: Page) -> str:
    """Return where the message on a page posts to when what it tells of is undone."""
    (address,) = [form["action"] for form in attributes(page, "form") if "?was=" in (form.get("action") or "")]
    return address or ""


def _read(page: Page) -> _Reader:
    return _read_text(page.content.decode())


@functools.lru_cache(maxsize=4)
def _read_text(text: str) -> _Reader:
    """Read a page once, whatever a test asks of it, and of another one beside it."""
    reader = _Reader()
    reader.feed(text)
    return reader


def as_sent(page: Page, field: str) -> dict[str, list[str]]:
    """Return what a browser sends of the form with this field when nobody touches it."""
    reader = _Forms()
    reader.feed(page.content.decode())
    (found,) = [form for form in reader.forms if field in form]
    return found


class _Forms(HTMLParser):
    """What each form of a page sends as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self._select = self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self.forms.append({})
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self._send(self._select, value)
        elif tag == "textarea":
            self._text = name
            self._send(name, "")
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self._send(name, value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # Browsers leave out the first line break, and send all others in pairs.
            (typed,) = self.forms[-1][self._text]
            self.forms[-1][self._text] = [typed.removeprefix("\n").replace("\n", "\r\n")]
            self._text = ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.forms[-1][self._text][0] += data

    def _send(self, name: str, value: str) -> None:
        if name and self.forms:
            self.forms[-1].setdefault(name, []).append(value)
