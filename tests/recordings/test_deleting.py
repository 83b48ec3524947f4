"""Recordings are deleted here and at Zoom, by hand, by the school's rule, and whatever crashes meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.notices.models import Notice
from classbell.recordings import deleting, retention
from classbell.recordings.deleting import ask_deletion, delete_at_zoom, delete_what_was_asked, keep_longer
from classbell.recordings.errors import RecordingGone
from classbell.recordings.models import Recording
from classbell.recordings.rules import change_rules

DAY = timedelta(days=1)


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name="recordings.delete", status="todo").count()


def test_deletion_is_asked_here_and_done_at_zoom(school, zoom):
    video = school.file()
    ask_deletion(video.pk, now=timezone.now())
    ask_deletion(video.pk, now=timezone.now())
    waiting = school.file().status_at(timezone.now())
    delete_at_zoom(video.pk, zoom, now=timezone.now())

    assert (waiting, jobs()) == ("deleting", 1)
    assert school.at_zoom() == ["M4A", "TRANSCRIPT", "CHAT"]
    assert school.file().status_at(timezone.now()) == "trashed"
    with pytest.raises(RecordingGone):
        ask_deletion(video.pk, now=timezone.now())


def test_deletion_is_tried_until_zoom_has_done_it(school, zoom, simulator):
    video = school.file()
    ask_deletion(video.pk, now=timezone.now())
    simulator.fault(kind="status", status=503, method="DELETE", path="/meetings/.*/recordings")
    delete_what_was_asked(zoom, now=timezone.now())
    during = school.file().status_at(timezone.now())
    simulator.clear_faults()
    delete_what_was_asked(zoom, now=timezone.now())

    assert during == "deleting"
    assert "MP4" not in school.at_zoom()
    assert school.file().status_at(timezone.now()) == "trashed"


def test_crash_between_zooms_delete_and_ours_leaves_nothing_undone(school, zoom, monkeypatch):
    video = school.file()
    ask_deletion(video.pk, now=timezone.now())

    def crash(*_arguments: Any, **_more: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(deleting, "locked", crash)
        with pytest.raises(RuntimeError):
            delete_at_zoom(video.pk, zoom, now=timezone.now())
    between = school.file().status_at(timezone.now())
    delete_what_was_asked(zoom, now=timezone.now())

    assert (between, school.file().status_at(timezone.now())) == ("deleting", "trashed")
    assert "MP4" not in school.at_zoom()


def test_rule_is_off_at_first(school):
    Recording.objects.update(starts_at=timezone.now() - 900 * DAY, ends_at=timezone.now() - 900 * DAY)

    assert retention.keep_the_rule(now=timezone.now()) == 0
    assert not Notice.objects.filter(kind="recordings_expire").exists()


def test_rule_tells_the_teacher_and_deletes_days_later_for_good(school, zoom):
    change_rules({"keep_days": 30, "notice_days": 7})
    now = timezone.now()
    early = retention.keep_the_rule(now=now + 22 * DAY)
    told_early = Notice.objects.filter(kind="recordings_expire").count()
    telling = [retention.keep_the_rule(now=now + 24 * DAY) for _twice in range(2)]
    (notice,) = Notice.objects.filter(kind="recordings_expire")
    before = retention.keep_the_rule(now=now + 30 * DAY)
    gone = retention.keep_the_rule(now=now + 31 * DAY + timedelta(hours=1))
    delete_what_was_asked(zoom, now=now + 31 * DAY)

    assert (early, told_early, telling, before, gone) == (0, 0, [0, 0], 0, 4)
    assert (notice.user, notice.facts["title"]) == (school.teacher, school.meeting.title)
    assert school.at_zoom() == []
    recover = school.simulator.http.put(
        f"{school.simulator.api_url}/meetings/{school.number}/recordings/status",
        headers={"Authorization": f"Bearer {school.simulator.access_token()}"},
        json={"action": "recover"},
    )
    assert recover.status_code == 404


def test_rule_that_comes_late_gives_notice_all_the_same(school):
    past = timezone.now() - 100 * DAY
    Recording.objects.update(starts_at=past, ends_at=past)
    change_rules({"keep_days": 30, "notice_days": 7})
    now = timezone.now()

    assert [retention.keep_the_rule(now=now + days * DAY) for days in (0, 6, 7)] == [0, 0, 4]


def test_admin_keeps_one_for_longer(school):
    change_rules({"keep_days": 30})
    now = timezone.now()
    keep_longer(school.file().pk, until=(now + 90 * DAY).date(), now=now)
    retention.keep_the_rule(now=now + 24 * DAY)

    assert retention.keep_the_rule(now=now + 40 * DAY) == 3
    assert school.file().status_at(now) == "available"
    retention.keep_the_rule(now=now + 91 * DAY)
    assert retention.keep_the_rule(now=now + 99 * DAY) == 1


def test_what_is_to_go_for_good_leaves_the_trash_too(school, zoom):
    video = school.file()
    ask_deletion(video.pk, now=timezone.now())
    delete_at_zoom(video.pk, zoom, now=timezone.now())
    deleting.delete_for_good([school.file()], now=timezone.now())
    school.look()
    delete_what_was_asked(zoom, now=timezone.now())

    assert school.file().status_at(timezone.now()) == "deleted"
    assert deleting.forget_gone(now=timezone.now() + 31 * DAY) == 1


def test_history_says_who_deleted_what(school, api):
    video = school.file()
    answer = api(school.teacher).delete(f"/api/recordings/{video.pk}")
    entries = api(school.admin).get(f"/api/audit?kind=recording&id={video.pk}").json()["entries"]

    assert answer.status_code == 200
    assert [(entry["what"], entry["actor"]["name"]) for entry in entries] == [("changed", school.teacher.name)]
