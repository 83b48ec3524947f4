"""
Types of what comes in over HTTP that every module uses; pydantic checks them. `fields` has the same for forms.

Bodies were read by `config.api_input` before: they are objects of bounded depth, without NUL or halves of characters.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Final, get_args
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from classbell.addresses import has_somebody
from classbell.text import identifier, many_lines, one_line
from classbell.years import YEARS, is_sensible
from classbell.zones import is_timezone, what_is_wrong

LONGEST_WORD: Final = 64
LONGEST_LINE: Final = 200
LONGEST_REMARK: Final = 2000
LONGEST_TEXT: Final = 10_000
LONGEST_EMAIL: Final = 254
MOST_JSON: Final = 20_000


class Input(BaseModel):
    """What an operation takes. An object and nothing else: text has attributes too, and none of them is meant."""

    model_config = ConfigDict(from_attributes=False, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse true and false where a number is meant: they would be read as 1 and 0."""
        if isinstance(value, bool) and _takes_numbers(cls, info.field_name or ""):
            raise ValueError(_("must be a number"))
        return value


class CamelInput(Input):
    """What an operation takes, with fields as JavaScript spells them."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Output(BaseModel):
    """
    What an operation answers. It is checked once, when it is built: unlike ninja's `Schema`, it looks at nothing again that
    was built before, neither for the answer around it nor when that is written.
    """


@lru_cache(maxsize=2_000)
def _takes_numbers(model: type[BaseModel], field: str) -> bool:
    types = set(_types_in(model.model_fields[field].annotation))
    return bool(types & {int, float}) and bool not in types


def _types_in(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _types_in(part)


def _somebodys(email: object) -> object:
    return email if not isinstance(email, str) or has_somebody(email) else ""


# Somebody's e-mail in an answer, "" for who has none.
ShownEmail = Annotated[str, BeforeValidator(_somebodys)]


def wrong_field(field: str, message: str) -> PydanticCustomError:
    """Return what to raise when a look at all fields together finds one of them wrong."""
    return PydanticCustomError("wrong_field", "{message}", {"field": field, "message": message})


def at_offset(start: dt.datetime, timezone: str | None, *, field: str) -> dt.datetime:
    """
    Return a moment, by the timezone beside it where it has no offset. Raises wrong_field for `field` when there is neither.
    """
    if start.tzinfo is not None:
        return start
    if timezone is None:
        raise wrong_field(field, _("must carry its offset from UTC, such as 2026-03-01T09:00:00Z, or timezone"))
    return start.replace(tzinfo=ZoneInfo(timezone))


def _cleaned(clean: Callable[[str], str]) -> BeforeValidator:
    return BeforeValidator(lambda value: clean(value) if isinstance(value, str) else value)


def _known_timezone(name: str) -> str:
    if not is_timezone(name):
        raise ValueError(what_is_wrong(name))
    return name


def _written_moment(value: Any) -> Any:
    if _is_number(value):
        raise ValueError(_("must be a moment with an offset, such as 2026-03-01T09:00:00Z"))
    return value


def _written_day(value: Any) -> Any:
    if _is_number(value):
        raise ValueError(_("must be a date such as 2026-03-01"))
    return value


def _written_time(value: Any) -> Any:
    if _is_number(value):
        raise ValueError(_("must be a time such as 09:30"))
    return value


def _on_a_wall(value: dt.time) -> dt.time:
    if value.tzinfo is not None or value.second or value.microsecond:
        raise ValueError(_("must be a time such as 09:30"))
    return value


def _is_number(value: object) -> bool:
    """Whether pydantic would count seconds, or milliseconds if there are many, since 1970."""
    return isinstance(value, int | float) or (
        isinstance(value, str) and re.fullmatch(r"\s*[+-]?[\d.]+\s*", value) is not None
    )


def _in_our_years(value: Any) -> Any:
    if not is_sensible(value):
        raise ValueError(
            _("must lie between the years %(first)s and %(last)s") % {"first": YEARS[0], "last": YEARS[-1]}
        )
    return value


def _small(value: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(value, ensure_ascii=False)) > MOST_JSON:
        raise ValueError(_("must have at most %(most)s characters") % {"most": MOST_JSON})
    return value


# Behind the type and its bounds in `Annotated`: what is measured is what is kept.
AS_LINE: Final = _cleaned(one_line)
AS_TEXT: Final = _cleaned(many_lines)
AS_WORD: Final = _cleaned(identifier)

# One line of text that somebody typed and that must be there: a name, a title.
Line = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LINE), AS_LINE]

# One line that may be empty: a reason, words to search for.
Note = Annotated[str, StringConstraints(max_length=LONGEST_LINE), AS_LINE]

# Longer text, with its line breaks.
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AS_TEXT]

# What somebody says about something: an objection, a comment.
Remark = Annotated[str, StringConstraints(max_length=LONGEST_REMARK), AS_TEXT]

# A word that is compared with others: an id of Zoom's, a state.
Word = Annotated[str, StringConstraints(max_length=LONGEST_WORD), AS_WORD]

# Somebody's address, to look them up by. What is no address belongs to nobody.
Email = Annotated[str, StringConstraints(max_length=LONGEST_EMAIL), AS_WORD]

# An IANA timezone, as everything that keeps a wall time wants it.
Timezone = Annotated[str, StringConstraints(max_length=LONGEST_WORD), AfterValidator(_known_timezone)]

# A moment: ISO 8601 with an offset. Without one it is refused.
Moment = Annotated[AwareDatetime, AfterValidator(_in_our_years), BeforeValidator(_written_moment)]

# A moment, or a time on the wall that a timezone beside it makes one.
MomentOrWall = Annotated[datetime, AfterValidator(_in_our_years), BeforeValidator(_written_moment)]

# A day of the calendar.
Day = Annotated[dt.date, AfterValidator(_in_our_years), BeforeValidator(_written_day)]

# A time on the wall, in whole minutes.
WallTime = Annotated[dt.time, AfterValidator(_on_a_wall), BeforeValidator(_written_time)]

# Somebody else's settings, kept as they are.
JsonObject = Annotated[dict[str, Any], AfterValidator(_small)]
