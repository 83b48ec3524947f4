"""School meetings, classes and Zoom itself: `/api/zoom` and `/api/v1/zoom`."""

from typing import Final

from tests.factories_bookings import a_day_ahead
from tests.roles.row import Row

# In the order of ROLES: anonymous, other student, member, other teacher, class teacher, host, admin.
EVERYBODY: Final = (200, 200, 200, 200, 200, 200, 200)
SIGNED_IN: Final = (401, 200, 200, 200, 200, 200, 200)
TEACHERS: Final = (401, 403, 403, 200, 200, 200, 200)
MAKING: Final = (401, 403, 403, 201, 201, 201, 201)
ADMINS: Final = (401, 403, 403, 403, 403, 403, 200)
OF_THE_CLASS: Final = (401, 404, 403, 404, 200, 404, 200)
ATTENDING: Final = (401, 404, 200, 404, 200, 200, 200)
HOLDING: Final = (401, 404, 403, 404, 403, 200, 200)
KEEPING_ATTENDANCE: Final = (401, 404, 403, 404, 200, 200, 200)

ACCOUNT: Final = "/zoom/accounts/{uuidstr:zoom_account_id}"
CLASS: Final = "/zoom/classes/{uuidstr:class_id}"
MEETING: Final = "/zoom/meetings/{meeting_id}"
VERDICT: Final = f"{MEETING}/attendance/{{uuidstr:student_id}}"
RECORDING: Final = "/recordings/{uuidstr:recording_id}"
HELD: Final = {"meeting_id": "held"}
STUDENT: Final = {"student_ids": ["{other_student}"]}
NEW: Final = {"title": "Geometry", "startTime": a_day_ahead(70).isoformat(), "duration": 45}
LATER: Final = {"title": "Later", "startTime": a_day_ahead(71).isoformat()}

