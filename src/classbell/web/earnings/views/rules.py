"""By which rules lost lessons and sessions nobody knows of are paid, for admins."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from classbell.accounts.permissions import allowed, is_admin
from classbell.earnings.models import PayRules
from classbell.earnings.services import change_rules, rules_in_force
from classbell.web.earnings.forms import PayRulesForm
from classbell.web.earnings.presenters import rules_in_words
from classbell.web.kit.requests import PersonRequest


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def pay_rules(request: PersonRequest) -> HttpResponse:
    """Admins: the school's rules for pay."""
    form = PayRulesForm(request.POST or None, rules=rules_in_force())
    if form.is_valid():
        change_rules(form.changes())
        messages.success(request, _("Saved. Statements of earlier months follow."))
        return redirect("hours-taught")
    context = {"form": form, "url": reverse("hours-taught"), "defaults": rules_in_words(PayRules())}
    return render(request, "earnings/rules.html", context, status=400 if form.is_bound else 200)
