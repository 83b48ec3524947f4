"""Types of what comes in over HTTP that every module uses; pydantic checks them."""

from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import AfterValidator, AwareDatetime, StringConstraints

from classbell.zones import is_timezone


def _known_timezone(name: str) -> str:
    if not is_timezone(name):
        raise ValueError(_("must be an IANA timezone such as Europe/Lisbon"))
    return name


# An IANA timezone, as everything that keeps a wall time wants it.
Timezone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_timezone)]

# A moment: ISO 8601 with an offset. Without one it is refused.
Moment = AwareDatetime

# One line of text that somebody typed: a name, a title. Spaces around it are dropped.
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
