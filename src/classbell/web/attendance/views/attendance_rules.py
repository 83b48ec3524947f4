"""The rules of attendance: the school's, and those of single classes."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts.permissions import allowed, is_admin, is_teacher_or_admin
from classbell.errors import DomainError
from classbell.excuses.rules import rules_in_force
from classbell.groups.models import Group
from classbell.groups.permissions import keeps_rules
from classbell.meetings.attendance import policies
from classbell.meetings.attendance.rules import rules_at
from classbell.meetings.judging.inputs import Policy
from classbell.meetings.models import AttendancePolicy
from classbell.web.attendance.forms import AttendanceRulesForm
from classbell.web.attendance.labels import excuse_rules_in_words, rehearsal_in_words, rules_in_words
from classbell.web.kit.pages import page_of_group
from classbell.web.kit.requests import PersonRequest

SECONDS_BETWEEN_LOOKS = 3
# How far judging again is, is worth a statement for this long.
RECENT = timedelta(days=1)
CLASSES_TO_CHOOSE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """Rules in words and how far judging again by them is; `group` None: the school's."""

    group: Group | None
    sentences: list[str]
    recalculation: policies.Recalculation | None

    @property
    def percent(self) -> int:
        """How much of it is done."""
        found = self.recalculation
        return 100 * found.done // found.total if found and found.total else 100


@never_cache
@require_safe
@allowed(is_teacher_or_admin)
def rules_page(request: PersonRequest) -> HttpResponse:
    """Teachers: the school's rules and their classes'; admins: all, and the way to change the school's."""
    now = timezone.now()
    taught = Group.objects.active()
    if not request.user.is_admin:
        taught = taught.filter(teachers=request.user)
    latest = AttendancePolicy.objects.filter(in_force_from__lte=now, group__in=taught.values("pk"))
    latest = latest.order_by("group_id", "-in_force_from").distinct("group_id").select_related("group")
    own = sorted(
        (_rules(row.group, row.as_policy(), row) for row in latest if not row.follows_school),
        key=lambda rules: str(rules.group).casefold(),
    )
    school = rules_at(None, now)
    for_all = _rules(None, school.policy, school.own)
    context = {
        "for_all": for_all,
        "excuses": excuse_rules_in_words(rules_in_force()),
        "is_built_in": school.own is None,
        "own": own,
        "others": taught.exclude(pk__in=[rules.group.pk for rules in own if rules.group])[:CLASSES_TO_CHOOSE],
        "is_busy": any(r.recalculation and not r.recalculation.is_over for r in (for_all, *own)),
        "look_again": SECONDS_BETWEEN_LOOKS,
    }
    return render(request, "attendance/rules.html" + ("#rules" if request.htmx.target == "rules" else ""), context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def school_rules(request: PersonRequest) -> HttpResponse:
    """Admins: change the rules for all classes without rules of their own. `preview` saves nothing."""
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(keeps_rules)
def class_rules(request: PersonRequest, class_id: UUID) -> HttpResponse:
    """Its teachers and admins: rules of a class's own. `preview` saves nothing."""
    return _edit(request, get_object_or_404(Group, pk=class_id))


@require_safe
@allowed(is_teacher_or_admin)
def choose_class(request: PersonRequest) -> HttpResponse:
    """On to the rules of the class that was chosen."""
    try:
        chosen = UUID(request.GET.get("class", ""))
    except ValueError:
        messages.error(request, _("Choose a class first."))
        return redirect("attendance-rules")
    return redirect("attendance-rules-class", class_id=chosen)


@require_POST
@allowed(keeps_rules)
def drop_rules(request: PersonRequest, class_id: UUID) -> HttpResponse:
    """Its teachers and admins: let a class follow the school from now on. Safe to repeat."""
    group = get_object_or_404(Group, pk=class_id)
    policies.follow_school(group=group, now=timezone.now())
    messages.success(request, _("%(name)s follows the school's rules again.") % {"name": group.name})
    return redirect("attendance-rules")


def _edit(request: PersonRequest, group: Group | None) -> HttpResponse:
    now = timezone.now()
    present = rules_at(group.pk if group else None, now)
    form = AttendanceRulesForm(request.POST if request.method == "POST" else None, policy=present.policy)
    is_preview = "preview" in request.POST or request.htmx.target == "plan"
    if not is_preview and form.is_valid() and _saved(request, form, group):
        return redirect("attendance-rules")
    context = {
        "form": form,
        "rehearsal": _rehearsed(form, group) if is_preview and form.is_valid() else "",
        "group": group,
        "group_url": page_of_group(group) if group else "",
        "url": reverse("attendance-rules"),
        "defaults": rules_in_words(Policy()),
        "drop_url": reverse("attendance-rules-drop", args=[group.pk]) if group and present.source == "class" else "",
    }
    if request.htmx.target == "plan":
        return render(request, "attendance/edit_rules.html#plan", context)
    status = 400 if form.is_bound and not is_preview else 200
    return render(request, "attendance/edit_rules.html", context, status=status)


def _saved(request: PersonRequest, form: AttendanceRulesForm, group: Group | None) -> bool:
    """Set the rules and say what that does; what is wrong with them is said beside its field."""
    since, now = form.cleaned_data["since"], timezone.now()
    try:
        kept = policies.change_rules(group=group, changes=form.changes(), since=since, now=now)
    except DomainError as error:
        _refuse(form, error)
        return False
    again = policies.recalculation_of(kept)
    if again is None:
        messages.success(request, _("Saved. They hold from now on; past attendance stays as it is."))
    else:
        words = ngettext(
            "Saved. Attendance is calculated again for %(count)d session.",
            "Saved. Attendance is calculated again for %(count)d sessions.",
            again.total,
        )
        messages.success(request, words % {"count": again.total})
    return True


def _rehearsed(form: AttendanceRulesForm, group: Group | None) -> str:
    """Return what saving would do to the past, "" when it would be refused; why is said beside the field."""
    since, now = form.cleaned_data["since"], timezone.now()
    try:
        found = policies.rehearse_rules(group=group, policy=form.policy(), since=since, now=now)
    except DomainError as error:
        _refuse(form, error)
        return ""
    return rehearsal_in_words(found)


def _refuse(form: AttendanceRulesForm, error: DomainError) -> None:
    for detail in error.details:
        form.add_error(detail["field"], str(error))


def _rules(group: Group | None, policy: Policy, own: AttendancePolicy | None) -> Rules:
    is_recent = own is not None and own.set_at > timezone.now() - RECENT
    return Rules(
        group=group,
        sentences=rules_in_words(policy),
        recalculation=policies.recalculation_of(own) if own and is_recent else None,
    )
