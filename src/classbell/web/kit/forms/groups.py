"""Choosing a class, circle or course: from a list while there are few, by typing its name where there are hundreds."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from classbell.groups.models import Group
from classbell.text import one_line
from classbell.web.kit.forms.teacher import BETWEEN, MOST_IN_A_LIST, TypedTeacher

# Of those of one name, whose teachers are looked at.
MOST_NAMESAKES = 50


class GroupField(forms.Field):
    """One of `groups`. Cleaned to the group, None when empty."""

    def __init__(self, groups: QuerySet[Group], *, required: bool = True, **options: Any) -> None:
        self.groups = groups.order_by("name", "pk").prefetch_related("teachers")
        listed = list(self.groups[: MOST_IN_A_LIST + 1])
        if len(listed) > MOST_IN_A_LIST:
            widget: forms.Widget = TypedTeacher("", suggested_by="groups-suggested")
        else:
            widget = forms.Select(
                choices=[("", "—"), *((str(group.pk), described_group(group)) for group in listed)],
            )
        super().__init__(required=required, widget=widget, **options)

    def to_python(self, value: object) -> Group | None:
        """Return what is meant by a key, by a suggestion, or by a name that only one has."""
        typed = one_line(str(value or ""))
        if not typed:
            return None
        found = self._meant(typed)
        if len(found) == 1:
            return found[0]
        raise forms.ValidationError(
            _("Several are called so. Choose one of those suggested.")
            if found
            else _("Nothing is called so. Choose one of those suggested.")
        )

    def prepare_value(self, value: Any) -> Any:
        """Show a group by name where it is typed."""
        if not isinstance(self.widget, TypedTeacher):
            return value
        try:
            group = self.groups.filter(pk=UUID(str(value))).first()
        except ValueError:
            return value
        return described_group(group) if group else ""

    def _meant(self, typed: str) -> list[Group]:
        try:
            return list(self.groups.filter(pk=UUID(typed)))
        except ValueError:
            by_name = list(self.groups.filter(name__iexact=typed)[:2])
        if by_name:
            return by_name
        namesakes = self.groups.filter(name__iexact=typed.rpartition(BETWEEN)[0])[:MOST_NAMESAKES]
        return [group for group in namesakes if described_group(group) == typed]


def described_group(group: Group) -> str:
    """Return a suggestion: the name with who teaches it, which tells namesakes apart. Needs its teachers."""
    names = sorted(teacher.name for teacher in group.teachers.all())
    return BETWEEN.join([group.name, *names[:1]])
