"""A person's calendar feed: `/api/calendar`."""

from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.utils.translation import gettext as _
from ninja import Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, anyone, signed_in
from classbell.errors import NotThere
from classbell.notices import feeds
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
@allowed(signed_in)
def show(request: ApiRequest) -> FeedOut:
    """The address of your own calendar feed, if you opened one."""
    return _answer(request.user)


@router.post("", response={201: FeedOut})
@allowed(signed_in)
def open_feed(request: ApiRequest) -> FeedOut:
    """Open your calendar feed at a new secret address; an earlier address stops working."""
    feeds.open_calendar_feed(request.user, now=timezone.now())
    return _answer(request.user)


@router.delete("", response={204: None})
@allowed(signed_in)
def close_feed(request: ApiRequest) -> Status[None]:
    """Revoke your calendar feed."""
    feeds.close_calendar_feed(request.user)
    return Status(204, None)


@router.get("/{token}.ics", auth=None, url_name="calendar-feed", openapi_extra=AS_CALENDAR)
@allowed(anyone)
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """
    The feed itself, as iCalendar. Whoever knows the address reads it: 404 once it was revoked, 304 while it is what
    `If-None-Match` or `If-Modified-Since` knows.
    """
    found = feeds.find_calendar_feed(token)
    if found is None:
        raise NotThere(_("There is no such calendar. Its owner can open a new one."))
    body = feeds.read_calendar_feed(found, now=timezone.now())
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="classbell.ics"'
    response["Cache-Control"] = "private, no-cache"  # kept by its reader, who asks each time whether it is still right
    etag, changed = quote_etag(found.digest), int((found.changed_at or found.created_at).timestamp())
    response["ETag"], response["Last-Modified"] = etag, http_date(changed)
    return get_conditional_response(request, etag, changed, response) or response


def _answer(user: User) -> FeedOut:
    found = feeds.calendar_feed_of(user)
    if found is None:
        return FeedOut(url=None, created_at=None)
    feed, address = found
    return FeedOut(url=address, created_at=feed.created_at)
