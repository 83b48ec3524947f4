"""What series say no to, each with its sentence."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.errors import DomainError, NotThere


class DatesUnavailable(DomainError):
    """Some dates of a series cannot be; `details` names each, and why."""

    code = "slot_unavailable"

    def __init__(self, dates: Sequence[tuple[datetime, datetime, str]]) -> None:
        first = timezone.localtime(dates[0][0])
        said = _("%(day)s, %(time)s (%(zone)s): %(why)s.") % {
            "day": date_format(first, "DATE_FORMAT"),
            "time": first.strftime("%H:%M"),
            "zone": timezone.get_current_timezone_name(),
            "why": dates[0][2].rstrip("."),
        }
        more = len(dates) - 1
        also = ngettext(" And %(more)s date more.", " And %(more)s dates more.", more) % {"more": more} if more else ""
        super().__init__(
            _("Not every date is free. %(said)s%(also)s Leave such dates out, or choose another time.")
            % {"said": said, "also": also},
            details=[
                {"starts_at": starts_at, "ends_at": ends_at, "clash": clash} for starts_at, ends_at, clash in dates
            ],
        )


class NoSuchSeries(NotThere):
    """There is no such series."""

    def __init__(self) -> None:
        super().__init__(_("There is no such series of lessons."))


class NoSuchDates(DomainError):
    """Some of the dates named do not wait for an answer in this series."""

    code = "invalid_input"

    def __init__(self) -> None:
        message = _("Some of these are no dates of this series that wait for an answer.")
        super().__init__(message, details=[{"field": "only", "message": message}])


class NothingWaits(DomainError):
    """No date of the series waits for an answer."""

    code = "booking_not_pending"

    def __init__(self) -> None:
        super().__init__(_("No date of this series waits for an answer any more."))


class NothingToCome(DomainError):
    """No date of the series can be changed any more, or none from that day on."""

    code = "booking_closed"

    def __init__(self) -> None:
        super().__init__(_("No lesson of this series is to come then. Choose an earlier day."))
