"""What the second wall does not see: bare values about people are read for who asks, by the code's own word or by ours."""

import ast
from collections import Counter
from typing import Final

import pytest

from tests.safety.bare_values import FOR_ADMINS, WHO_MAY, Module, places, places_in

# Why a read that does not name who asks tells nobody of somebody else. Where a function has more than one, how many.
HANDED_OVER: Final = "rows come from a caller who left those that the reader may read"
SEEN: Final = "about a row that was read as an object before, and so has passed the wall"
ONE_PERSON: Final = (
    "about the one person in the call, whom the rule of the operation or page has compared with who asks"
)
WHOSE: Final = (
    "who looks after whom, and what is whose: rules and the wall itself ask it, and it is answered with yes or no"
)
RECKONED: Final = (
    "a service decides by it whether and how it changes something; what is answered is the row, or a refusal"
)
LOCKED: Final = "locks rows before they are read, or finds what to lock"
NUMBERS: Final = "how many are in a class, circle or lesson, or wait: seen by all who see that"
OFFERED: Final = "free times, and what students' marks come to: seen by everybody who may book, without names"
KEPT: Final = "of a holiday's teacher, for who keeps it: they themselves, or admins"
ADMINS: Final = "for admins: each page and operation that calls it is theirs alone"
JOBS: Final = "jobs call it, who read for nobody"
SAYS: Final = "the function that calls it says whom the values are about, by `bare_values_about`"
TABLE: Final = {
    HANDED_OVER: "bookings.ledger.lines_of*2 bookings.outcomes._ids bookings.outcomes._series_of"
    " meetings.attendance.records.stays_in meetings.reports.over_time._of_students payments.queries.totals_of*2"
    " web.attendance.charts.attendance_grid web.people.views.directory.people*3",
    SEEN: "bookings.ledger.sessions_given_back_by bookings.ledger.taught_with bookings.makeup.is_taken_by"
    " bookings.makeup.usable_with bookings.queries._with_a_lesson payments.refunds.refundable"
    " payments.refunds.unused_of web.attendance.views.attendance._occurrence_context"
    " web.tutoring.views.bookings.render_booking",
    ONE_PERSON: "bookings.finding._last_of*2 bookings.makeup.has_for_kind bookings.models.credit._credits_of"
    " bookings.policies.moves_this_month calendars.reading.hurry excuses.rules.accepted_this_month"
    " groups.models._groups_of groups.places.places_of groups.queries.groups_learnt_in notices.phones.number_of"
    " notices.push.digests_of privacy.consent.text_to_ask privacy.erasure._words_of*2 privacy.erasure.foresee*2"
    " recordings.consent.text_to_ask recordings.queries.recordings_with_a_teacher_alone"
    " web.tutoring.views.availability._said_of_time_off",
    WHOSE: "bookings.api.feedback._check_student bookings.permissions.owns_time_off bookings.queries._taught_lessons"
    " calendars.permissions.owns_calendar excuses.permissions.may_act_for groups.people._students_of"
    " groups.people._taught_in_groups meetings.queries._met",
    RECKONED: "bookings.guests.services._check_trial bookings.kinds.choosing._last_turns"
    " bookings.kinds.rules.check_trial bookings.kinds.services.remove_kind*2 bookings.makeup.give_back"
    " bookings.policies.check_request bookings.seats.give_back bookings.series.moving._carry_out"
    " calendars.reading._kept_of calendars.reading.take_time calendars.services._refuse_too_many"
    " calendars.services.finish_removal calendars.services.remove_calendar*2"
    " calendars.services.write_sessions_into excuses.services._meant excuses.services._sessions"
    " groups.places.give_up_place groups.services._enrol groups.services._refuse_members"
    " groups.services._take_out groups.services.join_group groups.services.sync_members"
    " groups.services.take_out meetings.attendance.policies._verdicts meetings.occurrences._put_in_charge"
    " meetings.presence.identity._link meetings.presence.identity.forget_match"
    " meetings.presence.identity.recognise*2 notices.services._send_in_time*2 payments.refunds.note_failed*2"
    " payments.refunds.take_what_was_refunded privacy.erasure._end_what_is_ahead*3"
    " privacy.erasure._refuse_erased privacy.erasure.erase",
    LOCKED: "bookings.group_lessons._locked bookings.seats.lock_seat bookings.seats.waiting_beside"
    " bookings.services.lock_series bookings.services.locked*2 calendars.reading._locked"
    " payments.settling._locked payments.settling._purchase_of",
    NUMBERS: "bookings.seats._with_seats bookings.seats.is_any_left courses.models.with_counts"
    " groups.answers.members_answer groups.api.import_students groups.models.beyond_capacity"
    " groups.models.with_people*3 groups.services._fill_places halakat.answers.describe*2"
    " web.groups.presenters.circles._count web.groups.presenters.circles.counted",
    OFFERED: "bookings.api.feedback.list_feedback bookings.api.teachers._closed bookings.kinds.slots._find"
    " bookings.queries.teachers bookings.slots._find bookings.slots.fits bookings.slots.fitting"
    " bookings.slots.fitting_teachers bookings.slots.next_free",
    KEPT: "holiday_changes.affected.cancelled_for",
    ADMINS: "meetings.sync.status.status privacy.consent.figures*2 recordings.consent.agreed"
    " web.school.views.overview.overview",
    JOBS: "bookings.makeup._unsettled*3 bookings.makeup.expire calendars.reading.due notices.mailing._tell_refused"
    " notices.nudges._take_turns recordings.deleting.delete_what_was_asked",
    SAYS: "earnings.hours._fetch",
}
REMEDY: Final = (
    f"Leave of the rows what the person who asks may read: by one of {', '.join(sorted(WHO_MAY))}, or under the rule"
    f" {', '.join(FOR_ADMINS)}. Or say in TABLE why nobody is told of somebody else."
)
A_LEAK: Final = """
def notes(request, student_id):
    lessons = Booking.objects.filter(student=student_id)
    return list(lessons.order_by("pk").{})
"""


