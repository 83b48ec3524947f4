"""Every change of circles. The circle, its meetings, their claims and jobs commit together."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import NotThere
from classbell.groups.models import Group, GroupKind, Membership
from classbell.groups.services import GroupFull, archive_group, create_group, enrol_student, leave_group
from classbell.halakat.models import Halaka, HalakaPart, WaitingStudent
from classbell.halakat.pattern import Part, Pattern, check, parts_of, sittings_of
from classbell.meetings import claims, occurrences
from classbell.meetings import services as meetings
from classbell.meetings.changes import patch_meeting
from classbell.meetings.locks import wait_for_other_moves
from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.refusals import TeacherBusy
from classbell.notices.services import tell


def create_halaka(
    *,
    teacher: User,
    title: str,
    description: str = "",
    pattern: Pattern,
    capacity: int | None = None,
    now: datetime,
) -> Halaka:
    """
    Make a circle with all its sittings; the caller goes on to `sync_now` for its first meeting, the others follow.

    Raises PatternRefused, TeacherBusy.
    """
    check(pattern)
    parts = parts_of(pattern, sittings_of(pattern))
    with transaction.atomic():
        group = create_group(
            kind=GroupKind.HALAKA,
            name=title,
            description=description,
            timezone=pattern.timezone,
            capacity=capacity,
            teachers=[teacher],
        )
        halaka = Halaka.objects.create(group=group, teacher=teacher, **_schedule(pattern))
        _want(halaka, parts, first_number=1, now=now)
    return halaka


def change_halaka(
    *,
    halaka_id: UUID,
    title: str | None = None,
    description: str | None = None,
    capacity: int | None = None,
    pattern: Pattern | None = None,
    valid_from: date | None = None,
    now: datetime,
) -> Halaka:
    """
    Change a circle. A new schedule holds from `valid_from` on (by default at once); what took place stays.

    Raises NotThere, PatternRefused, TeacherBusy; then nothing has changed.
    """
    with transaction.atomic():
        wait_for_other_moves()
        halaka = _locked(halaka_id)
        changes = {"name": title, "description": description, "capacity": capacity}
        Group.objects.filter(pk=halaka.group_id).update(
            **{name: value for name, value in changes.items() if value is not None}
        )
        halaka.group.refresh_from_db()
        if pattern is not None and pattern != halaka.pattern:
            _reschedule(halaka, pattern, valid_from, now)
        elif title is not None or description is not None:
            for meeting in _coming(halaka, now):
                words = {"title": halaka.group.name, "description": halaka.group.description}
                patch_meeting(meeting_id=meeting.pk, changes=words, now=now, soon=True)
    return halaka


def end_halaka(*, halaka_id: UUID, now: datetime) -> Halaka:
    """Stop a circle: its coming sittings are cancelled, its past stays. Safe to repeat. Raises NotThere."""
    with transaction.atomic():
        halaka = _locked(halaka_id)
        for part in halaka.parts.all():
            meetings.cancel_meeting(meeting_id=part.meeting_id, now=now, reason=_("The circle was ended."))
        archive_group(group_id=halaka.group_id, now=now)
        halaka.ended_at = halaka.ended_at or now
        halaka.save(update_fields=["ended_at"])
    return halaka


def change_sitting(
    *,
    sitting_id: UUID,
    starts_at: datetime | None = None,
    duration_minutes: int | None = None,
    teacher: User | None = None,
    now: datetime,
) -> None:
    """
    Hold one sitting at another time, or let another teacher hold it, who is told; what is None stays.

    The circle's own teacher takes it back. Raises TeacherBusy, CannotTeach, OccurrenceOver, HostBusy; then nothing has
    changed.
    """
    with transaction.atomic():
        sitting = Occurrence.objects.get(pk=sitting_id)
        if starts_at or duration_minutes:
            minutes = duration_minutes or int((sitting.ends_at - sitting.starts_at) / timedelta(minutes=1))
            occurrences.move_occurrence(
                occurrence_id=sitting_id,
                starts_at=starts_at or sitting.starts_at,
                duration_minutes=minutes,
                teacher=teacher,
                now=now,
            )
        elif teacher is not None:
            occurrences.let_substitute(occurrence_id=sitting_id, teacher=teacher, now=now)
        sitting = Occurrence.objects.select_related("meeting", "substitute").get(pk=sitting_id)
        if teacher is not None and sitting.substitute is not None:
            _tell_substitute(sitting.substitute, sitting, now)


def cancel_sitting(*, sitting_id: UUID, reason: str = "", now: datetime) -> None:
    """Call one sitting off; the others stay. Raises OccurrenceOver."""
    occurrences.cancel_occurrence(occurrence_id=sitting_id, reason=reason, now=now)


def _tell_substitute(substitute: User, sitting: Occurrence, now: datetime) -> None:
    name = sitting.meeting.title
    tell(
        substitute,
        lambda: (
            _("You hold a sitting of %(halaka)s") % {"halaka": name},
            _("You hold %(halaka)s in place of its teacher: %(when)s.")
            % {"halaka": name, "when": date_format(timezone.localtime(sitting.starts_at), "DATETIME_FORMAT")},
        ),
        path=f"/meetings/{sitting.meeting_id}/",
        now=now,
    )


def join_halaka(*, halaka_id: UUID, student: User) -> bool:
    """Take a place in a circle, or one in its waiting list when it is full. Returns whether it is a place. Safe to repeat."""
    with transaction.atomic():
        halaka = _locked(halaka_id)
        if Membership.objects.filter(group=halaka.group_id, user=student).exists():
            return True
        try:
            with transaction.atomic():
                enrol_student(group_id=halaka.group_id, student=student)
        except GroupFull:
            WaitingStudent.objects.get_or_create(halaka=halaka, student=student)
            return False
        WaitingStudent.objects.filter(halaka=halaka, student=student).delete()
    return True


def leave_halaka(*, halaka_id: UUID, student: User, now: datetime) -> None:
    """Give up a place, or one in the waiting list; whoever waits longest gets it and is told. Safe to repeat."""
    with transaction.atomic():
        halaka = _locked(halaka_id)
        WaitingStudent.objects.filter(halaka=halaka, student=student).delete()
        if leave_group(group_id=halaka.group_id, student=student).removed:
            _move_up(halaka, now)


def _move_up(halaka: Halaka, now: datetime) -> None:
    waiting = halaka.waiting.select_related("student").first()
    if waiting is None:
        return
    enrol_student(group_id=halaka.group_id, student=waiting.student)
    waiting.delete()
    name = halaka.group.name
    tell(
        waiting.student,
        lambda: (
            _("You have a place in %(halaka)s") % {"halaka": name},
            _("A place in %(halaka)s became free and is yours.") % {"halaka": name},
        ),
        path=f"/halakat/{halaka.pk}/",
        now=now,
    )


def _reschedule(halaka: Halaka, pattern: Pattern, valid_from: date | None, now: datetime) -> None:
    """
    Lay out what is still to come anew: until `valid_from` as before, then by the new pattern. Meetings are used again in
    their order, so that links go on working; what is left over is cancelled, what is missing is added.
    """
    check(pattern)
    turn = datetime.combine(valid_from, time(), tzinfo=pattern.zone) if valid_from else now
    before = [start for start in sittings_of(halaka.pattern) if now < start < turn]
    after = [start for start in sittings_of(pattern) if start > now and start >= turn]
    old = halaka.pattern
    parts = [(old, part) for part in parts_of(old, before)] + [(pattern, part) for part in parts_of(pattern, after)]
    present = _coming(halaka, now)
    # Until each has its new times, the circle's own meetings must not stand in each other's way.
    coming = Occurrence.objects.filter(meeting__in=present, starts_at__gt=now)
    claims.release(occurrence_ids=list(coming.values_list("pk", flat=True)))
    for meeting, (how, part) in zip(present, parts, strict=False):
        wish = _wish(halaka, how, part)
        meetings.change_meeting(meeting_id=meeting.pk, wish=wish, now=now, soon=True)
    for meeting in present[len(parts) :]:
        meetings.cancel_meeting(meeting_id=meeting.pk, now=now, reason=_("The circle's schedule changed."))
    number = halaka.parts.aggregate(last=Max("number"))["last"] or 0
    for how, part in parts[len(present) :]:
        _want(halaka, [part], first_number=(number := number + 1), now=now, pattern=how)
    for name, value in _schedule(pattern).items():
        setattr(halaka, name, value)
    halaka.save()


def _want(
    halaka: Halaka, parts: Sequence[Part], *, first_number: int, now: datetime, pattern: Pattern | None = None
) -> None:
    """Wish for these parts' meetings. Raises TeacherBusy when the teacher has something at any of their times."""
    how = pattern or halaka.pattern
    outcomes = meetings.want_meetings([_wish(halaka, how, part) for part in parts], now=now, batch=False, soon=True)
    clashes = [clash for outcome in outcomes for clash in outcome.clashes]
    if clashes:
        raise TeacherBusy(halaka.teacher, clashes)
    HalakaPart.objects.bulk_create(
        HalakaPart(halaka=halaka, meeting=outcome.meeting, number=first_number + index)
        for index, outcome in enumerate(outcomes)
        if outcome.meeting is not None
    )


