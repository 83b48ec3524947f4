"""How one is told, and how the school has it for whoever chooses nothing."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.guardians.queries import wardships_of
from classbell.accounts.permissions import allowed, is_admin, signed_in
from classbell.accounts.services import change_profile
from classbell.errors import DomainError
from classbell.notices.gateways import text_channels
from classbell.notices.models import Phone
from classbell.notices.phones import confirm_number, enter_number, forget_number
from classbell.notices.preferences import (
    absence_alerts,
    change_preferences,
    choose_as_school,
    preferences_of,
    school_preferences,
)
from classbell.notices.push import digests_of, public_key
from classbell.web.kit.requests import PersonRequest
from classbell.web.people.forms.notifications import (
    CodeForm,
    NotificationsForm,
    NumberForm,
    SchoolNotificationsForm,
)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed(signed_in)
def mine(request: PersonRequest) -> HttpResponse:
    """Everybody: of what they are told where, quiet hours, all mails of a day as one, reminders; guardians by child."""
    user = request.user
    form = NotificationsForm(
        request.POST or None,
        role=user.role,
        preferences=preferences_of(user),
        texts=text_channels(),
        wants_mail=user.wants_mail,
        children=[one.student for one in wardships_of(user)],
    )
    if form.is_valid():
        change_preferences(user, form.changes())
        if "wants_mail" in form.changed_data:
            change_profile(user_id=user.pk, changes={"wants_mail": form.cleaned_data["wants_mail"]})
        messages.success(request, _("Saved."))
        return redirect("my-notifications")
    return _mine(request, form=form)


@require_POST
@allowed(signed_in)
def as_school(request: PersonRequest) -> HttpResponse:
    """Everybody: forget what they have chosen, so that the school's choice holds."""
    choose_as_school(request.user)
    messages.success(request, _("Saved."))
    return redirect("my-notifications")


@require_POST
@allowed(signed_in)
def phone(request: PersonRequest) -> HttpResponse:
    """Everybody: have a code sent to a phone that is to be theirs."""
    form = NumberForm(request.POST, texts=text_channels())
    if form.is_valid():
        try:
            enter_number(request.user, form.cleaned_data["number"], form.cleaned_data["channel"], now=timezone.now())
        except DomainError as error:
            form.add_error("number", str(error))
        else:
            messages.success(request, _("A code is on its way. Type it in below."))
            return redirect("my-notifications")
    return _mine(request, number_form=form)


@require_POST
@allowed(signed_in)
def phone_code(request: PersonRequest) -> HttpResponse:
    """Everybody: say the code that was sent, so that the number is theirs."""
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            confirm_number(request.user, form.cleaned_data["code"], now=timezone.now())
        except DomainError as error:
            form.add_error("code", str(error))
        else:
            messages.success(request, _("This is your number now. Choose above what is sent there."))
            return redirect("my-notifications")
    return _mine(request, code_form=form)


@require_POST
@allowed(signed_in)
def phone_forget(request: PersonRequest) -> HttpResponse:
    """Everybody: have nothing sent to their phone any more."""
    forget_number(request.user)
    messages.success(request, _("Saved."))
    return redirect("my-notifications")


@never_cache
@require_http_methods(["GET", "POST"])
@allowed(is_admin)
def school(request: PersonRequest) -> HttpResponse:
    """Admins: how people are told who have chosen nothing."""
    form = SchoolNotificationsForm(
        request.POST or None, preferences=school_preferences(), alerts=absence_alerts(), texts=text_channels()
    )
    if form.is_valid():
        change_preferences(None, form.changes())
        messages.success(request, _("Saved."))
        return redirect("school-notifications")
    context = {"form": form, "keeps_mails": bool(settings.ENVIRONMENT.mailbox)}
    return render(request, "notices/school.html", context, status=400 if form.errors else 200)


def _mine(request: PersonRequest, **forms: Any) -> HttpResponse:
    """Return the page with these forms as they were sent, and the others as they begin."""
    user, texts = request.user, text_channels()
    unsent = NotificationsForm(
        None,
        role=user.role,
        preferences=preferences_of(user),
        texts=texts,
        wants_mail=user.wants_mail,
        children=[one.student for one in wardships_of(user)],
    )
    context = {
        "form": unsent,
        "number_form": NumberForm(None, texts=texts),
        "code_form": CodeForm(),
        "texts": texts,
        "phone": Phone.objects.filter(user=user).exclude(number="").first(),
        "push_key": public_key(now=timezone.now()),
        "push_digests": " ".join(digests_of(user, now=timezone.now())),
        **forms,
    }
    status = 400 if any(form.errors for form in forms.values()) else 200
    return render(request, "notices/mine.html", context, status=status)
