"""Telling an absence, deciding about it, taking it back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import NotThere
from classbell.excuses import notifications
from classbell.excuses.documents import Document
from classbell.excuses.errors import ExcuseDecided, InvalidPeriod, NoSuchKind, NothingToExcuse, ReasonMissing
from classbell.excuses.models import Excuse, ExcuseDocument, ExcuseStatus
from classbell.excuses.queries import sessions_of, time_of
from classbell.excuses.rules import accepted_this_month, accepts, rules_in_force
from classbell.excuses.signals import excuse_changed
from classbell.groups.models import Group
from classbell.meetings.attendance import excused
from classbell.meetings.models import Attendance, Meeting, Occurrence, OccurrenceOutcome
from classbell.rows import locked, write

LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence:
    """
    What is told: one session, or [starts_at, ends_at) with a meeting, a group or neither. The hours of one session need not
    be given.
    """

    reason: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    occurrence_id: UUID | None = None
    meeting_id: UUID | None = None
    group_id: UUID | None = None
    kind: str = ""


def tell_excuse(
    *, student_id: UUID, by: User, absence: Absence, document: Document | None = None, now: datetime
) -> Excuse:
    """
    Tell that a student is away. It is accepted at once where the school's rules say so, and waits for an answer otherwise.
    Told twice with the same words it is told once, and a document that comes along only then is kept with it.

    Raises NotThere, InvalidPeriod, NothingToExcuse, ReasonMissing, NoSuchKind.
    """
    if not absence.reason.strip():
        raise ReasonMissing
    rules = rules_in_force()
    if absence.kind and absence.kind not in rules.kinds:
        raise NoSuchKind(rules.kinds)
    with transaction.atomic():
        # Locked, so that two at once do not both have the last place of a quota.
        student = locked(User.objects.filter(is_active=True), student_id)
        if student is None:
            raise NotThere(_("There is no such person."))
        excuse = _told(student, by, absence, now)
        if (before := _told_before(excuse, document, now)) is not None:
            return before
        sessions = _sessions(excuse)
        excuse.by_rule = accepts(
            rules,
            kind=excuse.kind,
            first_session=sessions[0].starts_at,
            accepted=accepted_this_month(student, now=now),
            now=now,
        )
        if excuse.by_rule:
            excuse.status, excuse.decided_at = ExcuseStatus.ACCEPTED, now
        excuse.save()
        if document is not None:
            _keep(document, excuse, now)
        if excuse.by_rule:
            excused.excuse(time_of(excuse), now=now)
        notifications.told(excuse, sessions, by=by, now=now)
        excuse_changed.send(Excuse, excuse=excuse, what="told")
    return excuse


def decide_excuse(*, excuse_id: UUID, accepted: bool, note: str = "", by: User, now: datetime) -> Excuse:
    """Say yes or no, once. Whoever is second gets ExcuseDecided. Raises NotThere."""
    with transaction.atomic():
        excuse = _locked(excuse_id)
        if excuse.status != ExcuseStatus.PENDING:
            raise ExcuseDecided(excuse.status)
        status = ExcuseStatus.ACCEPTED if accepted else ExcuseStatus.REFUSED
        write(excuse, {"status": status, "note": note.strip(), "decided_by": by, "decided_at": now})
        if accepted:
            excused.excuse(time_of(excuse), now=now)
        notifications.decided(excuse, now=now)
        excuse_changed.send(Excuse, excuse=excuse, what="decided")
    return excuse


def withdraw_excuse(*, excuse_id: UUID, by: User, now: datetime) -> Excuse:
    """
    Take an excuse back, whether it waits or was accepted: the verdicts are what they would be without it. Safe to repeat.

    Raises NotThere, and ExcuseDecided for one that was not accepted.
    """
    with transaction.atomic():
        excuse = _locked(excuse_id)
        if excuse.status == ExcuseStatus.WITHDRAWN:
            return excuse
        if excuse.status == ExcuseStatus.REFUSED:
            raise ExcuseDecided(excuse.status)
        was_accepted = excuse.status == ExcuseStatus.ACCEPTED
        write(excuse, {"status": ExcuseStatus.WITHDRAWN, "withdrawn_at": now})
        if was_accepted:
            excused.excuse_no_longer(excuse.pk, now=now)
        notifications.withdrawn(excuse, sessions_of(excuse), by=by, now=now)
        excuse_changed.send(Excuse, excuse=excuse, what="withdrawn")
    return excuse


def _told(student: User, by: User, absence: Absence, now: datetime) -> Excuse:
    occurrence, meeting, group = _meant(student, absence)
    starts_at = absence.starts_at or (occurrence.starts_at if occurrence else None)
    ends_at = absence.ends_at or (occurrence.ends_at if occurrence else None)
    if starts_at is None:
        raise InvalidPeriod("from", _("Say from when on, or which session."))
    if ends_at is None:
        raise InvalidPeriod("until", _("Say until when, or which session."))
    if ends_at <= starts_at:
        raise InvalidPeriod("until", _("The end must be after the beginning."))
    if ends_at - starts_at > LONGEST:
        raise InvalidPeriod("until", _("An absence lasts a year at most. Tell the rest separately."))
    return Excuse(
        student=student,
        told_by=by,
        told_at=now,
        starts_at=starts_at,
        ends_at=ends_at,
        occurrence=occurrence,
        meeting=meeting,
        group=group,
        kind=absence.kind,
        reason=absence.reason.strip(),
    )


def _meant(student: User, absence: Absence) -> tuple[Occurrence | None, Meeting | None, Group | None]:
    """Return the session, the meeting and the group that are named. Raises NotThere for what is not the student's."""
    occurrence = meeting = group = None
    if absence.occurrence_id:
        # Who has left a class since was absent from it all the same.
        recorded = Attendance.objects.filter(occurrence=absence.occurrence_id, user=student)
        seen = Occurrence.objects.all() if recorded.exists() else Occurrence.objects.visible_to(student)
        occurrence = seen.filter(pk=absence.occurrence_id).first()
    if absence.meeting_id:
        meeting = Meeting.objects.open_to(student).filter(pk=absence.meeting_id).first()
    if absence.group_id:
        group = Group.objects.visible_to(student).filter(pk=absence.group_id).first()
    named = (absence.occurrence_id, occurrence), (absence.meeting_id, meeting), (absence.group_id, group)
    if any(asked and found is None for asked, found in named):
        raise NotThere(_("There is no such session, meeting or class of this student."))
    if occurrence and meeting and occurrence.meeting_id != meeting.pk:
        raise NotThere(_("This session is not one of that meeting."))
    return occurrence, meeting, group


