"""Teachers' own calendars: `/api/calendars/external`."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from ninja import Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.permissions import allowed, is_teacher_or_admin, signed_in
from classbell.accounts.schemas import Done
from classbell.calendars import reading, services
from classbell.calendars.models import CalendarKind, ExternalCalendar
from classbell.calendars.permissions import owns_calendar
from classbell.calendars.schemas import CalendarChange, CalendarIn, CalendarOut, CalendarsAnswer, describe_calendar
from classbell.errors import NotThere

router = Router(tags=["Calendars"])


@router.get("/external", response=CalendarsAnswer)
@allowed(signed_in)
def list_calendars(request: ApiRequest) -> CalendarsAnswer:
    """Your own calendars whose busy times are known here, in the order in which they were added."""
    now = timezone.now()
    mine = ExternalCalendar.objects.present().filter(teacher=request.user)
    return CalendarsAnswer(calendars=[describe_calendar(one, now=now) for one in mine])


@router.post("/external", response={201: CalendarOut})
@allowed(is_teacher_or_admin)
@idempotent
def add_calendar(request: ApiRequest, body: CalendarIn) -> Status[CalendarOut]:
    """
    Add a calendar of yours; it is read at once, and then again and again. One that only does not answer just now is kept,
    with its `error`. 400 `invalid_input` for an address that may not be asked, `calendar_unusable` when there is no
    calendar at it, when it lets nobody in, or when it is too large; `several_calendars` with those to choose from as details.
    """
    now = timezone.now()
    calendar = services.add_calendar(
        teacher=request.user,
        kind=CalendarKind(body.type),
        url=body.url,
        login=body.user.strip(),
        password=body.password,
        now=now,
    )
    return Status(201, describe_calendar(calendar, now=now))


@router.patch("/external/{uuid:calendar_id}", response=CalendarOut)
@allowed(owns_calendar)
def change_calendar(request: ApiRequest, calendar_id: UUID, body: CalendarChange) -> CalendarOut:
    """
    Change what of a calendar counts, and whether your sessions are written into it, in place of another one (CalDAV only).
    It is done within a minute.
    """
    now = timezone.now()
    counts = body.model_dump(exclude_none=True, exclude={"writes_sessions"})
    with transaction.atomic():
        if body.writes_sessions is not None:
            services.write_sessions_into(calendar_id=calendar_id, is_wanted=body.writes_sessions, now=now)
        calendar = services.change_calendar(calendar_id=calendar_id, changes=counts, now=now)
    return describe_calendar(calendar, now=now)


@router.post("/external/{uuid:calendar_id}/read", response=CalendarOut)
@allowed(owns_calendar)
def read_calendar(request: ApiRequest, calendar_id: UUID) -> CalendarOut:
    """Read a calendar now, and answer how it stands then."""
    now = timezone.now()
    calendar = reading.read(calendar_id, now=now)
    if calendar is None:
        raise NotThere
    return describe_calendar(calendar, now=now)


@router.delete("/external/{uuid:calendar_id}", response=Done)
@allowed(owns_calendar)
def remove_calendar(request: ApiRequest, calendar_id: UUID) -> Done:
    """Forget a calendar and what it said: you are no longer busy by it."""
    services.remove_calendar(calendar_id=calendar_id, now=timezone.now())
    return Done()
