"""The pages, subject by subject."""

from django.urls import include, path

urlpatterns = [
    path("", include("classbell.web.school.urls")),
    path("", include("classbell.web.calendar.urls")),
    path("", include("classbell.web.meetings.urls")),
    path("", include("classbell.web.attendance.urls")),
    path("", include("classbell.web.recordings.urls")),
    path("", include("classbell.web.groups.urls")),
    path("", include("classbell.web.tutoring.urls")),
    path("", include("classbell.web.payments.urls")),
    path("", include("classbell.web.door.urls")),
    path("", include("classbell.web.holidays.urls")),
    path("", include("classbell.web.earnings.urls")),
    path("", include("classbell.web.people.urls")),
    path("", include("classbell.web.zoom.urls")),
    path("", include("classbell.web.children.urls")),
    path("", include("classbell.web.kit.urls")),
]
