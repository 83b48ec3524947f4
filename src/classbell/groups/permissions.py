"""Who may do what with groups."""

from uuid import UUID

from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import NotThere
from classbell.groups.models import Group, GroupKind, GroupQuerySet


def teaches_class(user: User, class_id: UUID) -> bool:
    """Its teachers, and admins. Raises NotThere for a class that the person cannot see."""
    return _teaches(user, Group.objects.filter(pk=class_id, kind=GroupKind.CLASS))


def keeps_rules(user: User, class_id: UUID) -> bool:
    """As teaches_class, for courses and circles too: all are judged by rules alike."""
    return _teaches(user, Group.objects.filter(pk=class_id))


def opens_group(user: User, group_id: UUID) -> bool:
    """Who says whether students take places in a class or course by themselves: as teaches_class."""
    return _teaches(user, Group.objects.filter(pk=group_id, kind__in=[GroupKind.CLASS, GroupKind.COURSE]))


def sees_class(user: User, class_id: UUID) -> bool:
    """Its members, its teachers, admins. Raises NotThere for everybody else."""
    if not Group.objects.filter(pk=class_id, kind=GroupKind.CLASS).visible_to(user).exists():
        raise NotThere(_("There is no such class."))
    return True


def _teaches(user: User, groups: GroupQuerySet) -> bool:
    if not groups.visible_to(user).exists():
        raise NotThere(_("There is no such class."))
    return user.is_admin or groups.filter(teachers=user).exists()
