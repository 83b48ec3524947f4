"""Who may do what with circles. Who may see them is `Halaka.objects.visible_to`."""

from uuid import UUID

from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import NotThere
from classbell.halakat.models import Halaka


def sees_halaka(user: User, halaka_id: UUID) -> bool:
    """Its members, its teacher, admins. Raises NotThere for everybody else."""
    if not Halaka.objects.visible_to(user).filter(pk=halaka_id).exists():
        raise NotThere(_("There is no such circle."))
    return True


def finds_halaka(user: User, halaka_id: UUID) -> bool:
    """As sees_halaka, and every student while it goes on. Raises NotThere for everybody else."""
    if not Halaka.objects.findable_by(user).filter(pk=halaka_id).exists():
        raise NotThere(_("There is no such circle."))
    return True


def teaches_halaka(user: User, halaka_id: UUID) -> bool:
    """Its teacher, and admins. Raises NotThere for whom it does not exist."""
    halaka = Halaka.objects.visible_to(user).filter(pk=halaka_id).first()
    if halaka is None:
        raise NotThere(_("There is no such circle."))
    return user.is_admin or halaka.teacher_id == user.pk
