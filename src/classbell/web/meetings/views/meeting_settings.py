"""Which settings Zoom meetings have: the school's, those of lessons, of a group, of one meeting."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_admin
from classbell.bookings.lessons import MEETING_WITH_LESSON
from classbell.errors import DomainError
from classbell.groups.models import Group
from classbell.groups.permissions import keeps_rules
from classbell.meetings import services
from classbell.meetings.audience import expected_people
from classbell.meetings.changes import change_meeting
from classbell.meetings.defaults import change_defaults, checked_for_meeting
from classbell.meetings.meeting_settings.catalogue import Settings, merged
from classbell.meetings.meeting_settings.checks import SettingsRefused
from classbell.meetings.meeting_settings.inherited import below, defaults_of, levels_of
from classbell.meetings.models import Meeting, SettingsOf, SyncStatus
from classbell.meetings.permissions import hosts_meeting
from classbell.web.kit.pages import page_of_group
from classbell.web.kit.requests import PersonRequest
from classbell.web.meetings.labels import overruled_in_words
from classbell.web.meetings.settings_forms import PEOPLE_IN_ROOMS, MeetingSettingsForm


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def of_school(request: PersonRequest) -> HttpResponse:
    """Admins: how Zoom holds all meetings of the school that ask for nothing else."""
    own = defaults_of(SettingsOf.SCHOOL)
    form = MeetingSettingsForm(_posted(request), own=own, inherited=merged(), inherited_from=None)
    if form.is_valid() and _saved(request, form, lambda changes: _change(SettingsOf.SCHOOL, changes)):
        return redirect("meeting-settings")
    return _page(
        request, form, {"heading": _("Settings of Zoom meetings"), "url": reverse("setup-settings"), "is_school": True}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def of_lessons(request: PersonRequest) -> HttpResponse:
    """Admins: how Zoom holds lessons that are booked, where that is not as the school has it."""
    form = MeetingSettingsForm(
        _posted(request), own=defaults_of(SettingsOf.LESSONS), inherited=below(SettingsOf.LESSONS), inherited_from={}
    )
    if form.is_valid() and _saved(request, form, lambda changes: _change(SettingsOf.LESSONS, changes)):
        return redirect("meeting-settings-lessons")
    return _page(request, form, {"heading": _("Zoom settings of lessons"), "url": reverse("meeting-settings")})


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(keeps_rules)
def of_group(request: PersonRequest, class_id: UUID) -> HttpResponse:
    """Its teachers and admins: how Zoom holds the meetings of a class, a course or a circle."""
    group = get_object_or_404(Group, pk=class_id)
    form = MeetingSettingsForm(
        _posted(request),
        own=defaults_of(SettingsOf.GROUP, group.pk),
        inherited=below(SettingsOf.GROUP),
        inherited_from={},
        people=_with_addresses(User.objects.filter(memberships__group=group)),
    )
    if form.is_valid() and _saved(request, form, lambda changes: _change(SettingsOf.GROUP, changes, group)):
        return redirect("meeting-settings-group", class_id=class_id)
    return _page(request, form, {"heading": _("Zoom settings"), "url": page_of_group(group), "name": group.name})


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(hosts_meeting)
def of_meeting(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Its teacher and admins: how Zoom holds one meeting, and what Zoom keeps otherwise."""
    rows = Meeting.objects.select_related("group", "seat__host", *MEETING_WITH_LESSON)
    meeting = get_object_or_404(rows, pk=meeting_id)
    levels = levels_of(meeting)
    kind = _("As lessons have it") if meeting.group is None else _("As the group has it")
    form = MeetingSettingsForm(
        _posted(request),
        own=levels.own,
        inherited=levels.inherited,
        inherited_from=dict.fromkeys(levels.kind, kind),
        people=_with_addresses(expected_people(meeting)),
    )

    def change(changes: Settings) -> str:
        kept = checked_for_meeting(changes, meeting=meeting, registration=meeting.registration)
        change_meeting(meeting_id=meeting.pk, changes={"zoom_settings": kept}, now=timezone.now(), soon=True)
        is_there = services.sync_now(meeting.pk) == SyncStatus.SYNCED
        return _("Changed, and on Zoom.") if is_there else _("Changed. Zoom follows.")

    if form.is_valid() and _saved(request, form, change):
        return redirect("meeting-settings-own", meeting_id=meeting_id)
    context = {
        "heading": _("Zoom settings"),
        "url": reverse("meeting", args=[meeting_id]),
        "name": meeting.title,
        "overruled": overruled_in_words(meeting),
    }
    return _page(request, form, context)


def _change(scope: SettingsOf, changes: Settings, group: Group | None = None) -> str:
    """Change what is inherited, and say how many meetings that reaches."""
    reached = change_defaults(scope=scope, group=group, changes=changes, now=timezone.now())
    if not reached:
        return _("Saved. It holds for meetings to come.")
    said = ngettext(
        "Saved. Zoom follows in %(count)d meeting that is planned.",
        "Saved. Zoom follows in %(count)d meetings that are planned.",
        reached,
    )
    return said % {"count": reached}


def _saved(request: PersonRequest, form: MeetingSettingsForm, change: Callable[[Settings], str]) -> bool:
    """Make the changes and say so; what is wrong with them is said beside its field."""
    changes = form.changes()
    if not changes:
        messages.success(request, _("Nothing was changed."))
        return True
    try:
        said = change(changes)
    except SettingsRefused as error:
        form.refuse(error)
    except DomainError as error:
        form.add_error(None, str(error))
    else:
        messages.success(request, said)
        return True
    return False


def _page(request: PersonRequest, form: MeetingSettingsForm, context: dict[str, Any]) -> HttpResponse:
    status = 400 if form.is_bound else 200
    return render(request, "meetings/settings.html", {"form": form, **context}, status=status)


def _posted(request: PersonRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _with_addresses(people: Any) -> Sequence[User]:
    """Return those whom Zoom can put into a room, in the order of their names."""
    found = people.filter(is_active=True).order_by("first_name", "last_name", "pk")[: 2 * PEOPLE_IN_ROOMS]
    return [person for person in found if person.has_address][:PEOPLE_IN_ROOMS]
