"""Everybody's sessions of one day, for those who answer for all of them."""

from datetime import datetime, timedelta

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from classbell.accounts.permissions import allowed, is_admin
from classbell.bookings.lessons import WITH_LESSON
from classbell.hijri import to_hijri
from classbell.holidays.models import Holiday
from classbell.meetings.models import Occurrence
from classbell.web.kit.charts.weeks import asked_day, midnight
from classbell.web.kit.requests import PersonRequest
from classbell.web.meetings.presenters import present
from classbell.zones import place_of

SESSIONS_A_PAGE = 50
A_DAY = timedelta(days=1)


@require_safe
@allowed(is_admin)
def school_day(request: PersonRequest) -> HttpResponse:
    """Admins: the whole school's sessions of a day on their clock; day and page are in the address."""
    now, user = timezone.now(), request.user
    today = timezone.localtime(now, user.zone).date()
    shown = asked_day(request.GET.get("date", "")) or today
    rows = _sessions(midnight(shown, user.zone), midnight(shown + A_DAY, user.zone))
    page = Paginator(rows, SESSIONS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "shown": shown,
        "is_today": shown == today,
        "previous": shown - A_DAY,
        "following": shown + A_DAY,
        "page": page,
        "sessions": [present(row, user=user, now=now) for row in page],
        "holidays": Holiday.objects.touching(shown, shown).with_places(),
        "hijri": to_hijri(shown) if user.shows_hijri else None,
        "place": place_of(user.zone),
    }
    return render(request, "calendar/school.html", context)


def _sessions(start: datetime, end: datetime) -> QuerySet[Occurrence]:
    return (
        Occurrence.objects.between(start, end)
        .select_related("meeting__teacher", "meeting__group", "substitute", *WITH_LESSON)
        .order_by("starts_at", "pk")
    )
