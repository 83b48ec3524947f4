"""What people are told about excuses. Why somebody is away stands on its page and in no mail."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from classbell.accounts.models import User
from classbell.excuses.models import Excuse, ExcuseStatus
from classbell.excuses.queries import teachers_of
from classbell.meetings.models import Occurrence
from classbell.notices.admins import tell_admins
from classbell.notices.services import tell
from classbell.notices.texts import Kind


def told(excuse: Excuse, sessions: Sequence[Occurrence], *, by: User, now: datetime) -> None:
    """Who can answer should; where a rule has, its teachers know, on their pages only."""
    if excuse.status == ExcuseStatus.ACCEPTED:
        _tell_teachers(Kind.EXCUSE_TAKEN, excuse, sessions, by=by, by_mail=False, now=now)
        return
    teachers = teachers_of(sessions)
    if len(teachers) == 1:
        _tell_teachers(Kind.EXCUSE_ASKED, excuse, sessions, by=by, by_mail=True, now=now)
    else:
        tell_admins(Kind.EXCUSE_ASKED, _facts(excuse), page="excuse", arguments=(excuse.pk,), now=now)


def decided(excuse: Excuse, *, now: datetime) -> None:
    """The student hears the answer."""
    kind = Kind.EXCUSE_ACCEPTED if excuse.status == ExcuseStatus.ACCEPTED else Kind.EXCUSE_REFUSED
    facts = _facts(excuse) | ({"reason": excuse.note} if excuse.note else {})
    tell(excuse.student, kind, facts, path=_page(excuse), now=now)


def withdrawn(excuse: Excuse, sessions: Sequence[Occurrence], *, by: User, now: datetime) -> None:
    """Teachers who count on an absence should know that there is none, and the student that somebody else took it back."""
    _tell_teachers(Kind.EXCUSE_WITHDRAWN, excuse, sessions, by=by, by_mail=False, now=now)
    if by.pk != excuse.student_id:
        tell(excuse.student, Kind.EXCUSE_WITHDRAWN, _facts(excuse), path=_page(excuse), now=now)


def _tell_teachers(
    kind: Kind, excuse: Excuse, sessions: Sequence[Occurrence], *, by: User, by_mail: bool, now: datetime
) -> None:
    for teacher in User.objects.filter(pk__in=teachers_of(sessions) - {by.pk, excuse.student_id}, is_active=True):
        tell(teacher, kind, _facts(excuse), path=_page(excuse), by_mail=by_mail, now=now)


def _facts(excuse: Excuse) -> dict[str, str]:
    return {
        "student": excuse.student.name,
        "when": excuse.starts_at.isoformat(),
        "until": excuse.ends_at.isoformat(),
    }


def _page(excuse: Excuse) -> str:
    return reverse("excuse", args=[excuse.pk])
