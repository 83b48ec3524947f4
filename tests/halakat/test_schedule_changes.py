"""Changing a circle while it goes on: what is past stays, what was decided stays decided, meetings are used again."""

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from classbell.halakat import services
from classbell.halakat.models import Halaka
from classbell.halakat.pattern import Frequency, Pattern
from classbell.halakat.queries import circle_occurrences
from classbell.meetings import occurrences
from classbell.meetings.errors import TeacherBusy
from classbell.meetings.models import Meeting, Occurrence
from classbell.notices.models import Notice
from tests.at_once import at_once, done_at_once
from tests.factories import make_student, make_teacher
from tests.factories_halakat import next_sunday

pytestmark = pytest.mark.usefixtures("zoom_hosts")

SUNDAY, TUESDAY, EVERY_SCHOOL_DAY = 6, 1, (6, 0, 1, 2, 3)
SCHEDULED, CANCELLED = "scheduled", "cancelled"


def pattern(*, weeks=8, days=(TUESDAY, SUNDAY), **changes):
    values: dict[str, Any] = {
        "start_date": next_sunday(),
        "end_date": next_sunday() + timedelta(weeks=weeks),
        "weekdays": tuple(sorted(days)),
        "frequency": Frequency.WEEKLY,
        "start_time": time(17),
        "duration_minutes": 45,
        "timezone": "UTC",
    }
    return Pattern(**values | changes)


def make_halaka(how=None, *, teacher=None, **fields):
    return services.create_halaka(
        teacher=teacher or make_teacher(), title="Tajwid", pattern=how or pattern(), now=datetime.now(UTC), **fields
    )


def change(halaka, how=None, *, now=None, valid_from=None, **words):
    return services.change_halaka(
        halaka_id=halaka.pk,
        schedule=None if how is None else asdict(how),
        valid_from=valid_from,
        now=now or datetime.now(UTC),
        **words,
    )


def on(weeks, hour=17):
    return datetime.combine(next_sunday() + timedelta(weeks=weeks), time(hour), tzinfo=UTC)


def plan_of(halaka):
    """Return (start, status) of all sessions."""
    return [(row.starts_at, row.status) for row in circle_occurrences(halaka)]


def facts(rows):
    return [(row.pk, row.meeting_id, row.starts_at, row.ends_at, row.status) for row in rows]


def chain(halaka):
    """Return (id, revision, sessions) of the meetings that are wanted, in order."""
    parts = halaka.parts.filter(meeting__wanted=True).select_related("meeting")
    return [(part.meeting_id, part.meeting.revision, part.meeting.occurrences.count()) for part in parts]


UNRELATED = {
    "another title": {"title": "Other"},
    "another capacity": {"capacity": 3},
    "more weeks": {"weeks": 12},
    "fewer weeks": {"weeks": 5},
    "a holiday": {"excluded": (4,)},
    "one more day": {"days": (SUNDAY, TUESDAY, 3)},
    "a change of time later on": {"start_time": time(19), "valid_from": 5},
}


@pytest.mark.parametrize("unrelated", UNRELATED.values(), ids=UNRELATED)
def test_what_was_decided_about_single_occurrences_survives_unrelated_changes(unrelated):
    halaka, substitute = make_halaka(), make_teacher()
    rows = circle_occurrences(halaka)
    now = datetime.now(UTC)
    occurrences.move_occurrence(occurrence_id=rows[1].pk, starts_at=on(0, 20), duration_minutes=30, now=now)
    occurrences.cancel_occurrence(occurrence_id=rows[2].pk, reason="Travel", now=now)
    occurrences.let_substitute(occurrence_id=rows[4].pk, teacher=substitute, now=now)
    words = {name: unrelated[name] for name in ("title", "capacity") if name in unrelated}
    schedule = {name: value for name, value in unrelated.items() if name not in {*words, "valid_from"}}
    if "excluded" in schedule:
        schedule["excluded"] = tuple(on(week).date() for week in schedule["excluded"])
    valid_from = on(unrelated["valid_from"]).date() if "valid_from" in unrelated else None

    change(halaka, pattern(**schedule) if schedule else None, valid_from=valid_from, **words)

    by_slot = {row.original_starts_at: row for row in circle_occurrences(halaka)}
    moved, cancelled, given = (by_slot[rows[index].original_starts_at] for index in (1, 2, 4))
    assert (moved.starts_at, moved.ends_at) == (on(0, 20), on(0, 20) + timedelta(minutes=30))
    assert (cancelled.status, cancelled.cancellation_reason) == (CANCELLED, "Travel")
    assert (given.substitute, given.starts_at) == (substitute, rows[4].starts_at)
    assert {claim.resource_id for claim in given.claims.filter(kind="teacher")} == {substitute.pk}
    assert moved.claims.get(kind="teacher").during.lower == on(0, 20)


