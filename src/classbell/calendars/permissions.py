"""Who may do what with calendars: everybody their own, and nobody anybody else's."""

from uuid import UUID

from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.calendars.models import ExternalCalendar
from classbell.errors import NotThere


def owns_calendar(user: User, calendar_id: UUID) -> bool:
    """Its owner. Raises NotThere for everybody else, admins too: they see on a page of theirs which calendars fail."""
    if not ExternalCalendar.objects.present().filter(pk=calendar_id, teacher=user).exists():
        raise NotThere(_("There is no such calendar (any more)."))
    return True
