"""Who may do what with excuses. Who may see them is `Excuse.objects.visible_to`."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from classbell.accounts.guardians import queries as guardians
from classbell.accounts.models import User
from classbell.errors import NotThere
from classbell.excuses.models import Excuse
from classbell.excuses.queries import groups_taught_by, is_taught_by, sessions_of_each
from classbell.groups.models import Membership
from classbell.meetings.models import Registrant

# So many are shown on a page, and so many are looked at for it.
MOST_WAITING: Final = 50
MOST_LOOKED_AT: Final = 20 * MOST_WAITING


def may_act_for(user: User, student_id: UUID) -> bool:
    """Whether they may tell and withdraw absences of a student: the student, their guardians and teachers, and admins."""
    if user.is_admin or guardians.may_act_for(user, student_id):
        return True
    return (
        Membership.objects.filter(user=student_id, group__teachers=user).exists()
        or Registrant.objects.filter(user=student_id, meeting__teacher=user, is_invited=True).exists()
    )


def sees_excuse(user: User, excuse_id: UUID) -> bool:
    """Who may see it. Raises NotThere for everybody else."""
    find_excuse(user, excuse_id)
    return True


def withdraws_excuse(user: User, excuse_id: UUID) -> bool:
    """As can_withdraw. Raises NotThere for whom it does not exist."""
    excuse = find_excuse(user, excuse_id)
    return can_withdraw(user, excuse) or can_decide(user, excuse)


def can_withdraw(user: User, excuse: Excuse) -> bool:
    """Whether it is theirs to take back: the student, their guardians, and who told it. So may who decides it."""
    return user.pk == excuse.told_by_id or guardians.may_act_for(user, excuse.student_id)


def decides_excuse(user: User, excuse_id: UUID) -> bool:
    """As can_decide. Raises NotThere for whom it does not exist."""
    return can_decide(user, find_excuse(user, excuse_id))


def can_decide(user: User, excuse: Excuse) -> bool:
    """As `decidable`, for one, whatever its status."""
    return excuse.pk in decidable(user, [excuse])


def decidable(user: User, excuses: Collection[Excuse]) -> set[UUID]:
    """
    Return the keys of those to which somebody says yes or no: who teaches all of its sessions, and admins. Where several
    teach them, an admin does. Nobody decides about themselves. Three statements for all of them.
    """
    others = [one for one in excuses if one.student_id != user.pk]
    if user.is_admin:
        return {one.pk for one in others}
    if not user.is_teacher or not others:
        return set()
    groups = groups_taught_by(user)
    return {
        key
        for key, sessions in sessions_of_each(others).items()
        if sessions and all(is_taught_by(user, session, groups) for session in sessions)
    }


def waiting_for(user: User) -> list[Excuse]:
    """Return the excuses that wait and that this person can decide, the first session first, of at most MOST_WAITING."""
    asked = Excuse.objects.visible_to(user).waiting().exclude(student=user)
    named = asked.select_related("student", "document", "occurrence__meeting", "meeting", "group")
    waiting: list[Excuse] = []
    # Some more at a time, so that many for others to decide do not hide one's own behind them.
    for first in range(0, MOST_LOOKED_AT, MOST_WAITING):
        some = list(named.defer("document__content")[first : first + MOST_WAITING])
        theirs = decidable(user, some)
        waiting += [one for one in some if one.pk in theirs]
        if len(some) < MOST_WAITING or len(waiting) >= MOST_WAITING:
            break
    return waiting[:MOST_WAITING]


def find_excuse(user: User, excuse_id: UUID) -> Excuse:
    """Return an excuse with the people it names. Raises NotThere for whom it does not exist."""
    named = Excuse.objects.visible_to(user).select_related(
        "student", "told_by", "decided_by", "occurrence", "meeting", "group", "document"
    )
    found = named.defer("document__content").filter(pk=excuse_id).first()
    if found is None:
        raise NotThere(_("There is no such excuse."))
    return found
