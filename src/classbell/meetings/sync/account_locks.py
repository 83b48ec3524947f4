"""Which settings of meetings the Zoom account has locked, so that one that is lifted is noticed."""

import structlog

from classbell.meetings.meeting_settings.catalogue import SETTINGS
from classbell.meetings.models import ZoomAccount
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomError

log = structlog.get_logger(__name__)


def read_locks(client: ZoomClient, *, account_id: str) -> None:
    """
    Bring what we know of the account's settings and locks up to date. Two MEDIUM calls. An app without the permission to read
    them works all the same: then nobody knows, and what Zoom keeps is asked for again once a week.
    """
    try:
        values, locked = client.get_account_settings(), client.get_lock_settings()
    except ZoomError as error:
        if error.retryable:
            log.warning("locks_not_read", error=str(error))
            return
        log.info("locks_not_readable", error=str(error))
        ZoomAccount.objects.filter(account_id=account_id).update(locks=None)
        return
    locks = {}
    for setting in SETTINGS.values():
        if setting.place is not None:
            section, name = setting.place
            locks[setting.name] = {
                "value": values.get(section, {}).get(name),
                "locked": bool(locked.get(section, {}).get(name)),
            }
    ZoomAccount.objects.filter(account_id=account_id).update(locks=locks)
