"""
Sentences of ours that are kept: why something was cancelled, or did not work.

Kept in English, with the facts for its places beside it, whoever's action it follows from, and told in the language of
whoever reads it. What people type stays as it is. What Zoom says is English and its own: it is kept beside ours, and shown to
admins.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple, Self

from django.utils.translation import gettext, gettext_noop

from classbell.zoom.errors import (
    ZoomBusy,
    ZoomCircuitOpen,
    ZoomDailyLimit,
    ZoomError,
    ZoomInvalid,
    ZoomNotConfigured,
    ZoomNotFound,
    ZoomNotPermitted,
    ZoomScopeMissing,
    ZoomThrottled,
    ZoomUnauthorized,
    ZoomUnavailable,
)

Facts = Mapping[str, str | int]

CIRCLE_ENDED: Final = gettext_noop("The circle was ended.")
CLASS_CLOSED: Final = gettext_noop("The class was closed.")
COURSE_ENDED: Final = gettext_noop("The course was ended.")
OTHER_SCHEDULE: Final = gettext_noop("The circle's schedule changed.")
NOT_IN_TIMETABLE: Final = gettext_noop("No longer in the timetable")
DAY_OFF: Final = gettext_noop("Holiday")
WEEK_OFF: Final = gettext_noop("No session in this week")
TEACHERS_HOLIDAY: Final = gettext_noop("The teacher’s holiday")
NOBODY_ANSWERED: Final = gettext_noop("Nobody answered in time.")
NOT_CONFIRMED: Final = gettext_noop("The guest did not confirm it in time.")
NOT_PAID: Final = gettext_noop("It was not paid in time.")
DECLINED: Final = gettext_noop("Declined by the teacher.")
LEFT_OUT: Final = gettext_noop("No lesson on this date.")
TEACHER_AWAY: Final = gettext_noop("The teacher did not come.")
NO_HOST_FREE: Final = gettext_noop(
    "Zoom has no room for all sessions of this meeting: all licences are in use at these times."
)
OTHER_TIMES: Final = gettext_noop("Zoom accepted the new times but still shows others.")
STILL_IN_PROGRESS: Final = gettext_noop(
    "The session that is running at Zoom is left to end; then the meeting is removed there."
)
CO_HOST_REFUSED: Final = gettext_noop(
    "Zoom does not let somebody start this meeting. Choose others under “Who else may start it” in its Zoom settings; "
    "only users with a licence can."
)
HOST_LIMIT: Final = gettext_noop(
    "Zoom takes no more changes of this meeting today; the latest is sent after midnight UTC on %(day)s."
)

NO_ANSWER: Final = gettext_noop("Zoom does not answer just now.")
ZOOM_REFUSED: Final = gettext_noop("Zoom refused it. Someone has to look at it; then try again.")
OF_ZOOM: Final[Mapping[type[ZoomError], str]] = {
    ZoomUnavailable: NO_ANSWER,
    ZoomThrottled: NO_ANSWER,
    ZoomCircuitOpen: NO_ANSWER,
    ZoomBusy: NO_ANSWER,
    ZoomDailyLimit: gettext_noop("Zoom takes no more of this today; its day ends at midnight UTC."),
    ZoomInvalid: gettext_noop("Zoom does not accept what it was sent."),
    ZoomNotFound: gettext_noop("Zoom does not have this any more."),
    ZoomNotPermitted: gettext_noop("The Zoom account lacks the licence or the right for this."),
    ZoomUnauthorized: gettext_noop("Zoom does not let us in. Check the credentials, then try again."),
    ZoomScopeMissing: gettext_noop("The Zoom app lacks a permission. Add its scope, then try again."),
    ZoomNotConfigured: gettext_noop("Zoom is not connected yet."),
}
# The fact beside a sentence of ours that holds Zoom's own words.
ZOOMS_WORDS: Final = "zoom"

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
        TEACHERS_HOLIDAY,
        NOBODY_ANSWERED,
        DECLINED,
        LEFT_OUT,
        TEACHER_AWAY,
        NO_HOST_FREE,
        OTHER_TIMES,
        STILL_IN_PROGRESS,
        CO_HOST_REFUSED,
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


def of_zoom(error: ZoomError) -> Said:
    """Return our sentence for what went wrong at Zoom; Zoom's own words are kept beside it."""
    return Said(OF_ZOOM.get(type(error), ZOOM_REFUSED), **{ZOOMS_WORDS: str(error)})


def zooms_words(text: str, facts: Facts | None = None) -> str:
    """Return what Zoom said, in English: beside our sentence or, as was kept formerly, in its place. "" for nothing."""
    if facts is not None:
        return str(facts.get(ZOOMS_WORDS, ""))
    return "" if text in OURS or text == HOST_LIMIT else text
