"""Who may watch, and how a file gets from Zoom to them without Zoom's address or token."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from classbell.accounts.services import deactivate_person
from classbell.groups.services import take_out
from classbell.recordings import watching
from classbell.recordings.deleting import ask_deletion
from classbell.recordings.models import Recording, RecordingAccess
from classbell.recordings.rules import change_rules, drop_watch_rule, set_watch_rule

EVERY = {"teacher", "admin", "student", "guardian", "stranger", "colleague"}


def listed(api, school, who: str) -> int:
    """Return how many recordings somebody finds; a guardian as the student's."""
    asked = f"?student_id={school.student.pk}" if who == "guardian" else ""
    answer = api(getattr(school, who)).get(f"/api/zoom/meetings/{school.meeting.pk}/recordings{asked}")
    return len(answer.json()["recordings"]) if answer.status_code == 200 else 0


@pytest.mark.parametrize(
    ("watchers", "who"),
    [
        ("nobody", {"admin"}),
        ("teachers", {"admin", "teacher"}),
        ("students", {"admin", "teacher", "student"}),
        ("families", {"admin", "teacher", "student", "guardian"}),
    ],
)
def test_rule_says_who_finds_recordings(school, api, watchers, who):
    change_rules({"watchers": watchers})

    assert {one for one in EVERY if listed(api, school, one)} == who


def test_rule_of_the_meeting_goes_before_its_classs_and_that_before_the_schools(school, api):
    change_rules({"watchers": "families"})
    set_watch_rule(school.group, watchers="students", may_download=True)
    of_class = listed(api, school, "student"), listed(api, school, "guardian")
    set_watch_rule(school.meeting, watchers="teachers", may_download=False)
    of_meeting = listed(api, school, "teacher"), listed(api, school, "student")
    drop_watch_rule(school.meeting)
    drop_watch_rule(school.group)

    assert (of_class, of_meeting) == ((4, 0), (4, 0))
    assert listed(api, school, "guardian") == 4


def test_recording_says_what_it_is(for_students, api):
    school = for_students
    change_rules({"keep_days": 30})
    video = school.file()
    described = api(school.student).get(f"/api/recordings/{video.pk}").json()["recording"]

    assert described | {"start_time": "", "expires_at": "", "duration": 0} == {
        "id": str(video.pk),
        "occurrence_id": str(school.meeting.occurrences.get().pk),
        "type": "video",
        "start_time": "",
        "duration": 0,
        "size": video.size,
        "status": "available",
        "expires_at": "",
        "may_download": False,
    }
    assert described["expires_at"] > described["start_time"]
    assert api(school.stranger).get(f"/api/recordings/{video.pk}").status_code == 404


def address_of(api, person, video, **query: str) -> str:
    """Return the signed address that somebody gets."""
    answer = api(person).get(f"/api/recordings/{video.pk}/file?{urlencode(query)}")
    assert answer.status_code == 302, answer.content
    return str(answer.headers["Location"]).removeprefix("http://testserver")


def test_file_is_sent_whole_and_in_parts_by_an_address_that_needs_no_sign_in(for_students, api):
    school = for_students
    video = school.file()
    address = address_of(api, school.student, video)
    whole = Client().get(address)
    content = whole.getvalue()
    part = Client().get(address, headers={"Range": "bytes=4-7"})
    tail = Client().get(address, headers={"Range": "bytes=-10"})
    beyond = Client().get(address, headers={"Range": f"bytes={video.size}-"})
    head = Client().head(address)

    assert (whole.status_code, whole.headers["Content-Type"], len(content)) == (200, "video/mp4", video.size)
    assert whole.headers["Content-Length"] == head.headers["Content-Length"] == str(video.size)
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert part.headers["Content-Range"] == f"bytes 4-7/{video.size}"
    assert tail.content == content[-10:]
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{video.size}")
    assert school.simulator.url not in address
    assert not whole.has_header("Location")


