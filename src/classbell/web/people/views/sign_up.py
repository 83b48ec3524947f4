"""Signing up: asking for an account, following the mailed link, and the school's answer."""

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts import sign_up as services
from classbell.accounts.invitations import invitation_link
from classbell.accounts.permissions import allowed, anyone, is_admin
from classbell.accounts.sign_up_models import SignUpMode, SignUpRole
from classbell.accounts.sign_up_rules import Wanted, roles_offered, rules, set_rule
from classbell.errors import DomainError
from classbell.visitors import admit
from classbell.web.kit.device import visitor_zone
from classbell.web.kit.forms.trap import is_trapped
from classbell.web.kit.requests import PersonRequest, VisitorRequest, typed_text
from classbell.web.people.forms.sign_up import RuleForm, SignUpForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(anyone)
def sign_up(request: VisitorRequest) -> HttpResponse:
    """Everybody: ask for an account, where the school lets people; who has one learns no more than who has none."""
    offered = roles_offered()
    if not offered:
        return render(request, "sign_up/page.html", {"form": None}, status=403 if request.method == "POST" else 200)
    zone = visitor_zone(request)
    initial = {"timezone": zone.key if zone else settings.TIME_ZONE}
    form = SignUpForm(request.POST if request.method == "POST" else None, offered=offered, initial=initial)
    status = 200
    if request.method == "POST" and is_trapped(request):
        return redirect("sign-up-sent")
    if form.is_valid():
        wanted = Wanted(
            **form.cleaned_data | {"role": SignUpRole(form.cleaned_data["role"])}, locale=translation.get_language()
        )
        try:
            admit(request, "sign-up", email=wanted.email)
            services.ask(wanted, now=timezone.now())
        except DomainError as error:
            form.add_error("email" if error.code == "email_domain_refused" else None, str(error))
            status = error.status
        else:
            return redirect("sign-up-sent")
    looks = [role for role, rule in rules().items() if role in offered and rule.mode == SignUpMode.APPROVAL]
    context = {"form": form, "looks_first": looks}
    return render(request, "sign_up/page.html", context, status=status if status != 200 or not form.errors else 400)


@never_cache
@require_safe
@allowed(anyone)
def sent(request: VisitorRequest) -> HttpResponse:
    """Everybody: what to do now, whatever becomes of it."""
    return render(request, "sign_up/sent.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(anyone)
def confirm(request: VisitorRequest, token: str) -> HttpResponse:
    """Whoever holds the mailed link: the address is theirs. By a button, because mail programs open links by themselves."""
    try:
        asked = services.request_of(token, now=timezone.now())
        if request.method == "POST":
            user = services.follow(token, now=timezone.now())
            if user is None:
                return redirect("sign-up-waits")
            return redirect(urlsplit(invitation_link(user)).path)
        return render(request, "sign_up/confirm.html", {"asked": asked})
    except DomainError as error:
        status = 410 if error.code == "sign_up_link_unusable" else error.status
        return render(request, "sign_up/confirm.html", {"refusal": str(error)}, status=status)


@never_cache
@require_safe
@allowed(anyone)
def waits(request: VisitorRequest) -> HttpResponse:
    """Everybody: the school looks at it first."""
    return render(request, "sign_up/sent.html", {"waits": True})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def sign_ups(request: PersonRequest) -> HttpResponse:
    """Admins: who waits for an answer, and who may sign up on their own."""
    data = request.POST if request.method == "POST" else None
    forms = [(role, RuleForm(data, rule=rule)) for role, rule in rules().items()]
    if data is not None and all(form.is_valid() for _role, form in forms):
        for role, form in forms:
            set_rule(role=role, mode=SignUpMode(form.cleaned_data["mode"]), domains=form.cleaned_data["domains"])
        messages.success(request, _("Saved."))
        return redirect("sign-ups")
    context = {
        "waiting": services.waiting(),
        "forms": [form for _role, form in forms],
        "sends_mail": bool(settings.EMAIL_HOST),
    }
    return render(request, "sign_up/admin.html", context, status=400 if data is not None else 200)


@require_POST
@allowed(is_admin)
def approve(request: PersonRequest, request_id: UUID) -> HttpResponse:
    """Admins: make the account that somebody asked for."""
    try:
        services.approve(request_id=request_id, by=request.user, now=timezone.now())
    except services.AlreadyDecided as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The account is made, and a mail with the link to choose a password on its way."))
    return redirect("sign-ups")


@require_POST
@allowed(is_admin)
def refuse(request: PersonRequest, request_id: UUID) -> HttpResponse:
    """Admins: no account; a mail says so."""
    try:
        services.refuse(request_id=request_id, by=request.user, words=typed_text(request, "words"), now=timezone.now())
    except services.AlreadyDecided as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Refused; a mail says so."))
    return redirect("sign-ups")
