"""What people change about attendance: overruling, objecting, answering."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import DomainError
from classbell.meetings.audience import expected_people
from classbell.meetings.models import Attendance, Occurrence
from classbell.meetings.signals import attendance_changed
from classbell.meetings.verdicts import AttendanceStatus


class NotExpectedThere(DomainError):
    """The person is not among those the session expected."""

    code = "not_expected"
    status = 404


class OccurrenceNotStarted(DomainError):
    """Nobody can have attended yet."""

    code = "sitting_not_started"


class TextMissing(DomainError):
    """A decision about a person needs words."""

    code = "text_missing"


class ObjectionNotOpen(DomainError):
    """There is no objection to answer, or there already is one."""

    code = "objection_not_open"


def override_attendance(
    *, occurrence_id: UUID, student_id: UUID, status: AttendanceStatus, reason: str, by: User, now: datetime
) -> Attendance:
    """
    Let a person's word stand above the calculated verdict, which stays visible beneath it. Again: the latest counts.

    Raises TextMissing, OccurrenceNotStarted, NotExpectedThere.
    """
    reason = _words(reason, _("Say why, so that the student and other teachers can understand it."))
    with transaction.atomic():
        occurrence = Occurrence.objects.select_related("meeting").get(pk=occurrence_id)
        if occurrence.starts_at > now:
            raise OccurrenceNotStarted(_("This session has not begun; nobody can have attended it."))
        record = _record_to_change(occurrence, student_id)
        record.override_status, record.override_reason = status, reason
        record.overridden_by, record.overridden_at = by, now
        record.save(update_fields=["override_status", "override_reason", "overridden_by", "overridden_at"])
        attendance_changed.send(Occurrence, occurrence_id=occurrence_id, user_ids=[student_id])
    return record


def lift_override(*, occurrence_id: UUID, student_id: UUID) -> Attendance:
    """Let the calculated verdict count again. Raises NotExpectedThere. Safe to repeat."""
    with transaction.atomic():
        record = _locked_record(occurrence_id, student_id)
        record.override_status, record.override_reason = "", ""
        record.overridden_by, record.overridden_at = None, None
        record.save(update_fields=["override_status", "override_reason", "overridden_by", "overridden_at"])
        attendance_changed.send(Occurrence, occurrence_id=occurrence_id, user_ids=[student_id])
    return record


def object_to(*, occurrence_id: UUID, student: User, objection: str, now: datetime) -> Attendance:
    """
    Say, as the person it is about, that one's attendance is recorded wrongly. Once per session.

    Raises TextMissing, NotExpectedThere, ObjectionNotOpen.
    """
    objection = _words(objection, _("Say what is wrong with it."))
    with transaction.atomic():
        record = _locked_record(occurrence_id, student.pk)
        if record.objected_at is not None:
            raise ObjectionNotOpen(_("There is an objection to this already."))
        record.objection, record.objected_at = objection, now
        record.save(update_fields=["objection", "objected_at"])
    return record


def answer_objection(*, occurrence_id: UUID, student_id: UUID, answer: str, by: User, now: datetime) -> Attendance:
    """
    Answer what a student objected to, once. To agree, overrule the verdict too.

    Raises TextMissing, NotExpectedThere, ObjectionNotOpen.
    """
    answer = _words(answer, _("Write an answer."))
    with transaction.atomic():
        record = _locked_record(occurrence_id, student_id)
        if record.objected_at is None or record.answered_at is not None:
            raise ObjectionNotOpen(_("There is no objection that waits for an answer."))
        record.objection_answer, record.answered_by, record.answered_at = answer, by, now
        record.save(update_fields=["objection_answer", "answered_by", "answered_at"])
    return record


def _words(text: str, otherwise: str) -> str:
    text = text.strip()
    if not text:
        raise TextMissing(otherwise)
    return text


def _record_to_change(occurrence: Occurrence, student_id: UUID) -> Attendance:
    """Return the record, locked; one is made for somebody expected of whom nothing has been recorded."""
    if expected_people(occurrence.meeting).filter(pk=student_id).exists():
        missing = Attendance(occurrence=occurrence, user_id=student_id)
        Attendance.objects.bulk_create([missing], ignore_conflicts=True)
    return _locked_record(occurrence.pk, student_id)


def _locked_record(occurrence_id: UUID, student_id: UUID) -> Attendance:
    records = Attendance.objects.select_related("user").select_for_update(of=("self",))
    found = records.filter(occurrence=occurrence_id, user=student_id).first()
    if found is None:
        raise NotExpectedThere(_("This person was not expected in this session."))
    return found
