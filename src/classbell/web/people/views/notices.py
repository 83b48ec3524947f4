"""What somebody was told, and how much of it is new."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classbell.accounts.permissions import allowed, signed_in
from classbell.notices.models import Notice
from classbell.notices.services import mark_read
from classbell.web.kit.requests import PersonRequest

NOTICES_A_PAGE = 30


@never_cache
@require_safe
@allowed(signed_in)
def notices(request: PersonRequest) -> HttpResponse:
    """Everybody: their own, the latest first. Looking at them makes them read; new ones are marked this once."""
    shown = Notice.objects.filter(user=request.user, on_page=True).order_by("-created_at", "-pk")
    page = Paginator(shown, NOTICES_A_PAGE).get_page(request.GET.get("page"))
    response = render(request, "notices/page.html", {"page": page})
    mark_read([notice.pk for notice in page if notice.read_at is None], now=timezone.now())
    return response


@never_cache
@require_safe
@allowed(signed_in)
def unread(request: PersonRequest) -> HttpResponse:
    """Everybody: how many are new, for the top of every page, which asks for it once it is there."""
    count = Notice.objects.filter(user=request.user, on_page=True, read_at=None).count()
    return render(request, "notices/unread.html", {"count": count})
