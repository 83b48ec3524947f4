"""How full a class, a course or a circle is, and in which one may take a place."""

from dataclasses import dataclass
from typing import Final

from classbell.accounts.models import User
from classbell.groups import places as services
from classbell.groups.models import Group, GroupKind
from classbell.searching import every_word

# More are found by their name.
MOST_OFFERED: Final = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """Who has a place, who waits for one, and how many there are, None when there is no bound."""

    students: int
    waiting: int
    capacity: int | None

    @property
    def left(self) -> int | None:
        """How many places are left, None when there is no bound."""
        return None if self.capacity is None else max(0, self.capacity - self.students)

    @property
    def beyond(self) -> int:
        """How many more are in it than it has places."""
        return 0 if self.capacity is None else max(0, self.students - self.capacity)

    @property
    def is_full(self) -> bool:
        """Whether whoever comes now has to wait."""
        return self.left == 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered(Places):
    """A class or course in which a student may take a place, or for which they wait as number `position`."""

    group: Group
    position: int | None


def offered_to(user: User, kind: GroupKind, *, q: str = "") -> list[Offered]:
    """Return the classes or courses of which somebody who learns here may take a place or waits for one, by name."""
    if not user.is_student:
        return []
    found = services.open_to(user).filter(kind=kind).exclude(memberships__user=user)
    if q:
        named = Group.objects.filter(every_word(q, "name", "teachers__first_name", "teachers__last_name"))
        found = found.filter(pk__in=named.values("pk"))
    groups = list(found.with_people().order_by("name", "pk")[:MOST_OFFERED])
    return [
        Offered(
            group=place.group,
            students=place.students,
            waiting=place.waiting,
            capacity=place.group.capacity,
            position=place.position,
        )
        for place in services.places_of(groups, user)
    ]


def waiting_context(group: Group, *, students: int, teaches: bool) -> dict[str, object]:
    """Return what a page shows of places in a class or course: how many, and to who teaches it who waits for one."""
    # Without a bound nobody waits but who cannot come.
    waiting = [] if group.capacity is None else list(group.waiting.select_related("student"))
    places = Places(students=students, waiting=len(waiting), capacity=group.capacity)
    return {"places": places, "waiting": waiting if teaches else []}
