"""
Erasing a person: what is only about them goes, what others' figures rest on stays without a name.

The account itself stays as a row that nobody can sign in to and that names nobody, so that whoever was absent is still one
absence of the class. It is asked for in a request, which ends the person's access at once, and done by a job in one
transaction: it reads whole tables.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import pgtrigger
import structlog
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Field, JSONField, Model, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.accounts.models import User
from classbell.accounts.services import deactivate_person
from classbell.addresses import email_key, erased_address, has_somebody
from classbell.bookings.models import Booking, BookingStatus
from classbell.bookings.series.services import cancel_series
from classbell.bookings.services import cancel_booking
from classbell.calendars.services import forget_person as forget_calendars
from classbell.errors import DomainError, NotThere
from classbell.groups.models import Group, Membership, WaitingStudent
from classbell.groups.services import take_out
from classbell.jobs import defer
from classbell.meetings.consent import end_of_whoever_goes
from classbell.meetings.jobs import defer_registration
from classbell.meetings.models import KnownAlias, Occurrence, Participation, Registrant
from classbell.privacy.classification import About, Erasure, Table
from classbell.privacy.export import counted, rows_of
from classbell.privacy.models import Erased
from classbell.privacy.register import about_people
from classbell.privacy.sweep import Words, sweep
from classbell.recordings.deleting import delete_for_good
from classbell.recordings.queries import recorded_sessions_of, recordings_with_a_teacher_alone
from classbell.recordings.rules import rules_in_force

log = structlog.get_logger(__name__)

LONGEST_STATEMENT: Final = "30min"
OPEN: Final = (BookingStatus.PENDING, BookingStatus.CONFIRMED)
# Zoom's messages say of each connection who it is.
IN_MESSAGES: Final = """
UPDATE meetings_webhookevent w SET body = jsonb_set(jsonb_set(w.body,
    '{payload,object,participant,user_name}', '""', false), '{payload,object,participant,email}', '""', false)
FROM meetings_participation p
WHERE p.user_id = %s AND w.zoom_instance_uuid = p.zoom_instance_uuid AND w.connection = p.connection
  AND w.connection <> ''
"""


class AnotherConfirmation(DomainError):
    """What was typed is not what confirms it."""

    code = "confirmation_differs"

    def __init__(self, expected: str) -> None:
        text = _("To erase this person, write %(expected)s.") % {"expected": expected}
        super().__init__(text, details=[{"field": "confirm"}])


class HoldsSessions(DomainError):
    """Whoever is to hold sessions cannot vanish from them."""

    code = "holds_sessions"

    def __init__(self, number: int) -> None:
        text = ngettext(
            "They are to hold %(count)s session. Give it to somebody else or cancel it first.",
            "They are to hold %(count)s sessions. Give them to somebody else or cancel them first.",
            number,
        )
        super().__init__(text % {"count": number}, details=[{"sessions": number}])


class AlreadyErased(DomainError):
    """It was asked for before."""

    code = "already_erased"

    def __init__(self) -> None:
        super().__init__(_("This person is erased already, or just being erased."))


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """
    What an erasure comes to: what is ahead and ends, `holds` sessions that keep it from being done, how many rows go, and
    stay without a name; and of the recorded sessions with them how many there are, and how many lose their recordings.
    """

    groups: int
    lessons: int
    holds: int
    deleted: int
    anonymised: int
    recorded: int
    recorded_alone: int


def confirmation_of(person: User) -> str:
    """Return what must be typed to erase a person: their e-mail, or the name of who has none."""
    return person.address or person.name


def foresee(person: User, *, now: datetime) -> Foreseen:
    """Return what erasing a person would come to."""
    numbers = counted(person)
    ways = {one.model: {about.erasure for about in one.about} for one in about_people()}
    alone = recordings_with_a_teacher_alone(person) if rules_in_force().erases_lessons else []
    deleted = sum(number for label, number in numbers.items() if ways[label] == {Erasure.DELETE})
    return Foreseen(
        groups=Membership.objects.filter(user=person).count(),
        lessons=Booking.objects.filter(student=person, status__in=OPEN, starts_at__gt=now).count(),
        holds=_holds(person, now),
        deleted=deleted,
        anonymised=sum(numbers.values()) - deleted,
        recorded=len(recorded_sessions_of(person)),
        recorded_alone=len({one.run_id for one in alone}),
    )


def ask_erasure(*, person_id: UUID, confirm: str, by: User, now: datetime) -> Erased:
    """
    End a person's access and write the job that erases them.

    Raises NotThere, AnotherConfirmation, AlreadyErased, HoldsSessions, LastAdmin, AlwaysIn.
    """
    with transaction.atomic():
        person = User.objects.filter(pk=person_id).first()
        if person is None:
            raise NotThere(_("There is no such person."))
        _refuse_erased(person)
        if email_key(confirm) != email_key(confirmation_of(person)):
            raise AnotherConfirmation(confirmation_of(person))
        if holds := _holds(person, now):
            raise HoldsSessions(holds)
        deactivate_person(user_id=person.pk)
        _refuse_erased(person)  # once more: the row is locked now
        erased = Erased.objects.create(person=person, asked_by=by, asked_at=now)
        defer("privacy.erase", erased_id=str(erased.pk))
    log.info("erasure_asked", person=str(person_id), by=str(by.pk))
    return erased


def erase(*, erased_id: UUID, now: datetime) -> None:
    """Do an erasure that was asked for, all of it or nothing. Safe to repeat."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [LONGEST_STATEMENT])
        erased = Erased.objects.select_for_update().filter(pk=erased_id, done_at=None).first()
        if erased is None:
            return
        person = User.objects.select_for_update().get(pk=erased.person_id)
        _end_what_is_ahead(person, by=erased.asked_by or person, now=now)
        if rules_in_force().erases_lessons:
            delete_for_good(recordings_with_a_teacher_alone(person), now=now)
        words = _words_of(person)
        with pgtrigger.ignore():
            cursor.execute(IN_MESSAGES, [person.pk])
            counts = _by_register(person)
            counts.update(_aliases(words))
            counts.update(sweep(words))
            _empty_account(person)
        erased.done_at, erased.counts = now, dict(+counts)
        erased.save(update_fields=["done_at", "counts"])
    log.info("erased", person=str(erased.person_id), rows=sum(counts.values()))


