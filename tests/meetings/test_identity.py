"""Whose account a participant belongs to."""

import pytest
from django.utils import timezone

from classbell.groups.models import Group
from classbell.meetings.models import (
    KnownAlias,
    MatchedBy,
    Occurrence,
    Participation,
    Registrant,
    ZoomAccount,
    ZoomHost,
)
from classbell.meetings.presence.identity import Alias, forget_match, match_person, relink, say_nobody
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_attendance import make_occurrence, make_stay
from tests.zoom_events import Run, put_on_zoom, tell

pytestmark = pytest.mark.usefixtures("webhooks")


@pytest.fixture
def group(db: None) -> Group:
    return make_class(students=[make_student(email="ana@school.example", first_name="Ana", last_name="Lima")])


@pytest.fixture
def occurrence(group: Group) -> Occurrence:
    occurrence = make_occurrence(group, started=None)
    put_on_zoom(occurrence.meeting)
    occurrence.meeting.refresh_from_db()
    return occurrence


@pytest.fixture
def ana(group: Group):
    return group.memberships.get().user


def come(occurrence: Occurrence, **shown: str) -> Participation:
    """Let somebody come in who shows this, and return their stay."""
    run = Run(occurrence)
    tell(run.joined(occurrence.starts_at, **{"user_name": "iPhone"} | shown))
    return Participation.objects.get(zoom_instance_uuid=run.about["uuid"])


def matched(stay: Participation) -> tuple[object, str]:
    stay.refresh_from_db()
    return stay.user, stay.matched_by


def test_personal_link_says_who_it_is_before_anything_else(occurrence, ana):
    Registrant.objects.create(meeting=occurrence.meeting, user=ana, zoom_registrant_id="R1")

    stay = come(occurrence, registrant_id="R1", customer_key=make_student().pk.hex, email=make_student().email)

    assert matched(stay) == (ana, MatchedBy.REGISTRANT)


def test_personal_link_of_another_meeting_says_nothing(occurrence, ana, group):
    other = make_occurrence(group, started=None, days=1)
    Registrant.objects.create(meeting=other.meeting, user=ana, zoom_registrant_id="R1")

    assert matched(come(occurrence, registrant_id="R1")) == (None, "")


def test_key_from_our_page_comes_before_the_email(occurrence, ana):
    assert matched(come(occurrence, customer_key=ana.pk.hex, email=make_student().email)) == (
        ana,
        MatchedBy.CUSTOMER_KEY,
    )


@pytest.mark.parametrize("key", ["stu-000007", "0" * 32, "x" * 32, "a"])
def test_key_that_is_not_ours_says_nothing(occurrence, ana, key):
    assert matched(come(occurrence, customer_key=key, email="ANA@school.example")) == (ana, MatchedBy.EMAIL)


def test_whoever_starts_the_meeting_with_its_licence_is_its_teacher(occurrence):
    account = ZoomAccount.objects.create(account_id="an-account")
    other = make_teacher(email="licence@school.example")
    host = ZoomHost.objects.create(account=account, zoom_user_id="a-host", email=other.email)
    occurrence.meeting.zoom_host = host
    occurrence.meeting.save(update_fields=["zoom_host"])

    stay = come(occurrence, participant_user_id="a-host", email=other.email)

    assert matched(stay) == (occurrence.meeting.teacher, MatchedBy.HOST)


def test_email_matches_in_any_case_and_a_name_matches_nobody(occurrence, ana):
    by_email = come(occurrence, email="Ana@School.Example")
    by_name = come(occurrence, user_name="Ana Lima")

    assert (matched(by_email), matched(by_name)) == ((ana, MatchedBy.EMAIL), (None, ""))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Alias(name="Ana Lima"), Alias(name="  ana   LIMA "), True),
        (Alias(name="Ａna"), Alias(name="Ana"), True),
        (Alias(name="x", email="A@b.example"), Alias(name="y", email="a@B.example "), True),
        (Alias(name="a@b.example"), Alias(email="a@b.example"), False),
        (Alias(name="Ana"), Alias(name="Anna"), False),
    ],
    ids=["spacing-and-case", "width", "email-beats-name", "a-name-is-no-email", "other-name"],
)
def test_people_are_remembered_under_a_normal_form(one, other, same):
    assert (one.key == other.key) is same


