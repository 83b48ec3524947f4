"""People in Django's admin: for what the product's own pages do not offer."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import Role, User
from classbell.accounts.services import deactivate_person, set_role
from classbell.admin_pages import ChangesOnly
from classbell.errors import DomainError
from classbell.searching import BoundedSearch


class PersonCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]  # no parameters at run time
    """A new account, with or without a password."""

    class Meta:
        model = User
        fields = ("email",)

    def clean_email(self) -> str:
        """Keep e-mails as everything else does: in lower case."""
        email: str = self.cleaned_data["email"]
        if User.objects.by_email([email]):
            raise forms.ValidationError(_("This e-mail already has an account."))
        return email


@admin.register(User)
class PersonAdmin(ChangesOnly, BoundedSearch, UserAdmin):  # type: ignore[type-arg]  # no parameters at run time
    """Accounts. Roles and deactivation go through the services, as actions."""

    add_form = PersonCreationForm
    list_display = ("shown_email", "first_name", "last_name", "role", "learns", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("email", "first_name", "last_name")
    ordering = ("email",)
    readonly_fields = ("shown_email", "role", "learns", "is_active", "last_login", "created_at")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("shown_email", "password", "first_name", "last_name")}),
        (
            gettext_lazy("At the school"),
            {"fields": ("role", "learns", "is_active", "timezone", "locale", "avatar", "zoom_user")},
        ),
        (gettext_lazy("History"), {"fields": ("created_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)
    actions = ("make_student", "make_teacher", "make_admin", "deactivate")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Let the e-mail be written once."""
        return self.readonly_fields if obj else ()

    @admin.display(description=gettext_lazy("e-mail"), ordering="email")
    def shown_email(self, person: User) -> str:
        """Return their own address; a dash stands for none."""
        return person.address

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody is deleted: their attendance and bookings stay. Deactivate them."""
        return False

    @admin.action(description=gettext_lazy("Make student"))
    def make_student(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Make these people students."""
        self._each(request, people, lambda user: set_role(user_id=user.pk, role=Role.STUDENT))

    @admin.action(description=gettext_lazy("Make teacher"))
    def make_teacher(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Make these people teachers."""
        self._each(request, people, lambda user: set_role(user_id=user.pk, role=Role.TEACHER))

    @admin.action(description=gettext_lazy("Make admin"))
    def make_admin(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Make these people admins."""
        self._each(request, people, lambda user: set_role(user_id=user.pk, role=Role.ADMIN))

    @admin.action(description=gettext_lazy("Deactivate"))
    def deactivate(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """End these people's access; what is recorded of them stays."""
        self._each(request, people, lambda user: deactivate_person(user_id=user.pk))

    def _each(self, request: HttpRequest, people: QuerySet[User], change: Callable[[User], object]) -> None:
        for user in people:
            try:
                change(user)
            except DomainError as error:
                self.message_user(request, f"{user.name}: {error}", messages.ERROR)
