"""What classes, courses and circles differ in, for the pages that are the same for all three."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from classbell.accounts.models import User
from classbell.courses import services as courses
from classbell.courses.models import Course
from classbell.courses.permissions import teaches_course
from classbell.groups import services as groups
from classbell.groups.models import Group
from classbell.groups.permissions import teaches_class
from classbell.groups.services import MembersChanged, WhenFull
from classbell.halakat import services as halakat
from classbell.halakat.models import Halaka
from classbell.halakat.permissions import teaches_halaka
from classbell.meetings.classes import close_class
from classbell.meetings.models import Occurrence
from classbell.meetings.queries import Cancellation, if_cancelled
from classbell.web.kit.presenters.members import WayOut


class Kind(ABC):
    """
    One kind of group. `pk` is always the key of the class, the course or the circle itself.

    `page` is the name of its own page; the others' begin with it: `class-people`, `class-person-remove`. Sentences have a
    place for a `name`.
    """

    page: ClassVar[str]
    list_page: ClassVar[str]
    # Where one goes on after reopening it.
    reopened_page: ClassVar[str]
    # From a session to what it belongs to.
    lookup: ClassVar[str]

    # The list: those that go on, those that are over and how the address says so, and what is looked for there.
    going_on: ClassVar[Promise] = gettext_lazy("Going on")
    over: ClassVar[Promise] = gettext_lazy("Ended")
    show_over: ClassVar[str] = "ended"
    which_label: ClassVar[Promise]
    find_label: ClassVar[Promise]

    end_label: ClassVar[Promise]
    # What ending it does beside cancelling its sessions; none by default.
    also_ends: ClassVar[Promise | str] = ""
    ended: ClassVar[Promise]
    take_out_label: ClassVar[Promise]
    taken_out: ClassVar[Promise]

    @abstractmethod
    def teaches(self, user: User, pk: UUID) -> bool:
        """Whether somebody may change it. Raises NotThere for whom it does not exist."""

    @abstractmethod
    def group(self, pk: UUID) -> Group:
        """Return its group; that there is one has been asked before."""

    @abstractmethod
    def end(self, pk: UUID, *, now: datetime) -> object:
        """Stop teaching it: its coming sessions are cancelled, its records stay. Raises NotThere."""

    @abstractmethod
    def reopen(self, pk: UUID) -> object:
        """Teach it again, with whoever was in it. Safe to repeat. Raises NotThere."""

    def change_members(
        self, pk: UUID, *, joining: Sequence[User], leaving: Sequence[User], when_full: WhenFull
    ) -> MembersChanged:
        """Take some students out and put others into the places, all or none. Raises NotStudents, GroupFull."""
        return groups.change_members(group_id=self.group(pk).pk, joining=joining, leaving=leaving, when_full=when_full)

    def take_out(self, pk: UUID, student: User) -> datetime | None:
        """Take one student out, or off the waiting list; return since when they were in it, None when they were not."""
        return groups.take_out(group_id=self.group(pk).pk, student=student)

    def put_back(self, pk: UUID, student: User, *, joined_at: datetime) -> bool:
        """Put a student back as of when they had joined; return whether they have a place. Raises DomainError."""
        return groups.join_group(group_id=self.group(pk).pk, student=student, since=joined_at)

    def url(self, pk: UUID) -> str:
        """Return the address of its page."""
        return reverse(self.page, args=[pk])

    def way_out(self, pk: UUID) -> Callable[[User], WayOut]:
        """Return what makes the button that takes somebody out."""

        def button(person: User) -> WayOut:
            address = reverse(f"{self.page}-person-remove", args=[pk, person.pk])
            return WayOut(url=address, words=str(self.take_out_label) % {"name": person.name})

        return button

    def cancellation(self, pk: UUID, *, now: datetime) -> Cancellation:
        """Return what would become of its sessions if it ended."""
        return if_cancelled(Occurrence.objects.filter(meeting__wanted=True, **{self.lookup: pk}), now=now)


class _Class(Kind):
    page, list_page, reopened_page = "class", "classes", "class"
    lookup = "meeting__group"
    going_on, over, show_over = gettext_lazy("Taught now"), gettext_lazy("Closed"), "archived"
    which_label = gettext_lazy("Which classes")
    find_label = gettext_lazy("Class or teacher")
    end_label = gettext_lazy("Close the class")
    also_ends = gettext_lazy("It leaves the list of classes; you find it under “Closed”.")
    ended = gettext_lazy("%(name)s is closed. Its records stay.")
    take_out_label = gettext_lazy("Take %(name)s out of the class")
    taken_out = gettext_lazy("%(name)s is no longer in the class. What they attended stays.")

    def teaches(self, user: User, pk: UUID) -> bool:
        return teaches_class(user, pk)

    def group(self, pk: UUID) -> Group:
        return Group.objects.get(pk=pk)

    def end(self, pk: UUID, *, now: datetime) -> object:
        return close_class(class_id=pk, now=now)

    def reopen(self, pk: UUID) -> object:
        return groups.reopen_group(group_id=pk)


class _Course(Kind):
    page, list_page, reopened_page = "course", "courses", "course"
    lookup = "meeting__session__course"
    which_label = gettext_lazy("Which courses")
    find_label = gettext_lazy("Course or teacher")
    end_label = gettext_lazy("End the course")
    ended = gettext_lazy("%(name)s has ended. Its records stay.")
    take_out_label = gettext_lazy("Take %(name)s out of the course")
    taken_out = gettext_lazy("%(name)s is no longer in the course. What they attended stays.")

    def teaches(self, user: User, pk: UUID) -> bool:
        return teaches_course(user, pk)

    def group(self, pk: UUID) -> Group:
        return Course.objects.select_related("group").get(pk=pk).group

    def end(self, pk: UUID, *, now: datetime) -> None:
        courses.end_course(course_id=pk, now=now)

    def reopen(self, pk: UUID) -> object:
        return courses.reopen_course(course_id=pk)


class _Circle(Kind):
    page, list_page, reopened_page = "halaka", "halakat", "halaka-edit"
    lookup = "meeting__halaka_part__halaka"
    which_label = gettext_lazy("Which circles")
    find_label = gettext_lazy("Circle or teacher")
    end_label = gettext_lazy("End the circle")
    ended = gettext_lazy("%(name)s has ended. Its records stay.")
    take_out_label = gettext_lazy("Take %(name)s out of the circle")
    taken_out = gettext_lazy("%(name)s is no longer in the circle.")

    def teaches(self, user: User, pk: UUID) -> bool:
        return teaches_halaka(user, pk)

    def group(self, pk: UUID) -> Group:
        return Halaka.objects.select_related("group").get(pk=pk).group

    def end(self, pk: UUID, *, now: datetime) -> object:
        return halakat.end_halaka(halaka_id=pk, now=now)

    def reopen(self, pk: UUID) -> object:
        return halakat.reopen_halaka(halaka_id=pk)

    def change_members(
        self, pk: UUID, *, joining: Sequence[User], leaving: Sequence[User], when_full: WhenFull
    ) -> MembersChanged:
        return halakat.change_students(halaka_id=pk, joining=joining, leaving=leaving, when_full=when_full)

    def take_out(self, pk: UUID, student: User) -> datetime | None:
        return halakat.leave_halaka(halaka_id=pk, student=student)

    def put_back(self, pk: UUID, student: User, *, joined_at: datetime) -> bool:
        return halakat.join_halaka(halaka_id=pk, student=student, since=joined_at)


CLASS = _Class()
COURSE = _Course()
CIRCLE = _Circle()


def teaches(user: User, kind: Kind, pk: UUID) -> bool:
    """Whether somebody may change a class, a course or a circle. Raises NotThere for whom it does not exist."""
    return kind.teaches(user, pk)
