"""A text that people are asked to agree to, as a page shows it."""

from django.utils.translation import get_language

from classbell.asked_texts import AskedText
from classbell.web.kit.requests import VisitorRequest


def asked_text(request: VisitorRequest, text: AskedText) -> dict[str, object]:
    """Return what a page needs to show a text in the reader's language, and to lead on to `next` afterwards."""
    said, language = text.said_in(get_language() or "en")
    return {
        "text": text,
        "said": said,
        "language": language,
        "direction": "rtl" if language == "ar" else "ltr",
        "next": request.GET.get("next", "") or request.POST.get("next", ""),
    }


def version_agreed_to(request: VisitorRequest) -> int:
    """Return which version the page was that somebody agrees to, 0 for none that there can be."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 7 else 0
