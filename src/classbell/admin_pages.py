"""What Django's admin pages have in common: saving a page that is open for a while takes back nothing."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Field, Model
from django.http import HttpRequest

from classbell.fields import ADMIN_FIELDS


class ChangesOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # no parameters at run time
    """An admin page that sends back what it showed, and saves the fields that were changed on it."""

    formfield_overrides = ADMIN_FIELDS

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **options: Any) -> Any:
        """Let the field carry along what it showed."""
        field = super().formfield_for_dbfield(db_field, request, **options)
        if isinstance(field, forms.Field):
            field.show_hidden_initial = True
        return field

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save a new row whole, and of another one what was changed."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        columns = {field.name for field in obj._meta.concrete_fields}
        if changed := columns.intersection(form.changed_data):
            obj.save(update_fields=changed)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Set the lists of others that were changed."""
        if change:
            for field in form.instance._meta.many_to_many:
                if field.name not in form.changed_data:
                    form.cleaned_data.pop(field.name, None)
        super().save_related(request, form, formsets, change)
