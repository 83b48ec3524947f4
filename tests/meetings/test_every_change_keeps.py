"""
Whatever changes a meeting changes what was asked, and nothing else.

A table of all ways by which meetings change, each walked with a meeting of its kind about which everything was settled that
can be: nothing of it may be lost, neither here nor at Zoom, unless that very thing was asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from classbell.accounts.models import User
from classbell.bookings import services as bookings
from classbell.bookings.models import Booking
from classbell.courses.models import Section
from classbell.courses.timetable.files import Timetable
from classbell.courses.timetable.rows import WeeklyClass
from classbell.courses.timetable.services import import_term
from classbell.courses.timetable.term import Term
from classbell.meetings import occurrences, services
from classbell.meetings.batches import hand_over
from classbell.meetings.changes import MeetingChanges, change_meeting
from classbell.meetings.defaults import change_defaults
from classbell.meetings.joining.enrolment import register_class
from classbell.meetings.meeting_settings.catalogue import differing, sent
from classbell.meetings.meeting_settings.inherited import held_at_zoom
from classbell.meetings.models import Meeting, Registrant, SettingsOf, ZoomHost
from classbell.meetings.services import sync_now
from classbell.meetings.sync.reconcile import reconcile
from classbell.web.meetings.previews.moves import move_occurrence
from tests.courses.teaching import make_course, make_sessions
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.factories_halakat import created, next_sunday
from tests.factories_meetings import make_meeting, next_monday_at, weekly

pytestmark = pytest.mark.usefixtures("zoom_hosts")

DOCUMENT = Path(__file__).parents[2] / "docs" / "meeting-settings.md"

# Zoom lets nobody in before the host where people wait to be let in, so there are two sets of them; of a third the meeting
# asks for nothing, and has all of it from the school.
SETTINGS: dict[str, dict[str, Any]] = {
    "a waiting room": {
        "waiting_room": True,
        "mute_upon_entry": False,
        "auto_recording": "cloud",
        "alternative_hosts": "host01@zoomsim.example;host02@zoomsim.example",
    },
    "join before host": {
        "join_before_host": True,
        "jbh_time": 10,
        "meeting_authentication": True,
        "approval_type": 1,
        "passcode": "digits",
        "breakout_room": {"enable": True, "rooms": [{"name": "Red", "people": []}]},
    },
    "all from the school": {},
}
OF_THE_SCHOOL = {"waiting_room": True, "auto_recording": "local", "mute_upon_entry": False, "approval_type": 1}
SETTLED: MeetingChanges = {"title": "As people named it", "description": "Bring your book", "registration": True}


@dataclass(frozen=True, kw_only=True)
class World:
    """Who and what a way needs: the meeting as it was settled, and everything to act with."""

    meeting: Meeting
    admin: User
    api: Callable[..., Any]
    client: Any
    zoom: Any
    simulator: Any

    @property
    def coming(self) -> list[Any]:
        return list(self.meeting.occurrences.taking_place().filter(starts_at__gt=timezone.now()).order_by("starts_at"))

    def patch(self, path: str, body: dict[str, Any]) -> None:
        answer = self.api(self.admin).patch(path, body)
        assert answer.status_code == 200, answer.content

    def post(self, path: str, body: dict[str, Any] | None = None) -> None:
        answer = self.api(self.admin).post(path, body or {})
        assert answer.status_code in (200, 201), answer.content


# Meetings of each kind.


def of_a_class(api: Any) -> Meeting:
    group = make_class(students=2)
    return make_meeting(weekly(group.teachers.get(), group=group, count=5))


def of_a_term(api: Any) -> Meeting:
    bring_in()
    return Section.objects.get(code="A").meeting


def of_a_circle(api: Any) -> Meeting:
    halaka = created(api, make_teacher())
    return Meeting.objects.get(halaka_part__halaka=halaka["id"])


def of_a_course(api: Any) -> Meeting:
    teacher = make_teacher()
    session, *_others = make_sessions(api, teacher, make_course(api, teacher), 2)
    return Meeting.objects.get(session=session["id"])


def of_a_lesson(api: Any) -> Meeting:
    booking = make_booking(teacher=make_tutor(settings={"auto_confirm": True}))
    assert booking.meeting is not None
    return booking.meeting


# Ways to change them.


def bring_in(
    *, start: str = "09:00", holidays: dict[date, str] | None = None, prune: bool = False, empty: bool = False
) -> None:
    begin = datetime.strptime(start, "%H:%M")
    one = WeeklyClass(
        section="A",
        course="Algebra",
        teacher="t1@ist.example",
        weekdays=(0,),
        start=begin.time(),
        end=(begin + timedelta(minutes=90)).time(),
        capacity=30,
    )
    classes: dict[str, tuple[WeeklyClass, ...]] = {} if empty else {"A": (one,)}
    import_term(
        Timetable(classes=classes, students={code: ["s1@ist.example"] for code in classes}, mistakes=[]),
        Term(starts_on=next_monday_at(9).date(), weeks=6, timezone="Europe/Lisbon", holidays=holidays or {}),
        now=datetime.now(UTC),
        prune=prune,
    )


def leave_the_term_and_come_back(world: World) -> None:
    bring_in(empty=True, prune=True)
    bring_in()


def page_form(world: World) -> None:
    path = f"/meetings/{world.meeting.pk}/edit"
    world.client.force_login(world.admin)
    form = world.client.get(path).context["form"]
    shown = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", False)}
    answer = world.client.post(path, shown | {"minutes": 90})
    assert answer.status_code == 302, answer.content


def reopened_circle(world: World) -> None:
    path = f"/api/v1/halaka/{world.meeting.halaka_part.halaka_id}"
    assert world.api(world.admin).delete(path).status_code == 200
    world.post(f"{path}/reopen")
    world.patch(path, {})


def longer_circle(world: World) -> None:
    path = f"/api/v1/halaka/{world.meeting.halaka_part.halaka_id}"
    world.patch(path, {"endDate": (next_sunday() + timedelta(weeks=60)).isoformat()})


def circle(**body: Any) -> Callable[[World], None]:
    return lambda world: world.patch(f"/api/v1/halaka/{world.meeting.halaka_part.halaka_id}", body)


def session(world: World, **body: Any) -> None:
    world.patch(f"/api/sessions/{world.meeting.session.pk}", body)


def new_course_teacher(world: World) -> None:
    world.patch(f"/api/courses/{world.meeting.session.course_id}", {"teacher_id": str(make_teacher().pk)})


def reschedule(world: World) -> None:
    booking = world.meeting.booking
    later = booking.starts_at + timedelta(hours=2)
    world.post(f"/api/bookings/bookings/{booking.pk}/reschedule/", {"start_time": later.isoformat(), "duration": 45})


def cancelled_meeting_made_again(world: World) -> None:
    services.cancel_meeting(meeting_id=world.meeting.pk, now=timezone.now())
    sync_now(world.meeting.pk)
    bookings.want_meeting_again(booking_id=world.meeting.booking.pk, now=timezone.now())


def lost_at_zoom(world: World) -> None:
    world.zoom.delete_meeting(world.meeting.zoom_meeting_id)
    services.retry_sync(meeting_id=world.meeting.pk, now=timezone.now())


def everybody_registered(world: World) -> None:
    assert world.meeting.group
    register_class(group=world.meeting.group, now=timezone.now())


def other_host(world: World) -> None:
    assert world.meeting.seat
    ZoomHost.objects.filter(pk=world.meeting.seat.host_id).update(in_pool=False)
    hand_over(meeting_ids=[world.meeting.pk], teacher=make_teacher(), now=timezone.now())


def changed_at_zoom(world: World) -> None:
    world.zoom.update_meeting(world.meeting.zoom_meeting_id, {"settings": {"waiting_room": False}, "topic": "Oops"})
    reconcile(world.meeting.pk, world.zoom, verify=True)


def cancelled_and_held_again(world: World) -> None:
    one = world.coming[1]
    occurrences.cancel_occurrence(occurrence_id=one.pk, reason="Ill", now=timezone.now())
    reconcile(world.meeting.pk, world.zoom)
    occurrences.hold_again(occurrence_id=one.pk, now=timezone.now())


def other_settings_of_the_school(world: World) -> None:
    change_defaults(scope=SettingsOf.SCHOOL, changes={"jbh_time": 5}, now=timezone.now())


def move_one(world: World) -> None:
    one = world.coming[1]
    occurrences.move_occurrence(
        occurrence_id=one.pk, starts_at=one.starts_at + timedelta(hours=5), duration_minutes=45, now=timezone.now()
    )


def one_elsewhere(world: World) -> None:
    occurrences.hold_elsewhere(occurrence_id=world.coming[1].pk, location="Room 12", now=timezone.now())


def elsewhere_and_back(world: World) -> None:
    change_meeting(meeting_id=world.meeting.pk, changes={"location": "Room 12"}, now=timezone.now())
    reconcile(world.meeting.pk, world.zoom)
    change_meeting(meeting_id=world.meeting.pk, changes={"location": ""}, now=timezone.now())


def drag(world: World) -> None:
    one = world.coming[0]
    move_occurrence(one, starts_at=one.starts_at + timedelta(hours=1), by=world.admin, now=timezone.now())


def patch(**body: Any) -> Callable[[World], None]:
    return lambda world: world.patch(f"/api/zoom/meetings/{world.meeting.pk}", body)


@dataclass(frozen=True, kw_only=True)
class Way:
    """
    One way: the kind of meeting, what is done, and which settled things it asks to change; a new Zoom meeting beside or after
    the old one has a passcode of its own.
    """

    name: str
    of: Callable[[Any], Meeting]
    act: Callable[[World], Any]
    asked: frozenset[str] = frozenset()


def way(name: str, of: Callable[[Any], Meeting], act: Callable[[World], Any], *asked: str) -> Way:
    return Way(name=name, of=of, act=act, asked=frozenset(asked))


WAYS = [
    way("the same term again", of_a_term, lambda w: bring_in(), "title"),
    way("a changed term", of_a_term, lambda w: bring_in(start="11:00"), "title"),
    way("a term with holidays", of_a_term, lambda w: bring_in(holidays={next_monday_at(9).date(): "Eid"}), "title"),
    way("out of the term and back", of_a_term, leave_the_term_and_come_back, "title", "passcode"),
    way("PATCH startTime", of_a_class, patch(startTime=next_monday_at(13).isoformat())),
    way("PATCH duration", of_a_class, patch(duration=90)),
    way("PATCH timezone", of_a_class, patch(timezone="Asia/Riyadh")),
    way("PATCH recurrence", of_a_class, patch(recurrence="FREQ=WEEKLY;COUNT=3;BYDAY=MO")),
    way("PATCH title", of_a_class, patch(title="New"), "title"),
    way("PATCH description", of_a_class, patch(description="New"), "description"),
    way("PATCH targetAudience", of_a_class, patch(targetAudience="all"), "audience"),
    way("PATCH one setting", of_a_class, patch(settings={"mute_upon_entry": True}), "mute_upon_entry"),
    way("PATCH nothing", of_a_class, patch()),
    way("the meeting's page", of_a_class, page_form),
    way("one session moved", of_a_class, move_one),
    way("one session dragged", of_a_class, drag),
    way(
        "one session cancelled",
        of_a_class,
        lambda w: occurrences.cancel_occurrence(occurrence_id=w.coming[1].pk, reason="Ill", now=timezone.now()),
    ),
    way("one session held elsewhere", of_a_class, one_elsewhere),
    way("held elsewhere, and at Zoom again", of_a_class, elsewhere_and_back),
    way("longer than Zoom takes", of_a_class, patch(recurrence="FREQ=DAILY;COUNT=90")),
    way("a cancelled session held after all", of_a_class, cancelled_and_held_again),
    way("other settings of the school", of_a_class, other_settings_of_the_school, "jbh_time"),
    way(
        "a substitute",
        of_a_class,
        lambda w: occurrences.let_substitute(occurrence_id=w.coming[1].pk, teacher=make_teacher(), now=timezone.now()),
    ),
    way(
        "another teacher",
        of_a_class,
        lambda w: hand_over(meeting_ids=[w.meeting.pk], teacher=make_teacher(), now=timezone.now()),
    ),
    way("another teacher on another host", of_a_class, other_host),
    way("everybody registered", of_a_class, everybody_registered),
    way("tried again", of_a_class, lambda w: services.retry_sync(meeting_id=w.meeting.pk, now=timezone.now())),
    way("lost at Zoom", of_a_class, lost_at_zoom),
    way("changed at Zoom", of_a_class, changed_at_zoom),
    way("circle, other time", of_a_circle, circle(startTime="18:30")),
    way("circle, other days", of_a_circle, circle(days=["Monday", "Thursday"])),
    way("circle, left-out days", of_a_circle, circle(**{"except": [next_sunday().isoformat()]})),
    way(
        "circle, from a day on",
        of_a_circle,
        circle(startTime="18:30", validFrom=(next_sunday() + timedelta(weeks=3)).isoformat()),
        "passcode",
    ),
    way("circle, renamed", of_a_circle, circle(title="Tafsir"), "title"),
    way("circle, described", of_a_circle, circle(description="Surah 36"), "description"),
    way("circle, longer than one meeting", of_a_circle, longer_circle, "passcode"),
    way("circle, reopened", of_a_circle, reopened_circle, "passcode"),
    way("session moved", of_a_course, lambda w: session(w, start_time=a_day_ahead(10, hour=15).isoformat())),
    way("session renamed", of_a_course, lambda w: session(w, title="Quiz"), "title"),
    way("session with a substitute", of_a_course, lambda w: session(w, teacher_id=str(make_teacher().pk))),
    way("course with a new teacher", of_a_course, new_course_teacher),
    way("lesson moved", of_a_lesson, reschedule),
    way("lesson dragged", of_a_lesson, drag),
    way("lesson's meeting made again", of_a_lesson, cancelled_meeting_made_again, "passcode"),
    way("lesson's meeting lost at Zoom", of_a_lesson, lost_at_zoom),
]


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_what_was_not_asked_stays(
    way: Way, settings: dict[str, object], api: Any, client: Any, zoom: Any, simulator: Any
) -> None:
    world = World(meeting=way.of(api), admin=make_admin(), api=api, client=client, zoom=zoom, simulator=simulator)
    settle(world.meeting, settings, zoom)
    before = facts(world.meeting, simulator)

    way.act(world)

    for meeting in as_it_is_now(world.meeting):
        reconcile(meeting.pk, zoom)
        after = facts(meeting, simulator)
        changed = {name for name in before if before[name] != after[name]}
        assert changed <= way.asked, {name: (before[name], after[name]) for name in changed}


def test_the_document_has_every_way() -> None:
    rows = [f"| {way.name} | {', '.join(sorted(way.asked)) or '–'} |" for way in WAYS]

    assert "\n".join(rows) in DOCUMENT.read_text(encoding="utf-8")


def settle(meeting: Meeting, settings: dict[str, Any], zoom: Any) -> None:
    """Settle everything about a meeting, as its teacher would, and bring it to Zoom."""
    student = make_student()
    if not settings:
        change_defaults(scope=SettingsOf.SCHOOL, changes=OF_THE_SCHOOL, now=timezone.now())
    if "breakout_room" in settings:
        rooms = {"enable": True, "rooms": [{"name": "Red", "people": [str(student.pk)]}]}
        settings = settings | {"breakout_room": rooms}
    change_meeting(
        meeting_id=meeting.pk,
        changes={**SETTLED, "zoom_settings": settings},
        now=timezone.now(),
    )
    Registrant.objects.create(meeting=meeting, user=student)
    reconcile(meeting.pk, zoom)
    meeting.refresh_from_db()
    assert meeting.zoom_meeting_id


def as_it_is_now(meeting: Meeting) -> list[Meeting]:
    """Return the meetings that stand where this one stood."""
    if Section.objects.exists():
        return [Section.objects.get(code="A").meeting]
    if booking := Booking.objects.first():
        assert booking.meeting is not None
        return [booking.meeting]
    of_circle = Meeting.objects.filter(halaka_part__halaka__parts__meeting=meeting, wanted=True)
    return list(of_circle) or [Meeting.objects.get(pk=meeting.pk)]


def facts(meeting: Meeting, simulator: Any) -> dict[str, Any]:
    """Return what is settled about a meeting, by us and at Zoom."""
    meeting = Meeting.objects.get(pk=meeting.pk)
    shown = simulator.meeting(meeting.zoom_meeting_id)
    invited = meeting.registrants.filter(is_invited=True).values_list("user__email", flat=True)
    ours = {name: getattr(meeting, name) for name in ("title", "description", "registration", "audience", "group_id")}
    assert (shown["topic"], shown["agenda"].partition("\n")[2]) == (meeting.title, meeting.description)
    held = held_at_zoom(meeting)
    assert differing(sent(held, registration=meeting.registration), shown["settings"]) == {}
    # Who hosts it is no co-host of it; that may be somebody else by now.
    held["alternative_hosts"] = meeting.zoom_settings.get("alternative_hosts")
    return ours | {"invited": sorted(invited), "passcode": shown["password"]} | held
