"""The people of the school, and one of them."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts import services
from classbell.accounts.guardians.queries import guardianships_of, wards_of
from classbell.accounts.models import Role, User
from classbell.accounts.password_links import link_to_hand_on
from classbell.accounts.permissions import allowed, is_admin, is_teacher_or_admin
from classbell.accounts.sso.policy import needs_provider
from classbell.bookings.lessons import WITH_LESSON
from classbell.errors import DomainError
from classbell.groups.models import Group, Membership
from classbell.groups.people import looked_after_by, looks_after, named, people_known_to
from classbell.meetings.models import Attendance, OccurrenceOutcome
from classbell.meetings.queries import own_occurrences
from classbell.meetings.reports.over_time import by_student, reported_occurrences
from classbell.searching import looked_for
from classbell.web.attendance.presenters.attendance import lines_of
from classbell.web.kit.pages import page_of_group
from classbell.web.kit.requests import PersonRequest
from classbell.web.meetings.presenters import present
from classbell.web.people.forms.guardian import PREFIX, GuardianForm
from classbell.web.people.forms.person import PersonForm

PEOPLE_A_PAGE = 50
COMING_SHOWN = 5
RECORDS_SHOWN = 10


@never_cache
@require_safe
@allowed(is_teacher_or_admin)
def people(request: PersonRequest) -> HttpResponse:
    """Admins everybody, teachers whom they teach with and whom they teach; search and role are in the address."""
    q = looked_for(request.GET.get("q", ""))
    role = request.GET.get("role", "")
    locked_out = request.user.is_admin and request.GET.get("show") == "locked-out"
    found: QuerySet[User] = named(people_known_to(request.user), q).filter(is_active=not locked_out)
    if role in Role.values:
        found = found & User.objects.of_role(role)
    memberships = Membership.objects.filter(user=OuterRef("pk")).order_by().values("user")
    counted = Subquery(memberships.annotate(number=Count("pk")).values("number"))
    rows = found.annotate(class_count=Coalesce(counted, 0)).order_by("last_name", "first_name", "email")
    page = Paginator(rows, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "looked_after": _looked_after(request.user, page),
        "q": q,
        "role": role,
        "roles": Role.choices,
        "locked_out": locked_out,
    }
    return render(request, "people/list.html", context)


def _looked_after(user: User, people: Iterable[User]) -> set[UUID]:
    """Return whose page a teacher may open; admins open all."""
    if user.is_admin:
        return set()
    return {one.pk for one in looked_after_by(user).filter(pk__in=[person.pk for person in people])}


@never_cache
@require_safe
@allowed(looks_after)
def person(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """Admins anybody, teachers their students: where they are, what comes next for them, how they attended."""
    return render_person(request, get_object_or_404(User, pk=person_id))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def change(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """Admins: what the school keeps of a person."""
    if request.method != "POST":  # the address of a refusal, read again
        return redirect("person", person_id=person_id)
    found = get_object_or_404(User, pk=person_id)
    form = PersonForm(request.POST, person=found)
    if form.is_valid():
        try:
            services.change_person(user_id=found.pk, changes=form.changes())
        except DomainError as error:
            field = {"email_taken": "email", "email_unusable": "email", "external_id_taken": "external_id"}
            form.add_error(field.get(error.code, "role"), str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("person", person_id=person_id)
    return render_person(request, found, form=form, status=400)


@require_POST
@allowed(is_admin)
def lock_out(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """Admins: end somebody's access; what is recorded of them stays."""
    get_object_or_404(User, pk=person_id)
    try:
        found = services.deactivate_person(user_id=person_id, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s can no longer sign in.") % {"name": found.name})
    return redirect("person", person_id=person_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def password_link(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """Admins: a link with which somebody chooses a password, to be handed on; it is shown once and kept nowhere."""
    if request.method != "POST":  # the address of a link that is shown once, read again
        return redirect("person", person_id=person_id)
    found = get_object_or_404(User, pk=person_id)
    if not found.is_active:
        messages.error(request, _("%(name)s is deactivated; let them in again first.") % {"name": found.name})
        return redirect("person", person_id=person_id)
    if not found.has_address:
        messages.error(request, _("%(name)s comes in by a card; make a new one.") % {"name": found.name})
        return redirect("person", person_id=person_id)
    if needs_provider(found):
        messages.error(
            request, _("%(name)s signs in with their school account, not with a password.") % {"name": found.name}
        )
        return redirect("person", person_id=person_id)
    link = link_to_hand_on(found, by=request.user)
    return render_person(request, found, link=link)


@require_POST
@allowed(is_admin)
def let_in(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """Admins: give somebody their access back."""
    try:
        found = services.let_back_in(user_id=person_id)
    except services.PersonErased as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s can sign in again.") % {"name": found.name})
    return redirect("person", person_id=person_id)


def render_person(
    request: PersonRequest,
    found: User,
    *,
    form: PersonForm | None = None,
    guardian_form: GuardianForm | None = None,
    link: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return the page of one person, with a form as it was refused."""
    now, user = timezone.now(), request.user
    coming = (
        own_occurrences(found)
        .taking_place()
        .not_over(now)
        .select_related("meeting__teacher", "meeting__group", "substitute", *WITH_LESSON)
        .order_by("starts_at", "pk")
    )
    occurrences = reported_occurrences(user)
    figures = [row for row in by_student(occurrences.filter(attendances__user=found)) if row.subject_id == found.pk]
    rows = Attendance.objects.filter(user=found, occurrence__in=occurrences)
    rows = rows.select_related("occurrence__meeting", "overridden_by", "answered_by", "user")
    records = list(rows.order_by("-occurrence__starts_at")[:RECORDS_SHOWN])
    outcomes = OccurrenceOutcome.objects.in_bulk({record.occurrence_id for record in records})
    context = {
        "person": found,
        "may_book_for": found.is_student and found.is_active and found.pk != user.pk,
        "groups": [(group, page_of_group(group)) for group in _shared_groups(found, user)],
        # Where a person has to be is the school's to know; a teacher knows only their own part of it.
        "coming": [present(row, user=user, now=now) for row in coming[:COMING_SHOWN]] if user.is_admin else [],
        "figures": figures[0] if figures else None,
        "percent": round(100 * figures[0].rate) if figures and figures[0].rate is not None else None,
        "lines": lines_of(records, outcomes),
        "local_time": timezone.localtime(now, found.zone),
        "link": link,
        "form": form or (PersonForm(person=found) if user.is_admin else None),
        **_guardians(found, user, form=guardian_form),
    }
    return render(request, "people/person.html", context, status=status)


def _shared_groups(found: User, user: User) -> Iterable[Group]:
    """Return a person's groups, as far as somebody sees them."""
    theirs = Group.objects.active().filter(pk__in=Group.objects.visible_to(found))
    return theirs.visible_to(user).select_related("course", "halaka")


def _guardians(found: User, user: User, *, form: GuardianForm | None) -> dict[str, object]:
    """Return a student's guardians with the form for another, for admins; and of whom somebody is a guardian."""
    if found.role != Role.STUDENT:
        return {"wards": wards_of(found) if user.is_admin else ()}
    adds = user.is_admin and found.is_active
    return {
        "is_guarded": True,
        "guardianships": guardianships_of(found.pk),
        "guardian_form": (form or GuardianForm(prefix=PREFIX)) if adds else None,
        "wards": wards_of(found) if user.is_admin else (),
    }
