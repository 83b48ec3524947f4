"""What is common to the API of tutoring: times of day, lengths, ratings, filters."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from ninja import Field
from pydantic import AfterValidator, BeforeValidator, Discriminator, StringConstraints, Tag

from classbell.bookings.models.booking import LONGEST_MINUTES, SHORTEST_MINUTES
from classbell.bookings.walltime import wall_minutes
from classbell.wire import AS_LINE, AS_TEXT, Day, Moment


def _clock(text: str) -> str:
    try:
        wall_minutes(text)
    except ValueError:
        raise ValueError(
            _("must be a time in whole minutes such as 09:30:00; the end of the day is 24:00:00")
        ) from None
    return text


def _status(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _day_or_moment(value: Any) -> str:
    return "[day]" if isinstance(value, dt.date) or len(str(value)) == len("2026-03-01") else "[moment]"


# A midnight with an offset is a moment, not that day.
DayOrMoment = Annotated[
    Annotated[Day, Tag("[day]")] | Annotated[Moment, Tag("[moment]")], Discriminator(_day_or_moment)
]
Clock = Annotated[str, AfterValidator(_clock)]
Minutes = Annotated[int, Field(ge=SHORTEST_MINUTES, le=LONGEST_MINUTES)]
Rating = Annotated[int, Field(ge=1, le=5, strict=True)]
Reason = Annotated[str, StringConstraints(max_length=500), AS_TEXT]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=60), AS_LINE]
RoleFilter = Literal["", "student", "teacher"]
StatusFilter = Annotated[Literal["PENDING", "CONFIRMED", "COMPLETED", "CANCELLED"] | None, BeforeValidator(_status)]
