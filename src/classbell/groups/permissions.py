"""Who may do what with groups."""

from uuid import UUID

from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import NotThere
from classbell.groups.models import Group, GroupKind, GroupQuerySet


def teaches_group(user: User, group_id: UUID) -> bool:
    """Its teachers, and admins. Raises NotThere for a group that the person cannot see."""
    return _teaches(user, Group.objects.filter(pk=group_id))


def teaches_class(user: User, class_id: UUID) -> bool:
    """As teaches_group, for classes only."""
    return _teaches(user, Group.objects.filter(pk=class_id, kind=GroupKind.CLASS))


def sees_class(user: User, class_id: UUID) -> bool:
    """Its members, its teachers, admins. Raises NotThere for everybody else."""
    if not Group.objects.filter(pk=class_id, kind=GroupKind.CLASS).visible_to(user).exists():
        raise NotThere(_("There is no such class."))
    return True


def _teaches(user: User, groups: GroupQuerySet) -> bool:
    if not groups.visible_to(user).exists():
        raise NotThere(_("There is no such class."))
    return user.is_admin or groups.filter(teachers=user).exists()
