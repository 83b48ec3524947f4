"""Every change to people's accounts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, TypedDict
from uuid import UUID

import structlog
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import Role, SignInPolicy, User
from classbell.accounts.signals import person_deactivated
from classbell.addresses import email_key, is_email
from classbell.errors import DomainError, NotThere
from classbell.rows import locked, write
from classbell.text import one_line

log = structlog.get_logger(__name__)

NAMES: Final = ("first_name", "last_name")
# Who may be a student besides.
MAY_LEARN: Final = (Role.TEACHER, Role.ADMIN)


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


class ExternalIdTaken(DomainError):
    """Another program's name for somebody is one person's."""

    code = "external_id_taken"

    def __init__(self, external_id: str) -> None:
        text = _("Somebody else has the external id %(id)s. Take it from them first, or leave it out.")
        super().__init__(text % {"id": external_id}, details=[{"field": "external_id"}])


class Yourself(DomainError):
    """Nobody deactivates themselves: they could not take it back."""

    code = "yourself"

    def __init__(self) -> None:
        super().__init__(_("You cannot deactivate yourself. Ask another admin."))


class LastAdmin(DomainError):
    """A school without an admin could never get one again."""

    code = "last_admin"

    def __init__(self) -> None:
        super().__init__(_("This is the only admin. Make somebody else an admin first."))


class AlwaysIn(DomainError):
    """Passwords are switched off for all but this admin, who has to stay one."""

    code = "always_in"

    def __init__(self) -> None:
        super().__init__(_("This is the admin who can always sign in. Choose another one under Sign-in first."))


class PersonErased(DomainError):
    """Nobody comes back into the account of a person who was erased."""

    code = "person_erased"

    def __init__(self) -> None:
        super().__init__(_("This person was erased. Invite them anew."))


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonInput:
    """Somebody who should have an account; `learns` makes a teacher or an admin a student too. `timezone` is an IANA name."""

    email: str
    first_name: str = ""
    last_name: str = ""
    role: Role = Role.STUDENT
    learns: bool = False
    timezone: str = "UTC"
    external_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EnsuredPeople:
    """Accounts by e-mail, spelled as it was asked for, and how many of them are new."""

    people: dict[str, User]
    created: int


def create_person(person: PersonInput, *, password: str | None = None, locale: str = "en") -> User:
    """
    Create one account; without a password nobody can sign in with one until it is set.

    Raises EmailUnusable, EmailTaken and ExternalIdTaken.
    """
    _refuse_unusable([person.email])
    account = account_of(person)
    account.locale = locale
    account.set_password(password)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(error, account) from error
    return account


def ensure_people(people: Sequence[PersonInput]) -> EnsuredPeople:
    """
    Make sure that each of them has an account, in at most five statements however many they are.

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
        # In one order: two who make the same people at once would else wait for each other crosswise.
        new = [account_of(person) for email, person in sorted(wanted.items(), key=itemgetter(0)) if email not in known]
        if new:
            # Somebody else may create the same people meanwhile: whoever is there by then is taken.
            User.objects.bulk_create(new, ignore_conflicts=True)
            found = User.objects.by_email([account.email for account in new])
        else:
            found = {}
        _fill_names(known, wanted)
    everybody = known | found
    own = {account.pk for account in new}
    return EnsuredPeople(
        people={person.email: everybody[email_key(person.email)] for person in people},
        created=sum(user.pk in own for user in found.values()),
    )


class ProfileChanges(TypedDict, total=False):
    """
    What to change of what somebody decides about themselves; what is not named stays.

    `timezone` is an IANA name, `locale` a language the pages have.
    """

    first_name: str
    last_name: str
    locale: str
    timezone: str
    wants_mail: bool
    shows_hijri: bool


class PersonChanges(TypedDict, total=False):
    """
    What to change of what the school keeps of a person; what is not named stays.

    `roles` are what somebody is from then on, as `lead_of` reads them; `zoom_user` is the id or e-mail of their own Zoom
    account, "" for none; `external_id` "" takes it away.
    """

    email: str
    external_id: str
    first_name: str
    last_name: str
    locale: str
    roles: Sequence[Role]
    timezone: str
    zoom_user: str


def change_profile(*, user_id: UUID, changes: ProfileChanges) -> User:
    """Change what is named of what somebody decides about themselves. Raises NotThere."""
    with transaction.atomic():
        return write(_locked(user_id), _in_one_line(changes))


def deactivate_person(*, user_id: UUID, by: User | None = None) -> User:
    """
    Deactivate somebody: no sign-in, and every session and token of theirs is refused from now on, also when they are let
    back in. Their records stay. `by` is who does it, None for Classbell itself.

    Raises NotThere, Yourself, LastAdmin and AlwaysIn.
    """
    if by is not None and by.pk == user_id:
        raise Yourself
    with transaction.atomic():
        _keep_an_admin_beside(user_id)
        user = _locked(user_id)
        write(user, {"is_active": False, "sign_ins_ended": user.sign_ins_ended + 1})
        person_deactivated.send(User, user=user)
    return user


def let_back_in(*, user_id: UUID) -> User:
    """
    Open the account of somebody who was deactivated; they sign in as before. Safe to repeat.

    Raises NotThere and PersonErased.
    """
    with transaction.atomic():
        user = _locked(user_id)
        if user.is_erased:
            raise PersonErased
        return write(user, {"is_active": True})


