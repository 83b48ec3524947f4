"""Excused absence: telling one, those there are, deciding, and the school's rules for them."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts.acting import doer
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_admin, signed_in
from classbell.accounts.reader import reading_guardian
from classbell.bidi import isolated
from classbell.errors import DomainError, NotAllowed, NotThere
from classbell.excuses import services
from classbell.excuses.answers import document_response
from classbell.excuses.documents import read_document
from classbell.excuses.models import Excuse, ExcuseRules, ExcuseStatus
from classbell.excuses.permissions import (
    can_decide,
    can_withdraw,
    decides_excuse,
    find_excuse,
    may_act_for,
    sees_excuse,
    waiting_for,
    withdraws_excuse,
)
from classbell.excuses.queries import sessions_shown
from classbell.excuses.rules import change_rules, rules_in_force
from classbell.groups.models import Group
from classbell.meetings.models import Occurrence
from classbell.web.attendance.excuse_forms import ExcuseForm, ExcuseRulesForm
from classbell.web.attendance.labels import excuse_rules_in_words
from classbell.web.kit.requests import PersonRequest, typed_text
from classbell.zones import place_of

A_PAGE = 25
KINDS = {
    ExcuseStatus.PENDING: "wait",
    ExcuseStatus.ACCEPTED: "ok",
    ExcuseStatus.REFUSED: "bad",
    ExcuseStatus.WITHDRAWN: "off",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """An excuse with the shape and word of its state; `decides` is whether the reader may say yes or no to it."""

    excuse: Excuse
    kind: str
    word: str
    is_own: bool
    decides: bool = False


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
def excuses(request: PersonRequest) -> HttpResponse:
    """Everybody: their own absences; teachers and admins: those that wait for them, and all that they may see."""
    user = request.user
    seen = Excuse.objects.visible_to(user).select_related(
        "student", "document", "occurrence__meeting", "meeting", "group"
    )
    seen = seen.defer("document__content")
    answers = user.is_teacher or user.is_admin
    waiting = [_shown(one, user, decides=True) for one in waiting_for(user)] if answers else []
    page = Paginator(seen.order_by("-told_at", "-pk"), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "waiting": waiting,
        "answers": answers,
        "shown": [_shown(excuse, user) for excuse in page],
        "page": page,
        "place": place_of(user.zone),
    }
    return render(request, "excuses/list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(signed_in, for_wards=True)
def new(request: PersonRequest) -> HttpResponse:
    """Everybody: tell an absence of one's own; who teaches a student, and admins, one of theirs, named by `student`."""
    student = _student(request)
    occurrence = _occurrence(request, student)
    form = ExcuseForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        groups=Group.objects.active().filter(memberships__user=student),
        kinds=rules_in_force().kinds,
        occurrence=occurrence,
        zone=request.user.zone,
        today=timezone.localdate(timezone.now(), request.user.zone),
    )
    if form.is_valid():
        try:
            told = services.tell_excuse(
                student_id=student.pk,
                by=doer(request),
                absence=form.absence(),
                document=read_document(form.cleaned_data["document"]),
                now=timezone.now(),
            )
        except DomainError as error:
            form.refuse(error)
        else:
            _say_told(request, told)
            return redirect("excuse", excuse_id=told.pk)
    context = {
        "form": form,
        "student": student if student.pk != doer(request).pk else None,
        "occurrence": occurrence,
        "rules": excuse_rules_in_words(rules_in_force()),
        "place": place_of(request.user.zone),
    }
    return render(request, "excuses/new.html", context, status=400 if form.is_bound else 200)


@never_cache
@require_safe
@allowed(sees_excuse, for_wards=True)
def excuse(request: PersonRequest, excuse_id: UUID) -> HttpResponse:
    """Who may see it: one absence, its sessions, its document, and the answer; who decides gives one here."""
    found = find_excuse(request.user, excuse_id)
    decides = can_decide(request.user, found)
    shown = _shown(found, request.user, decides=decides and found.status == ExcuseStatus.PENDING)
    stands = found.status in (ExcuseStatus.PENDING, ExcuseStatus.ACCEPTED)
    context = {
        "shown": shown,
        "excuse": found,
        "sessions": sessions_shown(found, request.user),
        "withdraws": stands and (can_withdraw(request.user, found) or decides),
        "place": place_of(request.user.zone),
        "has_document": hasattr(found, "document"),
    }
    return render(request, "excuses/detail.html", context)


