"""Bringing a term's timetable in: people, classes, members and their recurring meetings, as often as one likes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import Role, User
from classbell.accounts.services import PersonInput, ensure_people
from classbell.courses.models import Section
from classbell.courses.timetable.files import Mistake, Timetable, WeeklyClass
from classbell.groups.models import Group, GroupKind
from classbell.groups.services import sync_members
from classbell.meetings.models import Meeting, Occurrence, OccurrenceStatus
from classbell.meetings.recurrence import weekly_rule
from classbell.meetings.refusals import Clash, TeacherBusy
from classbell.meetings.schedule import lay_out
from classbell.meetings.services import MeetingWish, cancel_meeting, change_meeting, want_meetings

# What tells whether people can watch: a name for the step, how much of it is done, how much there is.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """When a timetable applies: `weeks` weeks from the week that begins on `starts_on`, in wall times of `timezone`."""

    starts_on: date
    weeks: int
    timezone: str
    holidays: Mapping[date, str] = field(default_factory=dict)
    gap_minutes: int = 0


@dataclass(kw_only=True, slots=True)
class ImportSummary:
    """What an import did, by section code; `clashes` and `mistakes` are what it could not do."""

    people_created: int = 0
    members_added: int = 0
    members_removed: int = 0
    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    pruned: list[str] = field(default_factory=list)
    clashes: dict[str, list[Clash]] = field(default_factory=dict)
    unhosted: list[str] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)


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

    Sections are found again by their code: new ones get a class, members and one recurring meeting; changed ones are
    changed; unchanged ones cost no write, here or at Zoom. Sections that left the file are reported, and with `prune`
    cancelled. `dry_run` does all of it and takes it back.
    """
    summary = ImportSummary(mistakes=list(timetable.mistakes))
    with transaction.atomic():
        people = _people(timetable, term, summary, progress)
        sections = {s.code: s for s in Section.objects.select_related("group", "meeting__teacher", "meeting__seat")}
        new = [weekly for code, weekly in timetable.classes.items() if code not in sections]
        _create(new, term, people, summary, now, progress)
        known = [(sections[code], weekly) for code, weekly in timetable.classes.items() if code in sections]
        _update(known, term, people, summary, now, progress)
        _report_gone(sections.values(), timetable.classes, summary, now=now, prune=prune)
        _enrol(timetable, people, summary, progress)
        summary.unhosted = list(
            Section.objects.filter(removed_at=None, meeting__seat=None, meeting__wanted=True).values_list(
                "code", flat=True
            )
        )
        if dry_run:
            transaction.set_rollback(True)
    return summary


def _people(timetable: Timetable, term: Term, summary: ImportSummary, progress: Progress) -> dict[str, User]:
    wanted = [
        PersonInput(email=email, role=role, timezone=term.timezone)
        for emails, role in ((timetable.teachers, Role.TEACHER), (timetable.people, Role.STUDENT))
        for email in sorted(emails)
    ]
    progress("people", 0, len(wanted))
    result = ensure_people(wanted)
    summary.people_created = result.created
    progress("people", len(wanted), len(wanted))
    return result.people


def _create(
    new: Sequence[WeeklyClass],
    term: Term,
    people: Mapping[str, User],
    summary: ImportSummary,
    now: datetime,
    progress: Progress,
) -> None:
    progress("classes", 0, len(new))
    groups = [
        Group(kind=GroupKind.CLASS, name=_name(weekly), timezone=term.timezone, capacity=weekly.capacity)
        for weekly in new
    ]
    Group.objects.bulk_create(groups)
    wishes = [_wish(weekly, term, people[weekly.teacher], group) for weekly, group in zip(new, groups, strict=True)]
    outcomes = want_meetings(wishes, now=now)
    created: list[Section] = []
    refused: list[Group] = []
    for weekly, group, outcome in zip(new, groups, outcomes, strict=True):
        if outcome.meeting is None:
            summary.clashes[weekly.section] = list(outcome.clashes)
            refused.append(group)
        else:
            created.append(Section(code=weekly.section, group=group, meeting=outcome.meeting, imported_at=now))
    Group.objects.filter(pk__in=[group.pk for group in refused]).delete()
    Group.teachers.through.objects.bulk_create(
        Group.teachers.through(group_id=section.group_id, user_id=section.meeting.teacher_id) for section in created
    )
    Section.objects.bulk_create(created)
    summary.created = [section.code for section in created]
    progress("classes", len(new), len(new))


