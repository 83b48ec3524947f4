"""What makes a link with which somebody chooses a new password good."""

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from classbell.accounts.models import User


class PasswordTokens(PasswordResetTokenGenerator):
    """Good until a sign-in, a new password, another address and, beyond Django's own, whatever ends all sign-ins."""

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.sign_ins_ended}"
