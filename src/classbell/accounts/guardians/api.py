"""Whose guardian one is: `/api/me/wards`. A student's guardians are `groups.guardians_api`, for their teachers too."""

from ninja import Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.guardians.queries import wardships_of
from classbell.accounts.guardians.schemas import WardOut, WardsAnswer
from classbell.accounts.permissions import allowed, signed_in

router = Router(tags=["Guardians"])


@router.get("/wards", response=WardsAnswer)
@allowed(signed_in)
def list_wards(request: ApiRequest) -> WardsAnswer:
    """Whose guardian you are: what `student_id` takes wherever a student reads or does something of their own."""
    found = wardships_of(request.user)
    return WardsAnswer(
        wards=[WardOut(id=one.student.pk, name=one.student.name, relation=one.relation) for one in found]
    )
