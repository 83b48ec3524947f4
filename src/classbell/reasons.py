"""
Sentences of ours that are kept: why something was cancelled, or did not work.

Kept in English, with the facts for its places beside it, whoever's action it follows from, and told in the language of
whoever reads it. What people type and what Zoom says stays as it is.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple, Self

from django.utils.translation import gettext, gettext_noop

Facts = Mapping[str, str | int]

CIRCLE_ENDED: Final = gettext_noop("The circle was ended.")
CLASS_CLOSED: Final = gettext_noop("The class was closed.")
COURSE_ENDED: Final = gettext_noop("The course was ended.")
OTHER_SCHEDULE: Final = gettext_noop("The circle's schedule changed.")
NOT_IN_TIMETABLE: Final = gettext_noop("No longer in the timetable")
DAY_OFF: Final = gettext_noop("Holiday")
WEEK_OFF: Final = gettext_noop("No session in this week")
NOBODY_ANSWERED: Final = gettext_noop("Nobody answered in time.")
DECLINED: Final = gettext_noop("Declined by the teacher.")
TEACHER_AWAY: Final = gettext_noop("The teacher did not come.")
NO_HOST_FREE: Final = gettext_noop(
    "Zoom has no room for all sessions of this meeting: all licences are in use at these times."
)
OTHER_TIMES: Final = gettext_noop("Zoom accepted the new times but still shows others.")
STILL_IN_PROGRESS: Final = gettext_noop(
    "The session that is running at Zoom is left to end; then the meeting is removed there."
)
HOST_LIMIT: Final = gettext_noop(
    "Zoom takes no more changes of this meeting today; the latest is sent after midnight UTC on %(day)s."
)

# Those that are kept without facts beside them, in columns that also hold what somebody typed.
OURS: Final = frozenset(
    {
        CIRCLE_ENDED,
        CLASS_CLOSED,
        COURSE_ENDED,
        OTHER_SCHEDULE,
        NOT_IN_TIMETABLE,
        DAY_OFF,
        WEEK_OFF,
        NOBODY_ANSWERED,
        DECLINED,
        TEACHER_AWAY,
        NO_HOST_FREE,
        OTHER_TIMES,
        STILL_IN_PROGRESS,
    }
)


class Kept(NamedTuple):
    """A sentence as it is kept; `facts` None means that it may be somebody else's."""

    text: str
    facts: Facts | None


class Said(str):
    """A sentence of ours as it is said now. It knows its English `text` and its facts, so that it can be kept."""

    __slots__ = ("facts", "text")

    text: str
    facts: Facts

    def __new__(cls, text: str, /, **facts: str | int) -> Self:
        """Say the English `text`, which `gettext_noop` marks, in the active language with the facts in its places."""
        said = super().__new__(cls, told(text, facts))
        said.text, said.facts = text, facts
        return said


def kept(sentence: str) -> Kept:
    """Return what to keep of a sentence: of ours its English text and its facts, any other as it is."""
    return Kept(sentence.text, sentence.facts) if isinstance(sentence, Said) else Kept(sentence, None)


def told(text: str, facts: Facts | None = None) -> str:
    """Return a kept sentence in the active language; what is none of ours as it is."""
    if facts is None:
        return gettext(text) if text in OURS else text
    return gettext(text) % facts if facts else gettext(text)
