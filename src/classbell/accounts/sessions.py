"""Where sign-ins are kept: Django's sessions in the database, which tell a lost session from a database that fails."""

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import OperationalError

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
