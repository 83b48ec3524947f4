"""
The people and classes of the demo: a small school that looks lived in.

Run again, it adds nothing twice. Everything goes through the services that the product itself uses.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from classbell.accounts.keys.services import make_key
from classbell.accounts.models import User
from classbell.demo.calendars import make_calendar
from classbell.demo.circles import make_circles
from classbell.demo.classes import make_classes
from classbell.demo.course import make_course
from classbell.demo.excuses import make_excuses
from classbell.demo.history import hold_what_passed
from classbell.demo.holidays import make_holidays, make_ramadan_hours
from classbell.demo.live import start_live_meeting
from classbell.demo.objections import make_objections
from classbell.demo.open_door import open_door
from classbell.demo.pay import pay_teachers
from classbell.demo.payments import sell_lessons
from classbell.demo.people import make_guardians, make_people
from classbell.demo.recordings import find_recordings, make_recordings
from classbell.demo.tutoring import seed_tutoring
from classbell.demo.webhooks import make_portal, take_in
from classbell.meetings.hosts import pool
from classbell.meetings.sync.gateway import zoom_client
from classbell.notices.models import Notice
from classbell.notices.preferences import AbsenceAlerts, change_preferences
from classbell.notices.services import mark_read

__all__ = ["find_recordings", "seed", "start_live_meeting"]

READ_AFTER = timedelta(days=2)
# How long after they would be late the school tells guardians and whoever teaches that somebody is missing.
MISSING_AFTER = timedelta(minutes=5)


def seed(*, now: datetime) -> None:
    """Read the simulator's hosts, make the school unless there is one, hold what has passed, and book lessons."""
    pool.read_hosts(zoom_client(), account_id=settings.ENVIRONMENT.zoom_account_id, now=now)
    with transaction.atomic():
        # Only once: whoever tries the demo may rename or end any of it, and it must not come back.
        is_new = not User.objects.exists()
        people = make_people()
        if is_new:
            make_guardians(people, now=now)
            make_classes(people, now=now)
            make_course(people, now=now)
            make_holidays(now=now)
            make_circles(people, now=now)
            make_key(
                owner=people["admin"],
                name="School website",
                scopes=["bookings:read", "classes:read", "courses:read"],
                expires_at=now + timedelta(days=365),
                now=now - timedelta(days=20),
            )
            make_portal(now=now - timedelta(days=20))
            make_calendar(people, now=now)
            change_preferences(None, {"absences": AbsenceAlerts(after=MISSING_AFTER)})
    seed_tutoring(people, now=now)
    hold_what_passed(now=now)
    make_recordings(now=now)
    make_objections(people, now=now)
    make_excuses(people, now=now)
    if is_new:
        open_door(people)
        sell_lessons(people, now=now)
        pay_teachers(people, now=now)
        make_ramadan_hours(people, now=now)
        _read_old_notices(now)
        take_in(now=now)


def _read_old_notices(now: datetime) -> None:
    """Whoever was told something days ago has read it."""
    old = Notice.objects.filter(created_at__lt=now - READ_AFTER, read_at=None)
    mark_read(list(old.values_list("pk", flat=True)), now=now)
