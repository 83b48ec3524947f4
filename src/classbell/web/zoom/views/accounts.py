"""Accounts at Zoom: which there are, how each is, and whose meetings are held where."""

from collections.abc import Callable
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_admin
from classbell.groups.models import Group
from classbell.meetings import account_changes, consent
from classbell.meetings.account_changes import AccountInvalid
from classbell.meetings.models import AccountBinding, LostBecause, ZoomAccount
from classbell.meetings.zoom_accounts import account_names
from classbell.web.kit.requests import PersonRequest
from classbell.web.zoom.forms import AccountForm, BindingForm
from classbell.web.zoom.presenters import present_accounts

MEETINGS_SHOWN = 20
STILL_AT_ZOOM = gettext_lazy(
    "Disconnected here. Zoom did not answer: remove the app at Zoom too, in its App Marketplace under Added Apps."
)


@never_cache
@require_safe
@allowed(is_admin)
def accounts(request: PersonRequest) -> HttpResponse:
    """Admins: every account, how it is, what it holds."""
    return render(request, "zoom/accounts.html", {"accounts": present_accounts(now=timezone.now())})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def new(request: PersonRequest) -> HttpResponse:
    """Admins: add an account."""
    form = AccountForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            row = account_changes.add_account(
                account_id=form.cleaned_data["account_id"], values=form.values(), now=timezone.now()
            )
        except AccountInvalid as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Saved. Check it to see that it works."))
            return redirect("zoom-account", zoom_account_id=row.pk)
    return render(request, "zoom/account.html", {"form": form}, status=400 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def account(request: PersonRequest, zoom_account_id: UUID) -> HttpResponse:
    """Admins: change an account. What is kept of its secrets is not shown."""
    row = _added(zoom_account_id)
    form = AccountForm(request.POST if request.method == "POST" else None, kept=row)
    if form.is_valid():
        try:
            account_changes.change_account(row_id=row.pk, values=form.values())
        except AccountInvalid as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("zoom-account", zoom_account_id=row.pk)
    context = {
        "form": form,
        "row": row,
        "webhook_address": urljoin(settings.ENVIRONMENT.public_url, f"/api/zoom/webhook/{row.pk}"),
        "bound": row.bindings.select_related("group", "teacher"),
    }
    return render(request, "zoom/account.html", context, status=400 if form.errors else 200)


@require_POST
@allowed(is_admin)
def check(request: PersonRequest, zoom_account_id: UUID) -> HttpResponse:
    """Admins: ask Zoom now whether an account works, and read its hosts."""
    row = _added(zoom_account_id)
    found = account_changes.check_account(row, now=timezone.now())
    if found.works:
        text = ngettext("It works: %(count)s host.", "It works: %(count)s hosts.", found.hosts)
        messages.success(request, text % {"count": found.hosts})
    else:
        messages.error(request, _("It does not work: %(error)s") % {"error": found.error})
    return redirect("zoom-account", zoom_account_id=row.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def remove(request: PersonRequest, zoom_account_id: UUID) -> HttpResponse:
    """Admins: forget an account, after reading which meetings that moves; a teacher's own too, whose consent ends."""
    row = get_object_or_404(ZoomAccount.objects.set_up(), pk=zoom_account_id)
    if request.method == "POST" and row.by_consent:
        if consent.disconnect(row, because=LostBecause.DISCONNECTED, now=timezone.now()):
            messages.success(request, _("Disconnected. What was to be held there is given other hosts."))
        else:
            messages.warning(request, STILL_AT_ZOOM)
        return redirect("zoom-accounts")
    if request.method == "POST":
        moved = account_changes.remove_account(row_id=row.pk, confirmed=True, now=timezone.now())
        text = ngettext(
            "Removed. %(count)s meeting is given another host.",
            "Removed. %(count)s meetings are given other hosts.",
            moved,
        )
        messages.success(request, text % {"count": moved} if moved else _("Removed."))
        return redirect("zoom-accounts")
    coming = account_changes.coming_meetings(row, now=timezone.now())
    count = coming.count()
    context = {"row": row, "meetings": coming[:MEETINGS_SHOWN], "count": count, "more": max(0, count - MEETINGS_SHOWN)}
    return render(request, "zoom/account_remove.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def bind_group(request: PersonRequest, group_id: UUID) -> HttpResponse:
    """Admins: say in which account a group's meetings are held."""
    group = get_object_or_404(Group, pk=group_id)
    bound = AccountBinding.objects.filter(group=group)
    return _bind(request, group.name, bound, lambda account: account_changes.bind_group(group, account))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def bind_teacher(request: PersonRequest, teacher_id: UUID) -> HttpResponse:
    """Admins: say in which account a teacher's meetings are held."""
    teacher = get_object_or_404(User, pk=teacher_id)
    if not teacher.is_teacher:
        raise Http404
    bound = AccountBinding.objects.filter(teacher=teacher)
    return _bind(request, teacher.name, bound, lambda account: account_changes.bind_teacher(teacher, account))


def _bind(
    request: PersonRequest, name: str, kept: QuerySet[AccountBinding], bind: Callable[[ZoomAccount | None], None]
) -> HttpResponse:
    binding = kept.select_related("account").first()
    form = BindingForm(
        request.POST if request.method == "POST" else None,
        of=account_names(of_school_only=True),
        bound=binding.account if binding is not None else None,
    )
    if form.is_valid():
        bind(form.cleaned_data["account"])
        messages.success(request, _("Saved."))
        return redirect(request.path)
    return render(request, "zoom/binding.html", {"form": form, "name": name}, status=400 if form.errors else 200)


def _added(row_id: UUID) -> ZoomAccount:
    """Return an account that was added on a page. Raises Http404."""
    return get_object_or_404(ZoomAccount.objects.added(), pk=row_id)
