"""Making a course, changing it, who is in it, and ending it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.bookings.queries import people_who_teach
from classbell.courses import services
from classbell.courses.permissions import teaches_course
from classbell.errors import DomainError
from classbell.meetings.models import Occurrence
from classbell.meetings.queries import if_called_off
from classbell.web.groups.forms.courses import CourseForm
from classbell.web.groups.views.courses.browse import get_course
from classbell.web.groups.views.group_people import add_people_to, put_back_in_group, take_out_of
from classbell.web.kit.requests import PersonRequest

WORDS = ("title", "description", "timezone", "start_date", "end_date")


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
    return render(request, "courses/edit.html", {"form": form}, status=400 if form.is_bound else 200)


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
    return render(request, "courses/edit.html", {"form": form, "course": course}, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_course)
def end_course(request: PersonRequest, course_id: UUID) -> HttpResponse:
    """Its teacher and admins: end the course after reading what that does."""
    now = timezone.now()
    course = get_course(course_id)
    if request.method == "POST":
        services.end_course(course_id=course_id, now=now)
        messages.success(request, _("%(name)s has ended. Its records stay.") % {"name": course.title})
        return redirect("courses")
    sessions = Occurrence.objects.filter(meeting__session__course=course, meeting__wanted=True)
    called_off = if_called_off(sessions, now=now)
    context = {"name": course.title, "url": reverse("course", args=[course_id]), "called_off": called_off}
    return render(request, "courses/end.html", context)


@require_POST
@allowed(teaches_course)
def reopen_course(request: PersonRequest, course_id: UUID) -> HttpResponse:
    """Its teacher and admins: teach an ended course again. Safe to repeat."""
    course = services.reopen_course(course_id=course_id)
    messages.success(
        request,
        _("%(name)s is taught again. Meetings that were called off stay so; plan new ones.") % {"name": course.title},
    )
    return redirect("course", course_id=course_id)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_course)
def add_people(request: PersonRequest, course_id: UUID) -> HttpResponse:
    """Its teacher and admins: put the people of a list into the course; first it says what that would do."""
    return add_people_to(request, get_course(course_id).group, url=reverse("course", args=[course_id]))


@require_POST
@allowed(teaches_course)
def remove_person(request: PersonRequest, course_id: UUID, student_id: UUID) -> HttpResponse:
    """Its teacher and admins: take somebody out; what they attended stays recorded. Safe to repeat."""
    take_out_of(
        request,
        group_id=get_course(course_id).group_id,
        student_id=student_id,
        said=_("%(name)s is no longer in the course. What they attended stays."),
        undo_path=reverse("course-person-return", args=[course_id, student_id]),
    )
    return redirect("course", course_id=course_id)


@require_POST
@allowed(teaches_course)
def return_person(request: PersonRequest, course_id: UUID, student_id: UUID) -> HttpResponse:
    """Its teacher and admins: put somebody back who has just been taken out, as of when they joined. Safe to repeat."""
    put_back_in_group(request, group_id=get_course(course_id).group_id, student_id=student_id)
    return redirect("course", course_id=course_id)
