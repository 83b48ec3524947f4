"""What a kind of lesson asks of who books it. Nothing here locks; call `check_trial` with the student's row locked."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.bookings.kinds.errors import (
    AnswersRefused,
    KindNotOpen,
    LengthNotOffered,
    NoSuchKind,
    NotTaughtBy,
    TrialTaken,
)
from classbell.bookings.kinds.queries import teaching
from classbell.bookings.models import Booking, BookingStatus, LessonKind, OpenTo
from classbell.text import many_lines, one_line

LONGEST_SHORT: Final = 200
LONGEST_LONG: Final = 2000


def check_open(kind: LessonKind, student: User) -> None:
    """Raise NoSuchKind, KindNotOpen unless this person may book such lessons by themselves."""
    if not kind.is_active:
        raise NoSuchKind
    is_guest = getattr(student, "is_guest", False)
    if kind.open_to == OpenTo.NOBODY or (is_guest and kind.open_to != OpenTo.EVERYBODY):
        raise KindNotOpen


def check_length(kind: LessonKind, starts_at: datetime, ends_at: datetime) -> None:
    """Raise LengthNotOffered unless a lesson of this kind may be that long."""
    if (ends_at - starts_at) / timedelta(minutes=1) not in kind.minutes:
        raise LengthNotOffered(kind.minutes)


def check_taught(kind: LessonKind, teacher_id: UUID) -> None:
    """Raise NotTaughtBy unless this teacher teaches the kind, and teaches still."""
    if not teaching().filter(kind=kind, teacher=teacher_id).exists():
        raise NotTaughtBy


def check_trial(kind: LessonKind, student: User) -> None:
    """Raise TrialTaken when this person has a lesson of a trial kind already; one that was cancelled does not count."""
    if not kind.trial:
        return
    taken = Booking.objects.filter(student=student, kind=kind).exclude(status=BookingStatus.CANCELLED)
    if taken.exists():
        raise TrialTaken


def checked_answers(kind: LessonKind, answers: Mapping[str, Any], *, asks_all: bool = True) -> dict[str, str]:
    """
    Return what was answered to the questions of a kind, by their keys, folded as all text is; "" is no answer.

    Raises AnswersRefused for an answer that is too long or none of the choices, for one to no question, and, where it
    `asks_all`, for a question that has to be answered and is not.
    """
    questions = {question["key"]: question for question in kind.questions}
    refused: dict[str, str] = {}
    kept: dict[str, str] = {}
    for key, question in questions.items():
        given = answers.get(key, "")
        if not isinstance(given, str):
            refused[key] = _("must be text")
            continue
        answer = many_lines(given).strip() if question["kind"] == "long" else one_line(given)
        if (answer or asks_all) and (wrong := _what_is_wrong(question, answer)):
            refused[key] = wrong
        elif answer:
            kept[key] = answer
    for key in answers.keys() - questions.keys():
        refused[str(key)[:60]] = _("there is no such question: leave it out")
    if refused:
        raise AnswersRefused(refused)
    return kept


def _what_is_wrong(question: Mapping[str, Any], answer: str) -> str:
    if not answer:
        return _("answer “%(question)s”") % {"question": question["text"]} if question["required"] else ""
    if question["kind"] == "choice" and answer not in question["choices"]:
        return _("choose one of: %(choices)s") % {"choices": " · ".join(question["choices"])}
    longest = LONGEST_LONG if question["kind"] == "long" else LONGEST_SHORT
    return _("at most %(most)s characters") % {"most": longest} if len(answer) > longest else ""
