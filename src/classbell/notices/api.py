"""A person's calendar feed: `/api/calendar`."""

import hashlib
from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.utils.translation import gettext as _
from ninja import Router, Status

from classbell.accounts.acting import NotTheirGuardian, doer, guardian_of, ward_of
from classbell.accounts.auth import ApiRequest
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, anyone, signed_in
from classbell.errors import NotThere
from classbell.notices import feeds
from classbell.notices.calendar import feed_of
from classbell.wire import Output

router = Router(tags=["Calendar"])
AS_CALENDAR: Final = {
    "responses": {
        200: {"content": {"text/calendar": {"schema": {"type": "string"}}}},
        304: {"description": "It is what the reader has already."},
    }
}


class FeedOut(Output):
    """Where a calendar subscribes; `url` is null while there is no feed."""

    url: str | None
    created_at: datetime | None


@router.get("", response=FeedOut)
@allowed(signed_in, for_wards=True)
def show(request: ApiRequest) -> FeedOut:
    """
    The address of your own calendar feed, if you opened one. A guardian's shows what is a ward's below the same address, as
    long as they are the ward's guardian.
    """
    return _answer(request)


@router.post("", response={201: FeedOut})
@allowed(signed_in, for_wards=True)
def open_feed(request: ApiRequest) -> FeedOut:
    """Open your calendar feed at a new secret address; an earlier address stops working."""
    feeds.open_calendar_feed(doer(request), now=timezone.now())
    return _answer(request)


@router.delete("", response={204: None})
@allowed(signed_in, for_wards=True)
def close_feed(request: ApiRequest) -> Status[None]:
    """Revoke your calendar feed, a guardian's with all that is shown below its address."""
    feeds.close_calendar_feed(doer(request))
    return Status(204, None)


@router.get("/{token}.ics", auth=None, url_name="calendar-feed", openapi_extra=AS_CALENDAR)
@allowed(anyone)
def feed(request: HttpRequest, token: str, student_id: UUID | None = None) -> HttpResponse:
    """
    The feed itself, as iCalendar. Whoever knows the address reads it: 404 once it was revoked, 304 while it is what
    `If-None-Match` or `If-Modified-Since` knows. With `student_id` the sessions of a ward of its owner's.
    """
    found = feeds.find_calendar_feed(token)
    if found is None:
        raise NotThere(_("There is no such calendar. Its owner can open a new one."))
    if student_id is not None:
        return _feed_of_ward(request, found.user, student_id)
    body = feeds.read_calendar_feed(found, now=timezone.now())
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="classbell.ics"'
    response["Cache-Control"] = "private, no-cache"  # kept by its reader, who asks each time whether it is still right
    etag, changed = quote_etag(found.digest), int((found.changed_at or found.created_at).timestamp())
    response["ETag"], response["Last-Modified"] = etag, http_date(changed)
    return get_conditional_response(request, etag, changed, response) or response


def _feed_of_ward(request: HttpRequest, owner: User, student_id: UUID) -> HttpResponse:
    """Answer with a ward's sessions. Raises NotThere once the owner is no guardian of theirs."""
    try:
        ward = ward_of(owner, student_id)
    except NotTheirGuardian as error:
        raise NotThere(_("There is no such calendar. Its owner can open a new one.")) from error
    body = feed_of(ward, now=timezone.now())
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="classbell.ics"'
    response["Cache-Control"] = "private, no-cache"
    etag = quote_etag(hashlib.sha256(body).hexdigest())
    response["ETag"] = etag
    return get_conditional_response(request, etag, None, response) or response


def _answer(request: ApiRequest) -> FeedOut:
    found = feeds.calendar_feed_of(doer(request))
    if found is None:
        return FeedOut(url=None, created_at=None)
    feed, address = found
    if guardian_of(request):
        address = feeds.address_of_ward(address, request.user.pk)
    return FeedOut(url=address, created_at=feed.created_at)
