"""The life of recordings from the room to their end by the rule, with somebody's erasure in between."""

import io
import zipfile
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from classbell.accounts.models import User
from classbell.meetings.models import Participation
from classbell.meetings.presence import zoom_report
from classbell.privacy.erasure import ask_erasure, confirmation_of, erase, foresee
from classbell.privacy.export import made_export
from classbell.recordings.deleting import delete_what_was_asked, forget_gone
from classbell.recordings.models import Recording, RecordingAccess
from classbell.recordings.retention import keep_the_rule
from classbell.recordings.rules import change_rules

DAY = timedelta(days=1)


def test_from_the_room_to_the_end_with_an_erasure_in_between(make_school, api, zoom):
    change_rules({"watchers": "students", "keep_days": 60})
    a_class, alone = make_school(), make_school(students=1)
    zoom_report_is_there = 61
    a_class.simulator.clock(zoom_report_is_there)
    for school in (a_class, alone):
        school.look()
        zoom_report.fetch_report(school.meeting.occurrences.get().pk, zoom, now=timezone.now() + timedelta(minutes=6))
    assert Participation.objects.filter(user=alone.student).exists()

    # Both watch theirs.
    for school in (a_class, alone):
        (video,) = Recording.objects.filter(run__occurrence__meeting=school.meeting, kind="video")
        address = api(school.student).get(f"/api/recordings/{video.pk}/file").headers["Location"]
        assert (
            Client().get(address.removeprefix("http://testserver"), headers={"Range": "bytes=0-3"}).status_code == 206
        )
    assert b"recordings.RecordingAccess" in _everything(alone.student)

    # The one who learned alone is erased: their recordings go for good, the class's stay.
    foreseen = foresee(alone.student, now=timezone.now())
    assert (foreseen.recorded, foreseen.recorded_alone) == (1, 1)
    erased = ask_erasure(
        person_id=alone.student.pk, confirm=confirmation_of(alone.student), by=alone.admin, now=timezone.now()
    )
    erase(erased_id=erased.pk, now=timezone.now())
    delete_what_was_asked(zoom, now=timezone.now())

    assert (alone.at_zoom(), len(a_class.at_zoom())) == ([], 4)
    assert not RecordingAccess.objects.filter(person=alone.student).exists()
    recorded = foresee(a_class.student, now=timezone.now())
    assert (recorded.recorded, recorded.recorded_alone) == (1, 0)

    # The rule ends the others.
    now = timezone.now()
    keep_the_rule(now=now + 55 * DAY)
    assert keep_the_rule(now=now + 63 * DAY) == 4
    delete_what_was_asked(zoom, now=now + 63 * DAY)
    assert a_class.at_zoom() == []
    assert forget_gone(now=now + 94 * DAY) == 8
    assert not Recording.objects.exists()


def _everything(person: User) -> bytes:
    archive = zipfile.ZipFile(io.BytesIO(made_export(person, now=timezone.now())))
    return archive.read("everything.json")
