"""What a plan for a circle is made of: its words, and the steps that its meetings take. Reads only."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime

from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.halakat.models import Halaka
from classbell.meetings.changes import MeetingChanges, changed, spec_of
from classbell.meetings.deviations import Deviation
from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.schedule import lay_out
from classbell.meetings.services import MeetingSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """
    One meeting as it should be from now on; `meeting` is None for a new one. `changes` are what the circle says of it:
    whatever else is settled about a meeting stays, and a new one has it from the one before (`like`). `deviations` hold for
    its slots; those are cancelled at first, so that they take nobody's time before they are where they belong.
    """

    meeting: Meeting | None
    changes: MeetingChanges
    like: Meeting | None = None
    deviations: Mapping[datetime, Deviation] = field(default_factory=dict)

    @property
    def spec(self) -> MeetingSpec:
        """All of what the meeting should be."""
        if self.meeting is not None:
            return changed(spec_of(self.meeting), self.changes)
        if self.like is not None:
            return changed(spec_of(self.like), self.changes)
        return MeetingSpec(**self.changes)

    def laid_out(self, now: datetime) -> tuple[Meeting, list[Occurrence]]:
        """Return the meeting and its sessions to come as they would be, not saved."""
        meeting = copy(self.meeting) if self.meeting else Meeting()
        for name, value in self.spec.fields().items():
            setattr(meeting, name, value)
        held = held_slots(self.meeting, now) if self.meeting else ()
        laid_out = lay_out(meeting, cancelled=self.spec.cancelled, held=held)
        occurrences = [occurrence for occurrence in laid_out if occurrence.starts_at > now]
        for occurrence in occurrences:
            if deviation := self.deviations.get(occurrence.original_starts_at):
                deviation.apply_to(occurrence)
        return meeting, occurrences


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """
    The meetings that are to be or to change, in their order, and what becomes of the others. `reworded` keep their sessions
    and get the new words; `untouched` stay as they are.
    """

    steps: Sequence[Step]
    reworded: Sequence[Step] = ()
    untouched: Sequence[Meeting] = ()
    dropped: Sequence[Meeting] = ()

    @property
    def changed(self) -> list[Meeting]:
        """The meetings whose sessions to come are laid out anew, or cancelled."""
        return [step.meeting for step in self.steps if step.meeting is not None] + list(self.dropped)


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What a circle is called, by whom it is taught and for whom it is: the same in all its meetings."""

    teacher: User
    title: str
    description: str
    group: Group | None = None

    def new(self) -> MeetingChanges:
        """Return them as a new meeting has them."""
        return {
            "teacher": self.teacher,
            "group": self.group,
            "title": self.title,
            "description": self.description,
        }

    def changes_of(self, halaka: Halaka) -> MeetingChanges:
        """
        Return what of them differs from the circle as it is: what its meetings are told, and no more. Who teaches them is
        handed over beforehand.
        """
        changes: MeetingChanges = {}
        if self.title != halaka.group.name:
            changes["title"] = self.title
        if self.description != halaka.group.description:
            changes["description"] = self.description
        return changes


def held_slots(meeting: Meeting, now: datetime) -> set[datetime]:
    """Return the slots to come of a meeting whose sessions take place."""
    coming = meeting.occurrences.taking_place().filter(original_starts_at__gt=now)
    return set(coming.values_list("original_starts_at", flat=True))
