"""Worlds made at random around clock changes, as the reference has them, and the same in the database."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings as django_settings
from hypothesis import strategies as st

from classbell.accounts.models import User
from classbell.bookings import hours
from classbell.bookings.models import Booking, LessonKind
from classbell.bookings.periods import add_period
from classbell.bookings.times import hold
from classbell.holidays.models import Effect
from classbell.meetings import claims
from classbell.meetings.claims import NewClaim
from classbell.meetings.models import Claim, ClaimKind
from tests.bookings.slots_reference import MINUTE, Window, World
from tests.factories import make_student, make_teacher
from tests.factories_door import make_open_kind
from tests.holidays.factories import make_holiday

SECOND = timedelta(seconds=1)
USUAL_HORIZON = 90
USUAL_RULES = {
    "buffer_minutes": 0,
    "min_notice_minutes": 0,
    "slot_interval_minutes": None,
    "max_days_ahead": USUAL_HORIZON,
}
# Days on which the clocks of these zones change: by an hour, by half an hour, at midnight, onto midnight.
CHANGES = {
    "Europe/Lisbon": (date(2027, 3, 28), date(2027, 10, 31)),
    "America/New_York": (date(2027, 3, 14), date(2027, 11, 7)),
    "Africa/Cairo": (date(2027, 4, 30), date(2027, 10, 28)),
    "Australia/Lord_Howe": (date(2027, 10, 3), date(2027, 4, 4)),
    "America/Havana": (date(2027, 3, 14), date(2027, 11, 7)),
    "Atlantic/Azores": (date(2027, 3, 28), date(2027, 10, 31)),
    "Asia/Kathmandu": (date(2027, 6, 1),),
}
ZONES = sorted(CHANGES)
Question = tuple[World, date, int, int, str]


@st.composite
def worlds(draw: st.DrawFn) -> Question:
    """Draw a teacher's world and a question: from which day, how many days, how long, on whose clock."""
    zone = draw(st.sampled_from(ZONES))
    reader = draw(st.sampled_from([zone, zone, *ZONES]))
    first = draw(st.sampled_from(CHANGES[zone])) + timedelta(days=draw(st.integers(-2, 1)))
    midnight = datetime(first.year, first.month, first.day, tzinfo=UTC)
    around = st.integers(-48 * 12, 72 * 12).map(lambda fives: midnight + 5 * fives * MINUTE)
    periods = st.builds(lambda start, fives: (start, start + 5 * fives * MINUTE), around, st.integers(1, 60))
    taken = _apart(draw(st.lists(periods, max_size=6)))
    buffers = st.sampled_from([None, 0, 15, 60, 240])
    lessons = [(start, end, draw(buffers)) for start, end in taken[: draw(st.integers(0, len(taken)))]]
    one_moves = draw(st.booleans())
    world = World(
        zone=zone,
        windows=draw(st.lists(_windows(first), min_size=1, max_size=6)),
        claims=taken[len(lessons) :],
        moving=lessons.pop() if lessons and one_moves else None,
        lessons=lessons,
        time_off=draw(st.lists(periods, max_size=2)),
        periods=draw(_periods(first)),
        holidays=draw(st.lists(_holidays(first, zone), max_size=2)),
        warned=draw(st.lists(_holidays(first, zone), max_size=2)),
        buffer=draw(st.sampled_from([0, 0, 5, 30, 90])),
        asked_buffer=draw(st.sampled_from([None, None, 0, 20])),
        notice=draw(st.sampled_from([0, 0, 60, 1440])),
        asked_notice=draw(st.sampled_from([None, None, 0, 45])),
        interval=draw(st.sampled_from([None, None, 15, 20, 45, 60, 120])),
        horizon_days=draw(st.sampled_from([1, 30, USUAL_HORIZON, 366])),
        now=midnight - draw(st.integers(-36, 72)) * 60 * MINUTE - draw(st.sampled_from([0, 0, 20])) * SECOND,
    )
    return world, first, draw(st.integers(1, 2)), draw(st.sampled_from([15, 25, 60, 90, 240])), reader


def _windows(first: date) -> st.SearchStrategy[Window]:
    spans = st.tuples(st.integers(0, 287), st.integers(1, 288)).filter(lambda span: span[0] < span[1])
    near = st.integers(-2, 3).map(lambda number: first + timedelta(days=number))
    dated = st.builds(lambda day, span: Window(day=day, start=span[0] * 5, end=span[1] * 5), near, spans)
    return dated | _weekly(first)


