"""The first page after signing in: what this person has to know next."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from classbell.accounts.permissions import allowed, signed_in
from classbell.web.calendar.views.week import week
from classbell.web.kit.requests import PersonRequest
from classbell.web.school.views.overview import overview


@require_safe
@allowed(signed_in)
def home(request: PersonRequest) -> HttpResponse:
    """Everybody: admins whether the school's next day will work, others their week."""
    return overview(request) if request.user.is_admin else week(request)
