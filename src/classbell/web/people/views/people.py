"""Coming in: inviting people, being invited, and one's own settings."""

from collections.abc import Sequence
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.invitations import (
    InvitationUnusable,
    accept_invitation,
    invitation_link,
    invite_people,
    invited_person,
)
from classbell.accounts.models import Invitation, User
from classbell.accounts.passkeys import passkeys_of
from classbell.accounts.permissions import allowed, anyone, is_admin, is_teacher_or_admin, signed_in
from classbell.accounts.services import ProfileChanges, change_profile
from classbell.accounts.sign_in import has_authenticator_app, has_second_factor
from classbell.accounts.sso.links import linked_identities, unlink
from classbell.accounts.sso.policy import needs_provider
from classbell.accounts.tokens import BACKEND
from classbell.bidi import isolated
from classbell.meetings.user_app import user_app
from classbell.tables.records import BadRow
from classbell.web.calendar.views.feed import feed_context
from classbell.web.groups.views.people import text_of_rest
from classbell.web.kit.device import device_zone
from classbell.web.kit.labels import listed
from classbell.web.kit.requests import PersonRequest, VisitorRequest
from classbell.web.people.forms.people import InviteForm, ProfileForm, WelcomeForm
from classbell.web.people.views.preferences import THEME_COOKIE, keep_theme

SHOWN_WAITING = 50


@never_cache
@require_http_methods(["GET", "POST"])
@allowed(is_admin)
def invite(request: PersonRequest) -> HttpResponse:
    """Admins: who gets an account and a link to choose a password; who was invited and has not come yet."""
    form = InviteForm(request.POST or None, initial={"language": translation.get_language()})
    bad: list[BadRow] = []
    if form.is_valid():
        people, bad = form.sorted_out()
        locale = form.cleaned_data["language"]
        invited = invite_people(people, by=request.user, locale=locale, now=timezone.now())
        for text in _said(len(invited.sent), invited.not_needed):
            messages.success(request, text)
        if not bad:
            return redirect("people-invite")
        rest = text_of_rest(form.cleaned_data["emails"].header, bad)
        form = InviteForm(
            initial={
                "language": locale,
                "role": form.cleaned_data["role"],
                "learns": form.cleaned_data["learns"],
                "emails": rest,
            }
        )
    context = {"form": form, "bad": bad, "waiting": _waiting(), "sends_mail": bool(settings.EMAIL_HOST)}
    return render(request, "people/invite.html", context, status=400 if form.errors else 200)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@allowed(anyone)
def welcome(request: VisitorRequest, token: str) -> HttpResponse:
    """Whoever holds the link: choose a password, say who and where you are, be signed in (after the second step, if any)."""
    try:
        user = invited_person(token)
        if needs_provider(user):
            return render(request, "people/welcome.html", {"needs_provider": True})
        zone = device_zone(request)
        names = {
            "first_name": user.first_name,
            "last_name": user.last_name,
            "timezone": zone.key if zone else user.timezone,
        }
        with translation.override(translation.get_language() if _has_chosen(request) else user.locale):
            form = WelcomeForm(request.POST or None, user=user, initial=names)
            if form.is_valid():
                user = accept_invitation(token, **form.cleaned_data, now=timezone.now())
                if has_second_factor(user):
                    return redirect("account_login")
                login(request, user, backend=BACKEND)
                return redirect("home")
            context = {"form": form, "person": user}
            return render(request, "people/welcome.html", context, status=400 if form.errors else 200)
    except InvitationUnusable as error:
        return render(request, "people/welcome.html", {"refusal": str(error)}, status=410)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed(signed_in)
def me(request: PersonRequest) -> HttpResponse:
    """Everybody: name, language, timezone, theme, calendar feed, the way to password and second step."""
    form = ProfileForm(request.POST or None, initial=_profile(request))
    if form.is_valid():
        wanted, locale = form.cleaned_data, form.cleaned_data["locale"]
        changes = {name: wanted[name] for name in form.changed_data if name != "theme"}
        # The form shows the language of the page, which a link may have chosen.
        change_profile(user_id=request.user.pk, changes=cast("ProfileChanges", changes | {"locale": locale}))
        with translation.override(locale):
            messages.success(request, _("Saved."))
        response = redirect("me")
        keep_theme(request, response, wanted["theme"])
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, locale, samesite="Lax", secure=request.is_secure())
        return response
    context = {
        "form": form,
        "has_app": has_authenticator_app(request.user),
        "passkeys": passkeys_of(request.user),
        "linked": linked_identities(request.user),
        "own_zoom": is_teacher_or_admin(request.user) and user_app() is not None,
    } | feed_context(request.user)
    return render(request, "people/me.html", context, status=400 if form.errors else 200)


@require_POST
@allowed(signed_in)
def forget_link(request: PersonRequest, link_id: int) -> HttpResponse:
    """Everybody: forget one's own account at a provider; the next sign-in there links it anew."""
    unlink(request.user, link_id)
    messages.success(request, _("Forgotten."))
    return redirect("me")


def _profile(request: PersonRequest) -> dict[str, object]:
    user = request.user
    return {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "locale": translation.get_language(),
        "timezone": user.timezone,
        "theme": request.COOKIES.get(THEME_COOKIE, "auto"),
        "shows_hijri": user.shows_hijri,
    }


def _waiting() -> list[dict[str, object]]:
    """Return who was invited and has not come yet, the latest first; with the link where no mail can be sent."""
    rows = Invitation.objects.filter(accepted_at=None, user__is_active=True).select_related("user")
    return [
        {
            "user": row.user,
            "sent_at": row.sent_at,
            "link": "" if settings.EMAIL_HOST else invitation_link(row.user),
        }
        for row in rows[:SHOWN_WAITING]
    ]


def _said(sent: int, not_needed: Sequence[User]) -> list[str]:
    said = []
    if sent:
        said.append(ngettext("%(count)s person is invited.", "%(count)s people are invited.", sent) % {"count": sent})
    if not_needed:
        names = listed([isolated(user.name) for user in not_needed[:5]])
        text = ngettext("%(names)s can sign in already.", "%(count)s can sign in already: %(names)s.", len(not_needed))
        said.append(text % {"names": names, "count": len(not_needed)})
    return said


def _has_chosen(request: VisitorRequest) -> bool:
    return settings.LANGUAGE_COOKIE_NAME in request.COOKIES
