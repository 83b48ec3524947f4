"""What excuses say no to, each with its sentence."""

from django.utils.translation import gettext as _

from classbell.errors import DomainError
from classbell.excuses.models import ExcuseStatus


class InvalidPeriod(DomainError):
    """The times given make no absence."""

    code = "invalid_period"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, details=[{"field": field, "message": message}])


class NothingToExcuse(DomainError):
    """No session of the student lies in that time, or none whose attendance can still change."""

    code = "nothing_to_excuse"

    def __init__(self) -> None:
        super().__init__(_("In that time there is no session of yours to be excused from. Check the days and hours."))


class ReasonMissing(DomainError):
    """An excuse needs a reason."""

    code = "text_missing"

    def __init__(self) -> None:
        text = _("Say why.")
        super().__init__(text, details=[{"field": "reason", "message": text}])


class NoSuchKind(DomainError):
    """The school does not list this kind of reason."""

    code = "no_such_kind"

    def __init__(self, kinds: list[str]) -> None:
        text = (
            _("Choose one of the school's kinds of reason: %(kinds)s.") % {"kinds": ", ".join(kinds)}
            if kinds
            else _("The school lists no kinds of reason. Leave it empty.")
        )
        super().__init__(text, details=[{"field": "kind", "message": text}])


class ExcuseDecided(DomainError):
    """Somebody, a rule, or the student by withdrawing was first."""

    code = "excuse_decided"

    def __init__(self, status: str) -> None:
        super().__init__(
            _("This excuse is not waiting for an answer any more: %(status)s.") % {"status": ExcuseStatus(status).label}
        )


class DocumentRefused(DomainError):
    """The document is of another type than is taken, empty or too large."""

    code = "document_refused"

    def __init__(self, message: str) -> None:
        super().__init__(message, details=[{"field": "document", "message": message}])


class RulesContradictory(DomainError):
    """A kind stands in both lists."""

    code = "rules_contradictory"

    def __init__(self, kind: str) -> None:
        text = _("“%(kind)s” stands in both lists; take it out of one.") % {"kind": kind}
        super().__init__(text, details=[{"field": "kinds_decided", "message": text}])


class KindNotListed(DomainError):
    """Make-up lessons are for a kind of reason that the school does not list."""

    code = "kind_not_listed"

    def __init__(self, kind: str) -> None:
        text = _("“%(kind)s” stands in neither list of kinds; add it to one, or take it out here.") % {"kind": kind}
        super().__init__(text, details=[{"field": "makeup_kinds", "message": text}])
