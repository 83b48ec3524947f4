"""The pages."""

from django.urls import path

from classbell.web.views import meeting, preferences, room, week, zoom

urlpatterns = [
    path("", week.week, name="week"),
    path("meetings/<uuid:meeting_id>/", meeting.detail, name="meeting"),
    path("meetings/<uuid:meeting_id>/join", meeting.join, name="meeting-join"),
    path("meetings/<uuid:meeting_id>/room", room.room, name="meeting-room"),
    path("meetings/<uuid:meeting_id>/start", meeting.start, name="meeting-start"),
    path("meetings/<uuid:meeting_id>/retry", meeting.retry, name="meeting-retry"),
    path("zoom/", zoom.zoom, name="zoom"),
    path("zoom/retry", zoom.retry_all, name="zoom-retry-all"),
    path("zoom/retry/<uuid:meeting_id>", zoom.retry_one, name="zoom-retry-one"),
    path("preferences/language", preferences.language, name="language"),
    path("preferences/theme", preferences.theme, name="theme"),
]
