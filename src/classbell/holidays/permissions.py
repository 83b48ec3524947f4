"""Who may do what with holidays."""

from uuid import UUID

from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import NotThere
from classbell.holidays.models import Holiday


def keeps_holiday(user: User, holiday_id: UUID) -> bool:
    """Admins; teachers their own and their groups'. Raises NotThere for a holiday that the person cannot see."""
    rows = Holiday.objects.filter(pk=holiday_id)
    if not rows.visible_to(user).exists():
        raise NotThere(_("There is no such holiday (any more)."))
    return (user.is_admin or user.is_teacher) and rows.kept_by(user).exists()
