"""From a template to an answer: language, layout, and headers that let nothing from outside in."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web
from babel.dates import format_datetime
from jinja2 import Environment, PackageLoader, StrictUndefined

from zoomsim.clock import zulu
from zoomsim.keys import SIMULATION
from zoomsim.pages.texts import LANGUAGES, text

LANGUAGE_COOKIE = "zoomsim_lang"
YEAR_S = 365 * 86_400
NOTHING_FROM_OUTSIDE = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": NOTHING_FROM_OUTSIDE,
    "X-Content-Type-Options": "nosniff",
    # Links carry tokens, so no other site may see them; not `no-referrer`, with which forms lose their Origin.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}

_templates = Environment(
    loader=PackageLoader("zoomsim.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["zulu"] = zulu


def render(request: web.Request, template: str, *, status: int = 200, **context: Any) -> web.Response:
    """Return a page in the visitor's language."""
    language = language_of(request)

    def t(key: str, **values: object) -> str:
        return text(language, key, **values)

    def when(moment: datetime, zone: str = "UTC", form: str = "HH:mm") -> str:
        """Write a time as wall time of a zone, with Latin digits in every language."""
        return format_datetime(moment.astimezone(ZoneInfo(zone)), form, locale=language)

    page = _templates.get_template(template).render(
        t=t,
        when=when,
        lang=language,
        rtl=language == "ar",
        other_language=_in_other_language(request, language),
        base_url=request.app[SIMULATION].base_url,
        **context,
    )
    response = web.Response(status=status, text=page, content_type="text/html", headers=HEADERS)
    if request.query.get("lang") in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_S, httponly=True, samesite="Lax")
    return response


def sentence(request: web.Request, key: str, *, status: int, **values: object) -> web.Response:
    """Return a page that only says something: the words `key.title` and `key.text`."""
    return render(request, "sentence.html", status=status, key=key, values=values)


def language_of(request: web.Request) -> str:
    """Return the language asked for in the address, chosen earlier, or preferred by the browser."""
    for wanted in (request.query.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    for part in request.headers.get("Accept-Language", "").split(","):
        preferred = part.partition(";")[0].strip().lower()[:2]
        if preferred in LANGUAGES:
            return preferred
    return "en"


def see(address: str) -> web.Response:
    """Send the browser to another page after a form."""
    return web.Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})


def address(path: str, **query: str) -> str:
    """Return a path with those parameters that have a value."""
    given = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def _in_other_language(request: web.Request, language: str) -> str:
    """Return this page's address in the other of the two languages."""
    other = "en" if language == "ar" else "ar"
    return address(request.path, **{**request.query, "lang": other})
