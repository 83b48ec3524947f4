"""Where sign-ins are kept: Django's sessions in the database, which tell a lost session from a database that fails."""

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import OperationalError
from django.utils.crypto import constant_time_compare

from classbell.postgres.trouble import trouble_of


class SessionStore(DatabaseStore):
    """Django finds it by this name."""

    def save(self, must_create: bool = False) -> None:
        """Write the session. Raises UpdateError when it is gone, OperationalError while the database does not serve."""
        try:
            super().save(must_create)
        except UpdateError as error:
            # Django says the same of both, and whoever hears it is signed out.
            failure = error.__context__
            if failure is None or trouble_of(failure) is None:
                raise
            raise OperationalError(*failure.args) from failure.__cause__

    def cycle_key(self) -> None:
        """
        Go on under another name, as after signing in or a new password; not for a newer secret key, which Django does too.

        Requests of a page that is on its way would find no session under the name they came with, and sign their reader out;
        and what else knows the session by its name, such as where it began, would lose it.
        """
        if not self._is_of_older_secret_key():
            super().cycle_key()

    def _is_of_older_secret_key(self) -> bool:
        begun_with, person = self.get(HASH_SESSION_KEY), self.get(SESSION_KEY)
        if not begun_with or not person:
            return False
        user = get_user_model().objects.filter(pk=person).first()
        older = user.get_session_auth_fallback_hash() if user is not None else ()
        return any(constant_time_compare(begun_with, one) for one in older)
