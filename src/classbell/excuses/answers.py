"""A document as it is handed out, by the API and by pages."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from classbell.errors import NotThere
from classbell.excuses.models import ExcuseDocument


def document_response(excuse_id: UUID) -> HttpResponse:
    """
    Return the document of an excuse as a file to keep, never to be shown as a page of ours; ask who may see it before. Raises
    NotThere.
    """
    found = ExcuseDocument.objects.filter(pk=excuse_id).first()
    if found is None:
        raise NotThere(_("There is no document with this excuse."))
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return response
