"""Bringing a whole term in: two files, what they would do, and then it is done."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from classbell.accounts.permissions import allowed, is_admin
from classbell.courses.models import TermDraft, TermImport
from classbell.courses.timetable.drafts import Foreseen, carry_out, draft_term
from classbell.courses.timetable.files import TimetableUnreadable
from classbell.courses.timetable.services import ImportSummary
from classbell.errors import NotThere
from classbell.web.groups.forms.term import TermForm
from classbell.web.kit.forms.dates import runs_of
from classbell.web.kit.requests import PersonRequest
from classbell.zones import place_of


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def new_term(request: PersonRequest) -> HttpResponse:
    """Admins: hand a timetable in. Nothing is changed by it."""
    user, now = request.user, timezone.now()
    today = timezone.localtime(now, user.zone).date()
    handed_in = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    latest = TermImport.objects.first()
    form = TermForm(*handed_in, timezone=user.timezone, today=today, latest=latest)
    if form.is_valid():
        try:
            draft = draft_term(**form.cleaned_data, by=user, now=now)
        except TimetableUnreadable as error:
            form.add_error(
                None, " ".join([str(error), *(f"{name}: {said}" for name, said in form.cleaned_data["sheets"])])
            )
        else:
            return redirect("term", draft_id=draft.pk)
    return render(request, "term/new.html", {"form": form, "latest": latest}, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def term(request: PersonRequest, draft_id: UUID) -> HttpResponse:
    """Admins: what a term they handed in would do, and doing it."""
    draft = TermDraft.objects.filter(pk=draft_id, made_by=request.user).first()
    if draft is None:
        raise NotThere
    if request.method == "POST":
        done = carry_out(draft, now=timezone.now())
        messages.success(request, _said_of(done))
        return redirect(f"{reverse('home')}?day={draft.starts_on.isoformat()}")
    foreseen, zone = Foreseen.of(draft), ZoneInfo(draft.timezone)
    context = {
        "draft": draft,
        "foreseen": foreseen,
        "ends_on": draft.starts_on + timedelta(weeks=draft.weeks, days=-1),
        "place": place_of(zone),
        "peak": _on_the_wall(foreseen.peak_starts_at, zone) if foreseen.peak_starts_at else None,
        "missing_licences": max(0, foreseen.licences_needed - foreseen.licences_usable),
        "clashes": [(left.what, datetime.fromisoformat(left.starts_at), left.reason) for left in foreseen.clashes],
        "clashes_left_out": foreseen.clash_count - len(foreseen.clashes),
        "sheets": [f"{left.what}: {left.reason}" for left in foreseen.sheets],
        "holidays": [(one, _in_words(_days_of(one.first_day, one.last_day))[0]) for one in foreseen.holidays],
        "days_added": _in_words(foreseen.days_added),
        "days_dropped": _in_words(foreseen.days_dropped),
        "crowded_left_out": foreseen.crowded_count - len(foreseen.crowded),
        "mistakes_left_out": foreseen.mistake_count - len(foreseen.mistakes),
    }
    return render(request, "term/page.html", context)


def _said_of(done: ImportSummary) -> str:
    """Say how many classes there are now, and how much of the files is not among them."""
    classes = len(done.created) + len(done.changed) + len(done.unchanged)
    said = ngettext(
        "The term is imported: %(count)s class. Its Zoom meetings follow.",
        "The term is imported: %(count)s classes. Their Zoom meetings follow.",
        classes,
    ) % {"count": classes}
    if crowded := len(done.crowded):
        text = ngettext(
            "%(count)s class has more students than places; all of them are in it.",
            "%(count)s classes have more students than places; all of them are in it.",
            crowded,
        )
        said = f"{said} {text % {'count': crowded}}"
    left = len(done.clashes) + len(done.mistakes)
    if not left:
        return said
    text = ngettext(
        "%(count)s section or line stayed out, as was shown before.",
        "%(count)s sections and lines stayed out, as was shown before.",
        left,
    )
    return f"{said} {text % {'count': left}}"


def _in_words(days: Sequence[str]) -> list[str]:
    """Return days in ISO 8601 as people write them, those that follow each other from the first to the last."""
    runs = runs_of(date.fromisoformat(day) for day in days)
    return [" – ".join(date_format(day, "j F") for day in sorted(set(run))) for run in runs]


def _days_of(first: str, last: str) -> list[str]:
    start = date.fromisoformat(first)
    return [
        (start + timedelta(days=number)).isoformat() for number in range((date.fromisoformat(last) - start).days + 1)
    ]


def _on_the_wall(moment: str, zone: ZoneInfo) -> datetime:
    """Return a moment in ISO 8601 as a clock of the timetable shows it, naive, so that pages show it as it is."""
    return datetime.fromisoformat(moment).astimezone(zone).replace(tzinfo=None)
