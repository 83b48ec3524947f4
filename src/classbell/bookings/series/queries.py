"""Reads of series with more than one caller."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from classbell.bookings.models import Booking, BookingSeries, BookingStatus
from classbell.bookings.series.errors import NoSuchSeries

# What a series is, by what its dates are: the first that one of them is.
_BY_WEIGHT = (BookingStatus.PENDING, BookingStatus.CONFIRMED, BookingStatus.COMPLETED)


def find_series(series_id: UUID) -> BookingSeries:
    """Return a series with its people and its meeting, in one query. Raises NoSuchSeries."""
    series = BookingSeries.objects.with_people().filter(pk=series_id).first()
    if series is None:
        raise NoSuchSeries
    return series


def dates_in_order(series: BookingSeries) -> list[Booking]:
    """Return all dates of a series, those that are not held too, with what pages and answers show of them. One query."""
    dates = list(series.dates.with_people().select_related("cancelled_by").order_by("starts_at", "pk"))
    for one in dates:
        one.series = series
    return dates


def status_of(dates: Sequence[Booking]) -> BookingStatus:
    """
    Say how a series stands: waiting while one of its dates does, else confirmed while one is to come, else completed when
    one was held.
    """
    known = {one.status for one in dates}
    return next((status for status in _BY_WEIGHT if status in known), BookingStatus.CANCELLED)


def next_of(dates: Sequence[Booking], *, now: datetime) -> Booking:
    """
    Return the date, of those in order, by which the series is told of: the next that is confirmed, else the last of all.
    """
    confirmed = [one for one in dates if one.status == BookingStatus.CONFIRMED]
    return next((one for one in confirmed if one.ends_at > now), dates[-1])
