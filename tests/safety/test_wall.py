"""The second wall: with permission checks taken out on purpose, nobody reads what is about somebody else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Final

import pytest
from django.db.models import QuerySet
from structlog.testing import capture_logs

from classbell.accounts import wall
from classbell.accounts.models import User
from classbell.accounts.permissions import rule_of
from classbell.accounts.reader import read_by
from classbell.accounts.wall import NotTheirs, is_walled, past_the_wall, people_of
from classbell.bookings.models import Booking, BookingStatus
from classbell.bookings.models.booking import BookingQuerySet
from classbell.excuses.models import ExcuseQuerySet
from classbell.payments.models import PurchaseQuerySet
from classbell.privacy.kept import TABLES
from tests.api_client import ApiClient
from tests.config.test_api import OPERATIONS
from tests.factories import guard, make_admin, make_class, make_guardian, make_student, make_teacher
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.factories_meetings import make_class_of
from tests.meetings.api.test_roles import ROWS, ask
from tests.roles.leaks import leaks, text_of
from tests.roles.world import World

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
STRANGERS: Final = ("other_student", "other_teacher")
# The checks that are taken out, each by itself: what they let through is about people.
CHECKS: Final = {
    "takes_part",
    "teaches_booking",
    "takes_part_in_series",
    "teaches_series",
    "teaches_group_lesson",
    "reads_hours",
    "sees_excuse",
    "decides_excuse",
    "withdraws_excuse",
    "sees_purchase",
    "keeps_attendance_named",
    "keeps_all_attendance_named",
    "deletes_recording",
    "owns_calendar",
}
GUARDED: Final = [
    name
    for name, row in ROWS.items()
    if getattr(rule_of(OPERATIONS[row.operation].view_func), "__name__", "") in CHECKS
]
# What is kept of people and is not behind the wall, and why.
NAMES: Final = "names are told to whoever meets somebody; `accounts.disclosure` says how much of them"
SIGNING_IN: Final = (
    "read before anybody is signed in, or by libraries that know of no reader; the person is in the query"
)
TIMETABLE: Final = "what is taught when: seen by all it is for, in one place (`visible_to` of meetings and sessions)"
OFFERED: Final = "what teachers offer: seen by everybody who may book"
GUARDING: Final = "the wall itself asks it whose ward somebody is"
OURS: Final = "read by jobs only, or named with the row that it belongs to, which is behind the wall"
BESIDE: Final = {
    NAMES: "accounts.User",
    GUARDING: "accounts.Guardianship",
    SIGNING_IN: "accounts.Invitation account.EmailAddress account.EmailConfirmation mfa.Authenticator accounts.SignIn"
    " socialaccount.SocialAccount socialaccount.SocialToken accounts.SignInAttempt accounts.ProviderSession accounts.ApiKey"
    " accounts.IdempotencyKey accounts.SignUpRequest accounts.User_groups accounts.User_user_permissions admin.LogEntry",
    TIMETABLE: "groups.Group_teachers halakat.Halaka courses.Course meetings.Meeting meetings.Occurrence meetings.Registrant"
    " bookings.GroupLesson holidays.Holiday courses.TermDraft courses.TermImport meetings.ZoomAccount"
    " meetings.AccountBinding halakat.WaitingStudent groups.WaitingStudent",
    OFFERED: "bookings.KindTeacher bookings.Availability bookings.HoursPeriod bookings.TeacherSettings"
    " bookings.BookingPolicy door.PublicTeacher payments.Offer",
    OURS: "notices.Dispatch notices.NotificationChoices notices.Nudge notices.Reminder bookings.GuestLink"
    " meetings.JoinClick meetings.ExcusedTime calendars.BusyTime calendars.WrittenSession payments.BoughtLesson",
}


@pytest.mark.parametrize("role", STRANGERS)
@pytest.mark.parametrize("name", GUARDED)
def test_without_its_check_an_operation_tells_a_stranger_nothing(api: Api, world: World, name: str, role: str) -> None:
    row = ROWS[name]

    with unchecked(OPERATIONS[row.operation].view_func):
        answer = ask(api, row, world, role)

    assert answer.status_code == 404 or row.status(role) < 300, text_of(answer)
    assert leaks(world, role, text_of(answer)) == []


@pytest.mark.parametrize("role", STRANGERS)
def test_filters_taken_out_at_once_tell_a_stranger_nothing(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    """The rules stay; what lists and looks up reads everybody's rows."""
    for rows in (BookingQuerySet, ExcuseQuerySet, PurchaseQuerySet):
        monkeypatch.setattr(rows, "visible_to", everybody)

    for name in (
        "GET /bookings/bookings",
        "GET /excuses",
        "GET /excuses/{uuidstr:excuse_id}",
        "GET /excuses/{uuidstr:excuse_id}/document",
        "GET /purchases",
        "GET /purchases/{uuidstr:purchase_id}",
    ):
        answer = ask(api, ROWS[name], world, role)

        assert answer.status_code == 404, name


