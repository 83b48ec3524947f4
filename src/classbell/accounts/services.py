"""Every change to people's accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import ReminderTime, Role, User
from classbell.addresses import email_key, is_email
from classbell.errors import DomainError, NotThere
from classbell.text import one_line


class EmailTaken(DomainError):
    """Two people cannot sign in with one address."""

    code = "email_taken"

    def __init__(self, email: str) -> None:
        super().__init__(_("%(email)s already has an account.") % {"email": email})


class EmailUnusable(DomainError):
    """Some addresses are not addresses; `details` names each."""

    code = "email_unusable"

    def __init__(self, emails: Sequence[str]) -> None:
        text = _("%(email)s is not an e-mail address; write one such as name@school.example.") % {"email": emails[0]}
        super().__init__(text, details=[{"email": email} for email in emails])


class LastAdmin(DomainError):
    """A school without an admin could never get one again."""

    code = "last_admin"

    def __init__(self) -> None:
        super().__init__(_("This is the only admin. Make somebody else an admin first."))


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonInput:
    """Somebody who should have an account. `timezone` is an IANA name."""

    email: str
    first_name: str = ""
    last_name: str = ""
    role: Role = Role.STUDENT
    timezone: str = "UTC"


@dataclass(frozen=True, kw_only=True, slots=True)
class EnsuredPeople:
    """Accounts by e-mail, spelled as it was asked for, and how many of them are new."""

    people: dict[str, User]
    created: int


def create_person(person: PersonInput, *, password: str | None = None, locale: str = "en") -> User:
    """
    Create one account; without a password nobody can sign in with one until it is set.

    Raises EmailUnusable and EmailTaken.
    """
    _refuse_unusable([person.email])
    account = _account(person)
    account.locale = locale
    account.set_password(password)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        raise EmailTaken(account.email) from error
    return account


def ensure_people(people: Sequence[PersonInput]) -> EnsuredPeople:
    """
    Make sure that each of them has an account, in at most four statements however many they are.

    Who has an account keeps it as it is, but for names that were empty. New accounts cannot sign in with a password. Of
    several entries with one address, in any case, the first counts. Safe to repeat and to run twice at once.

    Raises EmailUnusable.
    """
    wanted: dict[str, PersonInput] = {}
    for person in people:
        wanted.setdefault(email_key(person.email), person)
    _refuse_unusable(list(wanted))
    with transaction.atomic():
        known = User.objects.by_email(wanted)
        new = [_account(person) for email, person in wanted.items() if email not in known]
        if new:
            # Somebody else may create the same people meanwhile: whoever is there by then is taken.
            User.objects.bulk_create(new, ignore_conflicts=True)
            found = User.objects.by_email([account.email for account in new])
        else:
            found = {}
        _fill_names(list(known.values()), wanted)
    everybody = known | found
    own = {account.pk for account in new}
    return EnsuredPeople(
        people={person.email: everybody[email_key(person.email)] for person in people},
        created=sum(user.pk in own for user in found.values()),
    )


def change_profile(
    *,
    user_id: UUID,
    first_name: str,
    last_name: str,
    locale: str,
    timezone: str,
    wants_mail: bool,
    reminder_minutes: ReminderTime,
) -> User:
    """
    Change what somebody decides about themselves; `timezone` is an IANA name, `locale` a language the pages have.

    Raises NotThere.
    """
    with transaction.atomic():
        user = _locked(user_id)
        user.first_name, user.last_name = one_line(first_name), one_line(last_name)
        user.locale, user.timezone = locale, timezone
        user.wants_mail, user.reminder_minutes = wants_mail, reminder_minutes
        user.save(update_fields=["first_name", "last_name", "locale", "timezone", "wants_mail", "reminder_minutes"])
    return user


def deactivate_person(*, user_id: UUID) -> User:
    """
    Lock somebody out: no sign-in, and every session and token of theirs is refused from now on, also when they are let
    back in. Their records stay.

    Raises NotThere and LastAdmin.
    """
    with transaction.atomic():
        _keep_an_admin_beside(user_id)
        user = _locked(user_id)
        user.is_active = False
        user.sign_ins_ended += 1
        user.save(update_fields=["is_active", "sign_ins_ended"])
    return user


def let_back_in(*, user_id: UUID) -> User:
    """
    Open the account of somebody who was locked out; they sign in as before. Safe to repeat.

    Raises NotThere.
    """
    with transaction.atomic():
        user = _locked(user_id)
        user.is_active = True
        user.save(update_fields=["is_active"])
    return user


def change_person(*, user_id: UUID, first_name: str, last_name: str, role: Role, timezone: str, zoom_user: str) -> User:
    """
    Change what the school keeps of a person. `zoom_user` is the id or e-mail of their own Zoom account, "" for none.

    Raises LastAdmin when the only admin would stop being one.
    """
    with transaction.atomic():
        user = _locked(user_id)
        if role != user.role:
            user = set_role(user_id=user_id, role=role)
        user.first_name, user.last_name = first_name, last_name
        user.timezone, user.zoom_user = timezone, zoom_user
        user.save(update_fields=["first_name", "last_name", "timezone", "zoom_user"])
    return user


def set_role(*, user_id: UUID, role: Role) -> User:
    """
    Make somebody a student, teacher or admin; admins, and nobody else, may use Django's admin pages. Who becomes something
    else signs in anew.

    Raises NotThere and LastAdmin.
    """
    with transaction.atomic():
        if role != Role.ADMIN:
            _keep_an_admin_beside(user_id)
        user = _locked(user_id)
        user.sign_ins_ended += role != user.role
        user.role = role
        user.is_staff = user.is_superuser = role == Role.ADMIN
        user.save(update_fields=["role", "is_staff", "is_superuser", "sign_ins_ended"])
    return user


def _account(person: PersonInput) -> User:
    is_admin = person.role == Role.ADMIN
    return User(
        email=email_key(person.email),
        first_name=one_line(person.first_name),
        last_name=one_line(person.last_name),
        role=person.role,
        timezone=person.timezone,
        password=make_password(None),  # A random mark that no password matches: nothing is hashed.
        is_staff=is_admin,
        is_superuser=is_admin,
    )


def _refuse_unusable(emails: Sequence[str]) -> None:
    unusable = [email for email in emails if not is_email(email)]
    if unusable:
        raise EmailUnusable(unusable)


def _fill_names(known: Sequence[User], wanted: dict[str, PersonInput]) -> None:
    changed = []
    for user in known:
        person = wanted[email_key(user.email)]
        first_name, last_name = (
            user.first_name or one_line(person.first_name),
            user.last_name or one_line(person.last_name),
        )
        if (first_name, last_name) != (user.first_name, user.last_name):
            user.first_name, user.last_name = first_name, last_name
            changed.append(user)
    if changed:
        User.objects.bulk_update(changed, ["first_name", "last_name"])


def _locked(user_id: UUID) -> User:
    try:
        return User.objects.select_for_update().get(pk=user_id)
    except User.DoesNotExist as error:
        raise NotThere(_("There is no such person.")) from error


def _keep_an_admin_beside(user_id: UUID) -> None:
    # All admins are locked, in one order and first of all, so that two of them cannot remove each other at once.
    admins = User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk").select_for_update()
    if [admin.pk for admin in admins] == [user_id]:
        raise LastAdmin
