"""Tutoring, signing in, calendars, programs: `/api/bookings`, `/api/auth`, `/api/calendar`, `/api/keys`, `/api/webhooks`."""

from typing import Final

from tests.factories import PASSWORD
from tests.factories_bookings import a_day_ahead
from tests.roles.row import Row
from tests.roles.rows_meetings import ADMINS, EVERYBODY, MAKING, SIGNED_IN, TEACHERS

# Admins may do all that a lesson's teacher may, but neither ask for lessons nor rate them.
PARTICIPANTS: Final = (401, 403, 200, 403, 403, 200, 200)
ITS_TEACHER: Final = (401, 403, 403, 403, 403, 200, 200)
NOBODY: Final = (404,) * 7
STUDENTS: Final = (401, 201, 201, 403, 403, 403, 403)
ITS_OWNER: Final = (401, 404, 404, 404, 404, 200, 404)

BOOKING: Final = "/bookings/bookings/{uuidstr:booking_id}"
SERIES: Final = "/bookings/series/{uuidstr:series_id}"
HOURS: Final = "/bookings/availability/{uuidstr:availability_id}"
HOURS_PERIOD: Final = "/bookings/availability/periods/{uuidstr:period_id}"
TIME_OFF: Final = "/bookings/time-off/{uuidstr:time_off_id}"
EXTERNAL: Final = "/calendars/external/{uuidstr:calendar_id}"
OFFER: Final = "/offers/{uuidstr:offer_id}"
PURCHASE: Final = "/purchases/{uuidstr:purchase_id}"
KIND: Final = "/kinds/{uuidstr:kind_id}"
GROUP_LESSON: Final = "/bookings/group-lessons/{uuidstr:lesson_id}"
TEACHER: Final = "/teachers/{uuidstr:teacher_id}"
RATE: Final = {"in_force_from": "2020-01-01", "amount": 2500, "currency": "EUR", "per": "hour"}
# What is about a teacher's pay.
THEMSELVES: Final = (401, 403, 403, 403, 403, 200, 200)
POLICY: Final = "/bookings/policies/{uuidstr:teacher_id}"
GUARDIANS: Final = "/people/{uuidstr:person_id}/guardians"
WEBHOOK: Final = "/webhooks/{uuidstr:webhook_id}"
CONFIRMED: Final = {"booking_id": "confirmed"}
BEGUN: Final = {"booking_id": "begun"}
COMPLETED: Final = {"booking_id": "completed"}
SOON: Final = a_day_ahead(8, hour=15)
WINDOW: Final = {"day_of_week": 0, "start_time": "09:00:00", "end_time": "10:00:00"}
HOURS_OF_PERIOD: Final = {
    "name": "Ramadan",
    "from": f"{a_day_ahead(120):%Y-%m-%d}",
    "until": f"{a_day_ahead(149):%Y-%m-%d}",
    "hours": [{"day_of_week": 0, "start_time": "20:00:00", "end_time": "23:00:00"}],
}
DAYS_OFF: Final = {"from": f"{a_day_ahead(74):%Y-%m-%d}", "to": f"{a_day_ahead(75):%Y-%m-%d}"}

# The school's is admins' alone; whoever teaches has days off of their own, which only they and admins see.
HOLIDAY: Final = "/holidays/{uuidstr:holiday_id}"
OFF: Final = {"name": "Eid", "from": f"{a_day_ahead(80):%Y-%m-%d}", "until": f"{a_day_ahead(81):%Y-%m-%d}"}
ITS_KEEPERS: Final = (401, 404, 404, 404, 404, 200, 200)

