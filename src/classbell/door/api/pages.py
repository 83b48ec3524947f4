"""The school, its teachers and its kinds of lessons, as far as they are shown to everybody."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from ninja import Query, Router

from classbell.accounts.permissions import allowed, anyone
from classbell.bookings.finding import Wanted, free_next, free_when_wanted, matching
from classbell.bookings.models import LessonKind
from classbell.bookings.queries import RatedTeacher
from classbell.bookings.schemas.teachers import TeachersQuery
from classbell.door import queries
from classbell.door.models import ConfirmsGuests, PublicSchool, PublicTeacher
from classbell.door.schemas import (
    PublicKindOut,
    PublicKindsAnswer,
    PublicSchoolOut,
    PublicTeacherOut,
    PublicTeachersAnswer,
    QuestionOut,
)
from classbell.paging import paginate
from classbell.payments.lessons import is_paid_when_booked
from classbell.searching import SearchText
from classbell.wire import Output

router = Router()
# Long enough that a site with many readers asks once for all of them, and short enough that what is taken down is gone.
KEPT_SECONDS: Final = 60
AS_KEPT: Final[dict[str, Any]] = {"responses": {304: {"description": "It is what the reader has already."}}}


@router.get("/school", auth=None, response=PublicSchoolOut, openapi_extra=AS_KEPT)
@allowed(anyone)
def get_public_school(request: HttpRequest) -> HttpResponse:
    """The school's own page. 404 while the school is not open to everybody, as for all of `/api/public/`."""
    school = queries.open_school()
    return _kept(
        request,
        PublicSchoolOut(
            name=school.name,
            english=school.english,
            arabic=school.arabic,
            picture=school.picture,
            url=_url("open-school"),
            confirms_guests_by=ConfirmsGuests(school.confirms_guests_by),
            shows_ratings=school.shows_ratings,
        ),
    )


@router.get("/teachers", auth=None, response=PublicTeachersAnswer, openapi_extra=AS_KEPT)
@allowed(anyone)
def list_public_teachers(
    request: HttpRequest, asked: Query[TeachersQuery], q: SearchText = "", subject: SearchText = ""
) -> HttpResponse:
    """
    The teachers who have switched their page on, by name, and when each is free next. `q` looks into names, words about them
    and subjects; who is asked for by the other parameters too has all that they say.
    """
    school, now = queries.open_school(), timezone.now()
    wanted = asked.wanted(search=q, subject=subject)
    fitting = matching(wanted, kinds=LessonKind.objects.offered_to_guests()).order_by().values("pk")
    people = free_when_wanted(queries.shown_teachers().filter(pk__in=fitting), wanted, now=now)
    found = paginate(people, asked, by="last_name")
    keys = [one.pk for one in found.items]
    taught, free = queries.kinds_taught(keys), free_next(keys, wanted, now=now)
    teachers = [
        _teacher(one, school, [kind.address for kind in taught[one.pk]], free.get(one.pk)) for one in found.items
    ]
    return _kept(request, PublicTeachersAnswer(teachers=teachers, next_cursor=found.next_cursor))


@router.get("/teachers/{address}", auth=None, response=PublicTeacherOut, openapi_extra=AS_KEPT)
@allowed(anyone)
def get_public_teacher(request: HttpRequest, address: str) -> HttpResponse:
    """One teacher's page, by its address. 404 for one that is not shown."""
    school = queries.open_school()
    found = queries.shown_teacher(address)
    kinds = [kind.address for kind in queries.kinds_taught([found.pk])[found.pk]]
    free = free_next([found.pk], Wanted(), now=timezone.now())
    return _kept(request, _teacher(found, school, kinds, free.get(found.pk)))


@router.get("/kinds", auth=None, response=PublicKindsAnswer, openapi_extra=AS_KEPT)
@allowed(anyone)
def list_public_kinds(request: HttpRequest) -> HttpResponse:
    """The kinds of lessons that everybody may book, and who of the teachers with a page teaches them."""
    queries.open_school()
    offered = queries.shown_kinds()
    return _kept(request, PublicKindsAnswer(kinds=[_kind(kind, pages) for kind, pages in offered]))


def _kept(request: HttpRequest, answer: Output) -> HttpResponse:
    """Return an answer that anybody may keep for a minute, and 304 to who has it already."""
    body = answer.model_dump_json().encode()
    etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    response = HttpResponse(body, content_type="application/json")
    response["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    response["ETag"] = etag
    return get_conditional_response(request, etag, None, response) or response


def _teacher(
    teacher: RatedTeacher, school: PublicSchool, kinds: list[str], next_free: datetime | None
) -> PublicTeacherOut:
    page: PublicTeacher = teacher.public_page
    teaching = getattr(teacher, "teaching", None)
    shows = school.shows_ratings
    return PublicTeacherOut(
        address=page.address,
        name=teacher.name,
        english=page.english,
        arabic=page.arabic,
        picture=page.picture,
        languages=page.languages,
        subjects=teaching.subjects if teaching else [],
        timezone=teacher.timezone,
        kinds=kinds,
        rating=round(teacher.rating, 2) if shows and teacher.rating is not None else None,
        rating_count=teacher.rating_count if shows else None,
        next_free=next_free,
        url=_url("open-teacher", page.address),
    )


def _kind(kind: LessonKind, pages: Sequence[PublicTeacher]) -> PublicKindOut:
    return PublicKindOut(
        address=kind.address,
        name=kind.name,
        description=kind.description,
        minutes=kind.minutes,
        price=kind.price,
        currency=kind.currency,
        is_paid_when_booked=is_paid_when_booked(kind),
        trial=kind.trial,
        seats=kind.seats,
        colour=kind.colour,
        questions=[QuestionOut(**question) for question in kind.questions],
        teachers=[page.address for page in pages],
        url=_url("open-kind", kind.address),
    )


def _url(name: str, *parts: str) -> str:
    return urljoin(settings.ENVIRONMENT.public_url, reverse(name, args=parts))