def change_person(*, user_id: UUID, changes: PersonChanges) -> User:
    """
    Change what is named of what the school keeps of a person. Another address ends links to choose a password that went to
    the one before.

    Raises NotThere, EmailUnusable, EmailTaken, ExternalIdTaken, PersonErased, and as `set_roles` does.
    """
    columns = _in_one_line(changes)
    roles = columns.pop("roles", None)
    if "external_id" in columns:
        columns["external_id"] = columns["external_id"] or None
    with transaction.atomic():
        user = _locked(user_id) if roles is None else set_roles(user_id=user_id, roles=roles)
        if "email" in columns:
            columns |= _with_another_address(user, str(columns["email"]))
        try:
            with transaction.atomic():
                return write(user, columns)
        except IntegrityError as error:
            raise _taken(error, user) from error


def _with_another_address(user: User, email: str) -> dict[str, Any]:
    """Return what becomes of an account with this address. Raises EmailUnusable and PersonErased."""
    _refuse_unusable([email])
    if user.is_erased:
        raise PersonErased
    if email_key(email) == user.email:
        return {"email": user.email}
    # allauth keeps addresses of its own, and who has chosen no password yet may have a link at the one before.
    EmailAddress.objects.filter(user=user).delete()
    unchosen: dict[str, Any] = {} if user.has_usable_password() else {"password": make_password(None)}
    log.info("email_changed", user_id=str(user.pk))
    # Whoever has an address of their own is no guest any more.
    return {"email": email_key(email), "is_guest": False} | unchosen


def _taken(error: IntegrityError, account: User) -> DomainError:
    return ExternalIdTaken(account.external_id or "") if "external_id" in str(error) else EmailTaken(account.email)


class RolesTogether(DomainError):
    """Some roles do not go together, and nobody is nothing."""

    code = "roles_together"

    def __init__(self) -> None:
        text = _("Choose one of student, teacher, admin and guardian; a teacher or an admin may be a student too.")
        super().__init__(text, details=[{"field": "roles"}])


def lead_of(roles: Collection[str]) -> tuple[Role, bool]:
    """
    Return what leads of the roles somebody has, and whether they learn besides; who is something else may be a guardian
    without its being said. Raises RolesTogether.
    """
    named = set(roles) - {Role.GUARDIAN} or set(roles)
    leads = named - {Role.STUDENT} or named
    if len(leads) != 1 or not named <= set(Role):
        raise RolesTogether
    role = Role(leads.pop())
    return role, len(named) == 2


def set_roles(*, user_id: UUID, roles: Collection[str]) -> User:
    """
    Let somebody be exactly this: one of the roles, and a teacher or an admin a student besides.

    Raises RolesTogether, and as `set_role` does.
    """
    role, learns = lead_of(roles)
    return set_role(user_id=user_id, role=role, learns=learns)


def set_role(*, user_id: UUID, role: Role, learns: bool | None = None) -> User:
    """
    Make somebody a student, teacher, admin or guardian; admins, and nobody else, may use Django's admin pages. Who becomes
    something else signs in anew. `learns` says whether a teacher or an admin is a student too; None leaves that as it is.

    Raises NotThere, LastAdmin and AlwaysIn.
    """
    with transaction.atomic():
        if role != Role.ADMIN:
            _keep_an_admin_beside(user_id)
        user = _locked(user_id)
        is_admin = role == Role.ADMIN
        also = role in MAY_LEARN and (user.learns if learns is None else learns)
        changes = {"role": role, "learns": also, "is_staff": is_admin, "is_superuser": is_admin}
        return write(user, changes | {"sign_ins_ended": user.sign_ins_ended + (role != user.role)})


def _in_one_line(changes: ProfileChanges | PersonChanges) -> dict[str, Any]:
    """Return changes with their names as names are kept."""
    return {name: one_line(str(value)) if name in NAMES else value for name, value in changes.items()}


def account_of(person: PersonInput) -> User:
    """Return an account that is not saved yet, with a password that nobody has."""
    is_admin = person.role == Role.ADMIN
    return User(
        email=email_key(person.email),
        first_name=one_line(person.first_name),
        last_name=one_line(person.last_name),
        role=person.role,
        learns=person.learns and person.role in MAY_LEARN,
        timezone=person.timezone,
        external_id=person.external_id or None,
        password=make_password(None),  # A random mark that no password matches: nothing is hashed.
        is_staff=is_admin,
        is_superuser=is_admin,
    )


def _refuse_unusable(emails: Sequence[str]) -> None:
    unusable = [email for email in emails if not is_email(email)]
    if unusable:
        raise EmailUnusable(unusable)


def _fill_names(known: dict[str, User], wanted: dict[str, PersonInput]) -> None:
    nameless = [user.pk for user in known.values() if _names_given(user, wanted[email_key(user.email)])]
    # Their owners may be giving themselves names just now: what is empty is asked of the locked rows.
    people = list(User.objects.filter(pk__in=nameless).order_by("pk").select_for_update()) if nameless else []
    for user in people:
        for name, value in _names_given(user, wanted[email_key(user.email)]).items():
            setattr(user, name, value)
        known[user.email.lower()] = user
    if people:
        User.objects.bulk_update(people, NAMES)


def _names_given(user: User, person: PersonInput) -> dict[str, str]:
    """Return the names of a person that are empty and that the list has."""
    listed = {name: one_line(getattr(person, name)) for name in NAMES}
    return {name: value for name, value in listed.items() if value and not getattr(user, name)}


def _locked(user_id: UUID) -> User:
    user = locked(User.objects.all(), user_id)
    if user is None:
        raise NotThere(_("There is no such person."))
    return user


def _keep_an_admin_beside(user_id: UUID) -> None:
    # All admins are locked, in one order and first of all, so that two of them cannot remove each other at once.
    admins = User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk").select_for_update()
    if [admin.pk for admin in admins] == [user_id]:
        raise LastAdmin
    if SignInPolicy.objects.filter(only_providers=True, always_in=user_id).exists():
        raise AlwaysIn
