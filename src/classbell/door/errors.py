"""What the open door refuses."""

from django.utils.translation import gettext as _

from classbell.errors import DomainError, NotThere


class DoorClosed(NotThere):
    """The school shows nothing to whoever has no account; or not this."""

    def __init__(self) -> None:
        super().__init__(_("There is no such page, or it is not open to everybody."))


class AddressTaken(DomainError):
    """Another teacher's page has this address."""

    code = "address_taken"

    def __init__(self, address: str) -> None:
        text = _("“%(address)s” is the address of another teacher’s page. Choose another one.")
        super().__init__(text % {"address": address}, details=[{"field": "address"}])


class EmailUnusable(DomainError):
    """What a guest wrote as their address is none."""

    code = "invalid_input"

    def __init__(self, text: str) -> None:
        super().__init__(text, details=[{"field": "email", "message": text}])
