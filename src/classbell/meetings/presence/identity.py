"""
Who a participant is: by personal link, by the key our own page gives, by having started the meeting, by the e-mail they sign
in with, or as somebody said the last time. Nobody is recognised by a name alone unless a person said so.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from classbell.accounts.models import User
from classbell.addresses import email_key
from classbell.meetings import jobs
from classbell.meetings.models import (
    KnownAlias,
    MatchedBy,
    Meeting,
    Occurrence,
    OccurrenceStatus,
    Participation,
    Registrant,
)

LOOKED_BACK: Final = timedelta(days=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Alias:
    """What a participant shows of themselves, as Zoom tells it; anything may be empty."""

    name: str = ""
    email: str = ""
    registrant_id: str = ""
    customer_key: str = ""
    zoom_user_id: str = ""

    @property
    def key(self) -> str:
        """What to remember them by: the e-mail, else the name, however it was spaced and cased; "" for nothing at all."""
        if self.email.strip():
            return f"email:{email_key(self.email)}"
        name = " ".join(unicodedata.normalize("NFKC", self.name).casefold().split())
        return f"name:{name}" if name else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Whose account it is, and how we know."""

    user_id: UUID
    by: MatchedBy


def recognise(meeting: Meeting, aliases: Collection[Alias], *, teacher_id: UUID) -> dict[Alias, Match]:
    """
    Return whom of the participants of a meeting we know; `teacher_id` teaches the session they were in. Four statements at
    most, for any number.
    """
    registrants, guests = _invited(meeting, aliases)
    keys = {alias.customer_key: user for alias in aliases if (user := _user_id(alias.customer_key))}
    users = set(User.objects.filter(pk__in=keys.values()).values_list("pk", flat=True)) if keys else set()
    emails = User.objects.by_email(alias.email for alias in aliases if alias.email)
    remembered = dict(
        KnownAlias.objects.filter(**_scope(meeting), alias__in={g.key for g in aliases}).values_list("alias", "user_id")
    )
    host_id = meeting.zoom_host.zoom_user_id if meeting.zoom_host else ""
    matches = {}
    for alias in aliases:
        account = emails.get(email_key(alias.email))
        candidates = (
            (registrants.get(alias.registrant_id), MatchedBy.REGISTRANT),
            (keys.get(alias.customer_key) if keys.get(alias.customer_key) in users else None, MatchedBy.CUSTOMER_KEY),
            # The licence may bear anybody's e-mail: whoever starts the meeting with it is its teacher.
            (teacher_id if host_id and alias.zoom_user_id == host_id else None, MatchedBy.HOST),
            (guests.get(email_key(alias.email)), MatchedBy.EMAIL),
            (account.pk if account else None, MatchedBy.EMAIL),
            (remembered.get(alias.key), MatchedBy.REMEMBERED),
        )
        found = next(((user_id, by) for user_id, by in candidates if user_id), None)
        if found:
            matches[alias] = Match(user_id=found[0], by=found[1])
    return matches


def alias_of(stay: Participation) -> Alias:
    """Return what the participant of a stay showed of themselves."""
    return Alias(
        name=stay.name,
        email=stay.email,
        registrant_id=stay.registrant_id,
        customer_key=stay.customer_key,
        zoom_user_id=stay.zoom_user_id,
    )


def match_person(*, participation_id: UUID, user: User, by: User) -> int:
    """
    Say who a participant is, and remember it for the class (or, without a class, for the teacher).

    All stays of this session under the same e-mail or name become theirs, whatever was thought of them before, and those of
    other sessions that nobody was found for, or that were only remembered. Returns how many stays changed. Safe to repeat.
    """
    with transaction.atomic():
        stay = Participation.objects.select_related("occurrence__meeting").get(pk=participation_id)
        meeting, key = stay.occurrence.meeting, alias_of(stay).key
        here = Q(occurrence=stay.occurrence_id)
        if not key:
            return _link(Participation.objects.filter(pk=stay.pk), user, MatchedBy.MANUAL)
        KnownAlias.objects.update_or_create(**_scope(meeting), alias=key, defaults={"user": user, "chosen_by": by})
        in_scope = Participation.objects.filter(occurrence__meeting__in=_meetings_in_scope(meeting))
        open_ = Q(matched_by__in=("", MatchedBy.REMEMBERED))
        same = [row for row in in_scope.filter(here | open_) if alias_of(row).key == key]
        now_here = [row.pk for row in same if row.occurrence_id == stay.occurrence_id]
        elsewhere = [row.pk for row in same if row.occurrence_id != stay.occurrence_id]
        return _link(Participation.objects.filter(pk__in=now_here), user, MatchedBy.MANUAL) + _link(
            Participation.objects.filter(pk__in=elsewhere), user, MatchedBy.REMEMBERED
        )


def say_nobody(*, participation_id: UUID) -> int:
    """
    Say that an unknown participant was nobody of ours in this session, so that none of those missing can be them.

    All who came to it under the same e-mail or name and whom nothing tells are meant; another session asks anew. Returns how
    many stays changed. Safe to repeat.
    """
    with transaction.atomic():
        stay = Participation.objects.select_related("occurrence__meeting").get(pk=participation_id)
        key = alias_of(stay).key
        unknown = Participation.objects.filter(occurrence=stay.occurrence_id, user=None)
        same = [row.pk for row in unknown if row.pk == stay.pk or (key and alias_of(row).key == key)]
        return _link(Participation.objects.filter(pk__in=same), None, MatchedBy.NOBODY)


