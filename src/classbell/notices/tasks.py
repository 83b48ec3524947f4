"""Jobs of the notices: load, one call, done."""

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from classbell.jobs import RETRY_CRASHES
from classbell.notices import absences, backup, mailing, occurrences, push, reminders, texting
from classbell.notices.models import Channel


@app.task(name="notices.mail_notice", queue="notices", retry=RETRY_CRASHES)
def mail_notice(*, notice_id: str) -> None:
    """Send one notice by mail."""
    mailing.mail_notice(notice_id=UUID(notice_id), now=timezone.now())


@app.task(name="notices.mail_digest", queue="notices", retry=RETRY_CRASHES)
def mail_digest(*, user_id: str) -> None:
    """Send somebody what was collected for them by mail."""
    mailing.mail_digest(user_id=UUID(user_id), now=timezone.now())


@app.task(name="notices.send_text", queue="notices", retry=RETRY_CRASHES)
def send_text(*, notice_id: str, channel: str) -> None:
    """Send one notice as a text message."""
    texting.send_text(notice_id=UUID(notice_id), channel=Channel(channel), now=timezone.now())


@app.task(name="notices.push", queue="notices", retry=RETRY_CRASHES)
def push_notice(*, notice_id: str, channel: str = Channel.PUSH) -> None:
    """Show one notice in its reader's browsers."""
    push.push_notice(notice_id=UUID(notice_id), now=timezone.now())


@app.task(name="notices.tell_planned", queue="notices", retry=RETRY_CRASHES)
def tell_planned(*, meeting_ids: list[str]) -> None:
    """Tell classes that sessions are planned."""
    occurrences.tell_planned(meeting_ids=[UUID(pk) for pk in meeting_ids], now=timezone.now())


@app.task(name="notices.tell_enrolled", queue="notices", retry=RETRY_CRASHES)
def tell_enrolled(*, group_id: str, user_ids: list[str], by_themselves: bool) -> None:
    """Tell who came into a group of what was planned before."""
    people = [UUID(pk) for pk in user_ids]
    occurrences.tell_enrolled(group_id=UUID(group_id), user_ids=people, by_themselves=by_themselves, now=timezone.now())


@app.task(name="notices.tell_moved", queue="notices", retry=RETRY_CRASHES)
def tell_moved(*, occurrence_id: str) -> None:
    """Tell a class that one of its sessions is held at another time."""
    occurrences.tell_moved(occurrence_id=UUID(occurrence_id), now=timezone.now())


@app.task(name="notices.tell_held_again", queue="notices", retry=RETRY_CRASHES)
def tell_held_again(*, occurrence_id: str) -> None:
    """Tell a class that one of its sessions is held after all."""
    occurrences.tell_held_again(occurrence_id=UUID(occurrence_id), now=timezone.now())


@app.task(name="notices.tell_cancelled", queue="notices", retry=RETRY_CRASHES)
def tell_cancelled(*, occurrence_ids: list[str]) -> None:
    """Tell a class that sessions are not held."""
    occurrences.tell_cancelled(occurrence_ids=[UUID(pk) for pk in occurrence_ids], now=timezone.now())


@app.task(name="notices.tell_timetable", queue="notices", retry=RETRY_CRASHES)
def tell_timetable(*, meeting_id: str) -> None:
    """Tell a class that it has a new timetable."""
    occurrences.tell_timetable(meeting_id=UUID(meeting_id), now=timezone.now())


@app.task(name="notices.tell_held_elsewhere", queue="notices", retry=RETRY_CRASHES)
def tell_held_elsewhere(*, occurrence_id: str) -> None:
    """Tell of one session that is held in another place."""
    occurrences.tell_held_elsewhere(occurrence_id=UUID(occurrence_id), now=timezone.now())


@app.task(name="notices.tell_location", queue="notices", retry=RETRY_CRASHES)
def tell_location(*, meeting_id: str) -> None:
    """Tell people that a meeting is held in another place."""
    occurrences.tell_location(meeting_id=UUID(meeting_id), now=timezone.now())


@app.task(name="notices.tell_backup_room", queue="notices", retry=RETRY_CRASHES)
def tell_backup_room(*, occurrence_id: str) -> None:
    """Tell people that a session is held in its backup room."""
    backup.tell_given(occurrence_id=UUID(occurrence_id), now=timezone.now())


@app.task(name="notices.tell_back_at_zoom", queue="notices", retry=RETRY_CRASHES)
def tell_back_at_zoom(*, occurrence_id: str) -> None:
    """Tell people that a session is at Zoom after all."""
    backup.tell_withdrawn(occurrence_id=UUID(occurrence_id), now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="notices.remind", queue="sweeps", queueing_lock="remind")
def remind(timestamp: int) -> None:
    """Every minute: whoever wants to be reminded of what begins soon."""
    reminders.remind_due(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="notices.tell_absences", queue="sweeps", queueing_lock="tell_absences")
def tell_absences(timestamp: int) -> None:
    """Every minute: who is missing from a session that runs, and who came after all."""
    now = timezone.now()
    absences.take_back(now=now)
    absences.alert_due(now=now)
