"""What the school asks people to agree to when they sign in: its text in versions, who agreed to which, who took it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from classbell.accounts.models import Role, User
from classbell.notices.services import tell
from classbell.notices.texts import Kind
from classbell.privacy.models import Consent, ConsentText


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """How many people agree to the newest version, to an earlier one only, took it back, and did neither."""

    agree: int
    earlier: int
    withdrawn: int
    silent: int


def text_to_ask(person: User) -> ConsentText | None:
    """Return what is to be asked of a person: the newest version, unless they answered it, by taking it back too."""
    answered = Consent.objects.filter(person=person, version=OuterRef("version"))
    text = ConsentText.objects.annotate(is_answered=Exists(answered)).first()
    return None if text is None or not text.is_asked or getattr(text, "is_answered") else text  # noqa: B009 -- annotated


def agree(person: User, *, version: int, now: datetime) -> None:
    """Keep that somebody agrees to the newest version. Raises TextChanged for another. Safe to repeat."""
    ConsentText.must_be_newest(version)
    Consent.objects.get_or_create(person=person, version=version, withdrawn_at=None, defaults={"given_at": now})


def withdraw(person: User, *, now: datetime) -> bool:
    """Take back what somebody agreed to, and tell the admins; say whether there was anything. Safe to repeat."""
    with transaction.atomic():
        given = Consent.objects.filter(person=person, withdrawn_at=None)
        if not given.update(withdrawn_at=now):
            return False
        path = reverse("person-data", args=[person.pk])
        for admin in User.objects.filter(role=Role.ADMIN, is_active=True):
            tell(admin, Kind.CONSENT_WITHDRAWN, {"person": person.name}, path=path, now=now)
    return True


def consents_of(person: User) -> Sequence[Consent]:
    """Return what somebody agreed to, the latest first."""
    return list(Consent.objects.filter(person=person))


def figures(version: int) -> Figures:
    """Count the people who can sign in by what they said of this version and those before. One statement."""
    theirs = Consent.objects.filter(person=OuterRef("pk"))
    agreed = theirs.filter(withdrawn_at=None)
    people = User.objects.filter(is_active=True, is_guest=False).order_by()
    said = people.annotate(agrees=Exists(agreed.filter(version=version)), agreed=Exists(agreed), spoke=Exists(theirs))
    counted = said.aggregate(
        agree=Count("pk", filter=Q(agrees=True)),
        earlier=Count("pk", filter=Q(agreed=True, agrees=False)),
        withdrawn=Count("pk", filter=Q(spoke=True, agreed=False)),
        silent=Count("pk", filter=Q(spoke=False)),
    )
    return Figures(**counted)
