"""Making the school's people those of a list. The API and the page do it here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, cast

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from classbell.accounts import services
from classbell.accounts.invitations import invite_people
from classbell.accounts.models import User
from classbell.accounts.people.planning import Action, Plan, Rules, Step, make_plan
from classbell.accounts.people.reading import Listed, Wrong
from classbell.errors import DomainError

# One list after the other: what a line comes to depends on who there is.
LOCK: Final = 0x70656F706C65


class NotConfirmed(DomainError):
    """Nobody is deactivated for not being on a list unless they were named and that was confirmed."""

    code = "deactivations_not_confirmed"

    def __init__(self, plan: Plan) -> None:
        text = _(
            "The list does not name %(count)s people, who would be deactivated. Look at them, then send confirm=%(confirm)s "
            "as well."
        )
        people = [{"id": str(user.pk), "name": user.name, "email": user.address} for user in plan.missing]
        super().__init__(text % {"count": len(plan.missing), "confirm": plan.confirmation}, details=people)


class LinesToMend(DomainError):
    """A line that cannot be read may be about anybody: who is missing is not known."""

    code = "lines_to_mend"

    def __init__(self, plan: Plan) -> None:
        text = _("Some lines cannot be used, so nobody is deactivated for not being named. Mend them first.")
        wrong = [step for step in plan.steps if step.action is Action.ERROR]
        super().__init__(
            text, details=[{"line": step.line, "field": step.error_field, "message": step.error} for step in wrong]
        )


class ChangedMeanwhile(DomainError):
    """Somebody else made the same people at this moment."""

    code = "changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(_("Somebody else was adding the same people just now. Nothing was changed; try again."))


@dataclass(frozen=True, kw_only=True, slots=True)
class Invited:
    """Who is new is sent a link, in this language."""

    locale: str
    now: datetime


def import_people(
    rows: Sequence[Listed | Wrong], rules: Rules, *, confirm: str = "", invited: Invited | None = None
) -> Plan:
    """
    Make the accounts those of a list, in one transaction; return what was done. Lines that are wrong are left out, each with
    its reason. `confirm` is the plan's confirmation, where people who are not named shall be deactivated.

    Raises NotConfirmed, LinesToMend and ChangedMeanwhile; then nothing is changed.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        plan = make_plan(rows, rules)
        if plan.missing and plan.counts[Action.ERROR]:
            raise LinesToMend(plan)
        if plan.confirmation and plan.confirmation != confirm:
            raise NotConfirmed(plan)
        made = _create([step for step in plan.steps if step.action is Action.CREATE], rules)
        steps = [
            replace(step, user=made[step.line]) if step.line in made else _done(step, rules) for step in plan.steps
        ]
        for user in plan.missing:
            services.deactivate_person(user_id=user.pk, by=rules.by)
        if invited is not None and made:
            _invite(list(made.values()), rules, invited)
    return replace(plan, steps=steps)


def _create(steps: Sequence[Step], rules: Rules) -> dict[int, User]:
    """Make the new accounts, and return them by line."""
    accounts = {step.line: _account(step.listed, rules) for step in steps if step.listed is not None}
    try:
        with transaction.atomic():
            User.objects.bulk_create(list(accounts.values()))
    except IntegrityError as error:
        raise ChangedMeanwhile from error
    return accounts


def _account(listed: Listed, rules: Rules) -> User:
    role, learns = services.lead_of(listed.roles or [rules.role_of_new])
    account = services.account_of(
        services.PersonInput(
            email=listed.email,
            first_name=listed.first_name,
            last_name=listed.last_name,
            role=role,
            learns=learns,
            timezone=listed.timezone or settings.TIME_ZONE,
            external_id=listed.external_id,
        )
    )
    account.locale = listed.locale or account.locale
    return account


def _done(step: Step, rules: Rules) -> Step:
    """Do what a line comes to with somebody who has an account; what a rule refuses becomes the line's error."""
    if step.user is None or step.action in {Action.NOTHING, Action.ERROR}:
        return step
    try:
        with transaction.atomic():
            if step.action is Action.DEACTIVATE:
                services.deactivate_person(user_id=step.user.pk, by=rules.by)
            if step.action is Action.REACTIVATE:
                services.let_back_in(user_id=step.user.pk)
            if step.changes:
                changes = cast("services.PersonChanges", dict(step.changes))
                services.change_person(user_id=step.user.pk, changes=changes)
    except DomainError as error:
        return replace(step, action=Action.ERROR, error=str(error), error_field=_field_of(error), changes={})
    return step


def _field_of(error: DomainError) -> str:
    fields = {"email_taken": "email", "external_id_taken": "external_id", "last_admin": "roles", "always_in": "roles"}
    return fields.get(error.code, "")


def _invite(people: Sequence[User], rules: Rules, invited: Invited) -> None:
    asked = [services.PersonInput(email=user.email) for user in people]
    invite_people(asked, by=rules.by, locale=invited.locale, now=invited.now)
