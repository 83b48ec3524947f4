"""A lesson that students share, for its teacher and admins: who has a seat, moving it and cancelling it for all."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from classbell.accounts.permissions import allowed
from classbell.bookings import group_lessons
from classbell.bookings.group_lessons import get_group_lesson
from classbell.bookings.models import GroupLesson
from classbell.bookings.permissions import teaches_group_lesson
from classbell.bookings.seats import SEATED
from classbell.errors import DomainError
from classbell.meetings.services import sync_now
from classbell.moments import moment_in_words
from classbell.web.kit.requests import PersonRequest
from classbell.web.tutoring.forms.bookings import MoveAnywhereForm, ReasonForm
from classbell.zones import place_of


@never_cache
@require_safe
@allowed(teaches_group_lesson)
def group_lesson(request: PersonRequest, lesson_id: UUID) -> HttpResponse:
    """Its teacher and admins: who has a seat."""
    lesson = get_group_lesson(lesson_id)
    seats = [one for one in lesson.bookings.all() if one.status in SEATED]
    context = {
        "lesson": lesson,
        "seats": seats,
        "left": max(lesson.kind.seats - len(seats), 0),
        "is_ahead": lesson.cancelled_at is None and lesson.starts_at > timezone.now(),
        "place": place_of(request.user.zone),
    }
    return render(request, "group_lessons/detail.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_group_lesson)
def move_group_lesson(request: PersonRequest, lesson_id: UUID) -> HttpResponse:
    """Its teacher and admins: hold it at another time, for all who have a seat."""
    lesson = get_group_lesson(lesson_id)
    local = timezone.localtime(lesson.starts_at, request.user.zone)
    initial = {"day": local.date(), "time": local.time(), "minutes": lesson.duration_minutes}
    form = MoveAnywhereForm(request.POST if request.method == "POST" else None, initial=initial, zone=request.user.zone)
    if form.is_valid():
        starts_at, ends_at = form.period
        try:
            moved = group_lessons.reschedule_group_lesson(
                lesson_id=lesson_id,
                by=request.user,
                starts_at=starts_at,
                ends_at=ends_at,
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            _sync(moved)
            messages.success(request, _("Moved to %(when)s.") % {"when": moment_in_words(starts_at)})
            return redirect("group-lesson", lesson_id=lesson_id)
    context = {"lesson": lesson, "form": form, "title": _("Move it for all"), "button": _("Move the lesson")}
    return _ask(request, context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_group_lesson)
def cancel_group_lesson(request: PersonRequest, lesson_id: UUID) -> HttpResponse:
    """Its teacher and admins: cancel it for all who have a seat, after it was asked."""
    lesson = get_group_lesson(lesson_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            cancelled = group_lessons.cancel_group_lesson(
                lesson_id=lesson_id, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            _sync(cancelled)
            messages.success(request, _("Cancelled. The time is free again."))
            return redirect("group-lesson", lesson_id=lesson_id)
    context = {
        "lesson": lesson,
        "form": form,
        "title": _("Cancel it for all?"),
        "button": _("Cancel the lesson"),
        "is_danger": True,
    }
    return _ask(request, context)


def _ask(request: PersonRequest, context: dict[str, object]) -> HttpResponse:
    lesson = context["lesson"]
    assert isinstance(lesson, GroupLesson)  # noqa: S101 -- put there above
    form = context["form"]
    assert isinstance(form, ReasonForm | MoveAnywhereForm)  # noqa: S101 -- put there above
    context |= {"url": reverse("group-lesson", args=[lesson.pk]), "place": place_of(request.user.zone)}
    return render(request, "group_lessons/ask.html", context, status=400 if form.is_bound else 200)


def _sync(lesson: GroupLesson) -> None:
    if lesson.meeting is not None:
        sync_now(lesson.meeting.pk)
