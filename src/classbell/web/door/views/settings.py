"""What the school and its teachers show to everybody, as they set it."""

from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_admin
from classbell.bookings.hours import settings_of
from classbell.bookings.permissions import may_be_booked
from classbell.door import queries, services, values
from classbell.door.errors import AddressTaken
from classbell.door.models import PublicTeacher
from classbell.web.door.forms.pages import SchoolPageForm, TeacherPageForm
from classbell.web.door.views.pages import EMBED_VERSION
from classbell.web.kit.requests import PersonRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def school_page(request: PersonRequest) -> HttpResponse:
    """Admins: whether the school is open to everybody, and what its page says."""
    kept = queries.school()
    form = SchoolPageForm(request.POST or None, page=kept)
    if request.method == "POST" and form.is_valid():
        services.change_school(form.changes())
        messages.success(request, _("The school’s public page is saved."))
        return redirect("public-page-school")
    pages = PublicTeacher.objects.select_related("teacher").order_by("teacher__last_name", "teacher__first_name", "pk")
    context = {"form": form, "school": kept, "pages": pages, "snippets": _snippets()}
    return render(request, "door/school_settings.html", context, status=400 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(may_be_booked)
def teacher_page(request: PersonRequest) -> HttpResponse:
    """Teachers: whether everybody sees a page of theirs, and what it says."""
    kept = queries.page_of(request.user.pk)
    form = TeacherPageForm(request.POST or None, page=kept or _proposed(request.user))
    if request.method == "POST" and form.is_valid() and _save(request.user, form, is_new=kept is None):
        messages.success(request, _("Your public page is saved."))
        return redirect("public-page")
    context = {
        "form": form,
        "page": kept,
        "school": queries.school(),
        "subjects": settings_of(request.user.pk).subjects,
    }
    return render(request, "door/teacher_settings.html", context, status=400 if form.errors else 200)


@require_POST
@allowed(is_admin)
def take_down(request: PersonRequest, teacher_id: UUID) -> HttpResponse:
    """Admins: take a teacher's page down, or let it be shown again. Safe to repeat."""
    page = services.take_down(teacher_id, is_taken_down="again" not in request.POST)
    said = _("%(name)s’s page is taken down.") if page.is_taken_down else _("%(name)s’s page may be shown again.")
    messages.success(request, said % {"name": page.teacher.name})
    return redirect("public-page-school")


def _snippets() -> list[str]:
    """Return what is put into a page of another site: the picker in the page, or behind a link."""
    url = settings.ENVIRONMENT.public_url
    kinds = queries.shown_kinds()
    path = reverse("open-kind", args=[kinds[0][0].address]) if kinds else reverse("open-school")
    script = f'<script src="{urljoin(url, reverse("embed-script"))}?v={EMBED_VERSION}" async></script>'
    return [
        f'{script}\n<div data-classbell="{path}"></div>',
        f'{script}\n<a href="{urljoin(url, path)}" data-classbell-popup>{_("Book a lesson")}</a>',
    ]


def _proposed(teacher: User) -> PublicTeacher:
    return PublicTeacher(teacher=teacher, address=values.proposed_address(teacher.name))


def _save(teacher: User, form: TeacherPageForm, *, is_new: bool) -> bool:
    """Save what was typed; return False, with its sentence beside the field, where another has the address."""
    try:
        services.change_teacher_page(teacher, form.cleaned_data if is_new else form.changes())
    except AddressTaken as error:
        form.add_error("address", str(error))
        return False
    return True
