"""A student's guardians, for admins, who name them, and for the student's teachers: `/api/people/{id}/guardians`."""

from uuid import UUID

from django.utils import timezone
from ninja import Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.guardians.queries import guardianships_of
from classbell.accounts.guardians.schemas import GuardianAnswer, GuardianIn, GuardiansAnswer, describe_guardian
from classbell.accounts.guardians.services import add_guardian, remove_guardian
from classbell.accounts.idempotency import idempotent
from classbell.accounts.permissions import allowed, is_admin
from classbell.groups.people import looks_after

router = Router(tags=["Guardians"])


@router.get("/{uuid:person_id}/guardians", response=GuardiansAnswer)
@allowed(looks_after)
def list_guardians(request: ApiRequest, person_id: UUID) -> GuardiansAnswer:
    """A student's guardians, for admins and who teaches the student."""
    return GuardiansAnswer(guardians=[describe_guardian(one) for one in guardianships_of(person_id)])


@router.post("/{uuid:person_id}/guardians", response={201: GuardianAnswer})
@allowed(is_admin)
@idempotent
def add(request: ApiRequest, person_id: UUID, body: GuardianIn) -> GuardianAnswer:
    """
    Make somebody a student's guardian; who has no account is given one and invited. Safe to repeat. 400 `no_student`,
    `own_guardian`, `email_unusable`.
    """
    found = add_guardian(
        student_id=person_id,
        email=body.email,
        first_name=body.first_name,
        last_name=body.last_name,
        relation=body.relation,
        by=request.user,
        now=timezone.now(),
    )
    return GuardianAnswer(guardian=describe_guardian(found))


@router.delete("/{uuid:person_id}/guardians/{uuid:guardian_id}", response={204: None})
@allowed(is_admin)
def remove(request: ApiRequest, person_id: UUID, guardian_id: UUID) -> Status[None]:
    """End it: they see nothing of the student's any more, at once. Their account stays."""
    remove_guardian(student_id=person_id, guardian_id=guardian_id)
    return Status(204, None)
