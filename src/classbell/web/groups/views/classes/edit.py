"""Making a class, changing it, and who teaches it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed, is_admin, is_teacher_or_admin
from classbell.bookings.queries import people_who_teach
from classbell.errors import DomainError
from classbell.groups import services
from classbell.groups.models import GroupKind
from classbell.groups.permissions import teaches_class
from classbell.web.groups.forms.classes import ClassForm
from classbell.web.groups.kinds import CLASS
from classbell.web.groups.views.classes.browse import get_class
from classbell.web.kit.forms.teacher import ChosenTeacher, chosen_teacher
from classbell.web.kit.requests import PersonRequest


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_teacher_or_admin)
def new_class(request: PersonRequest) -> HttpResponse:
    """Teachers: a class of their own. Admins: for any teacher, or for nobody yet."""
    user = request.user
    data = request.POST if request.method == "POST" else None
    form = ClassForm(data, timezone=user.timezone, teachers=people_who_teach() if user.is_admin else None)
    if form.is_valid():
        chosen = form.cleaned_data.get("teacher") if user.is_admin else user
        group = services.create_group(
            kind=GroupKind.CLASS,
            name=form.cleaned_data["name"],
            description=form.cleaned_data["description"],
            timezone=form.cleaned_data["timezone"],
            capacity=form.cleaned_data["capacity"],
            teachers=[chosen] if chosen else [],
        )
        messages.success(request, _("%(name)s is there. Now say who is in it.") % {"name": group.name})
        return redirect("class", class_id=group.pk)
    context = {"form": form, "url": reverse("classes")}
    return render(request, "classes/edit.html", context, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_class)
def edit_class(request: PersonRequest, class_id: UUID) -> HttpResponse:
    """Its teachers and admins: its name, description and clock. Its meetings keep their titles and times."""
    group = get_class(class_id)
    form = ClassForm(request.POST if request.method == "POST" else None, kept=group)
    if form.is_valid():
        services.change_group(group_id=class_id, **{name: form.cleaned_data[name] for name in form.changed_data})
        messages.success(request, _("Saved.") if form.has_changed() else _("Nothing was changed."))
        return redirect("class", class_id=class_id)
    context = {"form": form, "group": group, "name": group.name, "url": CLASS.url(class_id)}
    if request.user.is_admin:
        others = people_who_teach().exclude(pk__in=group.teachers.order_by().values("pk"))
        context["one_more"] = ChosenTeacher(people=others, label=_("One more teacher"))
    return render(request, "classes/edit.html", context, status=400 if form.is_bound else 200)


@require_POST
@allowed(is_admin)
def add_teacher(request: PersonRequest, class_id: UUID) -> HttpResponse:
    """Admins: let one more person teach the class. Safe to repeat."""
    person = chosen_teacher(people_who_teach(), request.POST.get("teacher", ""))
    if person is None:
        messages.error(request, _("Choose a teacher first."))
        return redirect("class-edit", class_id=class_id)
    try:
        services.add_teacher(group_id=class_id, teacher=person)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved."))
    return redirect("class-edit", class_id=class_id)


@require_POST
@allowed(is_admin)
def remove_teacher(request: PersonRequest, class_id: UUID, teacher_id: UUID) -> HttpResponse:
    """Admins: let somebody teach the class no longer; the meetings they hold stay theirs. Safe to repeat."""
    services.remove_teacher(group_id=class_id, teacher_id=teacher_id)
    messages.success(request, _("Saved."))
    return redirect("class-edit", class_id=class_id)
