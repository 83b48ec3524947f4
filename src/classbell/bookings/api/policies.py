"""An academy's rules for bookings."""

from uuid import UUID

from django.db.models import F
from ninja import Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, is_admin, signed_in
from classbell.bookings import policies
from classbell.bookings.models import BookingPolicy
from classbell.bookings.queries import teachers
from classbell.bookings.schemas.policies import PoliciesAnswer, PolicyIn, PolicyOut
from classbell.bookings.slots import TeacherNotFound

router = Router()


@router.get("/policies", response=PoliciesAnswer)
@allowed(is_admin)
def list_policies(request: ApiRequest) -> PoliciesAnswer:
    """All rules: those for everybody first."""
    policies_kept = BookingPolicy.objects.order_by(F("teacher").asc(nulls_first=True))
    return PoliciesAnswer(policies=[_describe(policy) for policy in policies_kept])


@router.put("/policies", response=PolicyOut)
@allowed(is_admin)
def set_policy_for_all(request: ApiRequest, body: PolicyIn) -> PolicyOut:
    """Rules for all teachers who have none of their own."""
    return _describe(policies.change_policy(teacher_id=None, changes=body.model_dump()))


@router.get("/policies/{uuid:teacher_id}", response=PolicyOut)
@allowed(signed_in)
def get_policy(request: ApiRequest, teacher_id: UUID) -> PolicyOut:
    """The rules that hold for a teacher's bookings."""
    return _describe(policies.policy_of(_known(teacher_id)))


@router.put("/policies/{uuid:teacher_id}", response=PolicyOut)
@allowed(is_admin)
def set_policy(request: ApiRequest, teacher_id: UUID, body: PolicyIn) -> PolicyOut:
    """Rules of a teacher's own."""
    return _describe(policies.change_policy(teacher_id=_known(teacher_id), changes=body.model_dump()))


@router.delete("/policies/{uuid:teacher_id}", response={204: None})
@allowed(is_admin)
def drop_policy(request: ApiRequest, teacher_id: UUID) -> Status[None]:
    """Back to the rules for all."""
    policies.drop_policy(teacher_id=teacher_id)
    return Status(204, None)


def _known(teacher_id: UUID) -> UUID:
    if not teachers().filter(pk=teacher_id).exists():
        raise TeacherNotFound
    return teacher_id


def _describe(policy: BookingPolicy) -> PolicyOut:
    return PolicyOut(
        teacher_id=policy.teacher_id,
        cancel_notice_hours=policy.cancel_notice_hours,
        reschedule_notice_hours=policy.reschedule_notice_hours,
        reschedules_per_month=policy.reschedules_per_month,
        open_requests_with_teacher=policy.open_requests_with_teacher,
        open_requests_in_all=policy.open_requests_in_all,
        request_lapses_after_hours=policy.request_lapses_after_hours,
        no_show_after_minutes=policy.no_show_after_minutes,
        makeup_credit_days=policy.makeup_credit_days,
        late_cancellation_takes_lesson=policy.late_cancellation_takes_lesson,
        no_show_returns_lesson=policy.no_show_returns_lesson,
    )
