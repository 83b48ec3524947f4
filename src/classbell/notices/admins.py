"""Telling everybody who answers for the school."""

from datetime import datetime

from django.urls import reverse

from classbell.accounts.models import Role, User
from classbell.notices.services import tell
from classbell.notices.texts import Facts, Kind


def tell_admins(
    kind: Kind, facts: Facts, *, page: str, now: datetime, arguments: tuple[object, ...] = (), by_mail: bool = True
) -> None:
    """Tell every active admin something, each in their language, with a link to the page of this name; as `tell` does."""
    path = reverse(page, args=arguments)
    for admin in User.objects.filter(role=Role.ADMIN, is_active=True):
        tell(admin, kind, facts, path=path, by_mail=by_mail, now=now)