def _weekly(first: date) -> st.SearchStrategy[Window]:
    spans = st.tuples(st.integers(0, 287), st.integers(1, 288)).filter(lambda span: span[0] < span[1])
    near = st.integers(-2, 3).map(lambda number: first + timedelta(days=number))
    return st.builds(lambda day, span: Window(weekday=day.weekday(), start=span[0] * 5, end=span[1] * 5), near, spans)


@st.composite
def _periods(draw: st.DrawFn, first: date) -> list[tuple[date, date, list[Window]]]:
    """Draw weeks that replace the usual one on some days, one after another."""
    found, day = [], first - timedelta(days=3)
    for _number in range(draw(st.integers(0, 2))):
        begins = day + timedelta(days=draw(st.integers(0, 3)))
        ends = begins + timedelta(days=draw(st.integers(0, 3)))
        found.append((begins, ends, draw(st.lists(_weekly(first), max_size=4))))
        day = ends + timedelta(days=1)
    return found


def _holidays(first: date, zone: str) -> st.SearchStrategy[tuple[str, date, date]]:
    """Draw days off of the school, whose clock is UTC's here, or of the teacher."""
    return st.builds(
        lambda whose, begins, lasts: (whose, first + timedelta(days=begins), first + timedelta(days=begins + lasts)),
        st.sampled_from([django_settings.TIME_ZONE, zone]),
        st.integers(-2, 3),
        st.integers(0, 2),
    )


def _apart(periods: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Leave out what overlaps something earlier: nobody has two things at a time."""
    kept: list[tuple[datetime, datetime]] = []
    for start, end in sorted(periods):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def build(world: World) -> tuple[User, LessonKind, list[UUID]]:
    """
    Make the teacher of a world with everything in it, and the kind of lesson that is asked for; return both, and the claims
    of the lesson that is to be moved.
    """
    teacher = make_teacher(timezone=world.zone)
    student = make_student()
    for window in world.windows:
        hours.add_availability(
            teacher=teacher,
            start_minute=window.start,
            end_minute=window.end,
            day_of_week=window.weekday,
            day=window.day,
        )
    for begins, ends, windows in world.periods:
        week: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for window in windows:
            assert window.weekday is not None
            week[window.weekday].append((window.start, window.end))
        add_period(teacher=teacher, name=f"{begins}", first_day=begins, last_day=ends, windows=week, now=world.now)
    refused = claims.take(
        NewClaim(kind=ClaimKind.TEACHER, resource_id=teacher.pk, starts_at=start, ends_at=end, held_by=uuid4())
        for start, end in world.claims
    )
    assert refused == []
    own_claims: list[UUID] = []
    for one in [*world.lessons, *([world.moving] if world.moving else [])]:
        start, end, buffer = one
        lesson = Booking.objects.create(
            teacher=teacher,
            student=student,
            starts_at=start,
            ends_at=end,
            kind=None if buffer is None else make_open_kind(teacher, buffer_minutes=buffer),
        )
        hold(lesson, ClaimKind.TEACHER)
        if one is world.moving:
            own_claims += Claim.objects.filter(held_by=lesson.pk).values_list("pk", flat=True)
    for start, end in world.time_off:
        hours.add_time_off(teacher=teacher, starts_at=start, ends_at=end)
    for effect, days_off in ((Effect.LEAVE_OUT, world.holidays), (Effect.WARN, world.warned)):
        for whose, begins, ends in days_off:
            school = whose == django_settings.TIME_ZONE
            make_holiday(begins, ends, name="Eid", teacher=None if school else teacher, effect=effect)
    keep_rules(teacher, world)
    kind = make_open_kind(teacher, buffer_minutes=world.asked_buffer, min_notice_minutes=world.asked_notice)
    return teacher, kind, own_claims


def keep_rules(teacher: User, world: World) -> None:
    """Give a teacher the rules of a world; who has the usual ones has none of their own."""
    rules = {
        "buffer_minutes": world.buffer,
        "min_notice_minutes": world.notice,
        "slot_interval_minutes": world.interval,
        "max_days_ahead": world.horizon_days,
    }
    if rules != USUAL_RULES:
        hours.change_settings(teacher=teacher, changes=rules)
