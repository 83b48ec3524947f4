"""Background jobs about accounts."""

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from classbell.accounts import idempotency, invitations, password_links, tokens
from classbell.accounts.sign_ins import attempts, kept
from classbell.jobs import RETRY_MAIL


@app.task(name="accounts.mail_invitation", queue="notices", retry=RETRY_MAIL)
def mail_invitation(*, user_id: str) -> None:
    """Send somebody the link with which they choose a password."""
    invitations.mail_invitation(user_id=UUID(user_id))


@app.task(name="accounts.mail_password_link", queue="notices", retry=RETRY_MAIL)
def mail_password_link(*, email: str) -> None:
    """Send whoever has this address the link with which they choose a new password."""
    password_links.mail_password_link(email=email)


@app.periodic(cron="23 * * * *")
@app.task(name="accounts.purge_idempotency_keys", queue="sweeps", queueing_lock="purge_idempotency_keys")
def purge_idempotency_keys(timestamp: int) -> None:
    """Every hour: forget answers that are old enough."""
    idempotency.purge_idempotency_keys(now=timezone.now())


@app.periodic(cron="41 3 * * *")
@app.task(name="accounts.purge_ended_sign_ins", queue="sweeps", queueing_lock="purge_ended_sign_ins")
def purge_ended_sign_ins(timestamp: int) -> None:
    """Every night: forget sign-ins that ran out, of apps and of pages, and attempts that count no more."""
    now = timezone.now()
    tokens.purge_ended_sign_ins(now=now)
    kept.forget_ended()
    attempts.forget_attempts(now=now)
