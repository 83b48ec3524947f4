"""One session of a meeting."""

from copy import copy
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

import pgtrigger
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.utils.translation import gettext_lazy as _

from classbell.accounts.models import User
from classbell.accounts.wall import remembered
from classbell.groups.models import Group
from classbell.history import CHANGED, keeps_history
from classbell.ids import uuid7
from classbell.meetings.models.meeting import LONGEST_LOCATION, Meeting

# No meeting lasts longer: see Meeting's constraints.
LONGEST = timedelta(days=1)


class OccurrenceStatus(models.TextChoices):
    """What became of a session."""

    SCHEDULED = "scheduled", _("Scheduled")
    LIVE = "live", _("Live")
    ENDED = "ended", _("Ended")
    CANCELLED = "cancelled", _("Cancelled")


# As `Occurrence.is_elsewhere` says it.
HELD_ELSEWHERE = (
    ~models.Q(location="")
    | models.Q(was_elsewhere=True)
    | models.Q(was_elsewhere__isnull=True) & ~models.Q(meeting__location="")
)


class _Among(models.Func):
    """
    Whether a column is one of what a query finds, which the database does first and once. Told by IN, it goes through the
    sessions of all by their time with all that is shown of each, and looks only then whose they are.
    """

    output_field = models.BooleanField()
    conditional = True
    template = "%(expressions)s)"
    arg_joiner = " = ANY("


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    """Filters that read after the noun."""

    def visible_to(self, user: User) -> Self:
        """The sessions of the meetings this person may see, and those they hold as a substitute."""
        if user.is_admin:
            return self
        return self.of_meetings(
            Meeting.objects.open_to(user).values("pk"), substitute=user if user.is_teacher else None
        )

    def held_by(self, person_id: UUID) -> Self:
        """The sessions that somebody is to hold: of their own meetings, unless a substitute does, and as a substitute."""
        own = Meeting.objects.filter(teacher=person_id).order_by().values("pk")
        held = self.of_meetings(own, substitute=person_id)
        return held.filter(models.Q(substitute=None) | models.Q(substitute=person_id))

    def of_meetings(self, keys: models.QuerySet[Any, Any], *, substitute: User | UUID | None = None) -> Self:
        """The sessions of the meetings whose keys a query finds, and those that `substitute` holds in another's place."""
        theirs = models.Q(_Among("meeting_id", ArraySubquery(keys)))
        return self.filter(theirs if substitute is None else theirs | models.Q(substitute=substitute))

    def between(self, start: datetime, end: datetime) -> Self:
        """Sessions that take place, at least in part, within [start, end)."""
        return self.not_over(start).filter(starts_at__lt=end)

    def not_over(self, now: datetime) -> Self:
        """Sessions that run or are ahead, by the timetable."""
        # The first condition follows from the second; with it, the index on the start is read no further than it must.
        return self.filter(starts_at__gt=now - LONGEST, ends_at__gt=now)

    def running(self, now: datetime) -> Self:
        """Sessions whose time it is and that are not cancelled, or whose room is open."""
        return self.filter(
            models.Q(status=OccurrenceStatus.LIVE)
            | models.Q(starts_at__gt=now - LONGEST, starts_at__lte=now, ends_at__gt=now)
        ).exclude(status=OccurrenceStatus.CANCELLED)

    def taking_place(self) -> Self:
        """Without the cancelled ones."""
        return self.exclude(status=OccurrenceStatus.CANCELLED)


# What people decide about one session. Changes of a whole series stand in its meeting's history, and what Zoom tells of a
# session is no decision.
DECIDED = (pgtrigger.Q(old__is_exception=True) | pgtrigger.Q(new__is_exception=True)) & (
    pgtrigger.Q(old__starts_at__df=pgtrigger.F("new__starts_at"))
    | pgtrigger.Q(old__ends_at__df=pgtrigger.F("new__ends_at"))
    | pgtrigger.Q(old__substitute__df=pgtrigger.F("new__substitute"))
    | pgtrigger.Q(old__location__df=pgtrigger.F("new__location"))
    | (pgtrigger.Q(new__status="cancelled") & ~pgtrigger.Q(old__status="cancelled"))
    | (pgtrigger.Q(old__status="cancelled") & ~pgtrigger.Q(new__status="cancelled"))
)

# Attendance records keep the start of their session; it changes for one that already has some only by hand.
MOVING_ATTENDANCE = pgtrigger.Trigger(
    name="move_attendance",
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    condition=pgtrigger.Q(old__starts_at__df=pgtrigger.F("new__starts_at")),
    func="UPDATE meetings_attendance SET occurrence_starts_at = NEW.starts_at WHERE occurrence_id = NEW.id; RETURN NULL;",
)


