"""The school's rules for bookings, for admins: for all teachers, and for some their own."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_admin
from classbell.bookings import policies
from classbell.bookings.models import BookingPolicy
from classbell.bookings.queries import people_who_teach
from classbell.bookings.slots import TeacherNotFound
from classbell.web.kit.forms.teacher import ChosenTeacher, chosen_teacher
from classbell.web.kit.requests import PersonRequest
from classbell.web.tutoring.forms.policies import PolicyForm
from classbell.web.tutoring.labels import policy_in_words


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """A policy in words; `teacher` is None for the one for all."""

    teacher: User | None
    sentences: list[str]


@require_safe
@allowed(is_admin)
def policies_page(request: PersonRequest) -> HttpResponse:
    """Admins: every rule in a sentence, and what a new school has."""
    found = {policy.teacher_id: policy for policy in BookingPolicy.objects.select_related("teacher")}
    own = sorted(
        (p.teacher for p in found.values() if p.teacher is not None), key=lambda person: person.name.casefold()
    )
    others = people_who_teach().exclude(pk__in=[person.pk for person in own])
    context = {
        "for_all": Rules(teacher=None, sentences=policy_in_words(found.get(None, BookingPolicy()))),
        "is_default": None not in found,
        "own": [Rules(teacher=person, sentences=policy_in_words(found[person.pk])) for person in own],
        "others": ChosenTeacher(people=others, label=_("Give a teacher their own rules")),
    }
    return render(request, "policies/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def policy(request: PersonRequest, teacher_id: UUID | None = None) -> HttpResponse:
    """Admins: change the rules for all, or one teacher's own."""
    teacher = _teacher(teacher_id) if teacher_id is not None else None
    data = request.POST if request.method == "POST" else None
    form = PolicyForm(data, policy=policies.policy_of(teacher_id))
    if form.is_valid():
        policies.change_policy(teacher_id=teacher_id, changes=form.changes())
        messages.success(
            request,
            _("Saved. %(name)s has rules of their own now.") % {"name": teacher.name}
            if teacher
            else _("Saved. The new rules hold for all teachers without rules of their own."),
        )
        return redirect("policies")
    has_own = teacher is not None and BookingPolicy.objects.filter(teacher=teacher).exists()
    context = {
        "form": form,
        "teacher": teacher,
        "url": reverse("policies"),
        "defaults": policy_in_words(BookingPolicy()),
        "drop_url": reverse("policy-drop", args=[teacher_id]) if has_own else "",
    }
    return render(request, "policies/edit.html", context, status=400 if form.is_bound else 200)


@require_safe
@allowed(is_admin)
def new_policy(request: PersonRequest) -> HttpResponse:
    """Admins: on to the rules of the teacher who was chosen."""
    chosen = chosen_teacher(people_who_teach(), request.GET.get("teacher", ""))
    if chosen is None:
        messages.error(request, _("Choose a teacher first."))
        return redirect("policies")
    return redirect("policy", teacher_id=chosen.pk)


@require_POST
@allowed(is_admin)
def drop_policy(request: PersonRequest, teacher_id: UUID) -> HttpResponse:
    """Admins: back to the rules for all. Safe to repeat."""
    policies.drop_policy(teacher_id=teacher_id)
    messages.success(request, _("%(name)s follows the rules for all again.") % {"name": _teacher(teacher_id).name})
    return redirect("policies")


def _teacher(teacher_id: UUID) -> User:
    """Raises TeacherNotFound."""
    found = people_who_teach().filter(pk=teacher_id).first()
    if found is None:
        raise TeacherNotFound
    return found
