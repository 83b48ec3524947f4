"""Holidays: the list of a year, one with what lies in it, making, changing and importing them."""

from django.urls import path

from classbell.web.holidays import views

urlpatterns = [
    path("holidays/", views.holidays, name="holidays"),
    path("holidays/new", views.new, name="holiday-new"),
    path("holidays/import", views.import_calendar, name="holiday-import"),
    path("holidays/<uuid:holiday_id>/", views.holiday, name="holiday"),
    path("holidays/<uuid:holiday_id>/change", views.change, name="holiday-change"),
    path("holidays/<uuid:holiday_id>/cancel", views.cancel, name="holiday-cancel"),
    path("holidays/<uuid:holiday_id>/remove", views.remove, name="holiday-remove"),
]