def _update(
    known: Sequence[tuple[Section, WeeklyClass]],
    term: Term,
    people: Mapping[str, User],
    summary: ImportSummary,
    now: datetime,
    progress: Progress,
) -> None:
    coming = _coming_slots([section.meeting_id for section, _weekly in known], now)
    for done, (section, weekly) in enumerate(known):
        progress("changes", done, len(known))
        wish = _wish(weekly, term, people[weekly.teacher], section.group)
        if _is_same(section.meeting, wish, coming[section.meeting_id], now):
            summary.unchanged.append(section.code)
            continue
        try:
            with transaction.atomic():
                _change(section, weekly, wish, now)
        except TeacherBusy as error:
            summary.clashes[section.code] = list(error.clashes)
        else:
            summary.changed.append(section.code)
    progress("changes", len(known), len(known))


@dataclass(kw_only=True, slots=True)
class _ComingSlots:
    """The coming sittings of one meeting by their original start: as the rule has them, and those changed by hand."""

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


def _is_same(meeting: Meeting, wish: MeetingWish, coming: _ComingSlots, now: datetime) -> bool:
    """Whether the meeting already is what the file says from `now` on, but for what people changed by hand."""
    if not meeting.wanted or any(getattr(meeting, name) != value for name, value in wish.fields().items()):
        return False
    wanted = {
        o.original_starts_at: o.is_cancelled
        for o in lay_out(meeting, cancelled=wish.cancelled)
        if o.original_starts_at > now and o.original_starts_at not in coming.by_hand
    }
    return wanted == coming.regular


def _change(section: Section, weekly: WeeklyClass, wish: MeetingWish, now: datetime) -> None:
    group = section.group
    group.name, group.capacity, group.timezone, group.archived_at = _name(weekly), weekly.capacity, wish.timezone, None
    group.save(update_fields=["name", "capacity", "timezone", "archived_at"])
    group.teachers.set([wish.teacher])
    if section.removed_at is not None:
        (outcome,) = want_meetings([wish], now=now)
        if outcome.meeting is None:
            raise TeacherBusy(wish.teacher, outcome.clashes)
        section.meeting, section.removed_at = outcome.meeting, None
    else:
        change_meeting(meeting_id=section.meeting_id, wish=wish, now=now, batch=True)
    section.imported_at = now
    section.save(update_fields=["meeting", "removed_at", "imported_at"])


def _report_gone(
    sections: Collection[Section], classes: Collection[str], summary: ImportSummary, *, now: datetime, prune: bool
) -> None:
    """Name the sections that the file no longer has and that still have sittings to come; cancel them when asked."""
    missing = [section for section in sections if section.code not in classes and section.removed_at is None]
    coming = set(
        Occurrence.objects.taking_place()
        .filter(meeting__in=[section.meeting_id for section in missing], starts_at__gt=now)
        .values_list("meeting", flat=True)
    )
    for section in missing:
        if section.meeting_id not in coming:
            continue
        if not prune:
            summary.gone.append(section.code)
            continue
        cancel_meeting(meeting_id=section.meeting_id, now=now, reason=_("No longer in the timetable"), batch=True)
        Group.objects.filter(pk=section.group_id).update(archived_at=now)
        Section.objects.filter(pk=section.pk).update(removed_at=now)
        summary.pruned.append(section.code)


def _enrol(timetable: Timetable, people: Mapping[str, User], summary: ImportSummary, progress: Progress) -> None:
    groups = {s.code: s.group for s in Section.objects.filter(code__in=timetable.classes).select_related("group")}
    progress("members", 0, len(groups))
    changes = sync_members(
        {group: [people[email] for email in timetable.students[code]] for code, group in groups.items()}
    )
    summary.members_added, summary.members_removed = changes.added, changes.removed
    progress("members", len(groups), len(groups))


def _wish(weekly: WeeklyClass, term: Term, teacher: User, group: Group) -> MeetingWish:
    first = weekly.first_on_or_after(term.starts_on)
    return MeetingWish(
        teacher=teacher,
        group=group,
        title=_name(weekly),
        description=weekly.section,
        starts_at=first.replace(tzinfo=ZoneInfo(term.timezone)),
        duration_minutes=weekly.duration_minutes,
        timezone=term.timezone,
        rule=weekly_rule([weekly.weekday], count=term.weeks),
        gap_minutes=term.gap_minutes,
        cancelled=term.holidays,
    )


def _name(weekly: WeeklyClass) -> str:
    return f"{weekly.course} · {weekly.section}"
