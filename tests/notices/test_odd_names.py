"""Names and titles that hold line breaks and control characters, as rows of before may, stop no mail and no calendar."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Final

import pytest
import vobject
from django.utils import timezone
from icalendar import Calendar

from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.meetings.models import Meeting, Occurrence
from classbell.notices.calendar import feed_of
from classbell.notices.examples import example_of
from classbell.notices.mailing import mail_of, mail_of_many
from classbell.notices.models import Notice
from classbell.notices.services import tell
from classbell.notices.texting import text_of
from classbell.notices.texts import CLOCKS, MOMENTS, Kind
from tests.factories import make_class, make_student, make_teacher
from tests.factories_meetings import make_meeting, spec

ODD: Final = 'Al\r\nBcc: x@y.example\x07\u2028\x85"; ge\tbra'
FOLDED: Final = 'Al Bcc: x@y.example "; ge bra'
CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028]")
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", Kind)
def test_no_notice_is_stopped_by_what_stands_in_its_facts(kind: Kind) -> None:
    notice = example_of(kind, "en", zone="UTC", now=NOW)
    notice.facts = {
        name: ODD if isinstance(value, str) and name not in MOMENTS | CLOCKS else value
        for name, value in notice.facts.items()
    }

    message = message_from_bytes(mail_of(notice).message().as_bytes(), policy=default)

    assert not CONTROL.search(str(message["Subject"]))
    assert message["Bcc"] is None
    assert not CONTROL.search(text_of(notice, "+966501234567").text)


@pytest.fixture
def session(db: None) -> Occurrence:
    """A session of a class in which everything has odd names."""
    teacher, student = make_teacher(), make_student()
    group = make_class(teacher=teacher, students=[student])
    meeting = make_meeting(spec(teacher, group=group, starts_at=timezone.now() + timedelta(days=3)))
    User.objects.update(first_name=ODD)
    Meeting.objects.update(title=ODD)
    Group.objects.update(name=ODD)
    return Occurrence.objects.get(meeting=meeting)


def test_invitation_is_read_whatever_its_people_are_called(session: Occurrence) -> None:
    reader = User.objects.get(role="student")
    facts = {"title": ODD, "when": NOW.isoformat(), "session": str(session.pk)}
    notices = [tell(reader, Kind.SESSION_MOVED, facts, now=NOW) for _time in range(2)]

    one, many = (mail.message().as_bytes() for mail in (mail_of(notices[0]), mail_of_many(notices)))

    files = [
        part.get_content().decode()
        for mail in (one, many)
        for part in message_from_bytes(mail, policy=default).walk()
        if part.get_content_type() == "application/ics"
    ]
    assert len(files) == 3
    for file in files:
        (event,) = Calendar.from_ical(file).walk("VEVENT")
        assert str(event["SUMMARY"]) == vobject.readOne(file).vevent.summary.value == FOLDED
        assert not CONTROL.search(str(event["ATTENDEE"].params["CN"]))


def test_feed_is_read_whatever_everything_is_called(session: Occurrence) -> None:
    reader = User.objects.get(role="student")

    feed = feed_of(reader, now=timezone.now()).decode()

    (event,) = Calendar.from_ical(feed).walk("VEVENT")
    assert str(event["SUMMARY"]) == vobject.readOne(feed).vevent.summary.value == FOLDED
    assert not Notice.objects.exists()
