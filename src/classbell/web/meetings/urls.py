"""Pages about meetings and the ways into them."""

from django.urls import path

from classbell.web.meetings.views import (
    backup,
    location,
    meeting,
    meeting_changes,
    meeting_planning,
    meeting_settings,
    room,
)

urlpatterns = [
    path("meetings/", meeting_planning.meetings, name="meetings"),
    path("meetings/new", meeting_planning.new_meeting, name="meeting-new"),
    path("meetings/settings", meeting_settings.of_school, name="meeting-settings"),
    path("meetings/settings/lessons", meeting_settings.of_lessons, name="meeting-settings-lessons"),
    path("meetings/settings/groups/<uuid:class_id>", meeting_settings.of_group, name="meeting-settings-group"),
    path("meetings/<uuid:meeting_id>/settings", meeting_settings.of_meeting, name="meeting-settings-own"),
    path("meetings/<uuid:meeting_id>/", meeting.detail, name="meeting"),
    path("meetings/<uuid:meeting_id>/edit", meeting_changes.edit, name="meeting-edit"),
    path("meetings/<uuid:meeting_id>/location", location.location, name="meeting-location"),
    path("meetings/<uuid:meeting_id>/cancel", meeting_changes.cancel, name="meeting-cancel"),
    path(
        "meetings/<uuid:meeting_id>/occurrences/<uuid:occurrence_id>/",
        meeting_changes.occurrence,
        name="meeting-occurrence",
    ),
    path(
        "meetings/<uuid:meeting_id>/occurrences/<uuid:occurrence_id>/cancel",
        meeting_changes.cancel_occurrence,
        name="meeting-occurrence-cancel",
    ),
    path(
        "meetings/<uuid:meeting_id>/occurrences/<uuid:occurrence_id>/return",
        meeting_changes.return_occurrence,
        name="meeting-occurrence-return",
    ),
    path("meetings/<uuid:meeting_id>/join", meeting.join, name="meeting-join"),
    path("meetings/<uuid:meeting_id>/backup", backup.backup, name="meeting-backup"),
    path("meetings/<uuid:meeting_id>/room", room.room, name="meeting-room"),
    path("meetings/<uuid:meeting_id>/start", meeting.start, name="meeting-start"),
    path("meetings/<uuid:meeting_id>/retry", meeting.retry, name="meeting-retry"),
    path("meetings/<uuid:meeting_id>/register", meeting.register_again, name="meeting-register"),
]
