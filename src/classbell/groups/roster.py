"""A group's students from a list: what it would change is said first, with names, then it is done."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbell.accounts.cards import Child, create_children
from classbell.accounts.models import Role, User
from classbell.accounts.people_lists import ListedPerson, PeopleList, read_people
from classbell.accounts.services import PersonInput, ensure_people
from classbell.errors import DomainError
from classbell.groups.models import Group, Membership
from classbell.groups.namesakes import Accounts, Asked, accounts_of
from classbell.groups.services import MembersChanged, WhenFull, change_members
from classbell.rehearsal import rehearsal
from classbell.rows import locked
from classbell.tables.limits import TableUnreadable
from classbell.tables.records import BadRow
from classbell.tables.text import FileText, read_file


class RosterUnreadable(DomainError):
    """The file is no list of students."""

    code = "roster_unreadable"


class ChangeMembers(Protocol):
    """How students come into a kind of group and leave it."""

    def __call__(
        self, *, group_id: UUID, joining: Sequence[User], leaving: Sequence[User], when_full: WhenFull
    ) -> MembersChanged:
        """Do all of it, or nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Coming:
    """
    Somebody of a list who comes in: `name` is what they are called here, `listed_as` the list's when it differs. `email` is
    "" for who has none; `contact` is then the address they share, if any.
    """

    line: int
    email: str
    name: str
    is_new: bool
    listed_as: str = ""
    contact: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """
    What an import did, or with a dry run would do. `asked` are those whom nothing was done about before somebody says who
    they are; `missing` are the members whom the list does not have. Of `coming`, `waiting` get no place yet, and `beyond` is
    by how many the group then has more than its places.
    """

    coming: Sequence[Coming]
    already: Sequence[Coming]
    bad: Sequence[BadRow]
    asked: Sequence[Asked]
    missing: Sequence[User]
    taken_out: Sequence[User]
    waiting: int
    beyond: int

    @property
    def new_count(self) -> int:
        """How many of those who come in are new here."""
        return sum(person.is_new for person in self.coming)


def read_roster(raw: bytes, *, without_email: bool = False) -> tuple[PeopleList, FileText]:
    """
    Read a list of students: CSV, XLSX or text, however it is written; see read_people. Returns it, and the file as it was
    read. Raises RosterUnreadable.
    """
    file = FileText(text="")
    try:
        file = read_file(raw)
        return read_people(file.text, without_email=without_email), file
    except TableUnreadable as error:
        raise RosterUnreadable(file.refusal(error)) from error


def import_roster(
    *,
    group_id: UUID,
    roster: PeopleList,
    take_out: Collection[UUID] | None = (),
    answers: Mapping[int, UUID | None] = MappingProxyType({}),
    when_full: WhenFull = WhenFull.REFUSE,
    dry_run: bool = False,
    change: ChangeMembers = change_members,
) -> Imported:
    """
    Enrol the students of a list, with new accounts for those who have none, in one transaction. Good rows are not lost for
    the sake of bad ones; people who are no students, or whose account is locked, are bad rows too.

    Members whom the list does not have stay, but for those of `take_out`; None means all of them. Who stands in a row that
    cannot be read is in the list. Who may be somebody here or not is `asked` about and left out; `answers` say who they are,
    see `accounts_of`.

    Where they are more than the group holds, `when_full` says what becomes of them. Raises NotThere, and GroupFull; then
    nobody was enrolled.
    """
    with rehearsal() if dry_run else transaction.atomic():
        known, asked = accounts_of(group_id, roster.people, answers=answers)
        good, bad = _sorted_out(roster, known, [one.person for one in asked])
        accounts = _accounts(group_id, good, known)
        if take_out is None:
            # Of two lists at one moment, each being the whole group, the later one takes out whom the earlier one let in.
            locked(Group.objects.all(), group_id)
        members = {user.pk: user for user in _members(group_id)}
        listed = {user.pk for user in accounts.values()} | {one.user.pk for many in asked for one in many.namesakes}
        unread = "\n".join(row.text.casefold() for row in roster.bad if not row.is_left_out)
        missing = [user for user in members.values() if user.pk not in listed and not _stands_in(unread, user)]
        leaving = [user for user in missing if take_out is None or user.pk in take_out]
        already = [person for person in good if accounts[person.key].pk in members]
        coming = [person for person in good if person not in already]
        joining = [accounts[one.key] for one in coming]
        changed = change(group_id=group_id, joining=joining, leaving=leaving, when_full=when_full)
        beyond = Group.objects.get(pk=group_id).beyond_capacity
    return Imported(
        coming=[_as_here(person, known.get(person.key)) for person in coming],
        already=[_as_here(person, known.get(person.key)) for person in already],
        bad=bad,
        asked=asked,
        missing=missing,
        taken_out=leaving,
        waiting=changed.waiting,
        beyond=beyond,
    )