def test_moved_occurrence_stays_moved_when_its_day_comes_to_another_meeting_of_the_chain():
    halaka = make_halaka(pattern(weeks=30, days=EVERY_SCHOOL_DAY))
    last_of_first = halaka.parts.get(number=1).meeting.occurrences.order_by("-starts_at")[0]
    elsewhere = last_of_first.starts_at + timedelta(hours=3)
    occurrences.move_occurrence(
        occurrence_id=last_of_first.pk, starts_at=elsewhere, duration_minutes=45, now=datetime.now(UTC)
    )

    change(halaka, pattern(weeks=30, days=(*EVERY_SCHOOL_DAY, 4)))

    slot = last_of_first.original_starts_at
    (row,) = [row for row in circle_occurrences(halaka) if row.original_starts_at == slot]
    assert row.starts_at == elsewhere
    assert row.meeting_id != last_of_first.meeting_id
    assert row.claims.get(kind="teacher").during.lower == elsewhere


def test_substitute_and_cancellation_keep_their_day_when_the_time_changes():
    halaka, substitute = make_halaka(), make_teacher()
    rows = circle_occurrences(halaka)
    occurrences.let_substitute(occurrence_id=rows[0].pk, teacher=substitute, now=datetime.now(UTC))
    occurrences.cancel_occurrence(occurrence_id=rows[2].pk, reason="Travel", now=datetime.now(UTC))

    change(halaka, pattern(start_time=time(9), duration_minutes=60))

    given, _regular, cancelled, *_others = circle_occurrences(halaka)
    assert (given.substitute, given.starts_at, given.ends_at) == (substitute, on(0, 9), on(0, 10))
    assert (cancelled.status, cancelled.cancellation_reason) == (CANCELLED, "Travel")


def test_change_is_refused_when_a_substitute_has_no_time_then():
    halaka, substitute = make_halaka(), make_teacher(first_name="Omar", last_name="Said")
    occurrences.let_substitute(
        occurrence_id=circle_occurrences(halaka)[0].pk, teacher=substitute, now=datetime.now(UTC)
    )
    make_halaka(pattern(start_time=time(9)), teacher=substitute)
    before = facts(circle_occurrences(halaka))

    with pytest.raises(TeacherBusy, match="Omar Said"):
        change(halaka, pattern(start_time=time(9)))

    assert facts(circle_occurrences(halaka)) == before


def test_change_leaves_the_past_of_a_chain_untouched():
    halaka = make_halaka(pattern(weeks=40, days=EVERY_SCHOOL_DAY))
    now = on(17, 12)  # in the middle of the second of five meetings
    past = [row for row in circle_occurrences(halaka) if row.starts_at <= now]
    untouched = chain(halaka)[0]

    change(halaka, pattern(weeks=40, days=EVERY_SCHOOL_DAY, start_time=time(19)), now=now)

    rows = circle_occurrences(halaka)
    assert facts(row for row in rows if row.starts_at <= now) == facts(past)
    assert {row.starts_at.time() for row in rows if row.starts_at > now} == {time(19)}
    assert chain(halaka)[0] == untouched
    assert [meeting for meeting, _revision, _count in chain(halaka)] == [part.meeting_id for part in halaka.parts.all()]
    assert len(rows) == len({row.starts_at.date() for row in rows}) == 201


def test_change_from_a_date_on_leaves_what_is_before_it_untouched_also_the_second_time():
    halaka = make_halaka(pattern(weeks=30, days=EVERY_SCHOOL_DAY))

    change(halaka, pattern(weeks=30, days=EVERY_SCHOOL_DAY, start_time=time(19)), valid_from=on(20).date())
    change(halaka, pattern(weeks=30, days=EVERY_SCHOOL_DAY, start_time=time(20)), valid_from=on(25).date())

    hours = {
        name: {row.starts_at.hour for row in circle_occurrences(halaka) if on(since, 0) <= row.starts_at < on(until, 0)}
        for name, since, until in (("before", 0, 20), ("between", 20, 25), ("after", 25, 31))
    }
    assert hours == {"before": {17}, "between": {19}, "after": {20}}


