"""Absences that people of the demo have told: two that wait, one that was accepted afterwards, and the school's rules."""

from datetime import datetime, timedelta

from django.db import transaction

from classbell.accounts.models import User
from classbell.demo import circles
from classbell.demo.objections import CLASS
from classbell.demo.people import People
from classbell.excuses.documents import Document
from classbell.excuses.models import Excuse
from classbell.excuses.rules import change_rules
from classbell.excuses.services import Absence, decide_excuse, tell_excuse
from classbell.meetings.models import Attendance, Occurrence
from classbell.meetings.verdicts import AttendanceStatus

A_PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


@transaction.atomic
def make_excuses(people: People, *, now: datetime) -> None:
    """Tell them, once."""
    if Excuse.objects.exists():
        return
    change_rules(
        {
            "kinds_at_once": ["Family"],
            "kinds_decided": ["Illness", "Travel"],
            "hours_ahead": 48,
            "makeup_hours_ahead": 24,
            "makeup_monthly_quota": 2,
        }
    )
    note = Document(name="appointment.pdf", content_type="application/pdf", content=A_PAPER)
    _tell(people["layla"], _next(CLASS, now), "I have an appointment at the hospital that evening.", note, now)
    _tell(people["salman"], _next(circles.EVENING.title, now), "مسافر مع أهلي ولا أستطيع الاتصال.", None, now)
    missed = Attendance.objects.filter(
        occurrence__meeting__group__name=CLASS, computed_status=AttendanceStatus.ABSENT, override_status=""
    )
    missed = missed.filter(objected_at=None).exclude(user__in=[people["student"], people["layla"]])
    absence = missed.select_related("user", "occurrence").order_by("-occurrence__starts_at").first()
    if absence is not None:
        told_at = min(now, absence.occurrence.ends_at + timedelta(hours=3))
        excuse = _tell(absence.user, absence.occurrence, "I had a fever and slept through it.", None, told_at)
        if excuse is not None:
            decide_excuse(excuse_id=excuse.pk, accepted=True, note="Get well soon.", by=people["teacher"], now=told_at)


def _next(title: str, now: datetime) -> Occurrence | None:
    ahead = Occurrence.objects.taking_place().filter(meeting__group__name=title, starts_at__gt=now + timedelta(hours=4))
    return ahead.order_by("starts_at").first()


def _tell(
    student: User, occurrence: Occurrence | None, reason: str, document: Document | None, now: datetime
) -> Excuse | None:
    if occurrence is None:
        return None
    absence = Absence(reason=reason, occurrence_id=occurrence.pk)
    return tell_excuse(student_id=student.pk, by=student, absence=absence, document=document, now=now)
