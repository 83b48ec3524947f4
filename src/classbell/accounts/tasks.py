"""Background jobs about accounts."""

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from classbell.accounts import idempotency, invitations, password_links, sign_up, tokens
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


@app.task(name="accounts.mail_sign_up", queue="notices", retry=RETRY_MAIL)
def mail_sign_up(*, request_id: str) -> None:
    """Send who asked for an account the link that proves their address."""
    sign_up.mail_link(request_id=UUID(request_id))


@app.task(name="accounts.mail_sign_up_refused", queue="notices", retry=RETRY_MAIL)
def mail_sign_up_refused(*, request_id: str) -> None:
    """Tell who asked for an account that they get none."""
    sign_up.mail_refusal(request_id=UUID(request_id))


@app.periodic(cron="23 * * * *")
@app.task(name="accounts.purge_idempotency_keys", queue="sweeps", queueing_lock="purge_idempotency_keys")
def purge_idempotency_keys(timestamp: int) -> None:
    """Every hour: forget answers that are old enough."""
    idempotency.purge_idempotency_keys(now=timezone.now())


@app.periodic(cron="41 3 * * *")
@app.task(name="accounts.purge_ended_sign_ins", queue="sweeps", queueing_lock="purge_ended_sign_ins")
def purge_ended_sign_ins(timestamp: int) -> None:
    """Every night: forget sign-ins that ran out, attempts that count no more, and old requests for accounts."""
    now = timezone.now()
    tokens.purge_ended_sign_ins(now=now)
    kept.forget_ended()
    attempts.forget_attempts(now=now)
    sign_up.forget_requests(now=now)