def test_growing_circle_fills_its_last_meeting_before_it_gets_another():
    halaka = make_halaka(pattern(weeks=8))
    (first, revision, _count) = chain(halaka)[0]

    change(halaka, pattern(weeks=20))
    filled = chain(halaka)
    change(halaka, pattern(weeks=40))

    assert filled == [(first, revision + 1, 41)]
    assert [count for _meeting, _revision, count in chain(halaka)] == [50, 31]
    assert chain(halaka)[0][0] == first


def test_shrinking_circle_drops_meetings_and_frees_their_time():
    halaka = make_halaka(pattern(weeks=40, days=EVERY_SCHOOL_DAY))
    kept = chain(halaka)[:2]

    change(halaka, pattern(weeks=12, days=EVERY_SCHOOL_DAY))

    assert chain(halaka) == [kept[0], (kept[1][0], kept[1][1] + 1, 11)]
    assert Meeting.objects.filter(wanted=False).count() == 3
    make_halaka(pattern(weeks=5, start_date=on(13).date(), end_date=on(20).date()), teacher=halaka.teacher)


def test_circle_that_ends_early_keeps_its_past_only():
    halaka = make_halaka()
    now = on(4, 12)
    past = [row for row in circle_occurrences(halaka) if row.starts_at <= now]

    change(halaka, pattern(weeks=3), now=now)

    assert facts(circle_occurrences(halaka)) == facts(past)
    assert not Occurrence.objects.filter(claims__kind="teacher", starts_at__gt=now).exists()


def test_holidays_are_not_held_and_take_nobodys_time():
    holidays = (on(1).date(), on(3).date())
    halaka = make_halaka(pattern(excluded=holidays))

    cancelled = {start.date() for start, status in plan_of(halaka) if status == CANCELLED}

    assert cancelled == set(holidays)
    assert len(plan_of(halaka)) == 17
    make_halaka(pattern(start_date=holidays[0], end_date=holidays[0]), teacher=halaka.teacher)


def test_holidays_outlive_a_change_of_time_and_go_when_they_are_taken_back():
    holiday = on(1).date()
    halaka = make_halaka(pattern(excluded=(holiday,)))

    change(halaka, pattern(excluded=(holiday,), start_time=time(9)))
    still = {start for start, status in plan_of(halaka) if status == CANCELLED}
    change(halaka, pattern(start_time=time(9)))

    assert still == {on(1, 9)}
    assert {status for _start, status in plan_of(halaka)} == {SCHEDULED}


def test_occurrence_moved_past_now_outlives_a_change_of_the_schedule():
    halaka = make_halaka()
    first = circle_occurrences(halaka)[0]
    occurrences.move_occurrence(occurrence_id=first.pk, starts_at=on(1, 9), duration_minutes=45, now=datetime.now(UTC))

    change(halaka, pattern(start_time=time(19)), now=on(0, 21))

    assert Occurrence.objects.get(pk=first.pk).starts_at == on(1, 9)
    assert Occurrence.objects.get(pk=first.pk).claims.filter(kind="teacher").exists()


def test_circle_that_begins_where_the_clocks_skip_its_time_keeps_its_time_after_that():
    how = pattern(
        start_date=date(2027, 3, 28), end_date=date(2027, 4, 18), days=(SUNDAY,), start_time=time(1, 30),
        timezone="Europe/Lisbon",
    )  # fmt: skip

    halaka = make_halaka(how)

    walls = [row.starts_at.astimezone(how.zone).strftime("%m-%d %H:%M") for row in circle_occurrences(halaka)]
    assert walls == ["03-28 02:30", "04-04 01:30", "04-11 01:30", "04-18 01:30"]


