"""What two of the older systems' guides show, done literally against a running demo."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from tests import processes
from tests.demo.conftest import SDK_KEY, SDK_SECRET, Demo
from tests.demo.running import PASSWORD
from tests.factories_halakat import halaka_body
from tests.node import NODE

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]

CLIENT = Path(__file__).parents[2] / "clients" / "javascript" / "classbell.js"
# As the guide for course sites has it, but for a day that is to come, and for signing in.
FRONTEND = """
const { createAPI } = await import(process.env.CLIENT);
const API = createAPI({ baseUrl: process.env.BASE_URL });
await API.auth.signIn(process.env.EMAIL, process.env.PASSWORD);

// Check Zoom status
const status = await API.zoom.getStatus();

// Create a manual meeting
const meeting = await API.zoom.createMeeting({
  topic: "Manual Meeting",
  start_time: process.env.START_TIME,
  duration: 60
});
console.log(JSON.stringify({ status, meeting }));
"""


@pytest.fixture(scope="module")
def teacher(demo: Demo) -> httpx.Client:
    return signed_in(demo.url, "teacher")


@pytest.fixture(scope="module")
def student(demo: Demo) -> httpx.Client:
    return signed_in(demo.url, "student")


def signed_in(url: str, name: str) -> httpx.Client:
    """Return a client of the API with somebody's token."""
    client = httpx.Client(base_url=url, timeout=30)
    answer = client.post("/api/auth/token", json={"email": f"{name}@classbell.example", "password": PASSWORD})
    client.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"
    return client


def answered(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


@pytest.fixture(scope="module")
def made(teacher: httpx.Client, student: httpx.Client) -> tuple[int, Any]:
    """What making a circle was answered, which the student has joined since."""
    status, made = answered(teacher.post("/api/v1/halaka/", json=halaka_body(startTime="04:10")))
    student.post(f"/api/v1/halaka/{made['data']['halaka']['id']}/join").raise_for_status()
    return status, made


@pytest.fixture(scope="module")
def zoom_meeting(made: tuple[int, Any]) -> dict[str, Any]:
    return dict(made[1]["data"]["halaka"]["zoomMeeting"])


def test_circle_has_its_meeting_at_once(made: tuple[int, Any], zoom_meeting: dict[str, Any]) -> None:
    status, envelope = made

    assert (status, envelope["status"], envelope["message"]) == (201, "created", "Halaka created successfully")
    assert all(zoom_meeting[field] for field in ("meetingId", "password", "joinUrl", "startUrl"))


def test_member_of_a_circle_gets_a_signature_for_it(student: httpx.Client, zoom_meeting: dict[str, Any]) -> None:
    number = zoom_meeting["meetingId"]

    signed = student.post("/api/v1/zoom/signature", json={"meetingNumber": number, "role": 0})

    signature = signed.json()["data"]["signature"]
    assert answered(signed) == (
        201,
        {
            "status": "created",
            "message": "Zoom signature generated successfully",
            "data": {"signature": signature},
        },
    )
    claims = jwt.decode(signature, OctKey.import_key(SDK_SECRET), algorithms=["HS256"]).claims
    assert (claims["appKey"], claims["mn"], claims["role"]) == (SDK_KEY, number, 0)


def test_host_starts_a_circle_and_nobody_else(
    demo: Demo, teacher: httpx.Client, student: httpx.Client, zoom_meeting: dict[str, Any]
) -> None:
    as_host = {"meetingNumber": zoom_meeting["meetingId"], "role": 1}
    zoom_user = {"userId": "host01@zoomsim.example"}

    own = teacher.post("/api/v1/zoom/signature", json=as_host)
    another = student.post("/api/v1/zoom/signature", json=as_host)
    zak = signed_in(demo.url, "admin").post("/api/v1/zoom/zak-token", json=zoom_user)
    stolen = student.post("/api/v1/zoom/zak-token", json=zoom_user)

    assert (own.status_code, another.status_code, zak.status_code, stolen.status_code) == (201, 403, 200, 403)
    assert set(zak.json()) == {"zak"}
    assert zak.json()["zak"]


@pytest.mark.parametrize(
    ("path", "body", "answer"),
    [
        pytest.param(
            "/api/v1/zoom/signature",
            {},
            {"status": "error", "message": "meetingNumber and role are required"},
            id="signature",
        ),
        pytest.param(
            "/api/v1/zoom/zak-token", {}, {"status": "error", "message": "userId is required"}, id="host token"
        ),
    ],
)
def test_missing_parameters_are_named(
    teacher: httpx.Client, path: str, body: dict[str, Any], answer: dict[str, Any]
) -> None:
    status, said = answered(teacher.post(path, json=body))

    assert status == 400
    assert said.items() >= answer.items()


def test_status_is_as_the_guide_for_course_sites_shows(teacher: httpx.Client) -> None:
    status, said = answered(teacher.get("/api/zoom/status"))

    assert (status, said["configured"]) == (200, True)
    assert (
        said["status"].items()
        >= {
            "success": True,
            "message": "Zoom credentials are valid",
            "configured": True,
        }.items()
    )
    assert set(said["status"]["user"]) == {"id", "email", "account_id"}


def test_browser_code_of_the_guide_runs_as_it_stands(demo: Demo) -> None:
    starts_at = (datetime.now(UTC) + timedelta(days=400)).strftime("%Y-%m-%dT03:00:00Z")
    environment = {
        "CLIENT": CLIENT.as_uri(),
        "BASE_URL": demo.url,
        "EMAIL": "teacher@classbell.example",
        "PASSWORD": PASSWORD,
        "START_TIME": starts_at,
    }

    done = processes.run(
        [NODE, "--input-type=module", "--eval", FRONTEND],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["status"]["status"]["message"] == "Zoom credentials are valid"
    meeting = said["meeting"]["meeting"]
    assert (meeting["title"], meeting["duration"], meeting["start_time"]) == ("Manual Meeting", 60, starts_at)
    assert all(meeting[field] for field in ("zoom_meeting_id", "join_url", "start_url", "password"))


def test_session_of_a_course_gets_its_meeting(teacher: httpx.Client) -> None:
    course = teacher.post("/api/courses", json={"title": "Course of the guide"}).raise_for_status().json()
    starts_at = (datetime.now(UTC) + timedelta(days=401)).strftime("%Y-%m-%dT03:00:00Z")
    batch = teacher.post(
        f"/api/courses/{course['course']['id']}/sessions/batch",
        json={"sessions": [{"title": "Limits", "start_time": starts_at, "duration": 60}]},
    )
    session = batch.raise_for_status().json()["sessions"][0]

    status, said = answered(teacher.post("/api/zoom/sessions/meeting", json={"session_id": session["id"]}))

    assert status in {200, 201}
    assert all(said["meeting"][field] for field in ("zoom_meeting_id", "join_url", "start_url", "password"))
