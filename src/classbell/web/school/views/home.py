"""The first page after signing in: what this person has to know next."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from classbell.accounts.models import Role
from classbell.accounts.permissions import allowed, signed_in
from classbell.web.calendar.views.week import week
from classbell.web.children.views import children
from classbell.web.kit.requests import PersonRequest
from classbell.web.school.views.overview import overview


@require_safe
@allowed(signed_in, for_wards=True)
def home(request: PersonRequest) -> HttpResponse:
    """
    Everybody: admins whether the school's next day will work, who is nothing but a guardian their children, others their
    week.
    """
    match request.user.role:
        case Role.ADMIN:
            return overview(request)
        case Role.GUARDIAN:
            return children(request)
        case _:
            return week(request)
