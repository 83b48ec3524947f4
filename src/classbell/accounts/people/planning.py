"""What a list of people would come to, line by line; nothing is changed."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from classbell.accounts.models import Role, User
from classbell.accounts.people.reading import Listed, Wrong
from classbell.addresses import NO_ADDRESS
from classbell.bidi import isolated

# Fields in the order in which they are told.
FIELDS: Final = ("email", "external_id", "first_name", "last_name", "roles", "timezone", "locale")
# As API and pages name them: whose accounts a list may deactivate because it does not name them.
ROLES_OF: Final = {"student": [Role.STUDENT], "teacher": [Role.TEACHER], "both": [Role.STUDENT, Role.TEACHER]}


class Action(StrEnum):
    """What becomes of somebody."""

    CREATE = "create"
    CHANGE = "change"
    REACTIVATE = "reactivate"
    DEACTIVATE = "deactivate"
    NOTHING = "nothing"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """
    What becomes of one line. `user` is None for who has no account; `changes` are new values by field, `before` the old ones.
    """

    line: int
    action: Action
    listed: Listed | None = None
    user: User | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    error_field: str = ""
    error: str = ""

    @property
    def email(self) -> str:
        """Whose line it is: the address that it says, or that they have."""
        return (self.listed.email if self.listed else "") or (self.user.address if self.user else "")

    @property
    def name(self) -> str:
        """Their name as the list says it, or as it is."""
        return (self.listed.name if self.listed else "") or (self.user.name if self.user else "")

    @property
    def before(self) -> dict[str, Any]:
        """What is kept now of the fields that change."""
        return {name: _kept(self.user, name) if self.user else "" for name in self.changes}


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """
    What a list may do: by whom, whether it may make, change and deactivate admins, what who is new is without a role, and of
    which roles those are deactivated whom it does not name.
    """

    by: User
    may_touch_admins: bool = True
    role_of_new: Role = Role.STUDENT
    deactivates_missing: Collection[Role] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a list would come to. `missing` would be deactivated because it does not name them, by name."""

    steps: Sequence[Step]
    missing: Sequence[User]

    @property
    def counts(self) -> dict[str, int]:
        """How many lines come to what, all actions named."""
        counted = Counter(step.action for step in self.steps)
        return {action.value: counted[action] for action in Action}

    @property
    def confirmation(self) -> str:
        """What stands for exactly these people who are missing; "" for nobody."""
        ids = ",".join(sorted(user.pk.hex for user in self.missing))
        return hashlib.sha256(ids.encode()).hexdigest()[:32] if ids else ""


def make_plan(rows: Sequence[Listed | Wrong], rules: Rules) -> Plan:
    """Return what a list would come to. Three statements, however long it is."""
    listed = [one for row in rows if (one := row if isinstance(row, Listed) else row.listed) is not None]
    by_id = {
        user.external_id: user for user in User.objects.filter(external_id__in=[one.external_id for one in listed])
    }
    by_email = User.objects.by_email([one.email for one in listed])
    planner = _Planner(rules, by_id, by_email)
    steps = [planner.step(row) for row in rows]
    return Plan(steps=steps, missing=_missing(rules, planner.named))