def test_choice_of_a_person_covers_their_stays_here_and_is_remembered_for_the_class(occurrence, ana, group):
    first, second = come(occurrence, user_name="Ana's iPad"), come(occurrence, user_name="ana's  ipad")
    somebody_else = come(occurrence, user_name="Ben's iPad")
    earlier = make_stay(make_occurrence(group, days=1), None, 0, 60, name="Ana's iPad")

    changed = match_person(participation_id=first.pk, user=ana, by=occurrence.meeting.teacher)
    later = come(occurrence, user_name="ANA'S IPAD")

    assert changed == 3
    assert matched(first) == matched(second) == matched(later) == (ana, MatchedBy.MANUAL)
    assert matched(earlier) == (ana, MatchedBy.REMEMBERED)
    assert matched(somebody_else) == (None, "")


def test_choice_counts_in_its_class_only(occurrence, ana):
    elsewhere = make_occurrence(make_class(teacher=occurrence.meeting.teacher), started=None, days=1)
    put_on_zoom(elsewhere.meeting)
    stay = come(occurrence, user_name="iPad")

    match_person(participation_id=stay.pk, user=ana, by=make_admin())

    assert matched(come(elsewhere, user_name="iPad")) == (None, "")


def test_choice_outlives_what_is_heard_later(occurrence, ana):
    run = Run(occurrence)
    tell(run.joined(occurrence.starts_at, email=make_student().email))
    stay = Participation.objects.get()

    match_person(participation_id=stay.pk, user=ana, by=make_admin())
    tell(run.left(occurrence.ends_at), run.ended(occurrence.ends_at))

    assert matched(stay) == (ana, MatchedBy.MANUAL)
    assert stay.left_at == occurrence.ends_at


def test_another_choice_replaces_the_first(occurrence, ana):
    ben = make_student()
    stay = come(occurrence, user_name="iPad")

    match_person(participation_id=stay.pk, user=ana, by=make_admin())
    match_person(participation_id=stay.pk, user=ben, by=make_admin())

    assert matched(stay) == (ben, MatchedBy.MANUAL)
    assert [known.user for known in KnownAlias.objects.all()] == [ben]


def test_choice_taken_back_is_forgotten_here_and_wherever_it_was_remembered(occurrence, ana, group):
    other = make_occurrence(group, days=1, started=None)
    stays = [make_stay(occurrence, None, 0, 60), make_stay(other, None, 0, 60)]
    match_person(participation_id=stays[0].pk, user=ana, by=make_admin())
    before = [matched(stay) for stay in stays]

    counts = [forget_match(participation_id=stays[0].pk) for _ in range(2)]

    assert before == [(ana, MatchedBy.MANUAL), (ana, MatchedBy.REMEMBERED)]
    assert (counts, [matched(stay) for stay in stays]) == ([2, 0], [(None, ""), (None, "")])
    assert not KnownAlias.objects.exists()


def test_choice_taken_back_lets_zooms_word_count_again(occurrence, ana):
    stay = come(occurrence, email="ana@school.example")
    match_person(participation_id=stay.pk, user=make_student(), by=make_admin())

    forget_match(participation_id=stay.pk)

    assert matched(stay) == (ana, MatchedBy.EMAIL)


def test_choice_taken_back_leaves_what_somebody_chose_in_another_occurrence(occurrence, ana, group):
    stays = [make_stay(where, None, 0, 60) for where in (occurrence, make_occurrence(group, days=1, started=None))]
    for stay in reversed(stays):
        match_person(participation_id=stay.pk, user=ana, by=make_admin())

    forget_match(participation_id=stays[0].pk)

    assert [matched(stay) for stay in stays] == [(None, ""), (ana, MatchedBy.MANUAL)]


