"""Places that students take by themselves: `/api/places`."""

from uuid import UUID

from ninja import Query, Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_student
from classbell.groups.models import Group
from classbell.groups.permissions import opens_group
from classbell.groups.places import Place, give_up_place, open_group, open_to, places_of, take_place
from classbell.groups.schemas import OpenIn, OpenOut, PlaceAnswer, PlaceOut, PlacesAnswer
from classbell.paging import PageQuery, paginate

router = Router(tags=["Classes"])


@router.get("", response=PlacesAnswer)
@allowed(is_student, for_wards=True)
def list_places(request: ApiRequest, page: Query[PageQuery]) -> PlacesAnswer:
    """The classes and courses in which you may take a place or for which you wait, by name. Circles have their own."""
    found = paginate(open_to(request.user).with_people(), page, by="name")
    return PlacesAnswer(
        places=[_describe(place) for place in places_of(found.items, request.user)], next_cursor=found.next_cursor
    )


@router.post("/{uuid:group_id}/join", response=PlaceAnswer)
@allowed(is_student, for_wards=True)
def join(request: ApiRequest, group_id: UUID) -> PlaceAnswer:
    """Take a place, or one in the waiting list when it is full: `state` and `position` say which. Safe to repeat."""
    take_place(group_id=group_id, student=request.user)
    return _answer(group_id, request.user)


@router.post("/{uuid:group_id}/leave", response=PlaceAnswer)
@allowed(is_student, for_wards=True)
def leave(request: ApiRequest, group_id: UUID) -> PlaceAnswer:
    """Give up a place, or one in the waiting list. Safe to repeat. 403 for a place that the school gave."""
    give_up_place(group_id=group_id, student=request.user)
    return _answer(group_id, request.user)


@router.patch("/{uuid:group_id}", response=OpenOut)
@allowed(opens_group)
def set_open(request: ApiRequest, group_id: UUID, body: OpenIn) -> OpenOut:
    """Let students take places in a class or course by themselves, or no longer: who teaches it, and admins."""
    return OpenOut(id=group_id, is_open=open_group(group_id=group_id, is_open=body.is_open).is_open)


def _answer(group_id: UUID, student: User) -> PlaceAnswer:
    (place,) = places_of([Group.objects.with_people().get(pk=group_id)], student)
    return PlaceAnswer(place=_describe(place))


def _describe(place: Place) -> PlaceOut:
    group = place.group
    return PlaceOut(
        id=group.pk,
        kind=group.kind,
        name=group.name,
        description=group.description,
        teachers=[teacher.name for teacher in group.teachers.all()],
        capacity=group.capacity,
        student_count=place.students,
        waiting_count=place.waiting,
        state=place.state,
        position=place.position,
    )
