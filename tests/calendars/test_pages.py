"""“Your calendars”: added, looked at, changed and removed by hand; admins see which fail, and nothing of what is in them."""

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.accounts.models import User
from classbell.accounts.tokens import BACKEND
from classbell.bookings.services import confirm_booking
from classbell.calendars import reading
from classbell.calendars.models import ExternalCalendar
from classbell.calendars.tasks import READ
from tests.calendars.entries import at, calendar
from tests.calendars.servers import CalendarServer
from tests.calendars.test_reading import HOUR, NOW, TEN, add
from tests.factories import make_admin
from tests.factories_bookings import make_booking
from tests.web.html import words


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def test_a_teacher_adds_a_calendar_and_sees_how_it_stands(server: CalendarServer, teacher: User) -> None:
    client = signed_in(teacher)
    assert "No calendar yet" in words(client.get(reverse("external-calendars")))

    server.content = calendar(at(TEN, TEN + HOUR))
    answer = client.post(reverse("external-calendar-new"), {"kind": "ics", "url": server.url}, follow=True)

    assert "localhost" in words(answer)
    assert "Last read" in words(answer)


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(server: CalendarServer, teacher: User) -> None:
    server.content = b"<html>Sign in</html>"

    answer = signed_in(teacher).post(reverse("external-calendar-new"), {"kind": "ics", "url": server.url})

    assert answer.status_code == 400
    assert "web page" in words(answer)
    assert server.url in answer.content.decode()


def test_sessions_in_busy_times_are_listed_until_one_of_the_two_is_gone(server: CalendarServer, teacher: User) -> None:
    confirm_booking(booking_id=make_booking(teacher=teacher, starts_at=TEN, now=NOW).pk, now=NOW)
    added = add(server, teacher, at(TEN, TEN + HOUR))
    client = signed_in(teacher)
    assert "Sessions in busy times" in words(client.get(reverse("external-calendars")))

    server.content = calendar()
    reading.read(added.pk, now=NOW + HOUR)

    assert "Sessions in busy times" not in words(client.get(reverse("external-calendars")))


def test_what_counts_is_changed_and_a_calendar_is_removed(server: CalendarServer, teacher: User) -> None:
    added = add(server, teacher)
    client = signed_in(teacher)

    client.post(reverse("external-calendar", args=[added.pk]), {"takes_tentative": "on"})
    added.refresh_from_db()
    assert (added.takes_tentative, added.takes_whole_days) == (True, False)

    client.post(reverse("external-calendar-remove", args=[added.pk]))
    assert not ExternalCalendar.objects.exists()


def test_admins_see_which_calendars_fail_and_nothing_of_what_is_in_them(server: CalendarServer, teacher: User) -> None:
    admin = signed_in(make_admin())
    assert "No teacher has added" in words(admin.get(reverse("external-calendars-school")))
    added = add(server, teacher, at(TEN, TEN + HOUR))
    assert "All calendars are read" in words(admin.get(reverse("external-calendars-school")))

    server.status = 401
    reading.read(added.pk, now=NOW + HOUR)

    answer = admin.get(reverse("external-calendars-school"))
    assert teacher.name in words(answer)
    assert "does not let Classbell in" in words(answer)
    assert "private" not in answer.content.decode()


def test_my_hours_have_calendars_read_that_were_read_long_ago_and_others_not(
    server: CalendarServer, teacher: User
) -> None:
    added = add(server, teacher)
    long_ago = timezone.now() - HOUR
    ExternalCalendar.objects.filter(pk=added.pk).update(last_read_at=long_ago, due_at=long_ago)
    client, asked = signed_in(teacher), ProcrastinateJob.objects.filter(task_name=READ)
    before = asked.count()

    client.get(reverse("availability"))
    client.get(reverse("availability"))

    assert [job.args for job in asked.order_by("id")[before:]] == [{"calendar_id": str(added.pk)}]