class _Planner:
    """Goes through the lines in their order, and knows who was named by one before."""

    def __init__(self, rules: Rules, by_id: Mapping[str | None, User], by_email: Mapping[str, User]) -> None:
        self.named: set[object] = set()
        self._rules, self._by_id, self._by_email = rules, by_id, by_email
        admins = User.objects.filter(role=Role.ADMIN, is_active=True).values_list("pk", flat=True)
        self._admins: set[object] = set(admins)

    def step(self, row: Listed | Wrong) -> Step:
        """Return what becomes of a line."""
        if isinstance(row, Wrong):
            self.named |= {user.pk for user in self._meant(row.listed)} if row.listed else set()
            return Step(line=row.line, action=Action.ERROR, listed=row.listed, error_field=row.field, error=row.message)
        meant = self._meant(row)
        user = meant[0] if meant else None
        error = self._error(row, meant) or self._error_of_role(row, user)
        self.named |= {user.pk for user in meant}
        if error:
            return Step(line=row.line, action=Action.ERROR, listed=row, user=user, error_field=error[0], error=error[1])
        return self._step_for(row, user)

    def _step_for(self, row: Listed, user: User | None) -> Step:
        if user is None:
            action = Action.NOTHING if row.is_active is False else Action.CREATE
            return Step(line=row.line, action=action, listed=row)
        if row.is_active is False:
            self._admins.discard(user.pk)
            action = Action.DEACTIVATE if user.is_active else Action.NOTHING
            return Step(line=row.line, action=action, listed=row, user=user)
        changes = _changes(row, user)
        if changes.get("roles") and user.is_admin and Role.ADMIN not in row.roles:
            self._admins.discard(user.pk)
        if not user.is_active:
            return Step(line=row.line, action=Action.REACTIVATE, listed=row, user=user, changes=changes)
        action = Action.CHANGE if changes else Action.NOTHING
        return Step(line=row.line, action=action, listed=row, user=user, changes=changes)

    def _meant(self, row: Listed) -> list[User]:
        """Return who a line names: by the external id first, so that an address may change, then by the address."""
        found = [self._by_id.get(row.external_id or None), self._by_email.get(row.email)]
        return list(dict.fromkeys(user for user in found if user is not None))

    def _error(self, row: Listed, meant: Sequence[User]) -> tuple[str, str] | None:
        if len(meant) > 1:
            text = _("%(name)s has this e-mail already. Take it from them first, or write another.")
            return "email", text % {"name": isolated(meant[1].name)}
        if not meant:
            if row.email or row.is_active is False:
                return None
            return "email", _("Nobody here has this external id, and who is new needs an e-mail. Write one.")
        return self._error_of_person(row, meant[0])

    def _error_of_person(self, row: Listed, user: User) -> tuple[str, str] | None:
        if user.pk in self.named:
            return "email", _("A line above is about %(name)s already. Take one of them out.") % {
                "name": isolated(user.name)
            }
        if row.external_id and user.external_id and row.external_id != user.external_id:
            text = _("%(name)s has the external id %(id)s already. Change it on their page first, or leave it out.")
            return "external_id", text % {"name": isolated(user.name), "id": isolated(user.external_id)}
        if not user.is_active and row.is_active is None:
            text = _("%(name)s is deactivated. Let them in again first, or write “active” in a column “status”.")
            return "status", text % {"name": isolated(user.name)}
        return None

    def _error_of_role(self, row: Listed, user: User | None) -> tuple[str, str] | None:
        becomes = row.roles or [self._rules.role_of_new]
        if user is not None and not (row.roles and _says_roles(row, user)):
            becomes = user.roles
        if user is not None and user.pk == self._rules.by.pk:
            if row.is_active is False:
                return "status", _("You cannot deactivate yourself. Ask another admin.")
            if becomes != user.roles:
                return "roles", _("You cannot change your own role by a list. Ask another admin, or leave it out.")
        is_touched = user is not None and user.is_admin and (row.is_active is False or bool(_changes(row, user)))
        if not self._rules.may_touch_admins and (
            is_touched or (Role.ADMIN in becomes and not (user and user.is_admin))
        ):
            return "roles", _("A program cannot make, change or deactivate admins. An admin does that on a page.")
        leaves = user is not None and (row.is_active is False or Role.ADMIN not in becomes)
        if user is not None and leaves and self._admins == {user.pk}:
            return "roles", _("This is the only admin. Make somebody else an admin first.")
        return None


def _changes(row: Listed, user: User) -> dict[str, Any]:
    """
    Return the fields of which a line says something else than what is kept; what is empty says nothing, nor does “guardian”
    of who is something else: they may be both.
    """
    said = {name: getattr(row, name) for name in FIELDS if name != "roles" or _says_roles(row, user)}
    return {name: value for name, value in said.items() if value and value != _kept(user, name)}


def _says_roles(row: Listed, user: User) -> bool:
    return row.roles != [Role.GUARDIAN] or user.role == Role.GUARDIAN


def _kept(user: User, name: str) -> Any:
    return user.address if name == "email" else getattr(user, name) or ""


def _missing(rules: Rules, named: Collection[object]) -> list[User]:
    """Return who is not named. Admins never are missing, nor is anybody whom no list could name."""
    roles = [role for role in rules.deactivates_missing if role != Role.ADMIN]
    if not roles:
        return []
    nameless = Q(email__endswith=f"@{NO_ADDRESS}", external_id=None) | Q(is_guest=True)
    found = User.objects.filter(role__in=roles, is_active=True).exclude(nameless).exclude(pk=rules.by.pk)
    return [user for user in found.order_by("last_name", "first_name", "email") if user.pk not in named]
