"""The history in words, in the reader's language and timezone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from django.db.models import Model
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from classbell import reasons
from classbell.accounts.keys.scopes import may
from classbell.accounts.models import User
from classbell.accounts.sign_in_models import Outcome
from classbell.accounts.sign_ins.devices import in_words as device_in_words
from classbell.accounts.sign_up_models import SignUpRole
from classbell.audit.kinds import KINDS
from classbell.audit.queries import Change, Entry
from classbell.bidi import isolated
from classbell.groups.models import Group
from classbell.halakat.answers import period_in_words
from classbell.halakat.periods import Period
from classbell.history import CHANGED, MADE
from classbell.meetings.models import HostSeat, Occurrence
from classbell.meetings.recurrence import BadRecurrence, Rule
from classbell.moments import moment_in_words
from classbell.recordings.models import RecordingKind

LONGEST = 120
# How a day is written.
DAY = "j F Y"
NOBODY = UUID(int=0)
PEOPLE = ("student", "guardian", "teacher", "substitute", "user", "owner")
NAMED = (*PEOPLE, "group", "seat")


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeInWords:
    """What it is called, what it was, what it is."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryInWords:
    """
    One entry for people to read; `title` says what it is about, `actor` who did it, `person` which person that was for.

    What a title is put together from, names and times of either direction, is isolated in it; a page shows it as it is.
    """

    entry: Entry
    kind: str
    what: str
    title: str
    actor: str
    person: str
    changes: Sequence[ChangeInWords]


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What the ids in some entries stand for. One statement for each kind of thing."""

    people: Mapping[UUID, User]
    groups: Mapping[UUID, Group]
    occurrences: Mapping[UUID, Occurrence]
    seats: Mapping[UUID, HostSeat]

    def person(self, id_: UUID | int | None) -> str:
        """Return somebody's name."""
        found = self.people.get(id_) if isinstance(id_, UUID) else None
        return found.name if found else _("somebody who is no longer here")

    def occurrence(self, id_: UUID | int) -> str:
        """Return a session's title and time, each isolated."""
        found = self.occurrences.get(id_) if isinstance(id_, UUID) else None
        if found is None:
            return _("a session that is no longer here")
        names = {"what": isolated(found.meeting.title), "when": isolated(moment_in_words(found.starts_at, DAY))}
        return _("%(what)s, %(when)s") % names


def in_words(entries: Sequence[Entry]) -> list[EntryInWords]:
    """Return the entries in words, in their order. At most four statements."""
    names = _names(entries)
    return [
        EntryInWords(
            entry=entry,
            kind=str(KINDS[entry.kind].word),
            what=what_in_words(entry),
            title=_title(entry, names),
            actor=_actor(entry, names),
            person=names.person(entry.actor_id) if entry.actor_id else "",
            changes=[_change(entry, change, names) for change in entry.changes],
        )
        for entry in entries
    ]


def _actor(entry: Entry, names: Names) -> str:
    if entry.kind == "sign_in":
        is_in = entry.about["outcome"] == Outcome.IN
        return names.person(entry.about["user"]) if is_in else _("Somebody")
    if entry.actor_id is None:
        return entry.by or "Classbell"
    if entry.for_id is not None:
        both = {"guardian": isolated(names.person(entry.actor_id)), "student": isolated(names.person(entry.for_id))}
        return _("%(guardian)s for %(student)s") % both
    if not entry.by_key:
        return names.person(entry.actor_id)
    said = {"key": isolated(entry.by_key), "person": isolated(names.person(entry.actor_id))}
    return _("the key %(key)s, for %(person)s") % said


def what_in_words(entry: Entry) -> str:
    """Return what happened in one word."""
    if entry.kind in {"membership", "guardian"}:
        return _("added") if entry.what == MADE else _("taken out")
    if entry.kind == "sign_in":
        return str(Outcome(entry.about["outcome"]).label)
    return {MADE: _("made"), CHANGED: _("changed")}.get(entry.what, _("removed"))


def _title(entry: Entry, names: Names) -> str:
    about = entry.about
    group = names.groups.get(about.get("group") or NOBODY)
    name = isolated(group.name) if group else _("the school")

    def person(column: str) -> str:
        return isolated(names.person(about[column]))

    if entry.kind == "person":
        return isolated(names.person(entry.object_id))
    titles: Mapping[str, Callable[[], str]] = {
        "booking": lambda: f"{person('student')} / {person('teacher')}",
        "meeting": lambda: isolated(str(about["title"])),
        "occurrence": lambda: names.occurrence(entry.object_id),
        "attendance": lambda: f"{person('user')}: {names.occurrence(about['occurrence'])}",
        "excuse": lambda: person("student"),
        "recording": lambda: (
            f"{RecordingKind(about['kind']).label}, {isolated(moment_in_words(about['starts_at'], DAY))}"
        ),
        "watch_rule": lambda: name if group else _("a meeting"),
        "guardian": lambda: f"{person('guardian')}: {person('student')}",
        "membership": lambda: f"{person('user')}: {name}",
        "sign_in": lambda: person("user") if about["user"] else _("Nobody of ours"),
        "key": lambda: isolated(str(about["name"])),
        "sign_up_rule": lambda: str(SignUpRole(str(about["role"])).label),
        "lesson_kind": lambda: isolated(str(about["name"])),
        "offer": lambda: isolated(str(about["name"])),
        "webhook": lambda: isolated(str(about["description"] or about["url"])),
    }
    return titles.get(entry.kind, lambda: name)()