def test_it_is_the_wall_that_holds_them(api: Api, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, too, a check that is taken out lets the stranger read."""
    monkeypatch.setattr(wall, "_passes", lambda *_: True)
    row = ROWS["GET /bookings/bookings/{uuidstr:booking_id}"]

    with unchecked(OPERATIONS[row.operation].view_func):
        answer = ask(api, row, world, "other_student")

    assert answer.status_code == 200
    assert "name of member" in leaks(world, "other_student", text_of(answer))


def test_rows_are_read_by_whom_they_are_about_and_by_admins() -> None:
    student, teacher, other = make_student(), make_tutor(), make_student()
    booking = make_booking(student=student, teacher=teacher)

    for reader in (student, teacher, make_admin(), None):
        assert read_anew(booking, reader) == booking
    for stranger in (other, make_teacher()):
        with pytest.raises(NotTheirs):
            read_anew(booking, stranger)


def test_guardians_and_teachers_read_what_is_about_those_they_look_after() -> None:
    student = make_student()
    booking = make_booking(student=student, teacher=make_tutor())
    class_teacher = make_teacher()
    make_class(teacher=class_teacher, students=[student])

    assert read_anew(booking, make_guardian(student)) == booking
    assert read_anew(booking, class_teacher) == booking


def test_whom_somebody_looks_after_is_asked_once_in_one_statement(django_assert_num_queries: Any) -> None:
    """A teacher who is a guardian too meets, teaches and looks after people in every way there is."""
    teacher = make_tutor()
    ward, taught, tutored, met = (make_student() for _ in range(4))
    guard(teacher, ward)
    make_class(teacher=teacher, students=[taught])
    make_booking(student=tutored, teacher=teacher)
    Booking.objects.update(status=BookingStatus.CONFIRMED)
    lesson = make_class_of(met, starts_at=a_day_ahead())
    lesson.occurrences.update(substitute=teacher)

    with django_assert_num_queries(1):
        people = people_of(teacher)
        assert people_of(teacher) is people

    assert people == {ward.pk, taught.pk, tutored.pk, met.pk}


def test_what_somebody_is_given_within_a_request_is_theirs_at_once() -> None:
    teacher, student = make_teacher(), make_student()
    booking = make_booking(student=student, teacher=make_tutor())

    with read_by(teacher):
        with pytest.raises(NotTheirs):
            booking.refresh_from_db()
        make_class(teacher=teacher, students=[student])
        booking.refresh_from_db()


def test_what_is_only_reckoned_with_is_read_past_the_wall_and_refusals_are_logged() -> None:
    booking = make_booking()

    with read_by(make_student()):
        with past_the_wall():
            assert read_anew(booking, None) == booking
        with capture_logs() as lines, pytest.raises(NotTheirs):
            booking.refresh_from_db()

    assert [(line["event"], line["what"]) for line in lines] == [("second_wall", f"bookings.Booking {booking.pk}")]


def test_everything_that_is_kept_of_people_is_behind_the_wall_or_beside_it_for_a_reason() -> None:
    about_people = {table.model for table in TABLES if table.about}
    beside = {name for names in BESIDE.values() for name in names.split()}

    assert sorted(name for name in about_people - beside if not is_walled(_model(name))) == []
    assert sorted(name for name in beside if name not in about_people or is_walled(_model(name))) == []


def read_anew(booking: Booking, reader: User | None) -> Booking:
    """Return a booking as its reader gets it; None reads for nobody."""
    with read_by(reader) if reader else nullcontext():
        return Booking.objects.get(pk=booking.pk)


def everybody(rows: QuerySet[Any], *_: Any) -> QuerySet[Any]:
    """Stand for a filter that was forgotten."""
    return rows


@contextmanager
def unchecked(view: Any) -> Iterator[None]:
    """Take the rule out of an operation meanwhile: everybody who is signed in gets through."""
    code = getattr(view, "__code__", None)
    while code is None or "rule" not in code.co_freevars:
        view = view.__wrapped__
        code = getattr(view, "__code__", None)
    cell = view.__closure__[code.co_freevars.index("rule")]
    rule = cell.cell_contents
    cell.cell_contents = lambda user, **_: True
    try:
        yield
    finally:
        cell.cell_contents = rule


def _model(name: str) -> Any:
    return next(table.rows for table in TABLES if table.model == name)
