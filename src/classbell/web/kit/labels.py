"""How states, rules and moments are said to people. Sentences, never codes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from babel.core import Locale
from babel.dates import format_timedelta, get_day_names
from babel.lists import format_list
from django.utils.functional import Promise
from django.utils.timezone import get_current_timezone_name, localtime
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.bidi import isolated
from classbell.meetings.models import Meeting, SyncStatus
from classbell.meetings.recurrence import Rule
from classbell.web.kit.charts.weeks import first_weekday

A_MOMENT: Final = timedelta(seconds=1)
A_DAY: Final = timedelta(days=1)
A_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """
    How something stands: `kind` picks shape and colour (ok, wait, bad, off), `word` and `sentence` say it.

    `works` is whether people can join in spite of it.
    """

    kind: str
    word: str
    sentence: str
    works: bool


PENDING_SENTENCES: Final[Mapping[str, Promise]] = {
    "": gettext_lazy("Confirmed. The Zoom link is being made; it will be here in a minute."),
    "zoom_not_configured": gettext_lazy("Confirmed. Zoom is not connected yet; the link comes as soon as it is."),
    "zoom_unauthorized": gettext_lazy("Confirmed. Zoom does not let us in just now; the school has been told."),
    "zoom_scope_missing": gettext_lazy("Confirmed. Zoom does not let us in just now; the school has been told."),
    "zoom_daily_limit": gettext_lazy(
        "Confirmed. Zoom takes no more changes of this meeting today; the link follows after midnight UTC."
    ),
}
ZOOM_IS_SLOW: Final = gettext_lazy("Confirmed. Zoom is slow just now; the link will be here in a minute.")

FAILED_SENTENCES: Final[Mapping[str, Promise]] = {
    "no_host_free": gettext_lazy(
        "All of the school’s Zoom licences are in use at these times. Choose other times or add a licence, then try again."
    ),
    "zoom_disagrees": gettext_lazy("Zoom accepted the change but still shows something else. Try again in a while."),
    "zoom_not_found": gettext_lazy(
        "Zoom no longer knows the account that holds this meeting. The school has to check its Zoom "
        "licences; then try again."
    ),
    "zoom_not_permitted": gettext_lazy(
        "The Zoom account that holds this meeting has no licence for it. The school has to check its "
        "Zoom licences; then try again."
    ),
    "zoom_unauthorized": gettext_lazy("Zoom does not let us in. Check the credentials, then try again."),
    "zoom_scope_missing": gettext_lazy("The Zoom app lacks a permission. Add its scope, then try again."),
}
ZOOM_REFUSED: Final = gettext_lazy("Zoom refused it. Someone has to look at it; then try again.")

WEEKDAYS: Final[Sequence[Promise]] = (
    gettext_lazy("Mondays"),
    gettext_lazy("Tuesdays"),
    gettext_lazy("Wednesdays"),
    gettext_lazy("Thursdays"),
    gettext_lazy("Fridays"),
    gettext_lazy("Saturdays"),
    gettext_lazy("Sundays"),
)
# Django's own short names lack their article in Arabic (إثنين). Its dates ask the school's catalogue first, which
# gathers these from here.
SHORT_WEEKDAYS: Final[Sequence[Promise]] = (
    gettext_lazy("Mon"),
    gettext_lazy("Tue"),
    gettext_lazy("Wed"),
    gettext_lazy("Thu"),
    gettext_lazy("Fri"),
    gettext_lazy("Sat"),
    gettext_lazy("Sun"),
)


def sync_state(meeting: Meeting, *, for_host: bool) -> State:
    """Say how Zoom stands to a meeting; hosts (its teacher, admins) hear what they can do about it."""
    works = bool(meeting.zoom_meeting_id) and meeting.wanted
    if not meeting.wanted:
        return _cancelled_state(meeting)
    if meeting.is_elsewhere:
        return _elsewhere_state(meeting)
    if meeting.sync_status == SyncStatus.SYNCED:
        return State(kind="ok", word=_("On Zoom"), sentence=_("Confirmed. The Zoom meeting is ready."), works=works)
    if meeting.sync_status == SyncStatus.FAILED:
        return State(kind="bad", word=_("Needs attention"), sentence=_failed_sentence(meeting, for_host), works=works)
    if works:
        sentence = _("The link works. The latest change is on its way to Zoom.")
    else:
        sentence = str(PENDING_SENTENCES.get(meeting.sync_error_code, ZOOM_IS_SLOW))
    return State(kind="wait", word=_("On its way"), sentence=sentence, works=works)


def _elsewhere_state(meeting: Meeting) -> State:
    if meeting.location_url:
        sentence = _("Not held at Zoom but by another link, to which the button leads.")
        return State(kind="ok", word=_("Another link"), sentence=sentence, works=True)
    sentence = _("Not held at Zoom but in this room: %(room)s") % {"room": isolated(meeting.room)}
    return State(kind="ok", word=_("In a room"), sentence=sentence, works=False)


def _cancelled_state(meeting: Meeting) -> State:
    if meeting.zoom_meeting_id and meeting.sync_error_code == "still_in_progress":
        sentence = _("Cancelled. Whoever is in its room stays until the session ends; then it is removed from Zoom.")
    elif meeting.zoom_meeting_id:
        sentence = _("Cancelled. Its Zoom meeting is being removed.")
    else:
        sentence = _("Cancelled. There is no Zoom meeting any more.")
    return State(kind="off", word=_("Cancelled"), sentence=sentence, works=False)


def _failed_sentence(meeting: Meeting, for_host: bool) -> str:
    if for_host:
        return str(FAILED_SENTENCES.get(meeting.sync_error_code, ZOOM_REFUSED))
    if meeting.zoom_meeting_id:
        return _("The link works. The latest change has not reached Zoom yet.")
    return _("Confirmed. The Zoom link is not ready yet; your teacher sees why.")


def rule_in_words(rule: str, *, occurrences: int) -> str:
    """Say on which days a series is held: "Mondays and Wednesdays". "" for a single session."""
    if not rule:
        return ""
    parsed = Rule.parse(rule)
    if parsed.frequency == "WEEKLY" and parsed.weekdays:
        days = listed([str(WEEKDAYS[day]) for day in in_week_order(parsed.weekdays)])
        if parsed.interval == 1:
            return days
        weeks = ngettext("every week", "every %(weeks)s weeks", parsed.interval) % {"weeks": parsed.interval}
        return _("%(days)s, %(weeks)s") % {"days": days, "weeks": weeks}
    if parsed.frequency == "DAILY" and parsed.interval == 1:
        return _("Every day")
    return ngettext("%(count)s session", "%(count)s sessions", occurrences) % {"count": occurrences}


def listed(words: Sequence[str]) -> str:
    """Join words as the reader's language does: "one, two and three"."""
    return format_list(list(words), locale=_locale())


