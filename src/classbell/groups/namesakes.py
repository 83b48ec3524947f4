"""
Which account somebody of a list has who brings no e-mail of their own: found by name and by whose address they share.

Whoever could be meant and might as well be somebody else is asked about, never guessed: a wrong guess mixes up two children's
attendance, and a needless account splits one child's.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from classbell.accounts.models import Role, User
from classbell.accounts.people_lists import ListedPerson
from classbell.addresses import NO_ADDRESS
from classbell.groups.models import Membership
from classbell.tables.reading import folded

# Accounts by what tells the people of a list apart, `ListedPerson.key`.
Accounts = dict[tuple[str, str], User]


@dataclass(frozen=True, kw_only=True, slots=True)
class Namesake:
    """A student who may be meant: their account, and the names of the groups they are in."""

    user: User
    groups: Sequence[str]

    @property
    def in_groups(self) -> str:
        """The groups, as one text."""
        return " · ".join(self.groups)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Somebody of a list of whom a person must say whether they are one of these, or new."""

    person: ListedPerson
    namesakes: Sequence[Namesake]


def accounts_of(
    group_id: UUID, people: Sequence[ListedPerson], *, answers: Mapping[int, UUID | None]
) -> tuple[Accounts, list[Asked]]:
    """
    Return the accounts that are there, and whom to ask about. Who has an address is found by it.

    `answers` are what a person said of those asked about, by line: an account, or None for somebody new. One that is not
    among those who may be meant answers nothing.
    """
    by_email = User.objects.by_email([one.email or one.contact for one in people])
    found = {one.key: by_email[one.email] for one in people if one.email in by_email}
    without = [one for one in people if not one.email]
    if not without:
        return found, []
    members = {user.pk: user for user in User.objects.filter(memberships__group=group_id)}
    called = _by_name(members)
    asked: list[tuple[ListedPerson, Sequence[User]]] = []
    for one in without:
        owner = by_email.get(one.contact)
        if owner is not None and folded(owner.name) == folded(one.name):
            found[one.key] = owner
            continue
        sure, possible = _meant(one, called[folded(one.name)], here=members)
        answer = answers.get(one.line)
        is_new = one.line in answers and answer is None
        user = sure or next((user for user in possible if user.pk == answer), None)
        if user is not None:
            found[one.key] = user
        elif possible and not is_new:
            asked.append((one, possible))
    return found, _described(asked)


def _by_name(members: Mapping[UUID, User]) -> dict[str, list[User]]:
    """Return students without an address, and the members of the group, by name as it sounds; the oldest account first."""
    children = User.objects.filter(email__endswith=f"@{NO_ADDRESS}", role=Role.STUDENT, is_guest=False)
    everybody = {user.pk: user for user in children} | dict(members)
    called: dict[str, list[User]] = defaultdict(list)
    for pk in sorted(everybody):
        called[folded(everybody[pk].name)].append(everybody[pk])
    return called


def _meant(
    one: ListedPerson, namesakes: Sequence[User], *, here: Collection[UUID]
) -> tuple[User | None, Sequence[User]]:
    """Return who it certainly is, else who it may be."""
    children = [user for user in namesakes if not user.has_address]
    if one.contact:
        alike = [user for user in children if user.contact_email == one.contact]
    else:
        alike = [user for user in children if user.pk in here]
    for certain in (alike, [user for user in alike if user.pk in here]):
        if len(certain) == 1:
            return certain[0], []
    # Another family's child of the same name is somebody else.
    return None, alike or [
        user for user in namesakes if user.is_active and (not one.contact or user.contact_email in {"", one.contact})
    ]


def _described(asked: Sequence[tuple[ListedPerson, Sequence[User]]]) -> list[Asked]:
    groups: dict[UUID, list[str]] = defaultdict(list)
    people = {user.pk for _one, users in asked for user in users}
    named = Membership.objects.filter(user__in=people, group__archived_at=None).order_by("group__name")
    for user_id, name in named.values_list("user", "group__name"):
        groups[user_id].append(name)
    return [
        Asked(person=one, namesakes=[Namesake(user=user, groups=groups[user.pk]) for user in users])
        for one, users in asked
    ]