@pgtrigger.register(MOVING_ATTENDANCE)
@keeps_history(
    "meeting",
    "starts_at",
    "ends_at",
    "status",
    "cancellation_reason",
    "substitute",
    "location",
    of=[CHANGED],
    when=DECIDED,
    in_numbers=True,
)
class Occurrence(models.Model):
    """
    One session.

    `original_starts_at` is where the rule puts it (RFC 5545's RECURRENCE-ID) and never changes; `starts_at` is when it is
    held, elsewhere only when this one session was moved. `is_exception` marks a session that somebody moved, cancelled or
    gave to a substitute by itself: a new layout of the series leaves it alone. `substitute` holds this one session in
    place of the meeting's teacher. `location` is where this one session is held, "" where its meeting is.
    `is_held_as_said`: it has ended, and a person said which run at Zoom it was.
    `was_elsewhere` is written of one that has begun when its meeting goes on in another place; null: where its meeting is.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="occurrences")
    original_starts_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=OccurrenceStatus.choices, default=OccurrenceStatus.SCHEDULED)
    cancellation_reason = models.CharField(max_length=200, blank=True)
    is_exception = models.BooleanField(default=False)
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="substituted_occurrences",
    )
    location = models.CharField(max_length=LONGEST_LOCATION, blank=True, default="", db_default="")
    zoom_instance_uuid = models.CharField(max_length=64, blank=True)
    actual_starts_at = models.DateTimeField(null=True, blank=True)
    actual_ends_at = models.DateTimeField(null=True, blank=True)
    is_held_as_said = models.BooleanField(default=False, db_default=False)
    was_elsewhere = models.BooleanField(null=True, blank=True)

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "original_starts_at"], name="one_occurrence_per_slot_of_the_rule"
            ),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="occurrence_ends_later"),
        ]
        indexes = [models.Index(fields=["starts_at"], name="occurrence_starts_at")]
        ordering = ["starts_at"]

    def __str__(self) -> str:
        return f"{self.meeting} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def zoom_occurrence_id(self) -> str:
        """Zoom's name for this session of a series: its original start in Unix milliseconds, wherever it was moved."""
        return str(int(self.original_starts_at.timestamp() * 1000))

    @property
    def teacher_id(self) -> UUID:
        """Who teaches this session: the substitute, else the meeting's teacher."""
        return self.substitute_id or self.meeting.teacher_id

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is, or was, held somewhere else than at Zoom."""
        if self.location:
            return True
        return self.meeting.is_elsewhere if self.was_elsewhere is None else self.was_elsewhere

    @property
    def as_held(self) -> Meeting:
        """Its meeting as it is for this one session: where that is held, its ways in lead. Not to be saved."""
        if not self.location:
            return self.meeting
        held = copy(self.meeting)
        held.location = self.location
        return held

    @property
    def is_cancelled(self) -> bool:
        """Whether it does not take place."""
        return self.status == OccurrenceStatus.CANCELLED


def is_told_of_people(person: User, occurrence_id: UUID) -> bool:
    """Whether somebody is told who was at a session: who teaches its class, holds its meeting, or held it as a substitute."""
    if not person.is_teacher:
        return False
    # Most read of one session. Of one more it is asked for all they teach, so that a list takes two statements.
    first, teaches_it = remembered(person, "session", lambda: (occurrence_id, _teaches_session(person, occurrence_id)))
    if first == occurrence_id:
        return teaches_it
    return occurrence_id in remembered(person, "sessions", lambda: _sessions_taught(person))


def _teaches_session(person: User, occurrence_id: UUID) -> bool:
    taught = Group.teachers.through.objects.filter(user=person).values("group")
    theirs = models.Q(meeting__teacher=person) | models.Q(meeting__group__in=taught) | models.Q(substitute=person)
    return Occurrence.objects.filter(theirs, pk=occurrence_id).exists()


def _sessions_taught(person: User) -> set[UUID]:
    taught = Group.teachers.through.objects.filter(user=person).values("group")
    rows = Occurrence.objects.order_by().values_list("pk", flat=True)
    # A union: each part has an index, where conditions joined by OR read all sessions there are.
    held, of_groups = rows.filter(meeting__teacher=person), rows.filter(meeting__group__in=taught)
    return set(held.union(of_groups, rows.filter(substitute=person)))
