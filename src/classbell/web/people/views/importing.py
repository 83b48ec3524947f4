"""Taking over a list of people: first what it comes to, then doing it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from classbell.accounts.people.importing import Invited, import_people
from classbell.accounts.people.planning import Action, Plan, Rules, make_plan
from classbell.accounts.permissions import allowed, is_admin
from classbell.errors import DomainError
from classbell.web.kit.requests import PersonRequest
from classbell.web.people.forms.importing import PeopleImportForm
from classbell.web.people.presenters import in_words


@never_cache
@require_http_methods(["GET", "POST"])
@allowed(is_admin)
def import_list(request: PersonRequest) -> HttpResponse:
    """Admins: what a list would come to, line by line; the second time, with `do`, it is done."""
    form = PeopleImportForm(
        request.POST or None, request.FILES or None, initial={"language": translation.get_language()}
    )
    if not form.is_bound or not form.is_valid():
        return render(request, "people/import.html", {"form": form}, status=400 if form.errors else 200)
    rules = Rules(by=request.user, deactivates_missing=form.roles_missing())
    refusal = ""
    if "do" in request.POST:
        try:
            done = _do(request, form, rules)
        except DomainError as error:
            refusal = str(error)
        else:
            return done
    shown = in_words(make_plan(form.rows, rules))
    # The text is kept, also when it came as a file: what is seen is what is done.
    kept = PeopleImportForm(initial=form.cleaned_data | {"file": None})
    context = {"form": kept, "shown": shown, "sheets": form.cleaned_data["sheets"], "refusal": refusal}
    return render(request, "people/import.html", context, status=400 if refusal else 200)


def _do(request: PersonRequest, form: PeopleImportForm, rules: Rules) -> HttpResponse:
    language = form.cleaned_data["language"]
    invited = Invited(locale=language, now=timezone.now()) if form.cleaned_data["invite"] else None
    confirm = request.POST.get("confirm", "") if "sure" in request.POST else ""
    plan = import_people(form.rows, rules, confirm=confirm, invited=invited)
    messages.success(request, _said(plan))
    wrong = [step for step in plan.steps if step.action is Action.ERROR]
    if not wrong:
        return redirect("people")
    # What was refused meanwhile is said line by line; the rest is done.
    context = {
        "form": PeopleImportForm(initial=form.cleaned_data | {"file": None}),
        "shown": in_words(plan),
        "is_done": True,
    }
    return render(request, "people/import.html", context)


def _said(plan: Plan) -> str:
    counts = plan.counts
    return _("%(new)s new, %(changed)s changed, %(back)s let in again, %(gone)s deactivated.") % {
        "new": counts[Action.CREATE],
        "changed": counts[Action.CHANGE],
        "back": counts[Action.REACTIVATE],
        "gone": counts[Action.DEACTIVATE] + len(plan.missing),
    }
