"""A term is handed in and looked at without touching anything, and brought in as things are then."""

from datetime import timedelta

import pytest
from django.utils import timezone

from classbell.accounts.models import User
from classbell.courses.models import Section, TermDraft
from classbell.courses.timetable.drafts import Foreseen, carry_out
from classbell.courses.timetable.files import TimetableUnreadable
from classbell.groups.models import Group, Membership
from classbell.holidays.models import Effect
from classbell.meetings.hosts import pool
from classbell.meetings.models import Meeting, Occurrence, ZoomAccount, ZoomHost
from tests.courses.timetable.terms import handed_in, next_monday
from tests.factories import make_admin
from tests.holidays.factories import make_holiday

pytestmark = pytest.mark.django_db

AT_NINE = "A,Algebra,t1@ist.example,mon,09:00,10:30,0"
SAME_TIME = "B,Botany,t2@ist.example,mon,10:00,11:00,0"
SAME_TEACHER = "C,Chess,t1@ist.example,mon,10:00,11:00,0"


@pytest.fixture
def admin() -> User:
    return make_admin()


@pytest.fixture(autouse=True)
def licence() -> ZoomHost:
    """One licensed host with one seat."""
    host = ZoomHost.objects.create(
        account=ZoomAccount.objects.create(account_id="sim"), zoom_user_id="one", email="one@x.example"
    )
    pool.set_seats(host, 1)
    return host


def test_looking_at_a_term_changes_nothing(admin: User) -> None:
    draft = handed_in(admin, AT_NINE, now=timezone.now())

    assert (User.objects.count(), Group.objects.count(), Meeting.objects.count()) == (1, 0, 0)
    assert Foreseen.of(draft) == Foreseen(
        created=1,
        people_created=2,
        members_added=1,
        occurrences=4,
        teachers=1,
        most_at_once=1,
        peak_starts_at=Foreseen.of(draft).peak_starts_at,
        licences_needed=1,
        licences_usable=1,
    )


def test_draft_says_how_many_licences_are_missing(admin: User) -> None:
    foreseen = Foreseen.of(handed_in(admin, AT_NINE, SAME_TIME, now=timezone.now()))

    assert (foreseen.licences_needed, foreseen.licences_usable, foreseen.without_host) == (2, 1, 1)


def test_draft_names_what_stays_out(admin: User) -> None:
    foreseen = Foreseen.of(
        handed_in(admin, AT_NINE, SAME_TEACHER, "D,Drama,nobody,mon,9:00,10:00,0", now=timezone.now())
    )

    assert [(left.what, left.why[:11]) for left in foreseen.clashes] == [("C", "Algebra · A")]
    assert [left.what for left in foreseen.mistakes] == ["timetable.csv, 4"]


def test_term_is_brought_in_once(admin: User) -> None:
    draft = handed_in(admin, AT_NINE, now=timezone.now())

    summary = carry_out(draft, now=timezone.now())

    assert summary.created == ["A"]
    assert list(Membership.objects.values_list("user__email", flat=True)) == ["s1@ist.example"]
    with pytest.raises(TermDraft.DoesNotExist):
        carry_out(draft, now=timezone.now())


def test_days_without_classes_have_none(admin: User) -> None:
    now = timezone.now()
    draft = handed_in(admin, AT_NINE, now=now, holidays=[next_monday(now) + timedelta(weeks=1)])

    carry_out(draft, now=now)

    assert Occurrence.objects.taking_place().count() == 3


def test_the_school_s_holidays_are_named_with_what_they_do(admin: User) -> None:
    monday = next_monday(timezone.now())
    make_holiday(monday, name="Eid al-Fitr")
    make_holiday(monday + timedelta(weeks=1), name="National day", effect=Effect.WARN)
    make_holiday(monday + timedelta(days=1), name="A day without classes")

    foreseen = Foreseen.of(handed_in(admin, AT_NINE, now=timezone.now()))

    assert [(one.name, one.left_out, one.held) for one in foreseen.holidays] == [
        ("Eid al-Fitr", 1, 0),
        ("National day", 0, 1),
    ]


def test_what_happened_since_counts_when_it_is_brought_in(admin: User) -> None:
    first, second = (handed_in(admin, AT_NINE, now=timezone.now()) for _ in range(2))
    carry_out(first, now=timezone.now())

    summary = carry_out(second, now=timezone.now())

    assert (summary.created, summary.unchanged) == ([], ["A"])
    assert Section.objects.count() == 1


def test_drafts_of_other_days_are_forgotten(admin: User) -> None:
    old = handed_in(admin, now=timezone.now() - timedelta(days=2))
    new = handed_in(admin, now=timezone.now())

    assert list(TermDraft.objects.values_list("pk", flat=True)) == [new.pk]
    assert old.pk != new.pk


def test_file_without_its_columns_is_refused_and_not_kept(admin: User) -> None:
    with pytest.raises(TimetableUnreadable, match=r"enrolments\.csv: .* there is none for student"):
        handed_in(admin, now=timezone.now(), enrolments="who,section\n")

    assert not TermDraft.objects.exists()