def _sessions(excuse: Excuse) -> list[Occurrence]:
    """Return the sessions it is about. Raises NothingToExcuse where there is none of which the verdict can change."""
    sessions = sessions_of(excuse)
    final = OccurrenceOutcome.objects.filter(occurrence__in=[one.pk for one in sessions], is_final=True)
    if not sessions or final.count() == len(sessions):
        raise NothingToExcuse
    return sessions


def _told_before(excuse: Excuse, document: Document | None, now: datetime) -> Excuse | None:
    """Return the same excuse as it was told before and stands, with the document that comes now; None for another one."""
    said = ("student", "starts_at", "ends_at", "occurrence", "meeting", "group", "kind", "reason")
    in_force = Excuse.objects.filter(status__in=[ExcuseStatus.PENDING, ExcuseStatus.ACCEPTED])
    before = in_force.filter(**{name: getattr(excuse, name) for name in said}).order_by("told_at", "pk").first()
    if before is None or document is None:
        return before
    kept = ExcuseDocument.objects.filter(excuse=before).first()
    if kept is None:
        _keep(document, before, now)
    return before if kept is None or bytes(kept.content) == document.content else None


def _keep(document: Document, excuse: Excuse, now: datetime) -> None:
    ExcuseDocument.objects.create(
        excuse=excuse,
        name=document.name,
        content_type=document.content_type,
        size=len(document.content),
        content=document.content,
        sent_at=now,
    )


def _locked(excuse_id: UUID) -> Excuse:
    excuse = locked(Excuse.objects.all(), excuse_id)
    if excuse is None:
        raise NotThere(_("There is no such excuse."))
    return excuse
