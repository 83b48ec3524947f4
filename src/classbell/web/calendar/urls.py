"""Pages about when: week, calendar, feed."""

from django.urls import path

from classbell.web.calendar.views import calendar, calendar_moves, connecting, external, feed, school_day, week

urlpatterns = [
    path("week/", week.week, name="week"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/school/", school_day.school_day, name="calendar-school"),
    path("calendar/occurrences/<uuid:occurrence_id>/move", calendar_moves.move, name="occurrence-move"),
    path("meetings/<uuid:meeting_id>/classbell.ics", feed.meeting_file, name="meeting-file"),
    path(
        "meetings/<uuid:meeting_id>/occurrences/<uuid:occurrence_id>/classbell.ics",
        feed.session_file,
        name="session-file",
    ),
    path("groups/<uuid:group_id>/classbell.ics", feed.group_file, name="group-file"),
    path("calendars/", external.calendars, name="external-calendars"),
    path("calendars/new", external.add, name="external-calendar-new"),
    path("calendars/connect/<str:kind>", connecting.connect, name="external-calendar-connect"),
    path("calendars/connected/<str:kind>", connecting.connected, name="external-calendar-connected"),
    path("calendars/school/", external.school, name="external-calendars-school"),
    path("calendars/<uuid:calendar_id>/", external.change, name="external-calendar"),
    path("calendars/<uuid:calendar_id>/remove", external.remove, name="external-calendar-remove"),
    path("me/calendar/open", feed.open_feed, name="calendar-feed-open"),
    path("me/calendar/close", feed.close_feed, name="calendar-feed-close"),
]
