"""Pages about when: week, calendar, feed."""

from django.urls import path

from classbell.web.calendar.views import calendar, calendar_moves, feed, school_day, week

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
    path("me/calendar/open", feed.open_feed, name="calendar-feed-open"),
    path("me/calendar/close", feed.close_feed, name="calendar-feed-close"),
]
