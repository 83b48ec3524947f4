"""What groups announce to the modules above."""

from collections.abc import Set as AbstractSet
from typing import NamedTuple
from uuid import UUID

from django.dispatch import Signal

from classbell.groups.models import Group


class MembershipChange(NamedTuple):
    """Who came into a group and who left it, by their ids."""

    group: Group
    added: AbstractSet[UUID]
    removed: AbstractSet[UUID]


# Sent once with `changes`, a list of MembershipChange, in the transaction that changed the members.
membership_changed = Signal()
# Sent with `group`, `user_ids` and `by_themselves` (who joined), in the transaction that put people into a group who had not
# waited for it, and whom no file named.
enrolled = Signal()
# Sent with `group` and `student` in the transaction that gave a place to somebody who had waited for it.
moved_up = Signal()
