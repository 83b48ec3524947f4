"""
One series of lessons: its page, and what people do about all of it. What is about one date is done on the lesson's page.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts.acting import guardian_of
from classbell.accounts.permissions import allowed
from classbell.bookings.errors import OverlapsOwnSessions
from classbell.bookings.models import Booking, BookingSeries
from classbell.bookings.permissions import takes_part_in_series, teaches_series
from classbell.bookings.series import services
from classbell.bookings.series.errors import NothingToCome
from classbell.bookings.series.moving import SeriesMove, reschedule_series
from classbell.bookings.series.queries import dates_in_order, find_series
from classbell.errors import DomainError
from classbell.meetings.services import sync_now
from classbell.rehearsal import rehearsal
from classbell.web.kit.labels import call_by_name
from classbell.web.kit.requests import PersonRequest
from classbell.web.tutoring.forms.bookings import ReasonForm
from classbell.web.tutoring.forms.series import PREVIEW, CancelSeriesForm, ConfirmSeriesForm, MoveSeriesForm
from classbell.web.tutoring.presenters.series import present_series
from classbell.web.tutoring.presenters.series_history import present_history
from classbell.zones import place_of

require_page_or_post = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@require_safe
@allowed(takes_part_in_series, for_wards=True)
def series(request: PersonRequest, series_id: UUID) -> HttpResponse:
    """Its student, its teacher, and admins."""
    return _page(request, find_series(series_id))


@require_POST
@allowed(teaches_series)
def confirm(request: PersonRequest, series_id: UUID) -> HttpResponse:
    """Its teacher and admins: say yes to the dates that are ticked, and no to the others."""
    found = find_series(series_id)
    form = ConfirmSeriesForm(request.POST, waiting=list(found.dates.all()))
    if not form.is_valid():
        said = [str(error) for errors in form.errors.values() for error in errors]
        return _page(request, found, refusal=" ".join(said), status=400)
    data = form.cleaned_data

    def do() -> BookingSeries:
        return services.confirm_series(
            series_id=series_id, only=data["date"], reason=data["reason"], by=request.user, now=timezone.now()
        )

    return _do(request, found, do, said=_("Confirmed. %(student)s is told."))


@require_page_or_post
@allowed(teaches_series)
def decline(request: PersonRequest, series_id: UUID) -> HttpResponse:
    """Its teacher and admins: say no to all that waits, and why."""
    found = find_series(series_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]

        def do() -> BookingSeries:
            return services.decline_series(series_id=series_id, by=request.user, reason=reason, now=timezone.now())

        return _do(request, found, do, said=_("Declined. %(student)s is told."))
    told = _("All times become free again. %(name)s is told once, and reads your reason.")
    return _ask(
        request,
        found,
        title=_("Decline these lessons?"),
        consequences=[told % {"name": call_by_name(found.student)}],
        form=form,
        button=_("Decline all"),
    )


@require_page_or_post
@allowed(takes_part_in_series, for_wards=True)
def cancel(request: PersonRequest, series_id: UUID) -> HttpResponse:
    """Its student, its teacher, and admins: cancel what is to come, from a date on."""
    found = find_series(series_id)
    coming = _coming(found)
    form = CancelSeriesForm(request.POST if request.method == "POST" else None, coming=coming)
    refusal = ""
    if form.is_valid():
        try:
            cancelled = services.cancel_series(
                series_id=series_id,
                by=request.user,
                since=_start_of(form.cleaned_data["since"], coming),
                reason=form.cleaned_data["reason"],
                guardian=guardian_of(request),
                now=timezone.now(),
            )
        except DomainError as error:
            refusal = str(error)
        else:
            return _done(request, cancelled, said=_("Cancelled. The times are free again."))
    return _ask(
        request,
        found,
        title=_("Cancel the lessons?"),
        consequences=[
            _("The times become free again. %(name)s is told once, and reads your reason.")
            % {"name": call_by_name(found.teacher if request.user.pk == found.student_id else found.student)}
        ],
        form=form if coming else None,
        button=_("Cancel the lessons"),
        refusal=refusal or ("" if coming else str(NothingToCome())),
    )


@never_cache
@require_page_or_post
@allowed(takes_part_in_series, for_wards=True)
def move(request: PersonRequest, series_id: UUID) -> HttpResponse:
    """Its student, its teacher, and admins: hold what is to come at another time; first the new dates are shown."""
    found, user = find_series(series_id), request.user
    coming = _coming(found)
    form = MoveSeriesForm(
        request.POST if request.method == "POST" else None,
        coming=coming,
        zone=user.zone,
        initial=_times_of(coming, user),
    )
    moved: SeriesMove | None = None
    if form.is_valid():
        is_preview = request.POST.get("step") == PREVIEW
        try:
            moved = _move(request, found, form, coming, is_preview=is_preview)
        except OverlapsOwnSessions as error:
            form.add_error("despite_overlap", str(error))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            if is_preview and not (moved.moved or moved.left_out):
                form.add_error(None, _("They are held at these times already. Choose another time."))
            elif not is_preview:
                return _done(request, moved.series, said=_("Moved. The link stays."))
    context = {
        "series": found,
        "shown": present_series(found, dates_in_order(found), user=user, now=timezone.now()),
        "form": form if coming else None,
        "moved": moved,
        "nothing": str(NothingToCome()),
        "place": place_of(user.zone),
    }
    return render(request, "bookings/series_move.html", context, status=400 if form.errors else 200)


def _move(
    request: PersonRequest, found: BookingSeries, form: MoveSeriesForm, coming: Sequence[Booking], *, is_preview: bool
) -> SeriesMove:
    """Move the rest; for a preview, do it and take it back."""
    starts_at, _ends_at = form.period
    with rehearsal() if is_preview else transaction.atomic():
        return reschedule_series(
            series_id=found.pk,
            by=request.user,
            starts_at=starts_at,
            duration_minutes=form.cleaned_data["minutes"],
            since=_start_of(form.cleaned_data["since"], coming),
            reason=form.cleaned_data["reason"],
            despite_overlap=form.cleaned_data["despite_overlap"],
            guardian=guardian_of(request),
            now=timezone.now(),
        )


def _coming(found: BookingSeries) -> list[Booking]:
    return list(found.dates.live().filter(starts_at__gt=timezone.now()).order_by("starts_at"))


def _start_of(chosen: UUID, coming: Sequence[Booking]) -> Any:
    return next(one.starts_at for one in coming if one.pk == chosen)


def _times_of(coming: Sequence[Booking], user: Any) -> dict[str, object]:
    if not coming:
        return {}
    local = timezone.localtime(coming[0].starts_at, user.zone)
    return {"day": local.date(), "time": local.time(), "minutes": coming[0].duration_minutes}


def _do(request: PersonRequest, found: BookingSeries, do: Callable[[], BookingSeries], *, said: str) -> HttpResponse:
    """Do it and say so; what a rule refuses is said on the page of the series."""
    try:
        changed = do()
    except DomainError as error:
        return _page(request, found, refusal=str(error), status=error.status)
    return _done(request, changed, said=said)


def _done(request: PersonRequest, changed: BookingSeries, *, said: str) -> HttpResponse:
    if changed.meeting_id is not None:
        sync_now(changed.meeting_id)
    messages.success(request, said % {"student": call_by_name(changed.student)})
    return redirect("booking-series", series_id=changed.pk)


def _page(request: PersonRequest, found: BookingSeries, *, refusal: str = "", status: int = 200) -> HttpResponse:
    user = request.user
    context = {
        "series": found,
        "shown": present_series(found, dates_in_order(found), user=user, now=timezone.now()),
        "answers": user.is_admin or user.pk == found.teacher_id,
        "refusal": refusal,
        "place": place_of(user.zone),
        "steps": present_history(found),
    }
    return render(request, "bookings/series.html", context, status=status)


def _ask(
    request: PersonRequest,
    found: BookingSeries,
    *,
    title: str,
    consequences: Sequence[str],
    form: ReasonForm | CancelSeriesForm | None,
    button: str,
    refusal: str = "",
) -> HttpResponse:
    context = {
        "series": found,
        "shown": present_series(found, dates_in_order(found), user=request.user, now=timezone.now()),
        "title": title,
        "consequences": consequences,
        "form": form,
        "button": button,
        "refusal": refusal,
    }
    is_wrong = bool(refusal) or (form is not None and bool(form.errors))
    return render(request, "bookings/series_ask.html", context, status=400 if is_wrong and request.POST else 200)
