"""The rules for recordings: the school's, and those of single classes and meetings."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed, is_admin
from classbell.groups.models import Group
from classbell.meetings.models import Meeting
from classbell.recordings.models import WatchRule
from classbell.recordings.rules import change_rules, drop_watch_rule, rules_in_force, set_watch_rule
from classbell.web.kit.requests import PersonRequest
from classbell.web.recordings.forms import RecordingRulesForm, WatchRuleForm
from classbell.web.recordings.labels import rules_in_words


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def school_rules(request: PersonRequest) -> HttpResponse:
    """Admins: who may watch recordings, and how long they are kept."""
    form = RecordingRulesForm(request.POST or None, rule=rules_in_force())
    if request.method == "POST" and form.is_valid():
        change_rules(form.changes())
        messages.success(request, _("The rules for recordings are saved."))
        return redirect("recording-rules")
    own = WatchRule.objects.select_related("group", "meeting").order_by("group__name", "meeting__title", "pk")
    context = {
        "form": form,
        "rules": rules_in_words(rules_in_force()),
        "of_classes": [rule for rule in own if rule.group],
        "of_meetings": [rule for rule in own if rule.meeting],
    }
    return render(request, "recordings/rules.html", context, status=400 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def class_rule(request: PersonRequest, class_id: UUID) -> HttpResponse:
    """Admins: who may watch the recordings of one class."""
    return _edit(request, get_object_or_404(Group, pk=class_id), "recording-rule-class-drop")


@require_POST
@allowed(is_admin)
def drop_class_rule(request: PersonRequest, class_id: UUID) -> HttpResponse:
    """Admins: let a class follow the school. Safe to repeat."""
    return _drop(request, get_object_or_404(Group, pk=class_id))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def meeting_rule(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Admins: who may watch the recordings of one meeting."""
    return _edit(request, get_object_or_404(Meeting, pk=meeting_id), "recording-rule-meeting-drop")


@require_POST
@allowed(is_admin)
def drop_meeting_rule(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Admins: let a meeting follow its class, or the school. Safe to repeat."""
    return _drop(request, get_object_or_404(Meeting, pk=meeting_id))


def _edit(request: PersonRequest, of: Group | Meeting, drop: str) -> HttpResponse:
    named = {"group": of} if isinstance(of, Group) else {"meeting": of}
    kept = WatchRule.objects.filter(**named).first()
    form = WatchRuleForm(request.POST or None, rule=kept or rules_in_force())
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        set_watch_rule(of, watchers=data["watchers"], may_download=data["may_download"])
        messages.success(request, _("The rules for recordings are saved."))
        return redirect("recording-rules")
    context = {
        "form": form,
        "name": of.name if isinstance(of, Group) else of.title,
        "drop_url": reverse(drop, args=[of.pk]) if kept else "",
        "rules": rules_in_words(rules_in_force()),
    }
    return render(request, "recordings/rule.html", context, status=400 if form.errors else 200)


def _drop(request: PersonRequest, of: Group | Meeting) -> HttpResponse:
    drop_watch_rule(of)
    messages.success(request, _("It follows the school’s rules for recordings again."))
    return redirect("recording-rules")
