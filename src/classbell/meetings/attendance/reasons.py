"""Why a verdict is as it is, said in the reader's language."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

# What counts minutes is declined by them.
SENTENCES = {
    "cancelled": _("The session was cancelled."),
    "never_started": _("The meeting was never started."),
    "host_never_came": _("The teacher never came."),
    "too_short": ngettext_lazy(
        "The meeting ran for %(minutes)d minute; less than %(least)d do not count as a session.",
        "The meeting ran for %(minutes)d minutes; less than %(least)d do not count as a session.",
        "minutes",
    ),
    "nothing_heard": _("Zoom told us nothing about who was there."),
    "backup_room": _("It was held in the backup room while Zoom was away; nobody told us who was there."),
    "elsewhere": _("It was not held at Zoom, so nobody told us who was there; whoever held it notes it by hand."),
    "held_at_another_time": _("It was held at another time than planned; that time counts."),
    "started_late": ngettext_lazy(
        "It began %(minutes)d minute late; attendance is counted from then.",
        "It began %(minutes)d minutes late; attendance is counted from then.",
        "minutes",
    ),
    "closed_between": ngettext_lazy(
        "The meeting was closed for %(minutes)d minute in between; that time does not count.",
        "The meeting was closed for %(minutes)d minutes in between; that time does not count.",
        "minutes",
    ),
    "ended_early": ngettext_lazy(
        "It ended %(minutes)d minute early; attendance is counted until then.",
        "It ended %(minutes)d minutes early; attendance is counted until then.",
        "minutes",
    ),
    "may_be_a_stranger": _("Somebody whom nobody has recognised was there, and it may have been them."),
    "teacher_alone_afterwards": _("The teacher was there alone, after the planned time."),
    "excused": _("Their absence was told and accepted."),
    "never_came": _("Was not seen in the meeting."),
    "came_late": ngettext_lazy(
        "Came %(minutes)d minute after the start; late begins after %(allowed)d.",
        "Came %(minutes)d minutes after the start; late begins after %(allowed)d.",
        "minutes",
    ),
    "there_enough": ngettext_lazy(
        "Was there %(minutes)d of %(of)d minute (%(percent)d %%).",
        "Was there %(minutes)d of %(of)d minutes (%(percent)d %%).",
        "of",
    ),
    "there_in_part": ngettext_lazy(
        "Was there %(minutes)d of %(of)d minute (%(percent)d %%); present begins at %(threshold)d %%.",
        "Was there %(minutes)d of %(of)d minutes (%(percent)d %%); present begins at %(threshold)d %%.",
        "of",
    ),
    "hardly_there": ngettext_lazy(
        "Was there %(minutes)d of %(of)d minute (%(percent)d %%); below %(threshold)d %% is absent.",
        "Was there %(minutes)d of %(of)d minutes (%(percent)d %%); below %(threshold)d %% is absent.",
        "of",
    ),
    "away_between": ngettext_lazy(
        "Was away for %(minutes)d minute in between.", "Was away for %(minutes)d minutes in between.", "minutes"
    ),
    "left_early": ngettext_lazy(
        "Left %(minutes)d minute before the end.", "Left %(minutes)d minutes before the end.", "minutes"
    ),
    "counted_with_grace": ngettext_lazy(
        "%(minutes)d minute at the beginning or the end is forgiven: %(counts)d minutes count (%(percent)d %%).",
        "%(minutes)d minutes at the beginning or the end are forgiven: %(counts)d minutes count (%(percent)d %%).",
        "minutes",
    ),
    # As it was said before the minutes that count were.
    "forgiven": ngettext_lazy(
        "%(minutes)d minute missed at the beginning or the end is not held against them.",
        "%(minutes)d minutes missed at the beginning or the end are not held against them.",
        "minutes",
    ),
    "teacher_never_came": _("The teacher was not seen in the meeting."),
    "teacher_late": ngettext_lazy(
        "The teacher came %(minutes)d minute late.", "The teacher came %(minutes)d minutes late.", "minutes"
    ),
    "teacher_left_early": ngettext_lazy(
        "The teacher left %(minutes)d minute early.", "The teacher left %(minutes)d minutes early.", "minutes"
    ),
    "teacher_from_meeting": _("The teacher's own arrival was not reported; the meeting's start and end stand for it."),
}


def sentence(reason: Mapping[str, str | int]) -> str:
    """Say a stored reason in the active language. Raises KeyError for a code that nothing gives."""
    return str(SENTENCES[str(reason["code"])] % reason)