def _change(entry: Entry, change: Change, names: Names) -> ChangeInWords:
    kind = KINDS[entry.kind]
    return ChangeInWords(
        name=kind.word_of(change.column),
        before="" if entry.what == MADE else _said(kind.model, change.column, change.before, names),
        after=_said(kind.model, change.column, change.after, names),
    )


def _said(model: type[Model], column: str, value: Any, names: Names) -> str:
    """Return one value in words."""
    choices = dict(getattr(model._meta.get_field(column), "flatchoices", ()))
    if value is None or value in ("", [], {}):
        return _("nothing")
    if column in SAID_THEIR_OWN_WAY:
        return SAID_THEIR_OWN_WAY[column](value)
    if isinstance(value, str) and value in choices:
        return str(choices[value])
    return _plain(value) if column not in NAMED else _name(column, value, names)


def _repetition(text: str) -> str:
    """Return a rule of repetition in words; one that they do not reach stays as it is."""
    try:
        rule = Rule.parse(text)
    except BadRecurrence:
        return text
    if rule.nth_weekdays or rule.month_days:
        return text
    counted = {
        "DAILY": ngettext("every day", "every %(n)s days", rule.interval),
        "WEEKLY": ngettext("every week", "every %(weeks)s weeks", rule.interval),
        "MONTHLY": ngettext("every month", "every %(n)s months", rule.interval),
    }
    parts = [
        counted[rule.frequency] % {"n": rule.interval, "weeks": rule.interval},
        *(str(WEEKDAYS[day]) for day in rule.weekdays),
    ]
    if rule.count is not None:
        parts.append(ngettext("%(n)s session", "%(n)s sessions", rule.count) % {"n": rule.count})
    if rule.until is not None:
        parts.append(_("until %(day)s") % {"day": date_format(rule.until, DAY)})
    return _listed(parts)


def _listed(words: Iterable[str]) -> str:
    return pgettext("between names in a list", ", ").join(words)


SAID_THEIR_OWN_WAY: Final[Mapping[str, Callable[[Any], str]]] = {
    "weekdays": lambda days: _listed(str(WEEKDAYS[day]) for day in days),
    "cancellation_reason": lambda reason: reasons.told(str(reason)),
    "periods": lambda kept: _listed(period_in_words(Period.of(one)) for one in kept),
    "kinds_at_once": _listed,
    "kinds_decided": _listed,
    "makeup_kinds": _listed,
    "rule": lambda rule: _repetition(str(rule)),
    "agent": lambda agent: device_in_words(str(agent)),
    "scopes": lambda scopes: _listed(f"{part} – {way}" for part, way in may(scopes)),
}


def _name(column: str, id_: UUID, names: Names) -> str:
    """Return what the id in a column stands for."""
    if column == "group":
        return names.groups[id_].name if id_ in names.groups else _("a class that is no longer here")
    if column == "seat":
        return str(names.seats[id_].host) if id_ in names.seats else _("a host that is no longer here")
    return names.person(id_)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return moment_in_words(value, DAY)
    if isinstance(value, date):
        return date_format(value, DAY)
    text = f"{value:%H:%M}" if isinstance(value, time) else str(value)
    if isinstance(value, list):
        text = _listed(_plain(item) for item in value)
    if isinstance(value, dict):
        text = _listed(f"{key}: {_plain(item)}" for key, item in value.items())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _names(entries: Sequence[Entry]) -> Names:
    values = [(column, value) for entry in entries for column, value in entry.about.items()]
    values += [(change.column, change.after) for entry in entries for change in entry.changes]
    values += [("user", id_) for entry in entries for id_ in (entry.actor_id, entry.for_id)]
    values += [("user", entry.object_id) for entry in entries if entry.kind == "person"]

    def ids(*columns: str) -> set[Any]:
        return {value for column, value in values if column in columns and value is not None}

    occurrences = ids("occurrence") | {entry.object_id for entry in entries if entry.kind == "occurrence"}
    return Names(
        people=User.objects.in_bulk(ids(*PEOPLE)),
        groups=Group.objects.in_bulk(ids("group")),
        occurrences=Occurrence.objects.select_related("meeting").in_bulk(occurrences),
        seats=HostSeat.objects.select_related("host").in_bulk(ids("seat")),
    )