def _refuse_erased(person: User) -> None:
    if Erased.objects.filter(person=person).exists():
        raise AlreadyErased


def _holds(person: User, now: datetime) -> int:
    return Occurrence.objects.held_by(person.pk).taking_place().filter(ends_at__gt=now).count()


def _end_what_is_ahead(person: User, *, by: User, now: datetime) -> None:
    lessons = Booking.objects.filter(student=person, status__in=OPEN, starts_at__gt=now)
    # The teacher hears of a series once.
    for series_id in set(lessons.exclude(series=None).order_by().values_list("series", flat=True)):
        cancel_series(series_id=series_id, by=by, now=now)
    for booking_id in lessons.filter(series=None).values_list("pk", flat=True):
        cancel_booking(booking_id=booking_id, by=by, now=now)
    member = Membership.objects.filter(user=person).order_by().values("group")
    waiting = WaitingStudent.objects.filter(student=person).order_by().values("group")
    for group_id in Group.objects.filter(pk__in=member.union(waiting)).values_list("pk", flat=True):
        take_out(group_id=group_id, student=person)
    at_zoom = Registrant.objects.filter(user=person).exclude(zoom_registrant_id="")
    defer_registration(list(at_zoom.values_list("meeting", flat=True)))
    forget_calendars(person.pk)
    end_of_whoever_goes(person)
    _end_sessions(person)


def _end_sessions(person: User) -> None:
    """Delete the sessions of pages and apps, which hold more than who it is."""
    theirs = [one.pk for one in Session.objects.iterator() if one.get_decoded().get("_auth_user_id") == str(person.pk)]
    Session.objects.filter(pk__in=theirs).delete()


def _words_of(person: User) -> Words:
    """
    Return under which name and addresses the person is found: not those that somebody else has too, whose they are as well.
    """
    seen = Participation.objects.filter(user=person).exclude(email="").values_list("email", flat=True).distinct()
    own = {email_key(email) for email in (person.email, person.contact_email, *seen) if email and has_somebody(email)}
    others = User.objects.exclude(pk=person.pk)
    taken = others.filter(Q(email__in=own) | Q(contact_email__in=own)).values_list("email", "contact_email")
    shared = {email_key(email) for pair in taken for email in pair}
    named = bool(person.first_name and person.last_name)
    namesakes = others.filter(first_name__iexact=person.first_name, last_name__iexact=person.last_name)
    names = _orders_of(person) if named and not namesakes.exists() else []
    return Words(names=names, emails=sorted(own - shared))


def _orders_of(person: User) -> Sequence[str]:
    first, last = person.first_name, person.last_name
    return [f"{first} {last}", f"{last}, {first}", f"{last} {first}"]


def _by_register(person: User) -> "Counter[str]":
    ways = [(one, about) for one in about_people() for about in one.about if about.person != "pk"]
    counts: Counter[str] = Counter()
    # Those that are found through another table first: it may go too.
    for one, about in sorted(ways, key=lambda way: "__" not in way[1].person):
        counts[one.model] += _changed(one, about, person)
    return counts


def _changed(one: Table, about: About, person: User) -> int:
    rows = rows_of(one, about, person).order_by()
    if about.erasure is Erasure.DELETE:
        return rows.delete()[0]
    if about.erasure is Erasure.ANONYMISE:
        return rows.update(**{name: _nothing(one.rows, name) for name in about.emptied})
    return 0


def _nothing(model: type[Model], name: str) -> Any:
    column: Field[Any, Any] = model._meta.get_field(name)  # type: ignore[assignment]  # the register names columns
    if column.null:
        return None
    return column.get_default() if isinstance(column, JSONField) else ""


def _aliases(words: Words) -> dict[str, int]:
    """Delete what others come under that is this person's name: without it there is nothing to recognise them by."""
    known = Q()
    for word in (*words.names, *words.emails):
        known |= Q(alias__iexact=word)
    return {KnownAlias._meta.label: KnownAlias.objects.filter(known).delete()[0]} if known else {}


def _empty_account(person: User) -> None:
    for name in next(about.emptied for one in about_people() if one.model == "accounts.User" for about in one.about):
        setattr(person, name, _nothing(User, name))
    person.email = erased_address(person.pk)
    person.password = make_password(None)
    person.is_active = person.is_staff = person.is_superuser = person.wants_mail = person.is_guest = False
    person.timezone, person.locale = "UTC", "en"
    person.sign_ins_ended += 1
    person.save()
