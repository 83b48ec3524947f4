"""What a teacher is paid, for admins: all rates, another one, one away."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed, is_admin
from classbell.earnings.models import Per, TeacherRate
from classbell.earnings.months import month_at
from classbell.earnings.permissions import teacher_to_pay
from classbell.earnings.services import remove_rate, set_rate
from classbell.web.earnings.forms import RateForm
from classbell.web.earnings.presenters import present_rates
from classbell.web.kit.requests import PersonRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def rates(request: PersonRequest, teacher_id: UUID) -> HttpResponse:
    """Admins: what a teacher is paid and was, and a form for another rate."""
    teacher, now = teacher_to_pay(teacher_id), timezone.now()
    found = list(TeacherRate.objects.filter(teacher=teacher).select_related("kind", "group"))
    latest = TeacherRate.objects.order_by("-set_at").first()
    form = RateForm(
        request.POST or None,
        initial={"in_force_from": month_at(now).first, "currency": latest.currency if latest else ""},
    )
    if form.is_valid():
        data = form.cleaned_data
        set_rate(
            teacher=teacher,
            in_force_from=data["in_force_from"],
            amount=data["smallest"],
            currency=data["currency"],
            per=Per(data["per"]),
            kind=data["kind"],
            group=data["group"],
            now=now,
        )
        messages.success(request, _("Saved. It holds from that day on."))
        return redirect("rates", teacher_id=teacher_id)
    context = {"teacher": teacher, "rates": present_rates(found), "form": form, "place": month_at(now).zone.key}
    return render(request, "earnings/rates.html", context, status=400 if form.errors else 200)


@require_POST
@allowed(is_admin)
def remove(request: PersonRequest, teacher_id: UUID, rate_id: UUID) -> HttpResponse:
    """Admins: take away a rate that should never have been."""
    remove_rate(teacher_id=teacher_id, rate_id=rate_id)
    messages.success(request, _("Removed. The rate before it holds in its place."))
    return redirect("rates", teacher_id=teacher_id)
