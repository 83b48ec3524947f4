"""What a class hears when its sessions change."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone, translation

from classbell.accounts.models import User
from classbell.groups.services import enrol_students
from classbell.meetings.batches import cancel_meetings
from classbell.meetings.changes import MeetingChanges, change_meeting
from classbell.meetings.invitations import schedule_meeting
from classbell.meetings.models import Audience, Meeting
from classbell.meetings.occurrences import (
    cancel_occurrence,
    change_occurrence,
    hold_again,
    let_substitute,
    move_occurrence,
)
from classbell.meetings.services import cancel_meeting
from classbell.notices import occurrences
from classbell.notices.models import Notice
from tests.factories import make_class, make_student, make_teacher
from tests.factories_meetings import make_meeting, spec, weekly

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)


@pytest.fixture
def student() -> User:
    """Somebody in Riyadh who reads English."""
    return make_student(timezone="Asia/Riyadh")


@pytest.fixture
def meeting(student: User) -> Meeting:
    """A class that meets on Mondays, with one student."""
    teacher = make_teacher()
    group = make_class(teacher=teacher)
    enrol_students(group_id=group.pk, students=[student])
    return make_meeting(weekly(teacher, group=group, title="Algebra"))


def queued() -> Iterator[tuple[str, dict[str, Any]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, args FROM procrastinate_jobs WHERE queue_name = 'notices' AND task_name LIKE 'notices.tell%'"
        )
        yield from ((task, json.loads(arguments)) for task, arguments in cursor.fetchall())


def notices_of(person: User) -> list[tuple[str, str]]:
    """What a person reads, in their language and on their clock."""
    with translation.override(person.locale), timezone.override(person.zone):
        return [(notice.words[0], notice.words[1]) for notice in Notice.objects.filter(user=person)]


def test_a_moved_occurrence_is_announced_to_its_class(meeting: Meeting) -> None:
    occurrence = meeting.occurrences.earliest("starts_at")

    move_occurrence(
        occurrence_id=occurrence.pk, starts_at=occurrence.starts_at + timedelta(hours=2), duration_minutes=60, now=NOW
    )

    assert list(queued()) == [("notices.tell_moved", {"occurrence_id": str(occurrence.pk)})]


def test_everybody_reads_the_new_time_on_their_own_clock(meeting: Meeting, student: User) -> None:
    occurrence = meeting.occurrences.earliest("starts_at")

    occurrences.tell_moved(occurrence_id=occurrence.pk, now=NOW)

    ((subject, text),) = notices_of(student)
    assert (
        subject
        == f"“Algebra” is moved to {occurrence.starts_at.astimezone(student.zone):%A %-d %B, %H:%M} (Riyadh time)"
    )
    assert "Join from its page" in text
    assert notices_of(meeting.teacher) == []


def test_a_cancelled_occurrence_is_told_with_its_reason(meeting: Meeting, student: User) -> None:
    occurrence = meeting.occurrences.earliest("starts_at")
    cancel_occurrence(occurrence_id=occurrence.pk, reason="The teacher is ill.", now=NOW)
    ((task, arguments),) = queued()

    occurrences.tell_cancelled(occurrence_ids=[occurrence.pk], now=NOW)

    ((subject, text),) = notices_of(student)
    assert (task, arguments) == ("notices.tell_cancelled", {"occurrence_ids": [str(occurrence.pk)]})
    assert "is cancelled" in subject
    assert text.endswith("The teacher is ill.")


def test_the_end_of_a_series_is_one_piece_of_news(meeting: Meeting, student: User) -> None:
    cancel_meeting(meeting_id=meeting.pk, now=NOW)
    ((_task, arguments),) = queued()

    occurrences.tell_cancelled(occurrence_ids=arguments["occurrence_ids"], now=NOW)

    ((subject, text),) = notices_of(student)
    assert subject == "4 sessions of “Algebra” are cancelled"
    assert text.startswith("4 sessions of “Algebra” are cancelled, the first on ")
    assert "\n" not in text


def test_the_end_of_a_course_is_one_piece_of_news_that_lists_its_sessions(student: User) -> None:
    teacher = make_teacher()
    group = make_class(teacher=teacher, students=[student], name="Logic")
    days = [NOW + timedelta(days=number) for number in (3, 1, 2)]
    made = [make_meeting(spec(teacher, group=group, title=f"Logic {day:%a}", starts_at=day)) for day in days]

    cancel_meetings(meeting_ids=[meeting.pk for meeting in made], now=NOW, reason="The course was ended.")
    ((task, arguments),) = queued()
    occurrences.tell_cancelled(occurrence_ids=arguments["occurrence_ids"], now=NOW)

    ((subject, text),) = notices_of(student)
    first, *listed, reason = text.split("\n")
    assert (task, subject) == ("notices.tell_cancelled", "3 sessions of “Logic” are cancelled")
    assert first.startswith("3 sessions of “Logic” are cancelled, the first on ")
    assert reason == "The course was ended."
    assert [line.partition(" · ")[2] for line in listed] == [f"\u2068Logic {day:%a}\u2069" for day in sorted(days)]
    assert notices_of(teacher) == []


def test_a_long_list_of_cancelled_occurrences_is_cut(student: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occurrences, "MOST_LISTED", 1)
    teacher = make_teacher()
    group = make_class(teacher=teacher, students=[student])
    made = [
        make_meeting(spec(teacher, group=group, starts_at=NOW + timedelta(days=number))).occurrences.get()
        for number in (1, 2, 3)
    ]
    cancel_meetings(meeting_ids=[occurrence.meeting_id for occurrence in made], now=NOW)

    occurrences.tell_cancelled(occurrence_ids=[occurrence.pk for occurrence in made], now=NOW)

    ((_subject, text),) = notices_of(student)
    assert text.split("\n")[2:] == ["and 2 more"]


def test_each_hears_only_of_the_occurrences_that_expect_them(student: User) -> None:
    teacher, guest = make_teacher(), make_student()
    group = make_class(teacher=teacher, students=[student])
    of_all = make_meeting(spec(teacher, group=group, title="For all", starts_at=NOW + timedelta(days=1)))
    exam = spec(teacher, group=group, title="Exam", starts_at=NOW + timedelta(days=2), audience=Audience.INVITED)
    of_few = schedule_meeting(exam, invited=[guest], now=NOW)

    cancel_meetings(meeting_ids=[of_all.pk, of_few.pk], now=NOW)
    _planned, (_task, arguments) = queued()
    occurrences.tell_cancelled(occurrence_ids=arguments["occurrence_ids"], now=NOW)

    assert [("For all" in text, "Exam" in text) for _subject, text in notices_of(student)] == [(True, False)]
    assert [("For all" in text, "Exam" in text) for _subject, text in notices_of(guest)] == [(False, True)]


def test_what_is_no_classs_is_not_announced_with_what_is(meeting: Meeting) -> None:
    alone = make_meeting(spec(starts_at=NOW + timedelta(days=30)))

    cancel_meetings(meeting_ids=[meeting.pk, alone.pk], now=NOW)

    ((_task, arguments),) = queued()
    assert len(arguments["occurrence_ids"]) == meeting.occurrences.count()


def test_a_new_timetable_is_told_with_the_next_occurrence(meeting: Meeting, student: User) -> None:
    change_meeting(meeting_id=meeting.pk, changes={"starts_at": meeting.starts_at + timedelta(hours=3)}, now=NOW)

    occurrences.tell_timetable(meeting_id=meeting.pk, now=NOW)

    assert [task for task, _ in queued()] == ["notices.tell_timetable"]
    assert [subject for subject, _ in notices_of(student)] == ["“Algebra” is held at other times"]


@pytest.mark.parametrize("batch", [True, False], ids=["an import", "a new title"])
def test_what_leaves_the_times_alone_is_no_news(meeting: Meeting, batch: bool) -> None:
    hours = 3 if batch else 0
    changes: MeetingChanges = {"title": "Algebra II", "starts_at": meeting.starts_at + timedelta(hours=hours)}

    change_meeting(meeting_id=meeting.pk, changes=changes, now=NOW, batch=batch)

    assert list(queued()) == []


def test_a_job_that_runs_twice_tells_once(meeting: Meeting, student: User) -> None:
    occurrence = meeting.occurrences.earliest("starts_at")

    for _ in range(2):
        occurrences.tell_moved(occurrence_id=occurrence.pk, now=NOW)

    assert len(notices_of(student)) == 1


def test_a_cancellation_right_after_a_move_is_told_too(meeting: Meeting, student: User) -> None:
    occurrence = meeting.occurrences.earliest("starts_at")

    occurrences.tell_moved(occurrence_id=occurrence.pk, now=NOW)
    cancel_occurrence(occurrence_id=occurrence.pk, reason="", now=NOW)
    occurrences.tell_cancelled(occurrence_ids=[occurrence.pk], now=NOW)

    assert len(notices_of(student)) == 2


def test_a_substitute_hears_of_the_session_that_is_theirs(meeting: Meeting) -> None:
    occurrence, other = meeting.occurrences.order_by("starts_at")[:2]
    substitute = make_teacher()
    let_substitute(occurrence_id=occurrence.pk, teacher=substitute, now=NOW)

    occurrences.tell_moved(occurrence_id=occurrence.pk, now=NOW)
    occurrences.tell_moved(occurrence_id=other.pk, now=NOW)
    cancel_meeting(meeting_id=meeting.pk, now=NOW)
    occurrences.tell_cancelled(occurrence_ids=[occurrence.pk, other.pk], now=NOW)

    told = Notice.objects.filter(user=substitute).order_by("kind")
    assert [notice.kind for notice in told] == ["session_moved", "sessions_cancelled"]
    assert {notice.facts["session"] for notice in told} == {str(occurrence.pk)}


def test_time_that_a_session_has_is_no_news(meeting: Meeting) -> None:
    occurrence = meeting.occurrences.earliest("starts_at")
    revision = meeting.revision

    for _ in range(2):
        same = move_occurrence(
            occurrence_id=occurrence.pk, starts_at=occurrence.starts_at, duration_minutes=60, now=NOW
        )

    meeting.refresh_from_db()
    assert (list(queued()), same.is_exception, meeting.revision) == ([], False, revision)


def test_who_asks_twice_for_a_substitute_tells_them_once(meeting: Meeting) -> None:
    occurrence, substitute = meeting.occurrences.earliest("starts_at"), make_teacher()

    for _ in range(2):
        change_occurrence(occurrence_id=occurrence.pk, teacher=substitute, now=NOW)

    assert [notice.kind for notice in Notice.objects.filter(user=substitute)] == ["session_substituted"]


def test_what_is_said_last_is_what_holds(meeting: Meeting, student: User) -> None:
    occurrence = meeting.occurrences.earliest("starts_at")

    for moment in range(3):
        cancel_occurrence(occurrence_id=occurrence.pk, reason="", now=NOW)
        occurrences.tell_cancelled(occurrence_ids=[occurrence.pk], now=NOW + timedelta(seconds=moment))
        hold_again(occurrence_id=occurrence.pk, now=NOW)
        occurrences.tell_held_again(occurrence_id=occurrence.pk, now=NOW + timedelta(seconds=moment, milliseconds=1))

    said = [subject for subject, _text in reversed(notices_of(student))]
    assert ["after all" in subject for subject in said] == [False, True] * 3


def test_a_job_that_comes_late_says_nothing_that_is_no_longer_so(meeting: Meeting, student: User) -> None:
    occurrence = meeting.occurrences.earliest("starts_at")

    occurrences.tell_cancelled(occurrence_ids=[occurrence.pk], now=NOW)
    cancel_occurrence(occurrence_id=occurrence.pk, reason="", now=NOW)
    occurrences.tell_held_again(occurrence_id=occurrence.pk, now=NOW)
    occurrences.tell_moved(occurrence_id=occurrence.pk, now=NOW)

    assert notices_of(student) == []


def test_a_second_timetable_right_after_the_first_is_told_too(meeting: Meeting, student: User) -> None:
    for hours in (3, 5):
        change_meeting(
            meeting_id=meeting.pk, changes={"starts_at": meeting.starts_at + timedelta(hours=hours)}, now=NOW
        )
        occurrences.tell_timetable(meeting_id=meeting.pk, now=NOW + timedelta(seconds=hours))

    first, second = (Notice.objects.get(user=student, created_at=NOW + timedelta(seconds=n)) for n in (3, 5))
    assert first.facts["when"] < second.facts["when"]


def test_meetings_of_one_circle_have_one_timetable(meeting: Meeting, student: User) -> None:
    after = meeting.starts_at + timedelta(days=60)
    later = make_meeting(weekly(meeting.teacher, group=meeting.group, title=meeting.title, starts_at=after))

    for one in (meeting, later):
        occurrences.tell_timetable(meeting_id=one.pk, now=NOW)

    assert len(notices_of(student)) == 1


def test_lessons_are_told_by_their_bookings() -> None:
    alone = make_meeting(spec())
    occurrence = alone.occurrences.get()

    move_occurrence(
        occurrence_id=occurrence.pk, starts_at=occurrence.starts_at + timedelta(hours=2), duration_minutes=60, now=NOW
    )

    assert list(queued()) == []