def in_week_order(weekdays: Iterable[int]) -> list[int]:
    """Return weekdays (0 for Monday) in the order of the reader's week, which begins on Sunday in Riyadh."""
    first = first_weekday(locale=get_language() or "en", timezone=get_current_timezone_name())
    return sorted(weekdays, key=lambda day: (day - first) % 7)


def relative(moment: datetime, *, now: datetime) -> str:
    """
    Say how far off a moment is: "in 12 minutes", "2 hours ago". The browser keeps it true.

    Days are those of the calendar on the reader's clock: on Monday morning, Wednesday evening is in two days.
    """
    away = moment - now
    if abs(away) < A_MOMENT:
        return _("Now")
    days = localtime(moment).date() - localtime(now).date()
    if days and A_DAY <= abs(away) < A_WEEK:
        return format_timedelta(
            days, granularity="day", threshold=A_WEEK.days + 1, add_direction=True, locale=_locale()
        )
    return format_timedelta(away, add_direction=True, threshold=1, locale=_locale())


def letters_of_weekdays() -> list[str]:
    """Return the shortest names of the weekdays in the reader's language, Monday first: M, T, W."""
    names = get_day_names("narrow", context="stand-alone", locale=_locale())
    return [names[day] for day in range(7)]


def _locale() -> Locale:
    return Locale.parse(get_language() or "en", sep="-")


def call_by_name(person: User) -> str:
    """Return what to call somebody in a sentence: the first name where there is one."""
    return person.first_name or person.name
