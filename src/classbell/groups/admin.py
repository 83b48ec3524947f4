"""Groups in Django's admin: for what the product's own pages do not offer."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classbell.accounts.models import User
from classbell.admin_pages import ChangesOnly
from classbell.groups.models import Group
from classbell.groups.services import archive_group, sync_members
from classbell.searching import BoundedSearch


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]  # no parameters at run time
    """A group, with its students beside it."""

    students = forms.ModelMultipleChoiceField(
        User.objects.students(),
        required=False,
        show_hidden_initial=True,
        label=_("students"),
        widget=AutocompleteSelectMultiple(Group._meta.get_field("members"), admin.site),
    )

    class Meta:
        model = Group
        fields = ("kind", "name", "description", "timezone", "capacity", "external_id", "teachers")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields["students"].initial = self.instance.members.all()


@admin.register(Group)
class GroupAdmin(ChangesOnly, BoundedSearch):
    """Groups. Members change through the service, so that meetings hear of it."""

    form = GroupForm
    list_display = ("name", "kind", "external_id", "capacity", "archived_at")
    list_filter = ("kind", ("archived_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "external_id")
    autocomplete_fields = ("teachers",)
    actions = ("archive",)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Nothing is deleted: meetings and attendance refer to it. Archive it."""
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the teachers, then let the service bring the members in line."""
        super().save_related(request, form, formsets, change)
        if "students" in form.changed_data:
            sync_members({form.instance: list(form.cleaned_data["students"])})

    @admin.action(description=_("Archive"))
    def archive(self, request: HttpRequest, groups: QuerySet[Group]) -> None:
        """Stop teaching these groups."""
        for group in groups:
            archive_group(group_id=group.pk, now=timezone.now())