def _sorted_out(
    roster: PeopleList, known: Accounts, asked: Sequence[ListedPerson]
) -> tuple[list[ListedPerson], list[BadRow]]:
    good, bad = [], list(roster.bad)
    lines: dict[UUID, int] = {}
    for person in roster.people:
        if person in asked:
            continue
        user = known.get(person.key)
        first = lines.setdefault(user.pk, person.line) if user else person.line
        reason = _refusal(person, user) or ("" if first == person.line else same_as(first))
        if reason:
            bad.append(BadRow(line=person.line, text=person.text, reason=reason))
        else:
            good.append(person)
    return good, sorted(bad, key=lambda row: row.line)


def _stands_in(text: str, user: User) -> bool:
    return bool(text) and (user.email in text or user.name.casefold() in text)


def same_as(line: int) -> str:
    """Return why a row is left out whose student another one has named."""
    return _("It is the same student as in line %(line)s.") % {"line": line}


def left_out(done: Imported) -> list[BadRow]:
    """Return all rows that nothing was done about: bad ones, and those of whom nobody has said who they are."""
    reason = _("A student of this name is here already. Say on the page for adding people whether it is them.")
    asked = [BadRow(line=one.person.line, text=one.person.text, reason=reason) for one in done.asked]
    return sorted([*done.bad, *asked], key=lambda row: row.line)


def _members(group_id: UUID) -> list[User]:
    members = Membership.objects.filter(group=group_id).select_related("user")
    return [membership.user for membership in members.order_by("user__last_name", "user__first_name", "user__email")]


def _accounts(group_id: UUID, people: Sequence[ListedPerson], known: Accounts) -> Accounts:
    """Return the account of each, made where there is none."""
    zone = Group.objects.values_list("timezone", flat=True).get(pk=group_id)
    ensured = ensure_people(
        [
            PersonInput(email=one.email, first_name=one.first_name, last_name=one.last_name, timezone=zone)
            for one in people
            if one.email
        ]
    )
    new = [one for one in people if not one.email and one.key not in known]
    children = create_children(
        [Child(first_name=one.first_name, last_name=one.last_name, contact=one.contact, timezone=zone) for one in new]
    )
    found = {one.key: ensured.people[one.email] for one in people if one.email}
    return known | found | {one.key: child for one, child in zip(new, children, strict=True)}


def _as_here(person: ListedPerson, user: User | None) -> Coming:
    # Names that are missing here are taken from the list.
    name = user.name if user is not None and (user.first_name or user.last_name or not person.name) else person.name
    differs = bool(user and person.name and person.name.casefold() != name.casefold())
    return Coming(
        line=person.line,
        email=person.email,
        name=name or person.email.partition("@")[0],
        is_new=user is None,
        listed_as=person.name if differs else "",
        contact=person.contact,
    )


def _refusal(person: ListedPerson, user: User | None) -> str:
    if person.roles and Role.STUDENT not in person.roles:
        return _("The list says that this is no student.")
    if user is None:
        return ""
    if not user.is_student:
        return _("%(email)s is not a student.") % {"email": user.address or user.name}
    if not user.is_active:
        return _("The account of %(email)s is locked.") % {"email": user.address or user.name}
    return ""
