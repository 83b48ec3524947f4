"""Where the page of a class, a course or a circle is, for whoever has its group in hand."""

from django.urls import reverse

from classbell.groups.models import Group, GroupKind


def page_of_group(group: Group) -> str:
    """
    Return the page of what a group belongs to, "" when that is not there. A statement more unless its `course` and `halaka`
    were fetched along.
    """
    if group.kind == GroupKind.CLASS:
        return reverse("class", args=[group.pk])
    page = "halaka" if group.kind == GroupKind.HALAKA else "course"
    behind = getattr(group, page, None)
    return reverse(page, args=[behind.pk]) if behind is not None else ""
