"""What a list of people comes to, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import roles_in_words
from classbell.accounts.people.planning import Action, Plan, Step

MOST_SHOWN: Final = 500
ACTIONS: Final[dict[Action, Promise]] = {
    Action.CREATE: gettext_lazy("new"),
    Action.CHANGE: gettext_lazy("changes"),
    Action.REACTIVATE: gettext_lazy("let in again"),
    Action.DEACTIVATE: gettext_lazy("deactivated"),
    Action.NOTHING: gettext_lazy("stays as it is"),
    Action.ERROR: gettext_lazy("cannot be used"),
}
FIELDS: Final[dict[str, Promise]] = {
    "email": gettext_lazy("E-mail"),
    "external_id": gettext_lazy("External id"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "roles": gettext_lazy("Role"),
    "timezone": gettext_lazy("Timezone"),
    "locale": gettext_lazy("Language"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeLine:
    """One field: what it is called, was, becomes."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ListLine:
    """One line of the list, in words."""

    line: int
    who: str
    email: str
    action: str
    error: str
    changes: Sequence[ChangeLine]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanInWords:
    """The whole list: how many come to what, and each line that comes to something; those that are wrong first."""

    counts: Sequence[tuple[str, int]]
    lines: Sequence[ListLine]
    more: int
    plan: Plan
    has_errors: bool
    does_something: bool


def in_words(plan: Plan) -> PlanInWords:
    """Return a plan as a page shows it."""
    telling = [step for step in plan.steps if step.action is not Action.NOTHING]
    telling.sort(key=lambda step: step.action is not Action.ERROR)
    counts = plan.counts
    return PlanInWords(
        counts=[(str(word), counts[action]) for action, word in ACTIONS.items() if counts[action]],
        lines=[_line(step) for step in telling[:MOST_SHOWN]],
        more=max(0, len(telling) - MOST_SHOWN),
        plan=plan,
        has_errors=bool(counts[Action.ERROR]),
        does_something=bool(plan.missing) or any(step.action is not Action.ERROR for step in telling),
    )


def _line(step: Step) -> ListLine:
    before = step.before
    return ListLine(
        line=step.line,
        who=step.name,
        email=step.email,
        action=str(ACTIONS[step.action]),
        error=step.error,
        changes=[
            ChangeLine(name=str(FIELDS[name]), before=_said(name, before[name]), after=_said(name, after))
            for name, after in step.changes.items()
        ],
    )


def _said(name: str, value: object) -> str:
    if name == "roles" and isinstance(value, list):
        return roles_in_words(value)
    if name == "locale":
        return str(dict(settings.LANGUAGES).get(str(value), value))
    return str(value) or _("nothing")
