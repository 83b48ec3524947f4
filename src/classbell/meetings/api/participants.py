"""Who the participants of a session are, as people say."""

from uuid import UUID

from ninja import Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed
from classbell.errors import NotAllowed, NotThere
from classbell.meetings.api.answers import find_meeting
from classbell.meetings.models import Participation
from classbell.meetings.permissions import can_keep_attendance_of, keeps_attendance_named
from classbell.meetings.presence.identity import forget_match, match_person, say_nobody
from classbell.wire import Input, Output

router = Router()


class WhoItIs(Input):
    """Whose connection it is, null for nobody of ours."""

    user_id: UUID | None


class WhoItWas(Output):
    """
    Whose a connection is, and what that rests on. `matched_by` is `nobody` for nobody of ours, as somebody said, and empty
    while it is not known.
    """

    id: UUID
    user_id: UUID | None
    matched_by: str


@router.put("/meetings/{meeting_id}/participants/{uuid:participation_id}/person", response=WhoItWas)
@allowed(keeps_attendance_named)
def say_who(request: ApiRequest, meeting_id: str, participation_id: UUID, body: WhoItIs) -> WhoItWas:
    """
    Say who a participant is, for their whole class and from now on; or with null that an unknown one is nobody of ours, for
    this session. Attendance follows.
    """
    stay = _stay(request.user, meeting_id, participation_id)
    if body.user_id is None:
        say_nobody(participation_id=stay.pk)
    else:
        person = User.objects.filter(pk=body.user_id).first()
        if person is None:
            raise NotThere
        match_person(participation_id=stay.pk, user=person, by=request.user)
    return _described(stay)


@router.delete("/meetings/{meeting_id}/participants/{uuid:participation_id}/person", response=WhoItWas)
@allowed(keeps_attendance_named)
def take_back_who(request: ApiRequest, meeting_id: str, participation_id: UUID) -> WhoItWas:
    """Take back what was said of who a participant is: what Zoom tells of them counts again."""
    stay = _stay(request.user, meeting_id, participation_id)
    forget_match(participation_id=stay.pk)
    return _described(stay)


def _stay(user: User, meeting_id: str, participation_id: UUID) -> Participation:
    meeting = find_meeting(user, meeting_id)
    stays = Participation.objects.select_related("occurrence__meeting")
    stay = stays.filter(pk=participation_id, occurrence__meeting=meeting).first()
    if stay is None:
        raise NotThere
    if not can_keep_attendance_of(user, stay.occurrence):
        raise NotAllowed
    return stay


def _described(stay: Participation) -> WhoItWas:
    stay.refresh_from_db(fields=["user", "matched_by"])
    return WhoItWas(id=stay.pk, user_id=stay.user_id, matched_by=stay.matched_by)
