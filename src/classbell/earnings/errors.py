"""What earnings say no to, each with its sentence."""

from django.utils.translation import gettext as _

from classbell.errors import DomainError, NotThere


class RateRefused(DomainError):
    """A rate cannot be like that; `field` is what is wrong with it."""

    code = "rate_refused"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, details=[{"field": field, "message": message}])


class NoSuchMonth(DomainError):
    """A month cannot be read."""

    code = "invalid_input"

    def __init__(self) -> None:
        text = _("month must be a month such as 2026-03.")
        super().__init__(text, details=[{"field": "month", "message": text}])


class NoSuchRate(NotThere):
    """There is no such rate of this teacher."""

    def __init__(self) -> None:
        super().__init__(_("There is no such rate of this teacher."))