def test_each_read_of_bare_values_about_people_is_for_who_asks_or_is_named_with_its_reason() -> None:
    found = list(places())
    allowed = Counter({name: int(many or 1) for name, _, many in (row.partition("*") for row in _rows())})
    there = Counter(place.function for place in found)

    new = [
        f"{one.function}, line {one.line}: {one.text}" for one in found if there[one.function] > allowed[one.function]
    ]
    assert new == [], REMEDY
    assert {name: many for name, many in allowed.items() if there[name] != many} == {}, "TABLE names what is no more"


@pytest.mark.parametrize(
    "read",
    [
        "values('notes')",
        "values_list('notes')",
        "aggregate(Count('pk'))",
        "annotate(n=Count('pk'))",
        "count()",
        "exists()",
    ],
)
def test_a_read_for_nobody_in_particular_is_found(read: str) -> None:
    assert [place.function for place in places_in(_module(A_LEAK.format(read)))] == ["made_up.notes"]


@pytest.mark.parametrize(
    ("mended", "why"),
    [
        (A_LEAK.replace("filter(", "visible_to(request.user).filter("), "filtered by who asks"),
        (A_LEAK.replace("student=student_id", "student=request.user"), "who asks is named"),
        (A_LEAK.replace("def notes", "@allowed(is_admin)\ndef notes"), "for admins"),
        (A_LEAK.replace("Booking", "LessonKind"), "nothing about people"),
        (A_LEAK.replace("list(lessons", "User.objects.filter(pk__in=lessons"), "says which other rows are read"),
    ],
)
def test_a_read_for_who_asks_passes(mended: str, why: str) -> None:
    assert list(places_in(_module(mended.format("values_list('student')")))) == [], why


def test_statements_of_our_own_and_joins_are_found() -> None:
    statement = "def sums(connection):\n    with connection.cursor() as cursor:\n        cursor.execute({})"
    joined = "def sums(when):\n    return Occurrence.objects.filter(at=when).values('attendances__user')"
    typed = "def sums(rows: QuerySet[Attendance]):\n    return rows.count()"

    for text in (
        statement.format("'SELECT notes FROM bookings_booking'"),
        statement.format("made_elsewhere"),
        joined,
        typed,
    ):
        assert [place.function for place in places_in(_module(text))] == ["made_up.sums"], text


def _module(text: str) -> Module:
    return Module(name="classbell.made_up", tree=ast.parse(text))


def _rows() -> list[str]:
    return [row for rows in TABLE.values() for row in rows.split()]
