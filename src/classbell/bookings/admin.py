"""Bookings in Django's admin: for what the product's own pages do not offer."""

from django.contrib import admin

from classbell.admin_pages import ChangesOnly
from classbell.bookings.models import Availability, Booking, BookingPolicy, Feedback, MakeUpCredit, TeacherSettings
from classbell.searching import BoundedSearch


@admin.register(BookingPolicy)
class BookingPolicyAdmin(ChangesOnly):
    """An academy's rules; without a teacher they hold for all."""

    list_display = (
        "__str__",
        "cancel_notice_hours",
        "reschedule_notice_hours",
        "reschedules_per_month",
        "open_requests_with_teacher",
        "open_requests_in_all",
        "request_lapses_after_hours",
        "no_show_after_minutes",
        "makeup_credit_days",
        "late_cancellation_takes_lesson",
        "no_show_returns_lesson",
    )
    autocomplete_fields = ("teacher",)


@admin.register(Booking)
class BookingAdmin(BoundedSearch, admin.ModelAdmin[Booking]):
    """Bookings, to look at: their states change on the product's own pages."""

    list_display = ("starts_at", "student", "teacher", "status")
    list_filter = ("status",)
    date_hierarchy = "starts_at"
    search_fields = ("student__email", "teacher__email", "student__last_name", "teacher__last_name")
    list_select_related = ("student", "teacher")

    def has_add_permission(self, request: object) -> bool:
        """Bookings are asked for, not added."""
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        """A change here would leave claims and meetings behind."""
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        """Bookings are cancelled, not deleted."""
        return False


@admin.register(TeacherSettings, Availability, Feedback, MakeUpCredit)
class PlainAdmin(ChangesOnly):
    """The rest."""
