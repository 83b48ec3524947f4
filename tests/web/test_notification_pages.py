"""The pages on which people, and the school for them, choose how they are told."""

from datetime import time

import pytest

from classbell.accounts.models import ReminderTime, User
from classbell.notices.models import NotificationChoices
from classbell.notices.preferences import Way, change_preferences, preferences_of
from classbell.notices.services import tell
from classbell.notices.texts import Kind
from classbell.notices.topics import BY_CHILD, Topic, topics_for
from tests.factories import guard, make_admin, make_guardian, make_student
from tests.notices.test_preferences import NOON
from tests.web.conftest import School, SignIn
from tests.web.html import words as words_of

MINE, SCHOOLS = "/me/notifications/", "/setup/notifications"


def filled(user: User, **changes: object) -> dict[str, object]:
    """Return the form as its page has it, with changes."""
    topics = [topic.value for topic in topics_for(user.role)]
    page = [topic for topic in topics if topic not in (Topic.SCHOOL, Topic.OWN)]
    push = [topic for topic in topics if topic != Topic.OWN]
    return {"on_page": page, "by_mail": topics, "by_push": push, "wants_mail": "on", "reminder_minutes": "0", **changes}


def test_person_chooses_how_they_are_told(school: School, sign_in: SignIn) -> None:
    mail = [topic.value for topic in topics_for("student") if topic is not Topic.LESSONS]
    chosen = filled(
        school.member, by_mail=mail, quiet_from="22:00", quiet_until="06:30", digest_at="18:00", reminder_minutes="60"
    )

    saved = sign_in(school.member).post(MINE, chosen)

    told = preferences_of(User.objects.get(pk=school.member.pk))
    assert saved.status_code == 302
    assert [told.wants(topic, Way.MAIL) for topic in (Topic.LESSONS, Topic.SESSIONS)] == [False, True]
    assert told.quiet_hours is not None
    assert (told.quiet_hours.begin, told.quiet_hours.end, told.digest_at) == (time(22), time(6, 30), time(18))
    assert told.reminder_minutes == ReminderTime.HOUR


def test_what_is_left_alone_stays_as_the_school_has_it(school: School, sign_in: SignIn) -> None:
    sign_in(school.member).post(MINE, filled(school.member, reminder_minutes="15"))
    change_preferences(None, {"digest_at": time(18), "channels": {Topic.LESSONS: {"mail": False}}})

    told = preferences_of(school.member)

    assert (told.digest_at, told.wants(Topic.LESSONS, Way.MAIL)) == (time(18), False)
    assert told.reminder_minutes == ReminderTime.QUARTER


def test_person_wants_no_mail_at_all(school: School, sign_in: SignIn) -> None:
    chosen = filled(school.member)
    del chosen["wants_mail"]

    sign_in(school.member).post(MINE, chosen)

    school.member.refresh_from_db()
    assert not school.member.wants_mail


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_from": "22:00"},
        {"quiet_until": "22:00"},
        {"quiet_from": "06:00", "quiet_until": "06:00"},
        {"digest_at": "soon"},
        {"reminder_minutes": "7"},
        {"reminder_minutes": ""},
        {"by_mail": ["gossip"]},
    ],
)
def test_what_cannot_be_is_refused(school: School, sign_in: SignIn, wrong: dict[str, object]) -> None:
    refused = sign_in(school.member).post(MINE, filled(school.member, **wrong))

    assert refused.status_code == 400
    assert not NotificationChoices.objects.exists()


def test_person_has_it_all_as_the_school_again(school: School, sign_in: SignIn) -> None:
    change_preferences(school.member, {"digest_at": time(18)})

    sign_in(school.member).post(f"{MINE}as-school")

    assert preferences_of(school.member).digest_at is None


def test_admins_choose_for_everybody_who_chooses_nothing(school: School, sign_in: SignIn) -> None:
    admin = make_admin()

    saved = sign_in(admin).post(SCHOOLS, filled(admin, digest_at="07:00", reminder_minutes="15"))

    told = preferences_of(school.member)
    assert saved.status_code == 302
    assert (told.digest_at, told.reminder_minutes) == (time(7), ReminderTime.QUARTER)


def test_students_are_asked_nothing_about_the_school(school: School, sign_in: SignIn) -> None:
    asked = words_of(sign_in(school.member).get(MINE))

    assert "Trouble at the school" not in asked
    assert "Students ask for lessons" not in asked


def test_what_is_not_for_the_page_is_neither_listed_nor_counted(school: School, sign_in: SignIn) -> None:
    change_preferences(school.member, {"channels": {Topic.CIRCLES: {"page": False}}})
    tell(school.member, Kind.PLACE, {"title": "Fatiha"}, now=NOON)
    browser = sign_in(school.member)

    assert "Fatiha" not in words_of(browser.get("/notices/"))
    assert "1" not in words_of(browser.get("/notices/unread"))


def test_guardian_of_two_hears_less_of_one(school: School, sign_in: SignIn) -> None:
    mother, other = make_guardian(school.member), make_student(first_name="Maryam")
    guard(mother, other)
    browser = sign_in(mother)
    page = words_of(browser.get(MINE))
    every = [topic.value for topic in BY_CHILD]
    field, others = (f"child_{child.pk.hex}" for child in (school.member, other))

    saved = browser.post(MINE, filled(mother, **{field: [Topic.SESSIONS.value], others: every}))

    told = preferences_of(mother)
    assert "Maryam" in page
    assert saved.status_code == 302
    assert [topic for topic in BY_CHILD if told.wants_of(school.member.pk, topic)] == [Topic.SESSIONS]
    assert all(told.wants_of(other.pk, topic) for topic in BY_CHILD)
    assert "child_" not in sign_in(school.member).get(MINE).content.decode()
