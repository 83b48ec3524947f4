"""Excuses, circles, courses and their sessions: `/api/excuses`, `/api/v1/halaka`, `/api/courses`, `/api/sessions` …"""

from datetime import timedelta
from typing import Final

from tests.factories_bookings import a_day_ahead
from tests.factories_halakat import halaka_body, next_sunday
from tests.roles.row import Row
from tests.roles.rows_meetings import MAKING, SIGNED_IN, STUDENT, TEACHERS

# The class's teacher teaches neither the circle nor the course.
TAKING_PART: Final = (401, 404, 200, 404, 404, 200, 200)
TEACHING: Final = (401, 404, 403, 404, 404, 200, 200)
ADDING: Final = (401, 404, 403, 404, 404, 201, 201)

# The member tells it of a session of the class, which the host holds.
OF_THE_EXCUSE: Final = (401, 404, 200, 404, 200, 200, 200)

PLACE: Final = "/places/{uuidstr:group_id}"
EXCUSE: Final = "/excuses/{uuidstr:excuse_id}"
HALAKA: Final = "/v1/halaka/{uuidstr:halaka_id}"
COURSE: Final = "/courses/{uuidstr:course_id}"
SESSION: Final = "/sessions/{uuidstr:session_id}"
NEW_HALAKA: Final = halaka_body(
    startDate=(next_sunday() + timedelta(weeks=12)).isoformat(),
    endDate=(next_sunday() + timedelta(weeks=13)).isoformat(),
)
SESSIONS: Final = {"sessions": [{"title": "Zakah", "start_time": a_day_ahead(72, hour=12).isoformat(), "duration": 60}]}

ROWS: Final = [
    Row(
        operation="POST /excuses",
        body={"student_id": "{member}", "occurrence_id": "{lesson_occurrence}", "reason": "Ill."},
        statuses=(401, 403, 201, 403, 201, 201, 201),
        guardian=201,
    ),
    Row(operation="GET /excuses", statuses=SIGNED_IN),
    Row(operation="GET /excuses/rules", statuses=SIGNED_IN),
    Row(operation="PATCH /excuses/rules", body={"hours_ahead": 48}, statuses=(401, 403, 403, 403, 403, 403, 200)),
    Row(operation=f"GET {EXCUSE}", statuses=OF_THE_EXCUSE, guardian=200),
    Row(operation=f"DELETE {EXCUSE}", statuses=OF_THE_EXCUSE, guardian=200),
    Row(
        operation=f"POST {EXCUSE}/decide",
        body={"accepted": True},
        statuses=(401, 404, 403, 404, 200, 200, 200),
        guardian=403,
    ),
    Row(operation=f"GET {EXCUSE}/document", statuses=OF_THE_EXCUSE, guardian=200),
    Row(operation="POST /v1/halaka", body=NEW_HALAKA, statuses=MAKING),
    Row(operation="POST /v1/halaka", case="planned", query="dryRun=true", body=NEW_HALAKA, statuses=TEACHERS),
    Row(operation="GET /v1/halaka", statuses=SIGNED_IN),
    Row(operation=f"GET {HALAKA}", statuses=TAKING_PART),
    Row(operation=f"PATCH {HALAKA}", body={"title": "Tilawah"}, statuses=TEACHING),
    Row(operation=f"DELETE {HALAKA}", statuses=TEACHING, lasting=True),
    Row(operation=f"POST {HALAKA}/reopen", statuses=TEACHING),
    Row(
        operation=f"PATCH {HALAKA}/sittings/{{uuidstr:occurrence_id}}",
        body={"startTime": a_day_ahead(73).isoformat()},
        statuses=TEACHING,
    ),
    # Students find circles to join; who is in it already stays in.
    Row(operation="GET /places", statuses=(401, 200, 200, 403, 403, 403, 403), guardian=403),
    Row(operation=f"POST {PLACE}/join", statuses=(401, 200, 200, 403, 403, 403, 403), guardian=403),
    Row(operation=f"POST {PLACE}/leave", statuses=(401, 200, 200, 403, 403, 403, 403), guardian=403),
    Row(
        operation=f"PATCH {PLACE}",
        about={"group_id": "class"},
        body={"is_open": False},
        statuses=(401, 404, 403, 404, 200, 404, 200),
    ),
    Row(operation=f"POST {HALAKA}/join", statuses=(401, 200, 200, 403, 403, 403, 403), guardian=403),
    Row(operation=f"POST {HALAKA}/leave", statuses=(401, 200, 200, 403, 403, 403, 403), guardian=403),
    Row(operation=f"GET {HALAKA}/students", statuses=TEACHING),
    Row(operation=f"POST {HALAKA}/students", body=STUDENT, statuses=ADDING),
    Row(operation="GET /courses", statuses=TEACHERS),
    Row(operation="POST /courses", body={"title": "Sirah"}, statuses=MAKING),
    Row(operation=f"GET {COURSE}", statuses=TEACHING),
    Row(operation=f"PATCH {COURSE}", body={"title": "Sirah"}, statuses=TEACHING),
    Row(operation=f"DELETE {COURSE}", statuses=TEACHING),
    Row(operation=f"POST {COURSE}/reopen", statuses=TEACHING),
    Row(operation=f"GET {COURSE}/students", statuses=TEACHING),
    Row(operation=f"POST {COURSE}/students", body=STUDENT, statuses=TEACHING),
    Row(operation=f"DELETE {COURSE}/students", body=STUDENT, statuses=TEACHING),
    Row(operation=f"GET {COURSE}/sessions", statuses=TAKING_PART),
    Row(operation=f"POST {COURSE}/sessions/batch", body=SESSIONS, statuses=ADDING),
    Row(
        operation=f"POST {COURSE}/sessions/batch",
        case="planned",
        query="dry_run=true",
        body=SESSIONS,
        statuses=TEACHING,
    ),
    Row(operation=f"GET {SESSION}", statuses=TAKING_PART),
    Row(operation=f"PATCH {SESSION}", body={"title": "Sirah"}, statuses=TEACHING),
    Row(operation=f"DELETE {SESSION}", statuses=TEACHING, lasting=True),
    # Students are refused before anybody looks for the session.
    Row(
        operation="POST /zoom/sessions/meeting",
        body={"session_id": "{session}"},
        statuses=(401, 403, 403, 404, 404, 200, 200),
    ),
]
