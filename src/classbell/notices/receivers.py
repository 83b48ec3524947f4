"""What notices do when meetings announce something: people are told by a job of its own, once the change has committed."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils import timezone

from classbell.accounts.guardian_models import Guardianship
from classbell.accounts.guardians.signals import guardian_added, guardian_removed
from classbell.accounts.models import User
from classbell.accounts.sign_up_models import SignUpRequest
from classbell.accounts.signals import sign_up_waits
from classbell.groups.models import Group, GroupKind
from classbell.groups.signals import enrolled, moved_up
from classbell.meetings.models import LostBecause, Meeting, Occurrence, ZoomHost
from classbell.meetings.signals import (
    backup_room_given,
    backup_room_withdrawn,
    licence_lost,
    location_changed,
    occurrence_held_again,
    occurrence_held_elsewhere,
    occurrence_moved,
    occurrences_cancelled,
    own_zoom_lost,
    sessions_planned,
    substitute_asked,
    timetable_changed,
    user_app_refused,
    zoom_in_trouble,
    zoom_well_again,
)
from classbell.notices import occurrences, tasks, zoom
from classbell.notices.admins import tell_admins
from classbell.notices.services import forget_ward, tell
from classbell.notices.texts import WARD, Kind


@receiver(guardian_added)
def tell_guardian(guardianship: Guardianship, is_invited: bool, **_kwargs: Any) -> None:
    """Who has an account hears that they are somebody's guardian; an invitation says so by itself."""
    if not is_invited:
        facts = {"student": guardianship.student.name, WARD: str(guardianship.student_id)}
        path = f"/children/{guardianship.student_id}/"
        tell(guardianship.guardian, Kind.GUARDIAN_ADDED, facts, path=path, now=timezone.now())


@receiver(guardian_removed)
def forget(guardianship: Guardianship, **_kwargs: Any) -> None:
    """What a guardian was told of the student goes with the guardianship."""
    forget_ward(guardian_id=guardianship.guardian_id, student_id=guardianship.student_id)


@receiver(sign_up_waits)
def tell_of_sign_up(request: SignUpRequest, **_kwargs: Any) -> None:
    """Admins hear that somebody asks for an account."""
    tell_admins(Kind.SIGN_UP_WAITS, {"person": request.name}, page="sign-ups", now=timezone.now())


@receiver(moved_up)
def tell_place(group: Group, student: User, **_kwargs: Any) -> None:
    """Who waited for a place hears that one is theirs."""
    match group.kind:
        case GroupKind.HALAKA:
            path = f"/halakat/{group.halaka.pk}/"
        case GroupKind.COURSE:
            path = f"/courses/{group.course.pk}/"
        case _:
            path = f"/classes/{group.pk}/"
    now = timezone.now()
    coming = occurrences.coming_meetings(Meeting.objects.filter(group=group), now=now)
    tell(student, Kind.PLACE, {"title": group.name, "meeting_ids": coming}, path=path, now=now)


@receiver(enrolled)
def tell_enrolled(group: Group, user_ids: Collection[UUID], by_themselves: bool, **_kwargs: Any) -> None:
    """Who comes into a group hears of the sessions that are planned already, where there are any."""
    if occurrences.coming_meetings(Meeting.objects.filter(group=group), now=timezone.now()):
        people = sorted(str(pk) for pk in user_ids)
        tasks.tell_enrolled.defer(group_id=str(group.pk), user_ids=people, by_themselves=by_themselves)


@receiver(sessions_planned)
def tell_planned(meeting_ids: Collection[UUID], **_kwargs: Any) -> None:
    """Classes hear of what is planned for them, of all that was planned together at once."""
    of_groups = Meeting.objects.filter(pk__in=meeting_ids, group__isnull=False).order_by("pk")
    told = [str(pk) for pk in of_groups.values_list("pk", flat=True)]
    if told:
        tasks.tell_planned.defer(meeting_ids=told)


@receiver(occurrence_moved)
def tell_moved(occurrence_id: UUID, **_kwargs: Any) -> None:
    """A class hears of a moved session; those of a lesson are told by its booking, but for who stands in on it."""
    if _is_of_a_group(Occurrence.objects.values_list("meeting_id", flat=True).get(pk=occurrence_id)):
        tasks.tell_moved.defer(occurrence_id=str(occurrence_id))
    else:
        occurrences.tell_substitute_moved(occurrence_id=occurrence_id, now=timezone.now())


