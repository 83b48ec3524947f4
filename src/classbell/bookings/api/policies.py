"""An academy's rules for bookings."""

from typing import Any
from uuid import UUID

from django.db.models import F
from ninja import Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, is_admin, signed_in
from classbell.bookings import policies
from classbell.bookings.models import BookingPolicy
from classbell.bookings.queries import teachers
from classbell.bookings.schemas import PoliciesAnswer, PolicyIn, PolicyOut
from classbell.bookings.slots import TeacherNotFound

router = Router()


@router.get("/policies", response=PoliciesAnswer)
@allowed(is_admin)
def list_policies(request: ApiRequest) -> dict[str, Any]:
    """All rules: those for everybody first."""
    return {"policies": BookingPolicy.objects.order_by(F("teacher").asc(nulls_first=True))}


@router.put("/policies", response=PolicyOut)
@allowed(is_admin)
def set_policy_for_all(request: ApiRequest, body: PolicyIn) -> BookingPolicy:
    """Rules for all teachers who have none of their own."""
    return policies.change_policy(teacher_id=None, changes=body.model_dump())


@router.get("/policies/{uuid:teacher_id}", response=PolicyOut)
@allowed(signed_in)
def get_policy(request: ApiRequest, teacher_id: UUID) -> BookingPolicy:
    """The rules that hold for a teacher's bookings."""
    return policies.policy_of(_known(teacher_id))


@router.put("/policies/{uuid:teacher_id}", response=PolicyOut)
@allowed(is_admin)
def set_policy(request: ApiRequest, teacher_id: UUID, body: PolicyIn) -> BookingPolicy:
    """Rules of a teacher's own."""
    return policies.change_policy(teacher_id=_known(teacher_id), changes=body.model_dump())


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
