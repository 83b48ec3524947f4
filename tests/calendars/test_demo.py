"""The demo's teacher keeps a calendar elsewhere, which the demo's own server gives away."""

from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils import timezone

from classbell.accounts.models import User
from classbell.calendars.ics import busy_times
from classbell.calendars.models import ExternalCalendar
from classbell.calendars.reading import wanted_of
from classbell.demo.calendars import FILE, make_calendar


def test_the_demos_calendar_can_be_read(teacher: User) -> None:
    now = timezone.now()
    make_calendar({"teacher": teacher}, now=now)

    found = finders.find(FILE)
    assert isinstance(found, str)
    busy = busy_times(Path(found).read_bytes(), wanted_of(ExternalCalendar.objects.get(), now=now))

    assert len(busy.periods) > 50
    assert busy.remark == ""
