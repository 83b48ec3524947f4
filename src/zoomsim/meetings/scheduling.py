"""Making, changing and deleting meetings."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from zoomsim.clock import whole_second
from zoomsim.meetings import events as meeting_events
from zoomsim.meetings.input import MeetingInput
from zoomsim.meetings.recurrence import lay_out, read_recurrence
from zoomsim.meetings.settings import OF_ONE_OCCURRENCE, settle
from zoomsim.protocol.errors import invalid, invalid_field, may_not_host, no_meeting, refused
from zoomsim.simulation import Simulation
from zoomsim.state import ids
from zoomsim.state.models import Meeting, MeetingType, Occurrence, User, UserStatus, UserType

PASSWORD_LENGTH = 6
PSTN_PASSWORD_DIGITS = 6
ENCRYPTED_PASSWORD_LENGTH = 30
REGISTRATION_KEY_LENGTH = 20
RECOVERABLE_FOR = timedelta(days=7)
TIMED = (MeetingType.SCHEDULED, MeetingType.RECURRING, MeetingType.SCREEN_SHARE_ONLY)


def create_meeting(sim: Simulation, user: User, wanted: MeetingInput) -> Meeting:
    """
    Schedule a meeting as or for somebody.

    A start that is missing, past or no time at all becomes now, without a word. Raises ZoomError.
    """
    now = whole_second(sim.now())
    meeting_type = int(wanted.type or MeetingType.SCHEDULED)
    host = _host_for(sim, user, wanted.schedule_for, meeting_type)
    require_host(host)
    start = (max(wanted.start, now) if wanted.start else now) if meeting_type in TIMED else None
    meeting = Meeting(
        id=sim.store.new_meeting_id(),
        uuid=ids.run_uuid(),
        host_id=host.id,
        assistant_id=user.id if host is not user else "",
        topic=wanted.topic or f"{host.display_name}'s Zoom Meeting",
        type=meeting_type,
        timezone=wanted.timezone or host.timezone,
        created_at=now,
        start=start,
        duration=60 if wanted.duration is None else wanted.duration,
        agenda=wanted.agenda or "",
        pstn_password=ids.digits(PSTN_PASSWORD_DIGITS),
        registration_key=ids.letters(REGISTRATION_KEY_LENGTH),
        pre_schedule=bool(wanted.pre_schedule),
        template_id=wanted.template_id or "",
        tracking_fields=wanted.tracking_fields,
        settings=settle(sim.account.overrule(wanted.settings), meeting_type),
    )
    _set_password(meeting, wanted.password if wanted.password is not None else _made_up(wanted))
    if meeting_type == MeetingType.RECURRING:
        _lay_out_new(meeting, wanted, now)
    sim.store.save_meeting(meeting)
    meeting_events.created(sim, meeting)
    return meeting


def change_meeting(sim: Simulation, meeting: Meeting, wanted: MeetingInput) -> None:
    """Change a meeting, or the rule of a whole series with all its sessions to come. Raises ZoomError."""
    now = whole_second(sim.now())
    former_host = meeting.host_id
    draft = replace(meeting)
    if wanted.schedule_for:
        _move(sim, draft, wanted.schedule_for)
    draft.type = wanted.type or meeting.type
    _change_texts(draft, wanted)
    draft.timezone = wanted.timezone or meeting.timezone
    draft.duration = meeting.duration if wanted.duration is None else wanted.duration
    draft.settings = settle(sim.account.overrule(meeting.settings | wanted.settings), draft.type)
    new_start = wanted.start if wanted.start and wanted.start >= now else None
    draft.start = (new_start or meeting.start or now) if draft.type in TIMED else None
    if draft.type == MeetingType.RECURRING:
        _change_series(draft, meeting, wanted, new_start, now)
    else:
        draft.recurrence = draft.occurrences = None
    if wanted.password is not None and wanted.password != meeting.password:
        _set_password(draft, wanted.password)
    before = replace(meeting)
    for name in Meeting.__slots__:
        setattr(meeting, name, getattr(draft, name))
    sim.store.save_meeting(meeting, former_host=former_host)
    meeting_events.updated(sim, before, meeting)


def change_occurrence(sim: Simulation, meeting: Meeting, occurrence_id: str, wanted: MeetingInput) -> None:
    """Change one session of a series; its id stays. Only a few fields can be changed, the rest is ignored."""
    occurrence = _available(meeting, occurrence_id)
    before = replace(occurrence)
    if wanted.start and wanted.start >= whole_second(sim.now()):
        occurrence.start = wanted.start
    occurrence.duration = occurrence.duration if wanted.duration is None else wanted.duration
    occurrence.agenda = wanted.agenda if wanted.agenda is not None else occurrence.agenda
    own = {name: value for name, value in wanted.settings.items() if name in OF_ONE_OCCURRENCE}
    if own:
        occurrence.settings = (occurrence.settings or {}) | own
    _sort(meeting)
    sim.store.save_meeting(meeting)
    meeting_events.occurrence_updated(sim, meeting, before, occurrence)


def delete_meeting(sim: Simulation, meeting: Meeting) -> None:
    """Delete a meeting, with all its sessions when it is a series. Raises ZoomError while it runs."""
    if meeting.id in sim.store.running:
        raise refused("You can not delete this meeting since it is in progress.", code=3002)
    meeting.deleted_at = sim.now()
    sim.store.save_meeting(meeting)
    meeting_events.deleted(sim, meeting)


def delete_occurrence(sim: Simulation, meeting: Meeting, occurrence_id: str) -> None:
    """Delete one session, which stays in the list as deleted. Raises ZoomError."""
    occurrence = _available(meeting, occurrence_id)
    occurrence.deleted = True
    sim.store.save_meeting(meeting)
    meeting_events.occurrence_deleted(sim, meeting, occurrence)


def recover_meeting(sim: Simulation, meeting: Meeting) -> None:
    """Undo the deletion of a meeting. Raises ZoomError when it was too long ago."""
    if meeting.deleted_at is None:
        return
    if sim.now() - meeting.deleted_at > RECOVERABLE_FOR:
        raise no_meeting(meeting.id)
    meeting.deleted_at = None
    sim.store.save_meeting(meeting)
    meeting_events.recovered(sim, meeting)


def require_host(user: User) -> None:
    """Raise ZoomError 400/3161 unless the user may schedule."""
    if user.status is not UserStatus.ACTIVE or user.type not in {UserType.BASIC, UserType.LICENSED}:
        raise may_not_host(user.email)


def _host_for(sim: Simulation, user: User, schedule_for: str | None, meeting_type: int) -> User:
    if schedule_for is None:
        return user
    if meeting_type == MeetingType.INSTANT:
        raise refused("An instant meeting cannot be scheduled for another user.", code=3000)
    host = sim.store.user(schedule_for)
    if host is user:
        return user
    if host is None or user.id not in host.assistants:
        raise invalid(("schedule_for", f"You may not schedule for {schedule_for}."))
    return host


def _move(sim: Simulation, draft: Meeting, schedule_for: str) -> None:
    present = sim.store.users[draft.host_id]
    target = sim.store.user(schedule_for)
    if target is present:
        return
    if target is None or present.id not in target.assistants:
        raise invalid(("schedule_for", f"{present.email} may not schedule for {schedule_for}."))
    if UserType.BASIC in {target.type, present.type}:
        raise invalid(("schedule_for", "Both users must be licensed."))
    require_host(target)
    draft.host_id = target.id


def _made_up(wanted: MeetingInput) -> str:
    return ids.letters(PASSWORD_LENGTH) if wanted.default_password else ""


def _set_password(meeting: Meeting, password: str) -> None:
    meeting.password = password
    meeting.encrypted_password = f"{ids.letters(ENCRYPTED_PASSWORD_LENGTH)}.1" if password else ""
    if not password:
        meeting.pstn_password = ""
    elif not meeting.pstn_password:
        meeting.pstn_password = ids.digits(PSTN_PASSWORD_DIGITS)


def _change_texts(draft: Meeting, wanted: MeetingInput) -> None:
    """Take over the fields that change nothing else."""
    sent: dict[str, Any] = {
        "topic": wanted.topic or None,
        "agenda": wanted.agenda,
        "pre_schedule": wanted.pre_schedule,
        "template_id": wanted.template_id,
        "tracking_fields": wanted.tracking_fields,
    }
    for name, value in sent.items():
        if value is not None:
            setattr(draft, name, value)


def _lay_out_new(meeting: Meeting, wanted: MeetingInput, now: datetime) -> None:
    if wanted.recurrence is None:
        raise invalid_field("recurrence")
    assert meeting.start is not None  # noqa: S101 -- a series is TIMED
    meeting.recurrence = read_recurrence(wanted.recurrence, meeting.start)
    meeting.occurrences = lay_out(meeting.recurrence, meeting.start, meeting.timezone, meeting.duration, now)
    if not meeting.occurrences:
        raise invalid_field("recurrence")
    meeting.start = meeting.occurrences[0].start


def _change_series(
    draft: Meeting, former: Meeting, wanted: MeetingInput, new_start: datetime | None, now: datetime
) -> None:
    """
    Lay the sessions to come out anew when the rule, the start or the zone changed; what is past stays.

    Changes of single sessions are lost by it, deletions too. Otherwise the sessions only take over the duration.
    """
    assert draft.start is not None  # noqa: S101 -- a series is TIMED
    if wanted.recurrence is not None:
        draft.recurrence = read_recurrence(wanted.recurrence, draft.start)
    if draft.recurrence is None:
        raise invalid_field("recurrence")
    laid_out = lay_out(draft.recurrence, draft.start, draft.timezone, draft.duration, now)
    zone_changed = draft.timezone != former.timezone
    if former.occurrences is None or wanted.recurrence is not None or new_start or zone_changed:
        past = [occurrence for occurrence in former.all_occurrences if occurrence.start <= now]
        known = {occurrence.id for occurrence in past}
        coming = [occurrence for occurrence in laid_out if occurrence.start > now and occurrence.id not in known]
        draft.occurrences = past + coming or laid_out
        if not draft.occurrences:
            raise invalid_field("recurrence")
        if new_start and coming:
            draft.start = coming[0].start
        return
    if wanted.duration is not None:
        draft.occurrences = [
            replace(occurrence, duration=wanted.duration) if occurrence.start > now else occurrence
            for occurrence in former.occurrences
        ]
    if not draft.recurrence.get("end_times", 1):
        # A series without an end is laid out a little further by every change.
        last = max(occurrence.id for occurrence in former.occurrences)
        draft.occurrences = draft.all_occurrences + [occurrence for occurrence in laid_out if occurrence.id > last]


def _available(meeting: Meeting, occurrence_id: str) -> Occurrence:
    occurrence = meeting.occurrence(occurrence_id)
    if occurrence is None:
        raise refused(f"Invalid occurrence_id: {occurrence_id}.")
    if occurrence.deleted:
        raise no_meeting(meeting.id)
    return occurrence


def _sort(meeting: Meeting) -> None:
    if meeting.occurrences is not None:
        meeting.occurrences.sort(key=lambda occurrence: occurrence.start)
