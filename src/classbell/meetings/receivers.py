"""What meetings do when the modules below announce something."""

from typing import Any

from django.dispatch import receiver

from classbell.accounts.models import User
from classbell.accounts.signals import person_deactivated
from classbell.meetings.consent import end_of_whoever_goes


@receiver(person_deactivated)
def end_consent(user: User, **_kwargs: Any) -> None:
    """The own Zoom of a teacher who is deactivated is disconnected, at Zoom too; who is let back in connects it again."""
    end_of_whoever_goes(user)