@require_POST
@allowed(decides_excuse)
def decide(request: PersonRequest, excuse_id: UUID) -> HttpResponse:
    """Who teaches all of its sessions, and admins: yes or no, with a word to the student."""
    accepted = request.POST.get("answer") == "yes"
    if not accepted and request.POST.get("answer") != "no":
        messages.error(request, _("Choose an answer."))
        return redirect("excuse", excuse_id=excuse_id)
    try:
        services.decide_excuse(
            excuse_id=excuse_id,
            accepted=accepted,
            note=typed_text(request, "note")[:2000],
            by=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        said = _("Accepted; the student is told.") if accepted else _("Not accepted; the student is told.")
        messages.success(request, said)
    return redirect("excuses" if request.POST.get("list") else reverse("excuse", args=[excuse_id]))


@require_POST
@allowed(withdraws_excuse, for_wards=True)
def withdraw(request: PersonRequest, excuse_id: UUID) -> HttpResponse:
    """The student, who told it, and who decides it: take it back."""
    try:
        services.withdraw_excuse(excuse_id=excuse_id, by=doer(request), now=timezone.now())
        messages.success(request, _("Withdrawn. Attendance counts as if it had not been told."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("excuse", excuse_id=excuse_id)


@never_cache
@require_safe
@allowed(sees_excuse, for_wards=True)
def document(request: PersonRequest, excuse_id: UUID) -> HttpResponse:
    """Who may see the excuse: its document, as a file to keep."""
    return document_response(excuse_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def rules(request: PersonRequest) -> HttpResponse:
    """Admins: when a rule accepts an excuse at once, and the kinds of reason."""
    form = ExcuseRulesForm(request.POST if request.method == "POST" else None, rules=rules_in_force())
    if form.is_valid():
        try:
            change_rules(form.changes())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. They hold for what is told from now on."))
            return redirect("attendance-rules")
    context = {
        "form": form,
        "url": reverse("attendance-rules"),
        "defaults": excuse_rules_in_words(ExcuseRules()),
    }
    return render(request, "excuses/rules.html", context, status=400 if form.is_bound else 200)


def _student(request: PersonRequest) -> User:
    """Return whose absence it is: the reader's, or that of `student`. Raises NotThere, NotAllowed."""
    named = request.GET.get("student", "")
    if not named:
        return request.user
    try:
        student = User.objects.filter(is_active=True, pk=UUID(named)).first()
    except ValueError as error:
        raise NotThere from error
    if student is None or not may_act_for(request.user, student.pk):
        raise NotAllowed
    return student


def _occurrence(request: PersonRequest, student: User) -> Occurrence | None:
    """Return the session named by `occurrence`, of those that the student sees. Raises NotThere."""
    named = request.GET.get("occurrence", "")
    if not named:
        return None
    try:
        found = Occurrence.objects.visible_to(student).select_related("meeting").filter(pk=UUID(named)).first()
    except ValueError as error:
        raise NotThere from error
    if found is None:
        raise NotThere
    return found


def _shown(excuse: Excuse, reader: User, *, decides: bool = False) -> Shown:
    status = ExcuseStatus(excuse.status)
    return Shown(
        excuse=excuse,
        kind=KINDS[status],
        word=str(status.label),
        is_own=excuse.student_id == reader.pk and reading_guardian() is None,
        decides=decides,
    )


def _say_told(request: PersonRequest, told: Excuse) -> None:
    if told.status == ExcuseStatus.ACCEPTED and told.student_id != doer(request).pk:
        name = isolated(told.student.name)
        messages.success(request, _("%(name)s is excused: the school's rules accept it.") % {"name": name})
    elif told.status == ExcuseStatus.ACCEPTED:
        messages.success(request, _("You are excused: the school's rules accept it."))
    else:
        messages.success(request, _("It is told. You hear here, and by mail, what is answered."))
