"""How one is told, and how the school has it for whoever chooses nothing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed, is_admin, signed_in
from classbell.accounts.services import change_profile
from classbell.notices.preferences import (
    absence_alerts,
    change_preferences,
    choose_as_school,
    preferences_of,
    school_preferences,
)
from classbell.web.kit.requests import PersonRequest
from classbell.web.people.forms.notifications import NotificationsForm, SchoolNotificationsForm


@never_cache
@require_http_methods(["GET", "POST"])
@allowed(signed_in)
def mine(request: PersonRequest) -> HttpResponse:
    """Everybody: of what they are told where, quiet hours, all mails of a day as one, reminders."""
    user = request.user
    form = NotificationsForm(
        request.POST or None,
        role=user.role,
        preferences=preferences_of(user),
        wants_mail=user.wants_mail,
    )
    if form.is_valid():
        change_preferences(user, form.changes())
        if "wants_mail" in form.changed_data:
            change_profile(user_id=user.pk, changes={"wants_mail": form.cleaned_data["wants_mail"]})
        messages.success(request, _("Saved."))
        return redirect("my-notifications")
    return render(request, "notices/mine.html", {"form": form}, status=400 if form.errors else 200)


@require_POST
@allowed(signed_in)
def as_school(request: PersonRequest) -> HttpResponse:
    """Everybody: forget what they have chosen, so that the school's choice holds."""
    choose_as_school(request.user)
    messages.success(request, _("Saved."))
    return redirect("my-notifications")


@never_cache
@require_http_methods(["GET", "POST"])
@allowed(is_admin)
def school(request: PersonRequest) -> HttpResponse:
    """Admins: how people are told who have chosen nothing."""
    form = SchoolNotificationsForm(request.POST or None, preferences=school_preferences(), alerts=absence_alerts())
    if form.is_valid():
        change_preferences(None, form.changes())
        messages.success(request, _("Saved."))
        return redirect("school-notifications")
    return render(request, "notices/school.html", {"form": form}, status=400 if form.errors else 200)
