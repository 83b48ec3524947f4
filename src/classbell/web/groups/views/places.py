"""Students take places in classes and courses that are open for that, wait for them, and give them up."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from classbell.accounts.permissions import allowed, is_student
from classbell.errors import DomainError
from classbell.groups.models import Group, GroupKind
from classbell.groups.permissions import opens_group
from classbell.groups.places import give_up_place, open_group, take_place
from classbell.web.groups.kinds import CLASS, COURSE, Kind
from classbell.web.kit.pages import page_of_group
from classbell.web.kit.requests import PersonRequest


@require_POST
@allowed(is_student, for_wards=True)
def join(request: PersonRequest, group_id: UUID) -> HttpResponse:
    """Students: take a place, or one in the waiting list when all are taken. Safe to repeat."""
    if take_place(group_id=group_id, student=request.user):
        messages.success(request, _("The place is taken. The next session is in the week."))
    else:
        messages.success(
            request, _("It is full; there is a place on the waiting list. We tell you when one becomes free.")
        )
    return redirect(_kind_of(group_id).list_page)


@require_POST
@allowed(is_student, for_wards=True)
def leave(request: PersonRequest, group_id: UUID) -> HttpResponse:
    """Students: give up a place, or one in the waiting list. Safe to repeat."""
    try:
        give_up_place(group_id=group_id, student=request.user)
    except DomainError as error:
        if error.status != 403:  # what is not there has its own page
            raise
        messages.error(request, str(error))
    else:
        messages.success(request, _("The place is given up. Joining again is possible while there are places."))
    return redirect(_kind_of(group_id).list_page)


@require_POST
@allowed(opens_group)
def set_open(request: PersonRequest, group_id: UUID) -> HttpResponse:
    """Who teaches it, and admins: let students take places by themselves, or no longer."""
    group = open_group(group_id=group_id, is_open="open" in request.POST)
    if group.is_open:
        messages.success(request, _("Students find it in their list now, and take a place or wait for one."))
    else:
        messages.success(request, _("Students do not find it any more. Who is in it or waits stays."))
    return redirect(page_of_group(group))


def _kind_of(group_id: UUID) -> Kind:
    return COURSE if Group.objects.filter(pk=group_id, kind=GroupKind.COURSE).exists() else CLASS