ROWS: Final = [
    Row(operation="GET /zoom/status", statuses=TEACHERS),
    Row(operation="GET /zoom/accounts", statuses=ADMINS),
    Row(
        operation="POST /zoom/accounts",
        body={"name": "West", "account_id": "west", "client_id": "west", "client_secret": "secret"},
        statuses=(401, 403, 403, 403, 403, 403, 201),
    ),
    Row(operation="PUT /zoom/accounts/bindings", body={"group_id": "{class}", "account_id": None}, statuses=ADMINS),
    Row(operation="GET /zoom/own", statuses=TEACHERS),
    Row(operation="POST /zoom/own/connect", statuses=(401, 403, 403, 409, 409, 409, 409)),
    Row(operation="DELETE /zoom/own", statuses=TEACHERS),
    Row(operation=f"GET {ACCOUNT}", statuses=ADMINS),
    Row(operation=f"PATCH {ACCOUNT}", body={"name": "Far east"}, statuses=ADMINS),
    Row(operation=f"POST {ACCOUNT}/check", statuses=ADMINS),
    Row(operation=f"DELETE {ACCOUNT}", statuses=ADMINS),
    Row(operation="GET /zoom/classes", statuses=TEACHERS),
    Row(operation="POST /zoom/classes", body={"name": "Logic"}, statuses=MAKING),
    Row(operation=f"GET {CLASS}", statuses=OF_THE_CLASS),
    Row(operation=f"GET {CLASS}/students", statuses=OF_THE_CLASS),
    Row(operation=f"POST {CLASS}/students", body=STUDENT, statuses=OF_THE_CLASS),
    Row(operation=f"DELETE {CLASS}/students", body=STUDENT, statuses=OF_THE_CLASS),
    # A file with a head and nobody in it.
    Row(operation=f"POST {CLASS}/import", body="email\nnew@campus.example", statuses=OF_THE_CLASS),
    Row(operation=f"GET {CLASS}/attendance-policy", statuses=OF_THE_CLASS),
    Row(operation=f"PATCH {CLASS}/attendance-policy", body={}, statuses=OF_THE_CLASS),
    Row(operation=f"DELETE {CLASS}/attendance-policy", statuses=OF_THE_CLASS),
    Row(operation=f"GET {CLASS}/meeting-settings", statuses=OF_THE_CLASS),
    Row(operation=f"PATCH {CLASS}/meeting-settings", body={"settings": {}}, statuses=OF_THE_CLASS),
    Row(operation="GET /zoom/meeting-settings", statuses=ADMINS),
    Row(operation="PATCH /zoom/meeting-settings", body={"settings": {}}, statuses=ADMINS),
    Row(operation="GET /zoom/meeting-settings/lessons", statuses=ADMINS),
    Row(operation="PATCH /zoom/meeting-settings/lessons", body={"settings": {}}, statuses=ADMINS),
    Row(operation=f"POST {CLASS}/close", statuses=OF_THE_CLASS),
    Row(operation=f"POST {CLASS}/reopen", statuses=OF_THE_CLASS),
    Row(operation="GET /audit", statuses=ADMINS),
    Row(operation="GET /zoom/attendance-policy", statuses=ADMINS),
    Row(operation="PATCH /zoom/attendance-policy", body={}, statuses=ADMINS),
    Row(operation="POST /zoom/meetings", body=NEW, statuses=MAKING),
    Row(
        operation="POST /zoom/meetings",
        case="of a class",
        body=NEW | {"classId": "{class}"},
        statuses=(401, 403, 403, 404, 201, 404, 201),
    ),
    Row(
        operation="POST /zoom/meetings",
        case="for somebody else",
        body=NEW | {"hostId": "{class_teacher}"},
        statuses=(401, 403, 403, 403, 201, 403, 201),
    ),
    # A class without meetings: registering asks Zoom on connections of its own, which do not see a test's transaction.
    Row(
        operation="POST /zoom/meetings/register-student",
        body={"studentId": "{fellow}", "classId": "{idle_class}"},
        statuses=ADMINS,
    ),
    Row(operation="GET /zoom/meetings", statuses=SIGNED_IN),
    Row(operation="GET /zoom/meetings", case="of a class", query="classId={class}", statuses=SIGNED_IN),
    Row(operation=f"GET {MEETING}", statuses=ATTENDING),
    Row(operation=f"GET {MEETING}", case="by number", about={"meeting_id": "number"}, statuses=ATTENDING),
    Row(operation=f"GET {MEETING}", case="that was held", about=HELD, statuses=ATTENDING),
    Row(
        operation=f"GET {MEETING}",
        case="of a circle",
        about={"meeting_id": "halaka_meeting"},
        statuses=(401, 404, 200, 404, 404, 200, 200),
    ),
    Row(
        operation=f"GET {MEETING}",
        case="of a session",
        about={"meeting_id": "session_meeting"},
        statuses=(401, 404, 200, 404, 404, 200, 200),
    ),
    Row(
        operation=f"GET {MEETING}",
        case="of a lesson",
        about={"meeting_id": "booking_meeting"},
        statuses=(401, 404, 200, 404, 404, 200, 200),
    ),
    Row(operation=f"PATCH {MEETING}", body=LATER, statuses=HOLDING),
    Row(operation=f"POST {MEETING}/sync", statuses=HOLDING),
    Row(operation=f"DELETE {MEETING}", statuses=HOLDING, lasting=True),
    Row(operation=f"GET {MEETING}/join", statuses=ATTENDING),
    Row(operation=f"POST {MEETING}/join", body={"action": "join"}, statuses=ATTENDING),
    Row(operation=f"GET {MEETING}/participants", about=HELD, statuses=KEEPING_ATTENDANCE),
    Row(
        operation=f"PUT {MEETING}/participants/{{uuidstr:participation_id}}/person",
        about=HELD,
        body={"user_id": "{fellow}"},
        statuses=KEEPING_ATTENDANCE,
    ),
    Row(
        operation=f"DELETE {MEETING}/participants/{{uuidstr:participation_id}}/person",
        about=HELD,
        statuses=KEEPING_ATTENDANCE,
    ),
    Row(operation=f"GET {MEETING}/attendance", about=HELD, statuses=ATTENDING),
    Row(
        operation=f"PATCH {VERDICT}", about=HELD, body={"status": "late", "reason": "Bus"}, statuses=KEEPING_ATTENDANCE
    ),
    # Teachers who may see the session are told that it did not expect them.
    Row(
        operation=f"POST {MEETING}/attendance/objection",
        about=HELD,
        body={"objection": "I was late."},
        statuses=(401, 404, 201, 404, 404, 404, 404),
    ),
    Row(operation=f"POST {VERDICT}/answer", about=HELD, body={"answer": "Right."}, statuses=KEEPING_ATTENDANCE),
    Row(operation=f"GET {MEETING}/runs", about=HELD, statuses=KEEPING_ATTENDANCE),
    Row(
        operation=f"PUT {MEETING}/runs/{{uuidstr:run_id}}/occurrence",
        about=HELD,
        body={"occurrence_id": "{held_occurrence}"},
        statuses=KEEPING_ATTENDANCE,
    ),
    Row(operation=f"DELETE {MEETING}/runs/{{uuidstr:run_id}}/occurrence", about=HELD, statuses=KEEPING_ATTENDANCE),
    Row(operation=f"GET {MEETING}/recordings", about=HELD, statuses=ATTENDING),
    Row(operation=f"GET {RECORDING}", statuses=ATTENDING),
    Row(operation=f"GET {RECORDING}/file", statuses=(401, 404, 302, 404, 302, 302, 302)),
    Row(
        operation=f"GET {RECORDING}/file",
        case="to keep",
        query="download=true",
        statuses=(401, 404, 403, 404, 302, 302, 302),
    ),
    Row(operation=f"DELETE {RECORDING}", statuses=HOLDING),
    Row(operation="GET /recordings/consent", statuses=SIGNED_IN),
    # Nothing is asked, so there is nothing to agree to.
    Row(operation="POST /recordings/consent", body={"version": 1}, statuses=(401, 400, 400, 400, 400, 400, 400)),
    Row(operation="GET /recordings/rules", statuses=ADMINS),
    Row(operation="PATCH /recordings/rules", body={"notice_days": 7}, statuses=ADMINS),
    *(
        Row(operation=f"{method} {path}", body=body, statuses=ADMINS)
        for path in (
            "/recordings/rules/groups/{uuidstr:group_id}",
            "/recordings/rules/meetings/{uuidstr:meeting_id}",
        )
        for method, body in (("GET", None), ("PUT", {"watchers": "teachers"}), ("DELETE", None))
    ),
    Row(operation="GET /zoom/reports", statuses=TEACHERS),
    Row(
        operation="GET /zoom/reports",
        case="on one meeting",
        query="meetingId={held}",
        statuses=(401, 403, 403, 404, 200, 200, 200),
    ),
    Row(
        operation="GET /zoom/reports",
        case="as a file",
        query="meetingId={held}&format=csv",
        statuses=(401, 403, 403, 404, 200, 200, 200),
    ),
    *(
        Row(
            operation="GET /zoom/reports",
            case=f"of {rows} as {kind}",
            query=f"rows={rows}&format={kind}",
            statuses=TEACHERS,
        )
        for rows in ("records", "students")
        for kind in ("json", "csv", "xlsx")
    ),
    # Whoever is signed in: only Zoom's signature counts, which test_roles.py brings along.
    Row(operation="POST /zoom/webhook", body={"event": "meeting.started"}, statuses=(401,) * 7),
    Row(
        operation="POST /zoom/webhook/{uuidstr:zoom_account_id}",
        body={"event": "meeting.started"},
        statuses=(401,) * 7,
    ),
    Row(
        operation="POST /v1/zoom/signature",
        body={"meetingNumber": "{number}", "role": 0},
        statuses=(401, 404, 201, 404, 201, 201, 201),
    ),
    Row(
        operation="POST /v1/zoom/signature",
        case="of a host",
        body={"meetingNumber": "{number}", "role": 1},
        statuses=(401, 404, 403, 404, 403, 201, 201),
    ),
    Row(
        operation="POST /v1/zoom/zak-token",
        body={"userId": "{zoom_user}"},
        statuses=(401, 403, 403, 403, 403, 200, 200),
    ),
    Row(
        operation="POST /v1/zoom/zak-token",
        case="of nobody at Zoom",
        body={"userId": "nobody@elsewhere.example"},
        statuses=(401, 403, 403, 403, 403, 403, 404),
    ),
]