def test_without_a_class_the_choice_is_remembered_for_the_teacher(occurrence, ana):
    occurrence.meeting.group = None
    occurrence.meeting.save(update_fields=["group"])
    stay = come(occurrence, user_name="iPad")

    match_person(participation_id=stay.pk, user=ana, by=make_admin())

    known = KnownAlias.objects.get()
    assert (known.group, known.teacher, known.user) == (None, occurrence.meeting.teacher, ana)


def test_stay_without_any_name_is_matched_alone(occurrence, ana):
    stay, other = come(occurrence, user_name=""), come(occurrence, user_name="")

    assert match_person(participation_id=stay.pk, user=ana, by=make_admin()) == 1
    assert (matched(stay), matched(other)) == ((ana, MatchedBy.MANUAL), (None, ""))
    assert KnownAlias.objects.count() == 0


def test_account_or_registration_that_appears_later_is_found(occurrence, ana):
    by_email = come(occurrence, email="late@school.example")
    by_link = come(occurrence, registrant_id="R1")
    stranger = come(occurrence, email="stranger@elsewhere.example")
    late = make_student(email="Late@school.example")
    Registrant.objects.create(meeting=occurrence.meeting, user=ana, zoom_registrant_id="R1")

    found = relink(now=timezone.now())

    assert found == 2
    assert matched(by_email) == (late, MatchedBy.EMAIL)
    assert matched(by_link) == (ana, MatchedBy.REGISTRANT)
    assert matched(stranger) == (None, "")
    assert relink(now=timezone.now()) == 0


# Nobody of ours, as a person said.


def test_who_is_nobody_of_ours_stays_so_in_this_session_whatever_is_heard_later(occurrence, group):
    run = Run(occurrence)
    tell(run.joined(occurrence.starts_at, user_name="iPad"))
    stay = Participation.objects.get()

    changed = say_nobody(participation_id=stay.pk)
    tell(run.left(occurrence.ends_at, user_name="iPad"))
    again, elsewhere = (
        come(occurrence, user_name=" IPAD "),
        make_stay(make_occurrence(group, days=1), None, 0, 60, name="iPad"),
    )
    relink(now=timezone.now())

    nobody, unknown = (None, MatchedBy.NOBODY), (None, "")
    assert changed == 1
    assert (matched(stay), matched(again), matched(elsewhere)) == (nobody, nobody, unknown)


def test_who_shows_who_they_are_is_not_nobody_for_the_sake_of_a_name(occurrence, ana):
    say_nobody(participation_id=come(occurrence, user_name="iPad").pk)

    assert matched(come(occurrence, user_name="iPad", customer_key=ana.pk.hex)) == (ana, MatchedBy.CUSTOMER_KEY)


def test_nobody_of_ours_is_not_matched_with_an_account_that_appears_later(occurrence):
    stay = come(occurrence, email="late@school.example")
    say_nobody(participation_id=stay.pk)
    make_student(email="late@school.example")

    relink(now=occurrence.ends_at)

    assert matched(stay) == (None, MatchedBy.NOBODY)


def test_word_that_it_is_nobody_is_taken_back_or_replaced_by_another(occurrence, ana):
    stay = come(occurrence)
    say_nobody(participation_id=stay.pk)
    forget_match(participation_id=stay.pk)
    back = matched(stay)

    say_nobody(participation_id=stay.pk)
    match_person(participation_id=stay.pk, user=ana, by=occurrence.meeting.teacher)

    assert (back, matched(stay)) == ((None, ""), (ana, MatchedBy.MANUAL))


def test_somebody_who_is_known_cannot_be_said_to_be_nobody(occurrence, ana):
    stay = come(occurrence, email=ana.email)

    assert say_nobody(participation_id=stay.pk) == 0
    assert matched(stay) == (ana, MatchedBy.EMAIL)