def _wish(halaka: Halaka, pattern: Pattern, part: Part) -> meetings.MeetingWish:
    return meetings.MeetingWish(
        teacher=halaka.teacher,
        group=halaka.group,
        title=halaka.group.name,
        description=halaka.group.description,
        starts_at=part.sittings[0],
        duration_minutes=pattern.duration_minutes,
        timezone=pattern.timezone,
        rule=part.rule,
    )


def _coming(halaka: Halaka, now: datetime) -> list[Meeting]:
    """Return the circle's meetings that still have sittings to come, in their order."""
    coming = Meeting.objects.filter(halaka_part__halaka=halaka, wanted=True, occurrences__starts_at__gt=now)
    return list(coming.distinct().order_by("halaka_part__number"))


def _schedule(pattern: Pattern) -> dict[str, Any]:
    return {
        "start_date": pattern.start_date,
        "end_date": pattern.end_date,
        "weekdays": list(pattern.weekdays),
        "frequency": pattern.frequency.value,
        "start_time": pattern.start_time,
        "duration_minutes": pattern.duration_minutes,
        "timezone": pattern.timezone,
    }


def _locked(halaka_id: UUID) -> Halaka:
    found = Halaka.objects.select_related("group", "teacher").select_for_update(of=("self",)).filter(pk=halaka_id)
    halaka = found.first()
    if halaka is None or halaka.ended_at is not None:
        raise NotThere(_("There is no such circle, or it has ended."))
    return halaka


def changed(pattern: Pattern, **changes: Any) -> Pattern:
    """Return a pattern with some of it changed; what is None stays."""
    return replace(pattern, **{name: value for name, value in changes.items() if value is not None})
