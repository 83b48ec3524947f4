"""What is kept of a sign-in at a provider: which identity there belongs to which account here, and the session it began."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from classbell.accounts.models import ProviderSession, User
from classbell.accounts.sso.errors import NotComingIn
from classbell.accounts.sso.providers import all_providers
from classbell.errors import NotThere

# In the session, from coming back from the provider until signing out.
BEGAN: Final = "began_at_provider"
# In the session of somebody who has just signed out here, and not there.
STILL_SIGNED_IN: Final = "still_signed_in_at_provider"


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """Somebody who came back: their verified claims, the provider's session, and where one signs out there, "" for none."""

    claims: Mapping[str, Any] = field(default_factory=dict)
    sid: str = ""
    sign_out_url: str = ""


def link_key(issuer: str, subject: object) -> str:
    """Return the key under which an identity is linked: of this issuer, so that no other one's subject is the same."""
    return hashlib.sha256(f"{issuer}\0{subject}".encode()).hexdigest()


def link(account: SocialAccount, user: User) -> SocialAccount:
    """
    Return the link of an identity with an account, made at the first sign-in.

    Raises NotComingIn when somebody else was linked with the identity at the same moment.
    """
    if account.pk:
        return account
    kept, _made = SocialAccount.objects.get_or_create(
        provider=account.provider, uid=account.uid, defaults={"user": user, "extra_data": account.extra_data}
    )
    if kept.user_id != user.pk:
        raise NotComingIn(_("Somebody else signs in with this account already. Ask the school."))
    return kept


@dataclass(frozen=True, kw_only=True, slots=True)
class Linked:
    """With what somebody signs in: the name of the provider, and the address by which they know it, "" for none."""

    id: int
    provider: str
    email: str


def linked_identities(user: User) -> list[Linked]:
    """Return with what somebody signs in besides their password."""
    names = {provider.slug: provider.name for provider in all_providers()}
    rows = SocialAccount.objects.filter(user=user).order_by("date_joined", "pk")
    return [
        Linked(id=row.pk, provider=names.get(row.provider, row.provider), email=row.extra_data.get("email", ""))
        for row in rows
    ]


def unlink(user: User, link_id: int) -> None:
    """Forget one of somebody's links; sessions that began there end. Raises NotThere."""
    with transaction.atomic():
        account = SocialAccount.objects.select_for_update().filter(user=user, pk=link_id).first()
        if account is None:
            raise NotThere
        sessions = ProviderSession.objects.filter(account=account).values_list("pk", flat=True)
        Session.objects.filter(pk__in=list(sessions)).delete()
        account.delete()


def note_beginning(request: HttpRequest, account: SocialAccount, arrival: Arrival) -> None:
    """Remember in the session what it began with, while a second step may still be asked for."""
    request.session[BEGAN] = {
        "account": account.pk,
        "provider": account.provider,
        "sid": arrival.sid,
        "sign_out_url": arrival.sign_out_url,
    }


def note_session(request: HttpRequest) -> None:
    """Write down which session it became, once somebody is signed in."""
    began = request.session.get(BEGAN)
    if began and request.session.session_key:
        ProviderSession.objects.update_or_create(
            session_id=request.session.session_key, defaults={"account_id": began["account"], "sid": began["sid"][:255]}
        )


def end_sessions(*, provider: str, uid: str | None, sid: str | None) -> int:
    """
    End the sessions that began with an identity (`uid`), with a session of the provider's (`sid`), or with both; return how
    many.
    """
    found = ProviderSession.objects.filter(account__provider=provider)
    if uid is not None:
        found = found.filter(account__uid=uid)
    if sid is not None:
        found = found.filter(sid=sid)
    with transaction.atomic():
        _all, by_model = Session.objects.filter(pk__in=list(found.values_list("pk", flat=True))).delete()
    return by_model.get("sessions.Session", 0)