@receiver(occurrence_held_again)
def tell_held_again(occurrence_id: UUID, **_kwargs: Any) -> None:
    """A class hears that a session it was told to be cancelled is held."""
    if _is_of_a_group(Occurrence.objects.values_list("meeting_id", flat=True).get(pk=occurrence_id)):
        tasks.tell_held_again.defer(occurrence_id=str(occurrence_id))


@receiver(occurrence_held_elsewhere)
def tell_held_elsewhere(occurrence_id: UUID, **_kwargs: Any) -> None:
    """Whoever is expected hears that one session is held in another place."""
    tasks.tell_held_elsewhere.defer(occurrence_id=str(occurrence_id))


@receiver(occurrences_cancelled)
def tell_cancelled(occurrence_ids: Collection[UUID], **_kwargs: Any) -> None:
    """Classes hear of cancelled sessions, of all that were cancelled together at once."""
    of_groups = Occurrence.objects.filter(pk__in=occurrence_ids, meeting__group__isnull=False).order_by(
        "starts_at", "pk"
    )
    told = [str(pk) for pk in of_groups.values_list("pk", flat=True)]
    if told:
        tasks.tell_cancelled.defer(occurrence_ids=told)


@receiver(substitute_asked)
def tell_substitute(occurrence_id: UUID, **_kwargs: Any) -> None:
    """Whoever is to hold a session in its teacher's place hears of it."""
    occurrences.tell_substitute(occurrence_id=occurrence_id, now=timezone.now())


@receiver(timetable_changed)
def tell_timetable(meeting_id: UUID, **_kwargs: Any) -> None:
    """A class hears that it is held at other times."""
    if _is_of_a_group(meeting_id):
        tasks.tell_timetable.defer(meeting_id=str(meeting_id))


@receiver(location_changed)
def tell_location(meeting_id: UUID, **_kwargs: Any) -> None:
    """Whoever is expected hears that a meeting is held in another place."""
    tasks.tell_location.defer(meeting_id=str(meeting_id))


@receiver(backup_room_given)
def tell_backup_room(occurrence_id: UUID, **_kwargs: Any) -> None:
    """Whoever a session expects hears that it is held elsewhere."""
    tasks.tell_backup_room.defer(occurrence_id=str(occurrence_id))


@receiver(backup_room_withdrawn)
def tell_back_at_zoom(occurrence_id: UUID, **_kwargs: Any) -> None:
    """Whoever was sent elsewhere hears that it is at Zoom after all."""
    tasks.tell_back_at_zoom.defer(occurrence_id=str(occurrence_id))


@receiver(zoom_in_trouble)
def tell_zoom_trouble(trouble: str, error: str, **_kwargs: Any) -> None:
    """Admins hear that Zoom does not work."""
    zoom.tell_trouble(trouble=trouble, error=error, now=timezone.now())


@receiver(zoom_well_again)
def tell_zoom_well_again(**_kwargs: Any) -> None:
    """Admins hear that it does again."""
    zoom.tell_well_again(now=timezone.now())


@receiver(user_app_refused)
def tell_user_app_refused(**_kwargs: Any) -> None:
    """Admins hear that Zoom does not accept the app for teachers' own Zoom."""
    tell_admins(Kind.USER_APP_REFUSED, {}, page="zoom-user-app", now=timezone.now())


@receiver(own_zoom_lost)
def tell_own_zoom_lost(user_id: UUID, moved: int, waiting: int, because: str, **_kwargs: Any) -> None:
    """A teacher and admins hear that the teacher's own Zoom is lost."""
    zoom.tell_own_zoom_lost(
        teacher=User.objects.get(pk=user_id),
        moved=moved,
        waiting=waiting,
        by_themselves=because == LostBecause.DISCONNECTED,
        now=timezone.now(),
    )


@receiver(licence_lost)
def tell_licence_lost(host_id: UUID, **_kwargs: Any) -> None:
    """Whoever holds meetings by a host hears that Zoom ends them early from now on; admins too."""
    zoom.tell_licence_lost(ZoomHost.objects.select_related("account__owner").get(pk=host_id), now=timezone.now())


def _is_of_a_group(meeting_id: UUID) -> bool:
    return Meeting.objects.filter(pk=meeting_id, group__isnull=False).exists()
