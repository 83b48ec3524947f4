"""
How somebody without an account looks at the open door's pages: in which language, on which clock, and inside whose page.

All of it stands in the address and goes along with every link, so that it needs no cookie: in another site's page a browser
keeps none of ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from classbell.door import queries
from classbell.door.models import PublicSchool
from classbell.web.kit.device import LONGEST_NAME, visitor_zone
from classbell.web.middleware import POLICY
from classbell.zones import is_timezone, place_of

View = TypeVar("View", bound=Callable[..., HttpResponse])
# What links carry on, in this order.
CARRIED: Final = ("language", "timezone", "embed", "site")


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """
    One look at a page. `is_guessed`: nobody has said where the reader is, and times are those of the school's place. `site`
    is the origin of the page around this one, "" where there is none or it is none of the school's.
    """

    school: PublicSchool
    language: str
    zone: ZoneInfo
    is_guessed: bool
    is_framed: bool
    site: str
    carried: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """The city of the reader's clock."""
        return place_of(self.zone)

    @property
    def more(self) -> str:
        """What is carried on, to be added to an address that has a query already."""
        return f"&{urlencode(self.carried)}" if self.carried else ""

    @property
    def query(self) -> str:
        """What is carried on, to be added to an address without a query."""
        return f"?{urlencode(self.carried)}" if self.carried else ""

    @property
    def other_language(self) -> str:
        """The language to which the reader may switch."""
        return next(code for code, _name in settings.LANGUAGES if code != self.language)


def visited(view: View) -> View:
    """Answer with a page of the open door: a 404 while it is closed, in the reader's language and on their clock."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        visit = _read(request, queries.open_school())
        with translation.override(visit.language), timezone.override(visit.zone):
            request.LANGUAGE_CODE = visit.language
            response = view(request, visit, *args, **kwargs)
        response.headers["Content-Language"] = visit.language
        _let_be_framed(response, visit.school)
        return response

    return cast("View", shown)


def _read(request: HttpRequest, school: PublicSchool) -> Visit:
    asked = request.GET
    carried = {name: asked[name] for name in CARRIED if asked.get(name)}
    if carried.get("language") not in dict(settings.LANGUAGES):
        carried.pop("language", None)
    name = carried.get("timezone", "")
    if len(name) > LONGEST_NAME or not is_timezone(name):
        carried.pop("timezone", None)
    if carried.get("site") not in school.allowed_origins:
        carried.pop("site", None)
    if carried.get("embed") != "1":
        carried.pop("embed", None)
    zone = ZoneInfo(carried["timezone"]) if "timezone" in carried else _zone_of(request)
    return Visit(
        school=school,
        language=carried.get("language") or translation.get_language() or settings.LANGUAGE_CODE,
        zone=zone or ZoneInfo(settings.TIME_ZONE),
        is_guessed=zone is None,
        is_framed="embed" in carried,
        site=carried.get("site", ""),
        carried=carried,
    )


def _zone_of(request: HttpRequest) -> ZoneInfo | None:
    return request.user.zone if request.user.is_authenticated else visitor_zone(request)


def _let_be_framed(response: HttpResponse, school: PublicSchool) -> None:
    """Let the school's other sites hold this page in theirs; without any it is as unframeable as all others."""
    if not school.allowed_origins:
        return
    ancestors = " ".join(school.allowed_origins)
    response.headers["Content-Security-Policy"] = POLICY.replace(
        "frame-ancestors 'none'", f"frame-ancestors {ancestors}"
    )
    response.xframe_options_exempt = True  # X-Frame-Options knows no list