def test_long_file_is_fetched_part_by_part(for_students, api, monkeypatch):
    school = for_students
    monkeypatch.setattr(watching, "PART_BYTES", 1000)
    address = address_of(api, school.student, school.file())
    whole = Client().get(address).getvalue()
    first = Client().get(address, headers={"Range": "bytes=0-"})

    assert len(whole) == school.file().size > 3000
    assert (first.status_code, first.content) == (206, whole[:1000])
    assert first.headers["Content-Range"] == f"bytes 0-999/{len(whole)}"


def test_address_is_good_for_as_long_as_its_person_may_watch(for_students, api):
    school = for_students
    address = address_of(api, school.student, school.file())
    before = Client().get(address, headers={"Range": "bytes=0-0"}).status_code
    take_out(group_id=school.group.pk, student=school.student)
    left = Client().get(address).status_code
    of_teacher = address_of(api, school.teacher, school.file())
    deactivate_person(user_id=school.teacher.pk)

    assert (before, left, Client().get(of_teacher).status_code) == (206, 410, 410)


def test_address_runs_out_and_cannot_be_made_up(for_students, api, monkeypatch):
    school = for_students
    address = address_of(api, school.student, school.file())
    forged = Client().get(address[:-3] + "xyz").status_code
    monkeypatch.setattr(watching, "GOOD_FOR", timedelta(seconds=-1))

    assert (forged, Client().get(address).status_code) == (410, 410)


def test_keeping_a_copy_is_apart_from_watching(for_students, api):
    school = for_students
    video = school.file()
    refused = api(school.student).get(f"/api/recordings/{video.pk}/file?download=true")
    of_teacher = Client().get(address_of(api, school.teacher, video, download="true"))
    change_rules({"may_download": True})
    of_student = Client().get(address_of(api, school.student, video, download="true"))

    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    for answer in (of_teacher, of_student):
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_who_opened_it_is_noted_for_admins(for_students, api):
    school = for_students
    change_rules({"watchers": "families"})
    address_of(api, school.student, school.file())
    address_of(api, school.guardian, school.file(), student_id=str(school.student.pk))
    lines = list(RecordingAccess.objects.order_by("at").values_list("person", "for_student", "is_download"))

    assert lines == [
        (school.student.pk, None, False),
        (school.guardian.pk, school.student.pk, False),
    ]


def test_what_is_deleted_is_watched_no_more(for_students, api):
    school = for_students
    address = address_of(api, school.student, school.file())
    ask_deletion(school.file().pk, now=timezone.now())

    assert Client().get(address).status_code == 410
    assert api(school.student).get(f"/api/recordings/{school.file().pk}/file").status_code == 410
    assert (listed(api, school, "student"), listed(api, school, "teacher")) == (3, 4)


@pytest.mark.parametrize(
    ("who", "status"), [("student", 403), ("stranger", 404), ("colleague", 404), ("guardian", 404)]
)
def test_who_does_not_teach_deletes_nothing(for_students, api, who, status):
    school = for_students
    answer = api(getattr(school, who)).delete(f"/api/recordings/{school.file().pk}")

    assert answer.status_code == status
    assert school.file().delete_asked_at is None


@pytest.mark.parametrize(("place", "status"), [("/rec/play/nothing", 410), ("/v2/users/me", 503)])
def test_file_that_zoom_does_not_give_is_said_so(for_students, api, simulator, place, status):
    school = for_students
    address = address_of(api, school.student, school.file())
    Recording.objects.update(download_url=f"{simulator.url}{place}")
    simulator.fault(kind="status", status=503, path="/users")

    assert Client().get(address).status_code == status


def test_our_token_goes_to_zoom_alone(school, zoom):
    for url in (
        "https://zoom.us.example/rec/download/x",
        "http://zoom.us/rec/download/x",
        "https://evil.example/zoom.us",
    ):
        with pytest.raises(ValueError, match="not Zoom's"):
            zoom.fetch_recording(url, first=0, last=1)
