"""Making a course and changing it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.bookings.queries import people_who_teach
from classbell.courses import services
from classbell.courses.permissions import teaches_course
from classbell.errors import DomainError
from classbell.web.groups.forms.courses import CourseForm
from classbell.web.groups.kinds import COURSE
from classbell.web.groups.views.courses.browse import get_course
from classbell.web.kit.requests import PersonRequest

WORDS = ("title", "description", "timezone", "capacity", "start_date", "end_date")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_teacher_or_admin)
def new_course(request: PersonRequest) -> HttpResponse:
    """Teachers: a course of their own. Admins: for any teacher."""
    user = request.user
    data = request.POST if request.method == "POST" else None
    form = CourseForm(data, timezone=user.timezone, teachers=people_who_teach() if user.is_admin else None)
    if form.is_valid():
        made = services.create_course(
            teacher=form.cleaned_data.get("teacher") or user, **{name: form.cleaned_data[name] for name in WORDS}
        )
        messages.success(request, _("%(name)s is there. Now plan its sessions.") % {"name": made.title})
        return redirect("course-plan", course_id=made.pk)
    context = {"form": form, "url": reverse("courses")}
    return render(request, "courses/edit.html", context, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_course)
def edit_course(request: PersonRequest, course_id: UUID) -> HttpResponse:
    """Its teacher and admins: its words, dates and clock; admins also who teaches it from now on."""
    user, course = request.user, get_course(course_id)
    data = request.POST if request.method == "POST" else None
    candidates = people_who_teach() if user.is_admin else None
    form = CourseForm(data, timezone=course.group.timezone, kept=course, teachers=candidates)
    if form.is_valid():
        try:
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            services.change_course(
                course_id=course_id, teacher=changes.pop("teacher", None), changes=changes, now=timezone.now()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved.") if form.has_changed() else _("Nothing was changed."))
            return redirect("course", course_id=course_id)
    context = {"form": form, "group": course.group, "name": course.title, "url": COURSE.url(course_id)}
    return render(request, "courses/edit.html", context, status=400 if form.is_bound else 200)
