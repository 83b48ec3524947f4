"""Bringing a term's timetable in: people, classes, members and their recurring meetings, as often as one likes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_noop

from classbell import reasons
from classbell.accounts.models import Role, User
from classbell.accounts.services import PersonInput, ensure_people
from classbell.courses.models import Section
from classbell.courses.timetable.files import TIMETABLE, Mistake, Timetable
from classbell.courses.timetable.parts import NewPart, Parts, match_parts
from classbell.courses.timetable.rows import WeeklyClass
from classbell.courses.timetable.term import Series, Term
from classbell.groups.models import Group, GroupKind
from classbell.groups.services import sync_members
from classbell.holidays.queries import Holidays, holidays_from
from classbell.meetings.audience import crowds_of
from classbell.meetings.changes import MeetingChanges, change_meeting, want_again
from classbell.meetings.errors import Clash, TeacherBusy
from classbell.meetings.models import FREE_MINUTES, Meeting, Occurrence, OccurrenceStatus
from classbell.meetings.schedule import lay_out
from classbell.meetings.services import MeetingSpec, cancel_meeting, want_meetings
from classbell.reasons import Said
from classbell.rehearsal import rehearsal

# What tells whether people can watch: a name for the step, how much of it is done, how much there is.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Crowded:
    """A section of which the files have more students than it has places. All of them are in it: the files rule."""

    section: str
    students: int
    capacity: int


@dataclass(kw_only=True, slots=True)
class ImportSummary:
    """
    What an import did, by section code; `clashes` and `mistakes` are what it could not do. `other_days_off` are those of the
    changed ones in which nothing but days without classes changed. `crowded` are those with more students than places,
    `beyond_hosts` those with more people than their Zoom hosts let in.
    """

    people_created: int = 0
    members_added: int = 0
    members_removed: int = 0
    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    other_days_off: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    pruned: list[str] = field(default_factory=list)
    clashes: dict[str, list[Clash]] = field(default_factory=dict)
    unhosted: list[str] = field(default_factory=list)
    cut_short: list[str] = field(default_factory=list)
    beyond_hosts: list[str] = field(default_factory=list)
    crowded: list[Crowded] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def tell_sections(self, parts: Parts) -> None:
        """Name each section once: it is new, changed if any of its parts is, or unchanged."""
        known = {section.code for section, _weekly, _series in parts.known} | {
            new.weekly.section for new in parts.new if new.group is not None
        }
        dropped = [section.code for section in parts.dropped]
        added = [code for code in self.created if code in known]
        more = {*dropped, *added, *(code for code in self.changed if code not in self.other_days_off)}
        self.created = [code for code in dict.fromkeys(self.created) if code not in known]
        self.changed = list(dict.fromkeys([*self.changed, *added, *dropped]))
        self.unchanged = [code for code in dict.fromkeys(self.unchanged) if code not in self.changed]
        self.other_days_off = [code for code in dict.fromkeys(self.other_days_off) if code not in more]
        self.unhosted = list(dict.fromkeys(self.unhosted))


def import_term(
    timetable: Timetable,
    term: Term,
    *,
    now: datetime,
    prune: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda step, done, total: None,
) -> ImportSummary:
    """
    Make the database say what the timetable says, in one transaction, and return what that took.

    Sections are found again by their code: new ones get a class, members and a recurring meeting for each of their times;
    changed ones are changed; unchanged ones cost no write, here or at Zoom. Sections that left the file are reported, and
    with `prune` cancelled. `dry_run` does all of it and takes it back.
    """
    summary = ImportSummary(mistakes=list(timetable.mistakes))
    with rehearsal() if dry_run else transaction.atomic():
        people = _people(timetable, term, summary, progress)
        sections = list(Section.objects.select_related("group", "meeting__teacher", "meeting__seat"))
        parts = match_parts(timetable.classes, sections, term)
        summary.mistakes += [_out_of_term(weekly) for weekly in parts.out_of_term]
        _drop(parts.dropped, now)
        _create(parts.new, term, people, summary, now, progress)
        _update(parts.known, term, people, summary, now, progress)
        _report_gone(sections, timetable, summary, now=now, prune=prune)
        _set_places(timetable, parts, summary)
        _enrol(timetable, people, summary, progress)
        waiting = Section.objects.filter(
            removed_at=None, meeting__seat=None, meeting__wanted=True, meeting__location=""
        )
        summary.unhosted = list(waiting.values_list("code", flat=True))
        summary.cut_short = list(
            Section.objects.filter(
                removed_at=None,
                meeting__wanted=True,
                meeting__seat__host__is_basic=True,
                meeting__duration_minutes__gt=FREE_MINUTES,
            ).values_list("code", flat=True)
        )
        summary.beyond_hosts = _beyond_hosts()
        summary.tell_sections(parts)
    return summary


def _beyond_hosts() -> list[str]:
    """Return the codes of the sections with more people than their Zoom hosts let in, by code."""
    sections = Section.objects.filter(
        removed_at=None, meeting__wanted=True, meeting__seat__host__capacity__isnull=False
    )
    code_of = dict(sections.values_list("meeting", "code"))
    meetings = Meeting.objects.filter(pk__in=code_of).select_related("seat__host")
    return sorted({code_of[crowd.meeting.pk] for crowd in crowds_of(list(meetings))})


def _people(timetable: Timetable, term: Term, summary: ImportSummary, progress: Progress) -> dict[str, User]:
    wanted = [
        _person(email, role, timetable, term)
        for emails, role in ((timetable.teachers, Role.TEACHER), (timetable.people, Role.STUDENT))
        for email in sorted(emails)
    ]
    progress("people", 0, len(wanted))
    result = ensure_people(wanted)
    summary.people_created = result.created
    progress("people", len(wanted), len(wanted))
    return result.people


def _person(email: str, role: Role, timetable: Timetable, term: Term) -> PersonInput:
    first_name, last_name = timetable.names.get(email, ("", ""))
    return PersonInput(email=email, first_name=first_name, last_name=last_name, role=role, timezone=term.timezone)


def _create(
    new: Sequence[NewPart],
    term: Term,
    people: Mapping[str, User],
    summary: ImportSummary,
    now: datetime,
    progress: Progress,
) -> None:
    progress("classes", 0, len(new))
    groups = _groups_of(new, term)
    specs = [_spec(one.weekly, one.series, term, people[one.weekly.teacher], groups[one.weekly.section]) for one in new]
    created: list[Section] = []
    for one, outcome in zip(new, want_meetings(specs, now=now), strict=True):
        code = one.weekly.section
        if outcome.meeting is None:
            summary.clashes.setdefault(code, []).extend(outcome.clashes)
        else:
            created.append(
                Section(code=code, part=one.part, group=groups[code], meeting=outcome.meeting, imported_at=now)
            )
    in_use = {section.group_id for section in created}
    refused = {groups[one.weekly.section].pk for one in new if one.group is None} - in_use
    Group.objects.filter(pk__in=refused).delete()
    Group.teachers.through.objects.bulk_create(
        [Group.teachers.through(group_id=s.group_id, user_id=s.meeting.teacher_id) for s in created],
        ignore_conflicts=True,
    )
    Section.objects.bulk_create(created)
    summary.created = [section.code for section in created]
    progress("classes", len(new), len(new))


def _groups_of(new: Sequence[NewPart], term: Term) -> dict[str, Group]:
    """Return the group of each section, made where there is none."""
    groups = {one.weekly.section: one.group for one in new if one.group is not None}
    made = {
        one.weekly.section: Group(
            kind=GroupKind.CLASS, name=_name(one.weekly), timezone=term.timezone, capacity=one.weekly.capacity
        )
        for one in new
        if one.group is None
    }
    Group.objects.bulk_create(made.values())
    return groups | made


def _update(
    known: Sequence[tuple[Section, WeeklyClass, Series]],
    term: Term,
    people: Mapping[str, User],
    summary: ImportSummary,
    now: datetime,
    progress: Progress,
) -> None:
    holidays = holidays_from(now)
    coming = _coming_slots([section.meeting_id for section, _weekly, _series in known], now)
    changed: list[Group] = []
    for done, (section, weekly, series) in enumerate(known):
        progress("changes", done, len(known))
        decided = _decided(weekly, series, term, people[weekly.teacher])
        slots = coming[section.meeting_id]
        meets_spec = _has_fields(section.meeting, decided)
        wanted = _wanted_slots(section.meeting, decided, slots, holidays, now) if meets_spec else {}
        if meets_spec and wanted == slots.regular:
            summary.unchanged.append(section.code)
            continue
        try:
            with transaction.atomic():
                _change(section, weekly, decided, now)
        except TeacherBusy as error:
            summary.clashes.setdefault(section.code, []).extend(error.clashes)
        else:
            changed.append(section.group)
            summary.changed.append(section.code)
            if meets_spec and wanted.keys() == slots.regular.keys():
                summary.other_days_off.append(section.code)
    for group in {group.pk: group for group in changed}.values():
        taught = group.sections.filter(removed_at=None).values("meeting__teacher")
        group.teachers.set(User.objects.filter(pk__in=taught))
    progress("changes", len(known), len(known))


def _drop(sections: Sequence[Section], now: datetime) -> None:
    """Cancel meetings at times that a section no longer has."""
    coming = _with_coming(sections, now)
    for section in sections:
        if section.meeting_id in coming:
            cancel_meeting(meeting_id=section.meeting_id, now=now, reason=reasons.NOT_IN_TIMETABLE, batch=True)
    Section.objects.filter(pk__in=[section.pk for section in sections]).update(removed_at=now)


def _out_of_term(weekly: WeeklyClass) -> Mistake:
    reason = Said(gettext_noop("section “%(section)s” has none of its weeks in this term"), section=weekly.section)
    return Mistake(file=TIMETABLE, line=weekly.line, reason=reason)


@dataclass(kw_only=True, slots=True)
class _ComingSlots:
    """The coming sessions of one meeting by their original start: as the rule has them, and those changed by hand."""

    regular: dict[datetime, bool] = field(default_factory=dict)
    by_hand: set[datetime] = field(default_factory=set)


def _coming_slots(meeting_ids: Collection[UUID], now: datetime) -> dict[UUID, _ComingSlots]:
    slots = {meeting_id: _ComingSlots() for meeting_id in meeting_ids}
    rows = Occurrence.objects.filter(meeting__in=meeting_ids, original_starts_at__gt=now)
    for meeting_id, starts_at, status, is_exception in rows.values_list(
        "meeting", "original_starts_at", "status", "is_exception"
    ):
        if is_exception:
            slots[meeting_id].by_hand.add(starts_at)
        else:
            slots[meeting_id].regular[starts_at] = status == OccurrenceStatus.CANCELLED
    return slots


def _has_fields(meeting: Meeting, decided: MeetingChanges) -> bool:
    """Whether the meeting is what the file says, but for single days."""
    columns = {name: value for name, value in decided.items() if name != "cancelled"}
    return meeting.wanted and all(getattr(meeting, name) == value for name, value in columns.items())


def _wanted_slots(
    meeting: Meeting, decided: MeetingChanges, coming: _ComingSlots, holidays: Holidays, now: datetime
) -> dict[datetime, bool]:
    """Return the sessions that the file wants from `now` on, and which of them are off, but for those changed by hand."""
    held = {slot for slot, is_off in coming.regular.items() if not is_off}
    return {
        o.original_starts_at: o.is_cancelled
        for o in lay_out(meeting, cancelled=decided["cancelled"], holidays=holidays, held=held)
        if o.original_starts_at > now and o.original_starts_at not in coming.by_hand
    }


def _change(section: Section, weekly: WeeklyClass, decided: MeetingChanges, now: datetime) -> None:
    group = section.group
    group.name, group.capacity, group.timezone, group.archived_at = (
        _name(weekly),
        weekly.capacity,
        decided["timezone"],
        None,
    )
    group.save(update_fields=["name", "capacity", "timezone", "archived_at"])
    if section.removed_at is not None:
        section.meeting, section.removed_at = want_again(meeting=section.meeting, changes=decided, now=now), None
    else:
        change_meeting(meeting_id=section.meeting_id, changes=decided, now=now, batch=True)
    section.imported_at = now
    section.save(update_fields=["meeting", "removed_at", "imported_at"])


def _report_gone(
    sections: Collection[Section], timetable: Timetable, summary: ImportSummary, *, now: datetime, prune: bool
) -> None:
    """Name the sections that the file no longer has and that still have sessions to come; cancel them when asked."""
    named = timetable.classes.keys() | timetable.unscheduled
    missing = [section for section in sections if section.code not in named and section.removed_at is None]
    coming = _with_coming(missing, now)
    gone = [section for section in missing if section.meeting_id in coming]
    codes = list(dict.fromkeys(section.code for section in gone))
    if not prune:
        summary.gone = codes
        return
    for section in gone:
        cancel_meeting(meeting_id=section.meeting_id, now=now, reason=reasons.NOT_IN_TIMETABLE, batch=True)
    Group.objects.filter(pk__in=[section.group_id for section in gone]).update(archived_at=now)
    Section.objects.filter(pk__in=[section.pk for section in gone]).update(removed_at=now)
    summary.pruned = codes


def _with_coming(sections: Sequence[Section], now: datetime) -> set[UUID]:
    """Return those of their meetings that have sessions to come."""
    return set(
        Occurrence.objects.taking_place()
        .filter(meeting__in=[section.meeting_id for section in sections], starts_at__gt=now)
        .values_list("meeting", flat=True)
    )


def _set_places(timetable: Timetable, parts: Parts, summary: ImportSummary) -> None:
    """Let classes that were there have the places of the file, also where nothing else of them changes."""
    resized = {}
    for section, _weekly, _series in parts.known:
        places = timetable.classes[section.code][0].capacity
        if section.group.capacity != places:
            section.group.capacity = places
            resized[section.group_id] = section.group
            summary.changed.append(section.code)
    Group.objects.bulk_update(resized.values(), ["capacity"])


def _enrol(timetable: Timetable, people: Mapping[str, User], summary: ImportSummary, progress: Progress) -> None:
    groups = {s.code: s.group for s in Section.objects.filter(code__in=timetable.classes).select_related("group")}
    progress("members", 0, len(groups))
    changes = sync_members(
        {group: [people[email] for email in timetable.students[code]] for code, group in groups.items()}
    )
    summary.members_added, summary.members_removed = changes.added, changes.removed
    summary.crowded = [
        Crowded(section=code, students=students, capacity=group.capacity)
        for code, group in sorted(groups.items())
        if group.capacity is not None and (students := len(set(timetable.students[code]))) > group.capacity
    ]
    progress("members", len(groups), len(groups))


def _spec(weekly: WeeklyClass, series: Series, term: Term, teacher: User, group: Group) -> MeetingSpec:
    decided: MeetingChanges = {
        **_decided(weekly, series, term, teacher),
        "group": group,
        "description": weekly.section,
    }
    return MeetingSpec(**decided)


def _decided(weekly: WeeklyClass, series: Series, term: Term, teacher: User) -> MeetingChanges:
    """Return what the file decides about a class's meeting, now and when it comes again; the rest is people's."""
    place: MeetingChanges = {} if weekly.location is None else {"location": weekly.location}
    return {
        **place,
        "teacher": teacher,
        "title": _name(weekly),
        "starts_at": series.first.replace(tzinfo=ZoneInfo(term.timezone)),
        "duration_minutes": weekly.duration_minutes,
        "timezone": term.timezone,
        "rule": series.rule,
        "gap_minutes": term.gap_minutes,
        "cancelled": series.cancelled,
    }


def _name(weekly: WeeklyClass) -> str:
    return f"{weekly.course} · {weekly.section}"[:200]
