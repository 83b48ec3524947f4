"""What tutors offer, what students book of it, and what both say of it afterwards."""

from classbell.bookings.models.availability import Availability, HoursPeriod, TimeOff
from classbell.bookings.models.booking import Booking, BookingStatus, NoShow, Reschedule
from classbell.bookings.models.credit import CreditEntry, EntryKind, MakeUpCredit, Origin
from classbell.bookings.models.feedback import Feedback
from classbell.bookings.models.guest import GuestLink, LinkPurpose
from classbell.bookings.models.kind import ChosenBy, GroupLesson, KindTeacher, LessonKind, OpenTo
from classbell.bookings.models.policy import BookingPolicy
from classbell.bookings.models.series import BookingSeries
from classbell.bookings.models.settings import TeacherSettings

__all__ = [
    "Availability",
    "Booking",
    "BookingPolicy",
    "BookingSeries",
    "BookingStatus",
    "ChosenBy",
    "CreditEntry",
    "EntryKind",
    "Feedback",
    "GroupLesson",
    "GuestLink",
    "HoursPeriod",
    "KindTeacher",
    "LessonKind",
    "LinkPurpose",
    "MakeUpCredit",
    "NoShow",
    "OpenTo",
    "Origin",
    "Reschedule",
    "TeacherSettings",
    "TimeOff",
]
