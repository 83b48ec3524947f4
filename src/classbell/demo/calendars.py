"""A calendar of the demo's teacher, with appointments that its own server gives away as any other would."""

from datetime import datetime
from typing import Final
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.templatetags.static import static

from classbell.calendars.models import CalendarKind, ExternalCalendar
from classbell.calendars.sealing import digest_of, sealed
from classbell.demo.people import People

FILE: Final = "web/demo/appointments.ics"


def make_calendar(people: People, *, now: datetime) -> None:
    """Let the teacher have added it; the worker reads it as soon as the server answers."""
    url = urljoin(settings.ENVIRONMENT.public_url, static(FILE))
    ExternalCalendar.objects.create(
        teacher=people["teacher"],
        kind=CalendarKind.ICS,
        name=urlsplit(url).hostname or url,
        sealed=sealed({"url": url, "password": ""}),
        digest=digest_of(url, ""),
        due_at=now,
        created_at=now,
    )
