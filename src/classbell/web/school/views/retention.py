"""How long what is kept, and what the nightly job forgot."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classbell.accounts.permissions import allowed, is_admin
from classbell.privacy.classification import Kept
from classbell.privacy.models import RetentionRun
from classbell.privacy.retention import batches_by_kind, latest
from classbell.web.kit.requests import PersonRequest
from classbell.web.school.labels import LEFT_AFTER


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One kind of what is forgotten; `run` None: the job has not run yet."""

    words: str
    kept: str
    variable: str
    run: RetentionRun | None


@never_cache
@require_safe
@allowed(is_admin)
def retention(request: PersonRequest) -> HttpResponse:
    """Admins: how long what stays, and what went last night."""
    runs = latest()
    lines = [_line(kind, runs.get(kind.name.lower())) for kind in batches_by_kind()]
    return render(request, "retention/page.html", {"lines": lines})


def _line(kind: Kept, run: RetentionRun | None) -> Line:
    return Line(words=str(LEFT_AFTER[kind]), kept=kind.said, variable=kind.variable, run=run)
