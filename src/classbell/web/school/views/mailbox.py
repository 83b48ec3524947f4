"""The mails of a demo: what would have been sent, to whom, with what."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from classbell.accounts.permissions import allowed, is_admin
from classbell.errors import NotThere
from classbell.notices.mailbox import KeptMail, find_mail, kept_mails
from classbell.web.school.views.notice_previews import with_mails

SHOWN = 100


@require_safe
@allowed(is_admin)
def mailbox(request: HttpRequest) -> HttpResponse:
    """Admins, where mails are kept instead of being sent: the latest of them."""
    if not settings.ENVIRONMENT.mailbox:
        raise NotThere
    return render(request, "mailbox/list.html", {"mails": kept_mails(SHOWN)})


@require_safe
@allowed(is_admin)
def mail(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """Admins: one mail, as HTML and as text, with what goes along."""
    return with_mails(render(request, "mailbox/mail.html", {"mail": _mail(mail_id)}))


@require_safe
@allowed(is_admin)
def mail_file(request: HttpRequest, mail_id: UUID, number: int) -> HttpResponse:
    """Admins: a file that goes along with it, to keep."""
    files = _mail(mail_id).files
    if number >= len(files):
        raise NotThere
    response = HttpResponse(files[number].content, content_type=files[number].content_type)
    response["Content-Disposition"] = content_disposition_header(True, files[number].name) or "attachment"
    return response


def _mail(mail_id: UUID) -> KeptMail:
    found = find_mail(mail_id) if settings.ENVIRONMENT.mailbox else None
    if found is None:
        raise NotThere
    return found
