"""What holidays say no to."""

from classbell.errors import DomainError


class HolidayInvalid(DomainError):
    """A holiday as asked for cannot be; `details` names the field."""

    code = "invalid_input"

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message, details=[{"field": field, "message": message}])


class OthersAffected(DomainError):
    """Since somebody looked, something else has come to lie in a holiday, or no longer does."""

    code = "affected_changed"


class CalendarUnreadable(DomainError):
    """What was handed in is no iCalendar, or holds more than a school has holidays."""

    code = "file_unreadable"


class CalendarUnreachable(DomainError):
    """The address of a calendar gave none."""

    code = "calendar_unreachable"
