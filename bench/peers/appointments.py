"""
django-appointment as its guide sets it up, in an environment of its own: `python appointments.py fill` makes its tables, one
member of staff with a thousand appointments and fifty clients, and prints how they are reached; `application` is what its
server runs.
"""

import json
import os
import sys
from datetime import UTC, datetime, time, timedelta

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

APPOINTMENTS, A_DAY, CLIENTS = 1_000, 6, 50

settings.configure(
    SECRET_KEY="for the benchmark only",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "CONN_MAX_AGE": None,
            **json.loads(os.environ["PEER_DATABASE"]),
        }
    },
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "phonenumber_field",
        "appointment",
    ],
    # Without the one against other sites' forms, so that a form can be sent without being fetched.
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    STATIC_URL="/static/",
    LOGGING_CONFIG=None,
)
django.setup()
urlpatterns = [path("", include("appointment.urls"))]
application = get_wsgi_application()


def fill() -> None:
    """Make the tables and what lies in them; print the ids and the clients' cookies as JSON."""
    from appointment.models import Appointment, AppointmentRequest, Config, Service, StaffMember, WorkingHours  # noqa: PLC0415
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    # It comes without migrations, and its checks look for tables that are not there yet.
    call_command("makemigrations", "appointment", verbosity=0, skip_checks=True)
    call_command("migrate", verbosity=0, skip_checks=True)
    people = get_user_model().objects
    # It keeps one row of settings, and looks for it in a cache first.
    Config.objects.get_or_create(pk=1, defaults={"slot_duration": 60})
    service = Service.objects.create(name="Lesson", duration=timedelta(hours=1), price=0)
    staff = StaffMember.objects.create(
        user=people.create_user("tutor"), slot_duration=60, lead_time=time(8), finish_time=time(20)
    )
    staff.services_offered.add(service)
    for weekday in range(7):
        WorkingHours.objects.get_or_create(
            staff_member=staff, day_of_week=weekday, defaults={"start_time": time(8), "end_time": time(20)}
        )
    first = datetime.now(UTC).date() + timedelta(days=3)
    asked = AppointmentRequest.objects.bulk_create(
        AppointmentRequest(
            date=first + timedelta(days=number // A_DAY),
            start_time=time(8 + number % A_DAY),
            end_time=time(9 + number % A_DAY),
            service=service,
            staff_member=staff,
            id_request=str(number),
        )
        for number in range(APPOINTMENTS)
    )
    Appointment.objects.bulk_create(
        Appointment(appointment_request=one, id_request=one.id_request, amount_to_pay=0) for one in asked
    )
    cookies = []
    for number in range(CLIENTS):
        client = people.create_user(f"client-{number}", email=f"client-{number}@school.example")
        session = SessionStore()
        session[SESSION_KEY] = str(client.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = client.get_session_auth_hash()
        session.save()
        cookies.append(session.session_key)
    print(json.dumps({"staff": staff.pk, "service": service.pk, "cookies": cookies}))


if sys.argv[1:] == ["fill"]:
    fill()
