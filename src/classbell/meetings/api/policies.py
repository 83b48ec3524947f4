"""The rules of attendance, of the school and of its classes."""

from uuid import UUID

from django.utils import timezone
from ninja import Query, Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, is_admin
from classbell.groups.models import Group
from classbell.groups.permissions import keeps_rules
from classbell.meetings.attendance import policies
from classbell.meetings.attendance.policy_schemas import (
    AttendancePolicyOut,
    AttendancePolicyPatch,
    RecalculationOut,
    SinceQuery,
)
from classbell.meetings.attendance.rules import rules_at

router = Router()


@router.get("/attendance-policy", response=AttendancePolicyOut)
@allowed(is_admin)
def get_school_policy(request: ApiRequest) -> AttendancePolicyOut:
    """The rules for all classes without rules of their own."""
    return _describe(None)


@router.patch("/attendance-policy", response=AttendancePolicyOut)
@allowed(is_admin)
def change_school_policy(request: ApiRequest, body: AttendancePolicyPatch) -> AttendancePolicyOut:
    """Change them from now on, or since a day: then the sessions since are judged again in the background."""
    _change(None, body)
    return _describe(None)


@router.get("/classes/{uuid:class_id}/attendance-policy", response=AttendancePolicyOut)
@allowed(keeps_rules)
def get_class_policy(request: ApiRequest, class_id: UUID) -> AttendancePolicyOut:
    """The rules that hold for a class, a course or a circle."""
    return _describe(class_id)


@router.patch("/classes/{uuid:class_id}/attendance-policy", response=AttendancePolicyOut)
@allowed(keeps_rules)
def change_class_policy(request: ApiRequest, class_id: UUID, body: AttendancePolicyPatch) -> AttendancePolicyOut:
    """Give a class, a course or a circle rules of its own, or change them, from now on or since a day."""
    _change(Group.objects.get(pk=class_id), body)
    return _describe(class_id)


@router.delete("/classes/{uuid:class_id}/attendance-policy", response=AttendancePolicyOut)
@allowed(keeps_rules)
def drop_class_policy(request: ApiRequest, class_id: UUID, when: Query[SinceQuery]) -> AttendancePolicyOut:
    """Let a class follow the school again, from now on or since a day. Answers the rules that hold then."""
    policies.follow_school(group=Group.objects.get(pk=class_id), since=when.since, now=timezone.now())
    return _describe(class_id)


def _change(group: Group | None, body: AttendancePolicyPatch) -> None:
    policies.change_rules(group=group, changes=body.changes(), since=body.since, now=timezone.now())


def _describe(class_id: UUID | None) -> AttendancePolicyOut:
    rules = rules_at(class_id, timezone.now())
    policy, own = rules.policy, rules.own
    again = policies.recalculation_of(own) if own else None
    return AttendancePolicyOut(
        late_after_minutes=policy.late_after_minutes,
        present_percent=policy.present_percent,
        partial_percent=policy.partial_percent,
        grace_before_minutes=policy.grace_before_minutes,
        grace_after_minutes=policy.grace_after_minutes,
        least_minutes=policy.least_minutes,
        teacher_tolerance_minutes=policy.teacher_tolerance_minutes,
        void_when_host_never_came=policy.void_when_host_never_came,
        difference_minutes=policy.difference_minutes,
        source=rules.source,
        in_force_from=own.in_force_from if own else None,
        recalculation=RecalculationOut(total=again.total, done=again.done) if again else None,
    )
