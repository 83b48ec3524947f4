"""
Why the program itself calls something off.

Kept in English, whoever's deed it follows from, and told in the language of whoever reads it. What people type stays as it
is.
"""

from typing import Final

from django.utils.translation import gettext, gettext_noop

CIRCLE_ENDED: Final = gettext_noop("The circle was ended.")
CLASS_CLOSED: Final = gettext_noop("The class was closed.")
COURSE_ENDED: Final = gettext_noop("The course was ended.")
OTHER_SCHEDULE: Final = gettext_noop("The circle's schedule changed.")
NOT_IN_TIMETABLE: Final = gettext_noop("No longer in the timetable")
DAY_OFF: Final = gettext_noop("No classes on this day")
WEEK_OFF: Final = gettext_noop("No class in this week")
NOBODY_ANSWERED: Final = gettext_noop("Nobody answered in time.")
TEACHER_AWAY: Final = gettext_noop("The teacher did not come.")

_OURS: Final = frozenset(
    {
        CIRCLE_ENDED,
        CLASS_CLOSED,
        COURSE_ENDED,
        OTHER_SCHEDULE,
        NOT_IN_TIMETABLE,
        DAY_OFF,
        WEEK_OFF,
        NOBODY_ANSWERED,
        TEACHER_AWAY,
    }
)


def told(reason: str) -> str:
    """Return a kept reason in the active language."""
    return gettext(reason) if reason in _OURS else reason