def forget_match(*, participation_id: UUID) -> int:
    """
    Take back what a person said of who a participant is: for this session, and wherever it was only remembered.

    What Zoom tells of them counts again. Returns how many stays changed. Safe to repeat.
    """
    with transaction.atomic():
        stay = Participation.objects.select_related("occurrence__meeting").get(pk=participation_id)
        meeting, key = stay.occurrence.meeting, alias_of(stay).key
        here = Q(occurrence=stay.occurrence_id, matched_by__in=(MatchedBy.MANUAL, MatchedBy.NOBODY))
        said = here | Q(matched_by=MatchedBy.REMEMBERED)
        in_scope = Participation.objects.filter(said, occurrence__meeting__in=_meetings_in_scope(meeting))
        stays = in_scope.select_related("occurrence__meeting__zoom_host")
        same = [row for row in stays if row.pk == stay.pk or (key and alias_of(row).key == key)]
        KnownAlias.objects.filter(**_scope(meeting), alias=key).delete()
        Participation.objects.filter(pk__in=[row.pk for row in same]).update(user=None, matched_by="")
        _relink_all(same)
        ended = Occurrence.objects.filter(pk__in={row.occurrence_id for row in same}, status=OccurrenceStatus.ENDED)
        jobs.defer_attendance(ended.values_list("pk", flat=True))
    return len(same)


def relink(*, now: datetime) -> int:
    """Match the unmatched stays of the last weeks whose account or registration has appeared since; return how many."""
    accounts = User.objects.alias(lower_email=Lower("email")).filter(lower_email=Lower(OuterRef("email")))
    registrants = Registrant.objects.filter(
        meeting=OuterRef("occurrence__meeting"), zoom_registrant_id=OuterRef("registrant_id")
    ).exclude(zoom_registrant_id="")
    found = (
        Participation.objects.filter(Exists(accounts) | Exists(registrants), user=None)
        .exclude(matched_by=MatchedBy.NOBODY)
        .filter(joined_at__gt=now - LOOKED_BACK)
        .select_related("occurrence__meeting__zoom_host")
    )
    return _relink_all(found)


def _relink_all(stays: Iterable[Participation]) -> int:
    by_teacher: dict[tuple[Meeting, UUID], list[Participation]] = defaultdict(list)
    for stay in stays:
        by_teacher[stay.occurrence.meeting, stay.occurrence.teacher_id].append(stay)
    return sum(_relink(meeting, teacher_id, stays) for (meeting, teacher_id), stays in by_teacher.items())


def _relink(meeting: Meeting, teacher_id: UUID, stays: Iterable[Participation]) -> int:
    aliases = {stay.pk: alias_of(stay) for stay in stays}
    matches = recognise(meeting, set(aliases.values()), teacher_id=teacher_id)
    by_match: dict[Match, list[UUID]] = defaultdict(list)
    for pk, alias in aliases.items():
        if alias in matches:
            by_match[matches[alias]].append(pk)
    count = 0
    for match, pks in by_match.items():
        with transaction.atomic():
            user = User.objects.get(pk=match.user_id)
            count += _link(Participation.objects.filter(pk__in=pks, user=None), user, match.by)
    return count


def _link(stays: QuerySet[Participation], user: User | None, by: MatchedBy) -> int:
    occurrences = list(stays.order_by().values_list("occurrence", flat=True).distinct())
    count = stays.update(user=user, matched_by=by)
    ended = Occurrence.objects.filter(pk__in=occurrences, status=OccurrenceStatus.ENDED)
    jobs.defer_attendance(ended.values_list("pk", flat=True))
    return count


def _scope(meeting: Meeting) -> dict[str, Any]:
    """Return where a choice made in this meeting counts, as columns of a KnownAlias."""
    return {"group_id": meeting.group_id, "teacher_id": None if meeting.group_id else meeting.teacher_id}


def _meetings_in_scope(meeting: Meeting) -> QuerySet[Meeting]:
    if meeting.group_id:
        return Meeting.objects.filter(group=meeting.group_id)
    return Meeting.objects.filter(group=None, teacher=meeting.teacher_id)


def _invited(meeting: Meeting, aliases: Collection[Alias]) -> tuple[Mapping[str, UUID], Mapping[str, UUID]]:
    """Return whose the registrations at Zoom are, and which guest of this meeting is written to at which e-mail."""
    ids = {alias.registrant_id for alias in aliases} - {""}
    emails = {email_key(alias.email) for alias in aliases} - {""}
    if not ids and not emails:
        return {}, {}
    guests = Q(user__is_guest=True, user__contact_email__in=emails)
    rows = Registrant.objects.filter(Q(zoom_registrant_id__in=ids) | guests, meeting=meeting)
    found = list(rows.values_list("zoom_registrant_id", "user_id", "user__is_guest", "user__contact_email"))
    by_id = {registrant: user_id for registrant, user_id, _is_guest, _email in found if registrant in ids}
    return by_id, {email: user_id for _registrant, user_id, is_guest, email in found if is_guest}


def _user_id(customer_key: str) -> UUID | None:
    """Our pages give a person's id in hexadecimal; keys of other applications say nothing to us."""
    try:
        return UUID(hex=customer_key) if len(customer_key) == 32 else None
    except ValueError:
        return None