@pytest.mark.parametrize(
    ("frequency", "days"),
    [(Frequency.BIWEEKLY, (SUNDAY, TUESDAY)), (Frequency.MONTHLY, (4,)), (Frequency.DAILY, ())],
    ids=["every other week, on Sundays too", "every month", "every day"],
)
def test_pattern_goes_on_by_its_own_count_after_a_change_midway(frequency, days):
    how = pattern(weeks=50, frequency=frequency, days=days)
    halaka = make_halaka(how)
    before = plan_of(halaka)

    change(halaka, pattern(weeks=50, frequency=frequency, days=days, duration_minutes=60), now=on(21))

    assert plan_of(halaka) == before


def test_waiting_list_moves_up_in_its_order_when_there_are_more_places():
    halaka = make_halaka(capacity=1)
    students = [make_student() for _number in range(4)]
    for student in students:
        services.join_halaka(halaka_id=halaka.pk, student=student)

    change(halaka, capacity=3)

    members = list(halaka.group.memberships.order_by("created_at").values_list("user", flat=True))
    assert members == [student.pk for student in students[:3]]
    assert [row.student for row in halaka.group.waiting.all()] == [students[3]]
    assert set(Notice.objects.values_list("user", flat=True)) == {student.pk for student in students[1:3]}


def test_who_left_waits_at_the_end():
    halaka = make_halaka(capacity=1)
    first, second, third = (make_student() for _number in range(3))
    for student in (first, second, third):
        services.join_halaka(halaka_id=halaka.pk, student=student)

    services.leave_halaka(halaka_id=halaka.pk, student=first)
    services.join_halaka(halaka_id=halaka.pk, student=first)
    services.leave_halaka(halaka_id=halaka.pk, student=second)

    assert list(halaka.group.memberships.values_list("user", flat=True)) == [third.pk]
    assert [row.student for row in halaka.group.waiting.all()] == [first]


def test_last_place_goes_to_one_of_two_who_ask_at_once():
    halaka = make_halaka(capacity=2)
    services.join_halaka(halaka_id=halaka.pk, student=make_student())
    racers = [make_student() for _number in range(2)]

    outcomes = done_at_once([partial(services.join_halaka, halaka_id=halaka.pk, student=who) for who in racers])

    assert sorted(outcomes) == [False, True]
    assert halaka.group.memberships.count() == 2
    assert halaka.group.waiting.count() == 1


def test_place_given_up_while_others_ask_goes_to_who_waits():
    halaka = make_halaka(capacity=1)
    leaver, waiting, newcomer = (make_student() for _number in range(3))
    for student in (leaver, waiting):
        services.join_halaka(halaka_id=halaka.pk, student=student)

    at_once(
        [
            lambda: services.leave_halaka(halaka_id=halaka.pk, student=leaver),
            lambda: services.join_halaka(halaka_id=halaka.pk, student=newcomer),
        ]
    )

    assert list(halaka.group.memberships.values_list("user", flat=True)) == [waiting.pk]
    assert [row.student for row in halaka.group.waiting.all()] == [newcomer]


def test_chain_has_no_gap_and_no_overlap():
    make_halaka(pattern(weeks=40, days=EVERY_SCHOOL_DAY))

    parts = [list(part.meeting.occurrences.order_by("starts_at")) for part in Halaka.objects.get().parts.all()]

    assert [len(part) for part in parts] == [50, 50, 50, 50, 1]
    assert all(before[-1].ends_at <= after[0].starts_at for before, after in pairwise(parts))


def test_reopened_circle_stands_still_until_it_is_changed_and_then_follows_its_schedule():
    halaka, student = make_halaka(), make_student()
    services.join_halaka(halaka_id=halaka.pk, student=student)
    planned = [start for start, _status in plan_of(halaka)]
    services.end_halaka(halaka_id=halaka.pk, now=datetime.now(UTC))

    reopened = services.reopen_halaka(halaka_id=halaka.pk)
    services.reopen_halaka(halaka_id=halaka.pk)
    still = plan_of(reopened)
    change(reopened)

    assert still == []
    assert plan_of(reopened) == [(start, SCHEDULED) for start in planned]
    assert list(reopened.group.members.all()) == [student]


def test_circle_whose_days_are_over_takes_another_title_and_plans_nothing():
    halaka = make_halaka(pattern(weeks=1))
    before = facts(circle_occurrences(halaka))

    changed = change(halaka, now=on(9), title="Hifz")

    assert changed.group.name == "Hifz"
    assert facts(circle_occurrences(halaka)) == before
