"""How full a class, a course or a circle is."""

from dataclasses import dataclass

from classbell.groups.models import Group


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


def waiting_context(group: Group, *, students: int, teaches: bool) -> dict[str, object]:
    """Return what a page shows of places in a class or course: how many, and to who teaches it who waits for one."""
    # Without a bound nobody waits but who cannot come.
    waiting = [] if group.capacity is None else list(group.waiting.select_related("student"))
    places = Places(students=students, waiting=len(waiting), capacity=group.capacity)
    return {"places": places, "waiting": waiting if teaches else []}
