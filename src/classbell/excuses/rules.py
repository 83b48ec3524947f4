"""The school's rules for excuses: what a rule accepts at once, and changing them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from classbell.accounts.models import User
from classbell.excuses.errors import KindNotListed, RulesContradictory
from classbell.excuses.models import Excuse, ExcuseRules, ExcuseStatus
from classbell.rows import write


def rules_in_force() -> ExcuseRules:
    """Return the school's rules; those that every school begins with are not saved."""
    return ExcuseRules.objects.first() or ExcuseRules()


def change_rules(changes: Mapping[str, Any]) -> ExcuseRules:
    """
    Change what is named; values have been checked. A kind is listed once. What was told before stays as it is.

    Raises RulesContradictory, KindNotListed.
    """
    once = {name: list(dict.fromkeys(value)) for name, value in changes.items() if isinstance(value, list)}
    with transaction.atomic():
        ExcuseRules.objects.get_or_create(pk=1)
        rules = write(ExcuseRules.objects.select_for_update().get(), {**changes, **once})
        if both := sorted(set(rules.kinds_at_once) & set(rules.kinds_decided)):
            raise RulesContradictory(both[0])
        if unlisted := [kind for kind in rules.makeup_kinds if kind not in rules.kinds]:
            raise KindNotListed(unlisted[0])
    return rules


def accepts(rules: ExcuseRules, *, kind: str, first_session: datetime, accepted: int, now: datetime) -> bool:
    """
    Whether the rules accept an excuse that is told now: `first_session` is when its first one begins, `accepted` how many of
    the student's they accepted this month. Pure.
    """
    if not rules.accepts_at_once or first_session - now < timedelta(hours=rules.hours_ahead):
        return False
    if rules.monthly_quota is not None and accepted >= rules.monthly_quota:
        return False
    return not rules.kinds or kind in rules.kinds_at_once


def accepted_this_month(student: User, *, now: datetime) -> int:
    """Return how many of a student's excuses, told in the present month of their clock, a rule accepted and still stand."""
    month = now.astimezone(student.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Excuse.objects.filter(
        student=student, by_rule=True, status=ExcuseStatus.ACCEPTED, told_at__gte=month
    ).count()
