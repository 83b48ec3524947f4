"""
Whatever happens to a student's lessons, in any order, however often, and however often it breaks in the middle: the ledger
adds up to the balance that is shown, as `ledger_model` says, and no booking has two.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from classbell.accounts.models import User
from classbell.bookings import makeup, outcomes, services
from classbell.bookings.errors import NoCredit
from classbell.bookings.ledger import credits_shown, lines_of
from classbell.bookings.models import Booking, CreditEntry, MakeUpCredit, NoShow, Origin
from classbell.bookings.policies import change_policy
from classbell.errors import DomainError
from classbell.meetings.models import Occurrence
from tests.at_once import at_once
from tests.bookings.ledger_model import HOUR, LIVE, Account, Booked, Lesson, Refused, Stands
from tests.examples import examples
from tests.factories import make_admin, make_class, make_student
from tests.factories_bookings import make_booking, make_tutor
from tests.factories_meetings import make_meeting, spec

pytestmark = pytest.mark.django_db

WHICH = st.integers(0, 11)
# After how many statements it breaks; None: it does not.
BREAKS = st.sampled_from([None] * 18 + [0, 1, 2, 3, 5, 8, 13, 21, 34])
ANYBODY = ""


class Crashed(Exception):
    """The process ended here."""


@contextmanager
def crashing(after: int | None) -> Iterator[None]:
    """Break off after so many statements, once; ends without a word when it came so far or was done before."""
    left = [after]

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        # What opens and ends transactions is the database's own.
        if left[0] is not None and not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            if left[0] == 0:
                left[0] = None
                raise Crashed
            left[0] -= 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield


class Ledger(RuleBasedStateMachine):
    """One student, two teachers and an admin. Each rule does something to the product, and the same to the model."""

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self.admin, self.student = make_admin(), make_student()
        self.teachers: dict[str, User] = {
            name: make_tutor(opens="00:00", closes="24:00") for name in ("Amina", "Basim")
        }
        self.session = _session_of(self.teachers["Amina"], self.student)
        self.hours: set[datetime] = set()
        self.bought: list[set[str]] = []

    @initialize(late=st.sampled_from([True, True, False]), returns=st.booleans(), days=st.sampled_from([None, 5]))
    def rules_of_the_school(self, late: bool, returns: bool, days: int | None) -> None:
        self.account = Account(late, returns, days)
        changes = {
            "cancel_notice_hours": 24,
            "open_requests_with_teacher": None,
            "open_requests_in_all": None,
            "late_cancellation_takes_lesson": late,
            "no_show_returns_lesson": returns,
            "makeup_credit_days": days,
        }
        change_policy(teacher_id=None, changes=changes)
        # Enough to lose from the first step on: a few steps would seldom come to a lesson that is cancelled too late.
        for teacher, ends in (("Amina", None), ("Basim", 3), (ANYBODY, 1), (ANYBODY, None)):
            self.give_some(Origin.GIFT, teacher, ends, count=1)
        for teacher, hours, with_lesson in (("Amina", 2, True), ("Basim", 30, True), ("Amina", 30, False)):
            self.book_one(teacher, hours, with_lesson=with_lesson)
            self.confirm_one(self.account.bookings[-1])
        self.book_one("Basim", 100, with_lesson=True)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    # How a lesson comes.

    @rule(
        origin=st.sampled_from([Origin.PACKAGE, Origin.GIFT, Origin.CORRECTION, Origin.MAKEUP]),
        teacher=st.sampled_from(["Amina", "Basim", ANYBODY]),
        days=st.sampled_from([None, 1, 3, 30]),
        count=st.integers(1, 3),
        breaks=BREAKS,
    )
    def give(self, origin: Origin, teacher: str, days: int | None, count: int, breaks: int | None) -> None:
        if origin == Origin.MAKEUP and (not teacher or days is None):
            return
        self.give_some(origin, teacher, days, count=count, breaks=breaks)

    def give_some(
        self, origin: Origin, teacher: str, days: int | None, *, count: int, breaks: int | None = None
    ) -> None:
        until = None if days is None else self.now + timedelta(days=days)

        def given() -> None:
            lines = makeup.give(
                student=self.student,
                teacher=self.teachers.get(teacher),
                count=count,
                expires_at=until,
                origin=origin,
                reason="Given",
                by=self.admin,
                now=self.now,
            )
            self.account.lessons += [Lesson(str(line.credit_id), teacher, until) for line in lines]

        self.do(given, breaks=breaks)

    @rule(teacher=st.sampled_from(["Amina", ANYBODY]), days=st.sampled_from([None, 2]), breaks=BREAKS)
    def buy(self, teacher: str, days: int | None, breaks: int | None) -> None:
        until = None if days is None else self.now + timedelta(days=days)

        def bought() -> None:
            credits_ = makeup.add_bought(
                student=self.student,
                teacher=self.teachers.get(teacher),
                count=2,
                expires_at=until,
                origin=Origin.PACKAGE,
                by=None,
                reason="Paid",
                now=self.now,
            )
            self.account.lessons += [Lesson(str(one.pk), teacher, until) for one in credits_]
            self.bought.append({str(one.pk) for one in credits_})

        self.do(bought, breaks=breaks)

    @rule(breaks=BREAKS)
    def excuse_from_a_session(self, breaks: int | None) -> None:
        """Once for the session, and once more after it was taken back."""
        before = self.excused

        def earned() -> None:
            until = self.now + timedelta(days=4)
            credit = makeup.earn(self.student, self.session, expires_at=until, now=self.now)
            if before is None:
                self.account.lessons.append(Lesson(str(credit.pk), "Amina", until))
            elif self.taken_back_by_rule:
                before.stands, before.until = Stands.THERE, until
            self.taken_back_by_rule = False

        self.do(earned, breaks=breaks)

    taken_back_by_rule = False

    @property
    def excused(self) -> Lesson | None:
        """The lesson for the session, if there ever was one."""
        pk = MakeUpCredit.objects.filter(session=self.session).values_list("pk", flat=True).first()
        return next((one for one in self.account.lessons if one.key == str(pk)), None)

    # How one goes, and comes back.

    @precondition(lambda self: self.excused is not None)
    @rule(breaks=BREAKS)
    def excuse_no_more(self, breaks: int | None) -> None:
        lesson = self.excused
        assert lesson is not None

        def taken_back() -> None:
            is_there = lesson.is_usable(self.now)
            assert makeup.take_back(_uuid(lesson.key), now=self.now) == is_there
            if is_there:
                self.account.withdraw({lesson.key}, 1)
                self.taken_back_by_rule = True

        self.do(taken_back, breaks=breaks)

    @rule(
        teacher=st.sampled_from(["Amina", "Basim"]),
        hours=st.sampled_from([2, 30, 100]),
        with_lesson=st.sampled_from([True, True, False]),
        confirmed=st.booleans(),
        breaks=BREAKS,
    )
    def book(self, teacher: str, hours: int, with_lesson: bool, confirmed: bool, breaks: int | None) -> None:
        if self.book_one(teacher, hours, with_lesson=with_lesson, breaks=breaks) and confirmed:
            self.confirm_one(self.account.bookings[-1], breaks)

    def book_one(self, teacher: str, hours: int, *, with_lesson: bool, breaks: int | None = None) -> bool:
        """Say whether it was booked."""
        starts_at = self.now.replace(minute=0) + timedelta(hours=hours)
        while starts_at in self.hours:
            starts_at += HOUR

        def booked() -> None:
            booking = make_booking(
                teacher=self.teachers[teacher],
                student=self.student,
                starts_at=starts_at,
                now=self.now,
                use_credit=with_lesson,
            )
            self.hours.add(starts_at)
            self.account.book(
                Booked(str(booking.pk), teacher, starts_at, self.now), with_lesson=with_lesson, now=self.now
            )

        if with_lesson and not self.account.usable(self.now, teacher):
            with pytest.raises(NoCredit):
                booked()
            return False
        return self.do(booked, breaks=breaks)

    @precondition(lambda self: self.account.bookings)
    @rule(which=WHICH, breaks=BREAKS)
    def confirm(self, which: int, breaks: int | None) -> None:
        self.confirm_one(self.booking(which), breaks)

    def confirm_one(self, one: Booked, breaks: int | None = None) -> None:
        self.both(
            lambda: services.confirm_booking(booking_id=_uuid(one.key), now=self.now),
            lambda: self.account.confirm(one, self.now),
            breaks=breaks,
        )

    @precondition(lambda self: self.account.bookings)
    @rule(which=WHICH, breaks=BREAKS)
    def decline(self, which: int, breaks: int | None) -> None:
        one = self.booking(which)
        self.both(
            lambda: services.decline_booking(
                booking_id=_uuid(one.key), by=self.teachers[one.teacher], reason="", now=self.now
            ),
            lambda: self.account.decline(one),
            breaks=breaks,
        )

    @precondition(lambda self: self.account.bookings)
    @rule(which=WHICH, by_student=st.booleans(), hours=st.sampled_from([1, 23, 25, 60]), breaks=BREAKS)
    def cancel(self, which: int, by_student: bool, hours: int, breaks: int | None) -> None:
        """So many hours ahead, in time or too late, or after that."""
        one = self.booking(which)
        self.wait_until(one.starts_at - timedelta(hours=hours))
        by = self.student if by_student else self.teachers[one.teacher]
        self.both(
            lambda: services.cancel_booking(booking_id=_uuid(one.key), by=by, now=self.now),
            lambda: self.account.cancel(one, by_student=by_student, now=self.now),
            breaks=breaks,
        )

    @precondition(lambda self: self.account.bookings)
    @rule(which=WHICH, by_teacher=st.booleans(), minutes=st.sampled_from([0, 20, 30, 90]), breaks=BREAKS)
    def do_not_come(self, which: int, by_teacher: bool, minutes: int, breaks: int | None) -> None:
        """Reported so many minutes after the start, or later."""
        one = self.booking(which)
        self.wait_until(one.starts_at + timedelta(minutes=minutes))
        who = NoShow.TEACHER if by_teacher else NoShow.STUDENT

        def missed() -> None:
            credit = MakeUpCredit.objects.filter(missed=_uuid(one.key)).first()
            self.account.miss(one, key=str(credit.pk if credit else ""), by_teacher=by_teacher, now=self.now)

        self.both(
            lambda: outcomes.report_no_show(booking_id=_uuid(one.key), who=who, by=self.admin, now=self.now),
            missed,
            breaks=breaks,
        )

    @rule(count=st.integers(1, 3), breaks=BREAKS)
    def correct(self, count: int, breaks: int | None) -> None:
        self.both(
            lambda: makeup.take(student=self.student, count=count, reason="A mistake", by=self.admin, now=self.now),
            lambda: self.account.take(count, self.now),
            breaks=breaks,
        )

    @precondition(lambda self: self.bought)
    @rule(which=WHICH, most=st.integers(1, 2), breaks=BREAKS)
    def refund(self, which: int, most: int, breaks: int | None) -> None:
        """Of a package, whatever became of its lessons: used ones, expired ones and all."""
        keys = self.bought[which % len(self.bought)]
        self.both(
            lambda: makeup.withdraw(
                [_uuid(key) for key in keys], most=most, reason="Refunded", by=self.admin, now=self.now
            ),
            lambda: self.account.withdraw(keys, most),
            breaks=breaks,
        )

    # What time does, and the jobs that note it.

    @rule(hours=st.sampled_from([1, 3, 26, 80]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    def wait_until(self, moment: datetime) -> None:
        self.now = max(self.now, moment)

    @rule(breaks=BREAKS)
    def note_what_expired(self, breaks: int | None) -> None:
        self.job(lambda: makeup.expire(now=self.now), lambda: self.account.expire(self.now), breaks=breaks)

    @rule(breaks=BREAKS)
    def give_up_requests(self, breaks: int | None) -> None:
        self.job(lambda: outcomes.lapse_requests(now=self.now), lambda: self.account.lapse(self.now), breaks=breaks)

    @rule(breaks=BREAKS)
    def complete(self, breaks: int | None) -> None:
        self.job(lambda: outcomes.complete_ended(now=self.now), lambda: self.account.complete(self.now), breaks=breaks)

    # What holds, always.

    @invariant()
    def the_ledger_adds_up(self) -> None:
        lines = list(lines_of(credits_shown(self.student.pk, reader=self.student)).order_by("at", "pk"))
        running = 0
        for line in lines:
            running += line.amount
            assert line.balance == running, "The statement adds up line by line."
            assert running >= 0, "No balance is ever below nothing."
        assert running == self.account.in_ledger, "The ledger has what there should be."

    @invariant()
    def the_balance_shown_is_what_can_be_used(self) -> None:
        usable = credits_shown(self.student.pk, reader=self.student).usable(self.now)
        assert {str(pk) for pk in usable.values_list("pk", flat=True)} == {
            one.key for one in self.account.usable(self.now)
        }

    @invariant()
    def every_booking_has_at_most_the_lesson_that_it_should(self) -> None:
        taken = MakeUpCredit.objects.filter(used_by__isnull=False).values_list("used_by", "pk")
        assert sorted((str(booking), str(credit)) for booking, credit in taken) == sorted(
            (one.key, one.takes.key) for one in self.account.bookings if one.takes is not None
        )

    @invariant()
    def bookings_stand_as_they_should(self) -> None:
        stand = {str(pk): status for pk, status in Booking.objects.values_list("pk", "status")}
        assert stand == {one.key: one.status.name for one in self.account.bookings}

    # How it is done.

    def booking(self, which: int) -> Booked:
        """Return one of the bookings, of the last ones, among which are those that are live."""
        live = [one for one in self.account.bookings if one.status in LIVE] or self.account.bookings
        # Now and then whichever, also one that is over: asking twice changes nothing.
        among = self.account.bookings if which > 9 else live
        return among[which % len(among)]

    def do(self, act: Callable[[], object], *, breaks: int | None) -> bool:
        """Do something that may break in the middle. Says whether it was done; if not, nothing was."""
        try:
            with crashing(breaks):
                act()
        except Crashed:
            return False
        return True

    def both(self, act: Callable[[], object], model: Callable[[], None], *, breaks: int | None) -> None:
        """Do something to the product, and to the model once it was done. They refuse the same."""
        refused = False

        def tried() -> None:
            nonlocal refused
            try:
                act()
            except DomainError:
                refused = True

        if not self.do(tried, breaks=breaks):
            return
        if refused:
            with pytest.raises(Refused):
                model()
        else:
            model()

    def job(self, act: Callable[[], object], model: Callable[[], None], *, breaks: int | None) -> None:
        """Run a job, once more if it broke in the middle, as the worker does; and again, which changes nothing."""
        self.do(act, breaks=breaks)
        act()
        assert not act()
        model()


def test_whatever_happens_the_ledger_says_what_is_left() -> None:
    # Each example makes people and a class in a transaction that it takes back. Shorter examples are not looked for: that
    # takes minutes, and what is printed can be read as it is.
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=examples(20),
            stateful_step_count=12,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("left", [1, 2, 3])
def test_two_devices_an_admin_and_a_refund_at_once_spend_no_lesson_twice(left: int) -> None:
    student, teacher, admin = make_student(), make_tutor(), make_admin()
    now = datetime.now(UTC)
    bought = makeup.add_bought(
        student=student,
        teacher=None,
        count=left,
        expires_at=None,
        origin=Origin.PACKAGE,
        by=None,
        reason="Paid",
        now=now,
    )
    noon = (now + timedelta(days=7)).replace(hour=12, minute=0, second=0, microsecond=0)

    def ask(hours: int) -> Booking:
        return make_booking(teacher=teacher, student=student, starts_at=noon + hours * HOUR, use_credit=True)

    done = at_once(
        [
            lambda: ask(0),
            lambda: ask(1),
            lambda: makeup.take(student=student, count=1, reason="A mistake", by=admin, now=now),
            lambda: makeup.withdraw([one.pk for one in bought], most=1, reason="Refunded", by=admin, now=now),
        ]
    )

    spent = sum(1 for one in done if not isinstance(one, Exception) and one != 0)
    assert {type(one) for one in done if isinstance(one, Exception) and not isinstance(one, DomainError)} == set()
    assert spent == min(left, 4)
    assert sum(CreditEntry.objects.values_list("amount", flat=True)) == left - spent
    assert MakeUpCredit.objects.usable(now).count() == left - spent


def _session_of(teacher: User, student: User) -> Occurrence:
    group = make_class(teacher=teacher, students=[student])
    # Far from every hour that is booked.
    return make_meeting(spec(teacher, group=group, starts_at=datetime.now(UTC) + timedelta(days=300))).occurrences.get()


def _uuid(key: str) -> Any:
    return MakeUpCredit._meta.pk.to_python(key)
