"""What people may choose about: the kinds of notices, gathered into topics."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from classbell.accounts.models import Role
from classbell.notices.texts import Kind


class Topic(StrEnum):
    """What notices are about, as their readers see it."""

    REQUESTS = "requests"
    LESSONS = "lessons"
    SESSIONS = "sessions"
    OWN = "own"
    REMINDERS = "reminders"
    NOW = "now"
    ABSENCES = "absences"
    EXCUSES = "excuses"
    RECORDINGS = "recordings"
    CALENDARS = "calendars"
    CIRCLES = "circles"
    SCHOOL = "school"


TITLES: Final[Mapping[Topic, Promise]] = {
    Topic.REQUESTS: gettext_lazy("Students ask for lessons"),
    Topic.LESSONS: gettext_lazy("What becomes of your lessons"),
    Topic.SESSIONS: gettext_lazy("Sessions that are planned, moved or cancelled"),
    Topic.OWN: gettext_lazy("Calendar entries of lessons that you confirm, move or cancel yourself"),
    Topic.REMINDERS: gettext_lazy("Reminders before sessions"),
    Topic.NOW: gettext_lazy("A session that has begun or is held elsewhere"),
    Topic.ABSENCES: gettext_lazy("Somebody is missing from a session that runs"),
    Topic.EXCUSES: gettext_lazy("Excuses for absence"),
    Topic.RECORDINGS: gettext_lazy("Recordings that will be deleted"),
    Topic.CALENDARS: gettext_lazy("Your own calendars: what cannot be read, and sessions in busy times"),
    Topic.CIRCLES: gettext_lazy("A place in a class, course or circle"),
    Topic.SCHOOL: gettext_lazy("Trouble at the school: Zoom, mail, data"),
}
# Everything else is for those who answer for the school.
TOPICS: Final[Mapping[str, Topic]] = {
    Kind.LESSON_REQUESTED: Topic.REQUESTS,
    Kind.LESSON_BOOKED: Topic.REQUESTS,
    Kind.LESSON_BOOKED_WITH_YOU: Topic.REQUESTS,
    Kind.LESSON_BOOKED_FOR_YOU: Topic.LESSONS,
    Kind.LESSON_CONFIRMED: Topic.LESSONS,
    Kind.GUEST_CONFIRMS: Topic.LESSONS,
    Kind.GUEST_ASKED: Topic.LESSONS,
    Kind.GUEST_ACCOUNT: Topic.LESSONS,
    Kind.LESSON_DECLINED: Topic.LESSONS,
    Kind.LESSON_LAPSED: Topic.LESSONS,
    Kind.LESSON_MOVED: Topic.LESSONS,
    Kind.LESSON_CANCELLED: Topic.LESSONS,
    Kind.LESSON_CONFIRMED_BY_YOU: Topic.OWN,
    Kind.LESSON_MOVED_BY_YOU: Topic.OWN,
    Kind.LESSON_CANCELLED_BY_YOU: Topic.OWN,
    Kind.JOINED_BY_YOU: Topic.OWN,
    Kind.LESSON_COMPLETED: Topic.LESSONS,
    Kind.LESSON_MISSED: Topic.LESSONS,
    Kind.LESSON_NOT_HELD: Topic.LESSONS,
    Kind.LESSON_NOT_HELD_CREDIT: Topic.LESSONS,
    Kind.MAKEUP_EARNED: Topic.LESSONS,
    Kind.MAKEUP_TAKEN_BACK: Topic.LESSONS,
    Kind.MAKEUP_CORRECTED: Topic.LESSONS,
    Kind.PURCHASE_PAID: Topic.LESSONS,
    Kind.PURCHASE_REFUNDED: Topic.LESSONS,
    Kind.SERIES_REQUESTED: Topic.REQUESTS,
    Kind.SERIES_BOOKED: Topic.REQUESTS,
    Kind.SERIES_BOOKED_WITH_YOU: Topic.REQUESTS,
    Kind.SERIES_BOOKED_FOR_YOU: Topic.LESSONS,
    Kind.SERIES_CONFIRMED: Topic.LESSONS,
    Kind.SERIES_CONFIRMED_IN_PART: Topic.LESSONS,
    Kind.SERIES_DECLINED: Topic.LESSONS,
    Kind.SERIES_LAPSED: Topic.LESSONS,
    Kind.SERIES_MOVED: Topic.LESSONS,
    Kind.SERIES_CANCELLED: Topic.LESSONS,
    Kind.SERIES_CONFIRMED_BY_YOU: Topic.OWN,
    Kind.SERIES_MOVED_BY_YOU: Topic.OWN,
    Kind.SERIES_CANCELLED_BY_YOU: Topic.OWN,
    Kind.SESSIONS_PLANNED: Topic.SESSIONS,
    Kind.SESSION_MOVED: Topic.SESSIONS,
    Kind.SESSIONS_CANCELLED: Topic.SESSIONS,
    Kind.SESSION_HELD_AGAIN: Topic.SESSIONS,
    Kind.SESSION_SUBSTITUTED: Topic.SESSIONS,
    Kind.TIMETABLE_CHANGED: Topic.SESSIONS,
    Kind.LOCATION_CHANGED: Topic.SESSIONS,
    Kind.SESSION_PLACE_CHANGED: Topic.SESSIONS,
    Kind.SESSION_COMING: Topic.REMINDERS,
    Kind.SESSION_BEGUN: Topic.NOW,
    Kind.BACKUP_ROOM_GIVEN: Topic.NOW,
    Kind.BACKUP_ROOM_WITHDRAWN: Topic.NOW,
    Kind.STUDENTS_MISSING: Topic.ABSENCES,
    Kind.STUDENT_CAME: Topic.ABSENCES,
    Kind.EXCUSE_ASKED: Topic.EXCUSES,
    Kind.EXCUSE_TAKEN: Topic.EXCUSES,
    Kind.EXCUSE_ACCEPTED: Topic.EXCUSES,
    Kind.EXCUSE_REFUSED: Topic.EXCUSES,
    Kind.EXCUSE_WITHDRAWN: Topic.EXCUSES,
    Kind.RECORDINGS_EXPIRE: Topic.RECORDINGS,
    Kind.CALENDAR_FAILING: Topic.CALENDARS,
    Kind.CALENDAR_OVERLAPS: Topic.CALENDARS,
    Kind.PLACE: Topic.CIRCLES,
}
# What would come too late: quiet hours do not hold it, nor does it wait for the others of a day.
AT_ONCE: Final = frozenset({Topic.NOW, Topic.ABSENCES, Topic.SCHOOL})
NEVER_COLLECTED: Final = AT_ONCE | {Topic.REMINDERS, Topic.OWN}
# What somebody did themselves is no news; their calendar takes it out of the mail.
MAIL_ONLY: Final = frozenset({Topic.OWN})
# What guardians are told of, as their wards are.
OF_WARDS: Final = frozenset({Topic.LESSONS, Topic.SESSIONS, Topic.EXCUSES, Topic.CIRCLES})
# What guardians choose about by child.
BY_CHILD: Final = (*(topic for topic in Topic if topic in OF_WARDS | {Topic.REMINDERS, Topic.ABSENCES}),)
# Nobody can choose not to find it under Notifications.
ALWAYS_ON_PAGE: Final = frozenset({Topic.SCHOOL})


def topic_of(kind: str) -> Topic:
    """Return what notices of a kind are about."""
    return TOPICS.get(kind, Topic.SCHOOL)


def topics_for(role: str) -> list[Topic]:
    """Return what people of a role may be told of, in the order of pages."""
    hidden = {
        Role.STUDENT: {Topic.REQUESTS, Topic.ABSENCES, Topic.RECORDINGS, Topic.CALENDARS, Topic.SCHOOL},
        Role.GUARDIAN: {Topic.REQUESTS, Topic.RECORDINGS, Topic.CALENDARS, Topic.SCHOOL},
        Role.TEACHER: {Topic.SCHOOL, Topic.CIRCLES},
    }.get(Role(role), set())
    return [topic for topic in Topic if topic not in hidden]