# What a browser says of itself (the keys are those of RFC 8291's example).
PUSH: Final = {
    "endpoint": "https://push.example/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}

ROWS: Final = [
    Row(operation="GET /holidays", statuses=TEACHERS),
    Row(operation="POST /holidays", body=OFF, statuses=(401, 403, 403, 403, 403, 403, 201)),
    Row(
        operation="POST /holidays",
        case="of one's own",
        body=OFF | {"teacher_id": "{host}"},
        statuses=(401, 403, 403, 403, 403, 201, 201),
    ),
    Row(operation="POST /holidays", case="foreseen", query="dry_run=true", body=OFF, statuses=ADMINS),
    Row(
        operation="POST /holidays/import",
        body={"url": "https://127.0.0.1/"},
        statuses=(401, 403, 403, 403, 403, 403, 400),
    ),
    Row(operation=f"GET {HOLIDAY}", statuses=ITS_KEEPERS),
    Row(operation=f"PATCH {HOLIDAY}", body={"name": "Eid"}, statuses=ITS_KEEPERS),
    Row(operation=f"POST {HOLIDAY}/cancel-affected", statuses=ITS_KEEPERS),
    Row(operation=f"DELETE {HOLIDAY}", statuses=ITS_KEEPERS),
    Row(operation="GET /bookings/teachers", statuses=EVERYBODY),
    Row(operation="GET /public/school", statuses=EVERYBODY, public=True),
    Row(operation="GET /public/teachers", statuses=EVERYBODY, public=True),
    Row(operation="GET /public/teachers/{address}", statuses=EVERYBODY, public=True),
    Row(operation="GET /public/kinds", statuses=EVERYBODY, public=True),
    Row(
        operation="GET /bookings/slots/available",
        query=f"teacher_id={{host}}&date={SOON:%Y-%m-%d}",
        statuses=EVERYBODY,
    ),
    Row(
        operation="GET /bookings/schedule",
        query=f"teacher_id={{host}}&start_date={SOON:%Y-%m-%d}&end_date={a_day_ahead(30):%Y-%m-%d}",
        statuses=SIGNED_IN,
    ),
    Row(operation="POST /bookings/availability", body=WINDOW, statuses=MAKING),
    Row(operation="GET /bookings/availability", statuses=TEACHERS),
    Row(operation=f"GET {HOURS}", statuses=ITS_OWNER),
    Row(operation=f"PATCH {HOURS}", body={}, statuses=ITS_OWNER),
    Row(operation=f"DELETE {HOURS}", statuses=(401, 404, 404, 404, 404, 204, 404)),
    Row(operation="POST /bookings/availability/periods", body=HOURS_OF_PERIOD, statuses=MAKING),
    Row(
        operation="POST /bookings/availability/periods",
        case="foreseen",
        query="dry_run=true",
        body=HOURS_OF_PERIOD,
        statuses=TEACHERS,
    ),
    Row(operation="GET /bookings/availability/periods", statuses=TEACHERS),
    Row(operation=f"PATCH {HOURS_PERIOD}", body={}, statuses=ITS_OWNER),
    Row(operation=f"DELETE {HOURS_PERIOD}", statuses=(401, 404, 404, 404, 404, 204, 404)),
    Row(operation="POST /bookings/time-off", body=DAYS_OFF, statuses=MAKING),
    Row(operation="GET /bookings/time-off", statuses=TEACHERS),
    Row(operation=f"DELETE {TIME_OFF}", statuses=(401, 404, 404, 404, 404, 204, 404)),
    Row(operation="GET /bookings/settings", statuses=TEACHERS),
    # Whose calendar it is, and nobody else: not admins either.
    Row(operation="GET /calendars/external", statuses=SIGNED_IN),
    Row(
        operation="POST /calendars/external",
        body={"type": "ics", "url": "https://127.0.0.1/"},
        statuses=(401, 403, 403, 400, 400, 400, 400),
    ),
    Row(operation=f"PATCH {EXTERNAL}", body={}, statuses=ITS_OWNER),
    Row(operation=f"POST {EXTERNAL}/read", statuses=ITS_OWNER),
    Row(operation=f"DELETE {EXTERNAL}", statuses=ITS_OWNER),
    Row(operation="PATCH /bookings/settings", body={}, statuses=TEACHERS),
    Row(
        operation="POST /bookings/bookings",
        body={"teacher_id": "{host}", "start_time": SOON.isoformat()},
        statuses=STUDENTS,
        guardian=403,
    ),
    # Teachers book with themselves, for students of theirs; of others they are told nothing.
    Row(
        operation="POST /bookings/bookings",
        case="for a student",
        body={"teacher_id": "{host}", "student_id": "{pupil}", "start_time": a_day_ahead(9, hour=15).isoformat()},
        statuses=(401, 403, 403, 404, 404, 201, 201),
    ),
    Row(operation="GET /bookings/bookings", statuses=SIGNED_IN),
    Row(operation="GET /bookings/bookings/my", statuses=SIGNED_IN),
    Row(operation="GET /bookings/bookings/credits", statuses=SIGNED_IN),
    Row(operation="GET /balances", statuses=SIGNED_IN),
    Row(
        operation="GET /balances",
        case="of a student",
        query="student_id={member}",
        statuses=(401, 403, 200, 403, 200, 200, 200),
        guardian=200,
    ),
    Row(
        operation="POST /balances/{uuidstr:student_id}/entries",
        body={"amount": 1, "teacher_id": "{host}", "reason": "A gift"},
        statuses=(401, 403, 403, 403, 403, 403, 201),
    ),
    Row(operation=f"GET {BOOKING}", about=CONFIRMED, statuses=PARTICIPANTS),
    Row(operation=f"POST {BOOKING}/confirm", statuses=ITS_TEACHER),
    Row(operation=f"POST {BOOKING}/decline", body={"reason": "Away"}, statuses=ITS_TEACHER),
    Row(operation=f"POST {BOOKING}/reschedule", body={"start_time": SOON.isoformat()}, statuses=PARTICIPANTS),
    Row(operation=f"POST {BOOKING}/cancel", statuses=PARTICIPANTS),
    Row(operation=f"POST {BOOKING}/create_meeting", about=CONFIRMED, statuses=PARTICIPANTS),
    Row(operation=f"GET {BOOKING}/meeting_info", about=CONFIRMED, statuses=PARTICIPANTS),
    Row(operation=f"POST {BOOKING}/complete", about=BEGUN, statuses=ITS_TEACHER),
    Row(operation=f"POST {BOOKING}/no_show", about=BEGUN, body={"who": "student"}, statuses=ITS_TEACHER),
    Row(
        operation=f"POST {BOOKING}/no_show",
        case="of the teacher",
        about=BEGUN,
        body={"who": "teacher"},
        statuses=(401, 403, 200, 403, 403, 403, 200),
    ),
    Row(
        operation="POST /bookings/series",
        body={"teacher_id": "{host}", "start_time": a_day_ahead(9, hour=17).isoformat(), "weeks": 2},
        statuses=STUDENTS,
        guardian=403,
    ),
    Row(
        operation="POST /bookings/series",
        case="for a student",
        body={
            "teacher_id": "{host}",
            "student_id": "{pupil}",
            "start_time": a_day_ahead(9, hour=19).isoformat(),
            "weeks": 2,
        },
        statuses=(401, 403, 403, 404, 404, 201, 201),
    ),
    Row(operation=f"GET {SERIES}", statuses=PARTICIPANTS),
    Row(operation=f"POST {SERIES}/confirm", body={}, statuses=ITS_TEACHER),
    Row(operation=f"POST {SERIES}/decline", body={"reason": "Away"}, statuses=ITS_TEACHER),
    Row(
        operation=f"POST {SERIES}/reschedule",
        body={"start_time": a_day_ahead(71, hour=8).isoformat()},
        statuses=PARTICIPANTS,
    ),
    Row(operation=f"POST {SERIES}/cancel", body={}, statuses=PARTICIPANTS),
    Row(
        operation="POST /bookings/feedback",
        body={"booking_id": "{completed}", "rating": 5},
        statuses=(401, 403, 201, 403, 403, 403, 403),
    ),
    Row(operation="GET /bookings/feedback", query="teacher_id={host}", statuses=SIGNED_IN),
    Row(
        operation=f"POST {BOOKING}/feedback",
        about=COMPLETED,
        body={"rating": 5},
        statuses=(401, 403, 201, 403, 403, 201, 403),
    ),
    Row(operation="GET /kinds", statuses=SIGNED_IN),
    Row(operation="POST /kinds", body={"name": "Trial", "minutes": [30]}, statuses=(401, 403, 403, 403, 403, 403, 201)),
    Row(operation=f"GET {KIND}", statuses=SIGNED_IN),
    Row(operation=f"PATCH {KIND}", body={"price": 0}, statuses=ADMINS),
    Row(operation=f"DELETE {KIND}", statuses=(401, 403, 403, 403, 403, 403, 204)),
    Row(operation=f"GET {KIND}/slots", query=f"date={SOON:%Y-%m-%d}", statuses=SIGNED_IN),
    Row(operation="GET /public/slots", query=f"kind=beginners&date={SOON:%Y-%m-%d}", statuses=EVERYBODY),
    Row(operation=f"GET {GROUP_LESSON}", statuses=ITS_TEACHER),
    Row(operation=f"POST {GROUP_LESSON}/reschedule", body={"start_time": SOON.isoformat()}, statuses=ITS_TEACHER),
    Row(operation=f"POST {GROUP_LESSON}/cancel", body={}, statuses=ITS_TEACHER),
    Row(operation="GET /teachers/hours", query="month=2020-03", statuses=ADMINS),
    Row(operation="GET /teachers/pay-rules", statuses=TEACHERS),
    Row(operation="PATCH /teachers/pay-rules", body={}, statuses=ADMINS),
    Row(operation=f"GET {TEACHER}/hours", query="month=2020-03", statuses=THEMSELVES),
    Row(operation=f"GET {TEACHER}/rates", statuses=THEMSELVES),
    Row(operation=f"PUT {TEACHER}/rates", body=RATE, statuses=ADMINS),
    Row(operation=f"DELETE {TEACHER}/rates/{{uuidstr:rate_id}}", statuses=(401, 403, 403, 403, 403, 403, 204)),
    Row(operation="GET /offers", statuses=SIGNED_IN),
    Row(
        operation="POST /offers",
        body={"name": "One lesson", "lessons": 1, "price": 2500, "currency": "EUR"},
        statuses=(401, 403, 403, 403, 403, 403, 201),
    ),
    Row(operation=f"PATCH {OFFER}", body={"price": 5}, statuses=ADMINS),
    Row(operation="GET /purchases", statuses=SIGNED_IN),
    # Nobody can pay here.
    Row(
        operation="POST /purchases",
        body={"offer_id": "{offer}", "price": 10_000, "currency": "EUR"},
        statuses=(401, 400, 400, 403, 403, 403, 403),
        guardian=403,
    ),
    Row(
        operation="POST /purchases/lessons",
        body={"kind": "{kind}", "start_time": "2030-01-07T10:00:00Z", "price": 2500, "currency": "EUR"},
        statuses=(401, 400, 400, 403, 403, 403, 403),
        guardian=403,
    ),
    Row(operation=f"GET {PURCHASE}", statuses=(401, 404, 200, 404, 404, 404, 200), guardian=200),
    Row(operation=f"POST {PURCHASE}/refund", body={}, statuses=(401, 403, 403, 403, 403, 403, 400)),
    Row(operation="POST /payments/stripe/webhook", body={}, statuses=(401,) * 7),
    Row(operation="GET /bookings/policies", statuses=ADMINS),
    Row(operation="PUT /bookings/policies", body={}, statuses=ADMINS),
    Row(operation=f"GET {POLICY}", statuses=SIGNED_IN),
    Row(operation=f"PUT {POLICY}", body={}, statuses=ADMINS),
    Row(operation=f"DELETE {POLICY}", statuses=(401, 403, 403, 403, 403, 403, 204)),
    Row(operation="POST /auth/token", body={"email": "{host_email}", "password": PASSWORD}, statuses=EVERYBODY),
    Row(operation="POST /auth/token/refresh", body={"refresh_token": "{refresh}"}, statuses=EVERYBODY),
    Row(operation="POST /auth/logout", body={"refresh_token": "{refresh}"}, statuses=EVERYBODY),
    Row(operation="GET /auth/me", statuses=SIGNED_IN),
    Row(operation="GET /me/sessions", statuses=SIGNED_IN),
    Row(operation="DELETE /me/sessions", statuses=SIGNED_IN),
    Row(operation="DELETE /me/sessions/{uuidstr:sign_in_id}", statuses=(401, 404, 204, 404, 404, 404, 404)),
    Row(operation="GET /me/push", statuses=SIGNED_IN),
    Row(operation="POST /me/push", body=PUSH, statuses=(401, 201, 201, 201, 201, 201, 201)),
    Row(
        operation="DELETE /me/push",
        body={"endpoint": PUSH["endpoint"]},
        statuses=(401, 204, 204, 204, 204, 204, 204),
    ),
    Row(operation="GET /me/notifications", statuses=SIGNED_IN),
    Row(operation="PATCH /me/notifications", body={}, statuses=SIGNED_IN),
    Row(operation="GET /school/notifications", statuses=ADMINS),
    Row(operation="PATCH /school/notifications", body={}, statuses=ADMINS),
    Row(operation="GET /me/export", statuses=SIGNED_IN),
    Row(operation="GET /people", statuses=ADMINS),
    Row(
        operation="POST /people",
        body={"email": "new@school.example", "roles": ["student"]},
        statuses=(401, 403, 403, 403, 403, 403, 201),
    ),
    Row(operation="PATCH /people/{uuidstr:person_id}", body={}, statuses=ADMINS),
    Row(operation="POST /people/import", body={"email": "a@b"}, statuses=(401, 403, 403, 403, 403, 403, 400)),
    Row(operation="GET /me/wards", statuses=SIGNED_IN),
    Row(operation=f"GET {GUARDIANS}", statuses=(401, 404, 404, 404, 200, 200, 200)),
    Row(
        operation=f"POST {GUARDIANS}",
        body={"email": "huda@home.example", "relation": "mother"},
        statuses=(401, 403, 403, 403, 403, 403, 201),
    ),
    Row(operation=f"DELETE {GUARDIANS}/{{uuidstr:guardian_id}}", statuses=(401, 403, 403, 403, 403, 403, 204)),
    Row(operation="POST /people/{uuidstr:person_id}/deactivate", statuses=ADMINS),
    Row(operation="POST /people/{uuidstr:person_id}/reactivate", statuses=ADMINS),
    Row(operation="POST /people/{uuidstr:person_id}/export", statuses=ADMINS),
    Row(operation="GET /exports/{uuidstr:export_id}", statuses=(401, 404, 202, 404, 404, 404, 404)),
    Row(
        operation="POST /people/{uuidstr:person_id}/erase",
        body={"confirm": "{member_email}"},
        statuses=(401, 403, 403, 403, 403, 403, 202),
    ),
    Row(operation="GET /calendar", statuses=SIGNED_IN),
    Row(operation="POST /calendar", statuses=(401, 201, 201, 201, 201, 201, 201)),
    Row(operation="DELETE /calendar", statuses=(401, 204, 204, 204, 204, 204, 204)),
    Row(operation="GET /keys", statuses=ADMINS),
    Row(
        operation="POST /keys",
        body={"name": "Timetable", "scopes": ["bookings:read"]},
        statuses=(401, 403, 403, 403, 403, 403, 201),
    ),
    Row(operation="POST /keys/{uuidstr:key_id}/rotate", statuses=(401, 403, 403, 403, 403, 403, 201)),
    Row(operation="DELETE /keys/{uuidstr:key_id}", statuses=(401, 403, 403, 403, 403, 403, 204)),
    Row(operation="GET /webhooks", statuses=ADMINS),
    Row(
        operation="POST /webhooks",
        body={"url": "https://portal.example/classbell", "events": ["booking.confirmed"]},
        statuses=(401, 403, 403, 403, 403, 403, 201),
    ),
    Row(operation="GET /webhooks/events", statuses=ADMINS),
    Row(operation=f"GET {WEBHOOK}", statuses=ADMINS),
    Row(operation=f"PATCH {WEBHOOK}", body={}, statuses=ADMINS),
    Row(operation=f"DELETE {WEBHOOK}", statuses=(401, 403, 403, 403, 403, 403, 204)),
    Row(operation=f"POST {WEBHOOK}/test", statuses=(401, 403, 403, 403, 403, 403, 201)),
    Row(operation=f"POST {WEBHOOK}/rotate", statuses=(401, 403, 403, 403, 403, 403, 201)),
    Row(operation=f"GET {WEBHOOK}/deliveries", statuses=ADMINS),
    Row(operation=f"POST {WEBHOOK}/deliveries/{{uuidstr:delivery_id}}/replay", statuses=ADMINS),
    # No such kind, and tokens that no guest was sent: nobody learns more of either.
    Row(
        operation="POST /public/bookings",
        body={
            "kind": "nowhere",
            "start_time": "2030-01-01T10:00:00Z",
            "name": "Salma",
            "email": "salma@family.example",
            "timezone": "UTC",
        },
        statuses=NOBODY,
    ),
    Row(operation="GET /public/bookings/{token}", statuses=NOBODY),
    Row(operation="POST /public/bookings/{token}/confirm", statuses=NOBODY),
    Row(
        operation="POST /public/bookings/{token}/reschedule",
        body={"start_time": "2030-01-01T10:00:00Z"},
        statuses=NOBODY,
    ),
    Row(operation="POST /public/bookings/{token}/cancel", body={}, statuses=NOBODY),
    # Whoever knows the address reads it.
    Row(operation="GET /calendar/{token}.ics", statuses=EVERYBODY),
]
