"""The rules of attendance, of the school and of its classes."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, is_admin
from classbell.groups.models import Group
from classbell.groups.permissions import keeps_rules
from classbell.meetings.attendance import policies
from classbell.meetings.attendance.policy_schemas import AttendancePolicyOut, AttendancePolicyPatch, SinceQuery
from classbell.meetings.attendance.rules import rules_at

router = Router()


@router.get("/attendance-policy", response=AttendancePolicyOut)
@allowed(is_admin)
def get_school_policy(request: ApiRequest) -> dict[str, Any]:
    """The rules for all classes without rules of their own."""
    return _describe(None)


@router.patch("/attendance-policy", response=AttendancePolicyOut)
@allowed(is_admin)
def change_school_policy(request: ApiRequest, body: AttendancePolicyPatch) -> dict[str, Any]:
    """Change them from now on, or since a day: then the sessions since are judged again in the background."""
    _change(None, body)
    return _describe(None)


@router.get("/classes/{uuid:class_id}/attendance-policy", response=AttendancePolicyOut)
@allowed(keeps_rules)
def get_class_policy(request: ApiRequest, class_id: UUID) -> dict[str, Any]:
    """The rules that hold for a class, a course or a circle."""
    return _describe(class_id)


@router.patch("/classes/{uuid:class_id}/attendance-policy", response=AttendancePolicyOut)
@allowed(keeps_rules)
def change_class_policy(request: ApiRequest, class_id: UUID, body: AttendancePolicyPatch) -> dict[str, Any]:
    """Give a class, a course or a circle rules of its own, or change them, from now on or since a day."""
    _change(Group.objects.get(pk=class_id), body)
    return _describe(class_id)


@router.delete("/classes/{uuid:class_id}/attendance-policy", response=AttendancePolicyOut)
@allowed(keeps_rules)
def drop_class_policy(request: ApiRequest, class_id: UUID, when: Query[SinceQuery]) -> dict[str, Any]:
    """Let a class follow the school again, from now on or since a day. Answers the rules that hold then."""
    policies.follow_school(group=Group.objects.get(pk=class_id), since=when.since, now=timezone.now())
    return _describe(class_id)


def _change(group: Group | None, body: AttendancePolicyPatch) -> None:
    policies.change_rules(group=group, changes=body.changes(), since=body.since, now=timezone.now())


def _describe(class_id: UUID | None) -> dict[str, Any]:
    rules = rules_at(class_id, timezone.now())
    return asdict(rules.policy) | {
        "source": rules.source,
        "in_force_from": rules.own.in_force_from if rules.own else None,
        "recalculation": policies.recalculation_of(rules.own) if rules.own else None,
    }
