"""Which days a report is about: never more than the school's longest, however it is asked for."""

from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.utils.translation import gettext as _

from classbell.errors import DomainError


class TooManyDays(DomainError):
    """A report was asked for that covers more days than one may."""

    code: ClassVar[str] = "too_many_days"

    def __init__(self, fields: tuple[str, str]) -> None:
        said = _(
            "A report covers at most %(most)d days. Choose a later first day (%(first)s) or an earlier last day (%(last)s)."
        )
        first, last = fields
        super().__init__(
            said % {"most": settings.ENVIRONMENT.report_days, "first": first, "last": last},
            details=[{"field": name} for name in fields],
        )


def days_of_report(first: date | None, last: date | None, *, today: date, fields: tuple[str, str]) -> tuple[date, date]:
    """
    Return the first and the last day, both included: without a last one until `today` (or the first, should that be later),
    without a first one as many days before as a report may have. `fields` are what the two are called where they were asked
    for. Raises TooManyDays.
    """
    most = settings.ENVIRONMENT.report_days
    last = last or max(today, first or today)
    first = first or last - timedelta(days=most - 1)
    if (last - first).days >= most:
        raise TooManyDays(fields)
    return first, last
