"""The exceptions of signing in at providers."""

from classbell.errors import DomainError


class NotComingIn(DomainError):
    """The provider knows them; they do not come in here. Reads as a sentence that says what to do."""

    code = "not_coming_in"
    status = 403
