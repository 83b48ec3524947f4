"""What Zoom answers when it refuses: status, number and text of each case in one place."""

from collections.abc import Sequence

from zoomsim.protocol.wire import Json


class ZoomError(Exception):
    """A refusal that is answered as `{"code": …, "message": …}`."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        errors: Sequence[tuple[str, str]] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        self.headers = headers or {}

    @property
    def body(self) -> Json:
        """The answer's body."""
        body: Json = {"code": self.code, "message": self.message}
        if self.errors:
            body["errors"] = [{"field": field, "message": message} for field, message in self.errors]
        return body


def invalid(*errors: tuple[str, str]) -> ZoomError:
    """Fields that fail validation, each with its reason."""
    return ZoomError(400, 300, "Validation Failed.", errors=errors)


def invalid_field(field: str) -> ZoomError:
    """One field that fails validation, with Zoom's usual reason."""
    return invalid((field, "Invalid field."))


def refused(message: str, *, code: int = 300) -> ZoomError:
    """Anything else that is wrong with a request."""
    return ZoomError(400, code, message)


def not_json() -> ZoomError:
    """A body that is not a JSON object."""
    return refused("Request Body should be a valid JSON object.")


def bad_page_token() -> ZoomError:
    """A page token that was never given, belongs to another list, or is older than 15 minutes."""
    return refused("The next page token is invalid or expired.")


def unknown_endpoint() -> ZoomError:
    """No such path."""
    return refused("This API endpoint is not recognized.", code=2300)


def invalid_token() -> ZoomError:
    """No token, a forged or a revoked one."""
    return ZoomError(401, 124, "Invalid access token.")


def expired_token() -> ZoomError:
    """A token older than an hour."""
    return ZoomError(401, 124, "Access token is expired.")


def missing_scope(scopes: Sequence[str]) -> ZoomError:
    """A token whose app was not given what the call needs."""
    return refused(f"Invalid access token, does not contain scopes:[{', '.join(scopes)}].", code=4711)


def no_user(user: str) -> ZoomError:
    """No such user in the account."""
    return ZoomError(404, 1001, f"User does not exist: {user}.")


def no_meeting(meeting: int | str) -> ZoomError:
    """No such meeting: never there, deleted, or its id expired."""
    return ZoomError(404, 3001, f"Meeting does not exist: {meeting}.")


def paid_only(account_id: str) -> ZoomError:
    """A call that free accounts do not have."""
    return refused(f"Only available for paid account: {account_id}.", code=200)


def no_webinars() -> ZoomError:
    """A webinar call of an account without the add-on."""
    text = "Webinar plan is missing. You must subscribe to the webinar plan and enable webinar for this user first."
    return refused(text, code=200)


def may_not_host(user: str) -> ZoomError:
    """A user without the right or the licence to host."""
    return refused(f"Hosting and scheduling capabilities are not allowed for your user account {user}.", code=3161)


def no_registration(meeting: int, *, code: int = 404) -> ZoomError:
    """Registration is not switched on; the number differs from call to call."""
    return refused(f"Registration has not been enabled for this meeting: {meeting}.", code=code)
