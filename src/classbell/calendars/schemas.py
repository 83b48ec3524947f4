"""What the API takes and answers about teachers' calendars."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from classbell.calendars.models import LONGEST_LOGIN, LONGEST_URL, CalendarKind, CalendarStatus, ExternalCalendar
from classbell.calendars.troubles import sentence_of
from classbell.wire import AS_LINE, Input, Moment, Output

LONGEST_PASSWORD = 500


class CalendarIn(Input):
    """A calendar to be added. `user` and `password` are those of the calendar's server; ICS addresses have none."""

    type: Literal["ics", "caldav"]
    url: str = Field(min_length=1, max_length=LONGEST_URL)
    user: Annotated[str, StringConstraints(max_length=LONGEST_LOGIN), AS_LINE] = ""
    password: str = Field("", max_length=LONGEST_PASSWORD)


class CalendarChange(Input):
    """What is to be changed of a calendar; what is absent stays."""

    takes_tentative: bool | None = Field(None, description="Whether entries that are not sure make their owner busy.")
    takes_whole_days: bool | None = Field(None, description="Whether entries of whole days make their owner busy.")
    writes_sessions: bool | None = Field(None, description="Whether your sessions are written into it, by CalDAV.")


class CalendarOut(Output):
    """
    A calendar of one's own. `error` says in a sentence why it cannot be read, `remark` what of it is not known though it was
    read, `write_error` why sessions are not written into it; null for nothing.
    """

    id: UUID
    type: CalendarKind
    name: str = Field(description="Its host; the address itself is a secret.")
    user: str
    status: CalendarStatus
    last_read_at: Moment | None
    error: str | None
    remark: str | None
    takes_tentative: bool
    takes_whole_days: bool
    writes_sessions: bool
    write_error: str | None


class CalendarsAnswer(Output):
    """One's own calendars."""

    calendars: list[CalendarOut]


def describe_calendar(calendar: ExternalCalendar, *, now: datetime) -> CalendarOut:
    """Return a calendar as the API tells of it: without what opens it."""
    return CalendarOut(
        id=calendar.pk,
        type=CalendarKind(calendar.kind),
        name=calendar.name,
        user=calendar.login,
        status=calendar.status_at(now),
        last_read_at=calendar.last_read_at,
        error=sentence_of(calendar.error) or None,
        remark=sentence_of(calendar.remark) or None,
        takes_tentative=calendar.takes_tentative,
        takes_whole_days=calendar.takes_whole_days,
        writes_sessions=calendar.writes_lessons,
        write_error=sentence_of(calendar.write_error) or None,
    )
