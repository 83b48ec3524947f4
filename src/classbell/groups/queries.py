"""Reading groups and their people."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from classbell.accounts.models import User
from classbell.addresses import email_key
from classbell.groups.models import Group, Membership
from classbell.groups.services import PeopleUnknown


def groups_learnt_in(user: User) -> frozenset[UUID]:
    """Return the groups in which somebody is a member. One query for each `user` object, however often it is asked."""
    known: frozenset[UUID] | None = user.__dict__.get("_groups_learnt_in")
    if known is None:
        known = frozenset(Membership.objects.filter(user=user).values_list("group", flat=True))
        user.__dict__["_groups_learnt_in"] = known
    return known


def groups_kept_by(user: User) -> QuerySet[Group]:
    """Return the groups that go on and that somebody answers for: for admins all, for others those they teach."""
    active = Group.objects.active()
    return active if user.is_admin else active.filter(teachers=user)


def people_named(*, ids: Sequence[UUID] = (), emails: Sequence[str] = (), locked_out_too: bool = False) -> list[User]:
    """
    Return the people with these ids and e-mails (in any case), each once, in two statements.

    Raises PeopleUnknown, which names every id and e-mail without an account. A deactivated account counts only with
    `locked_out_too`.
    """
    by_id = User.objects.in_bulk(ids) if ids else {}
    by_email = User.objects.by_email(emails) if emails else {}
    found = [("id", str(id_), by_id.get(id_)) for id_ in ids]
    found += [("email", email, by_email.get(email_key(email))) for email in emails]
    people: dict[UUID, User] = {}
    unknown: list[dict[str, str]] = []
    for kind, name, user in found:
        if user is not None and (user.is_active or locked_out_too):
            people[user.pk] = user
        else:
            unknown.append({kind: name})
    if unknown:
        raise PeopleUnknown(unknown)
    return list(people.values())
