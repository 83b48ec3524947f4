"""The exceptions of signing in at providers."""

from django.utils.translation import gettext as _

from classbell.errors import DomainError


class NotComingIn(DomainError):
    """The provider knows them; they do not come in here. Reads as a sentence that says what to do."""

    code = "not_coming_in"
    status = 403


class Waiting(NotComingIn):
    """They have asked for an account by signing in, and the school looks at it first."""

    code = "sign_up_waits"

    def __init__(self) -> None:
        super().__init__(
            _("The school has your request for an account. You get a mail once somebody has looked at it.")
        )
