"""What people are told, before they are: every kind of notice in both languages, on each channel."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from classbell.accounts.permissions import allowed, is_admin
from classbell.errors import NotThere
from classbell.notices.examples import example_of, kinds_by_topic
from classbell.notices.mailing import mail_of
from classbell.notices.models import Notice
from classbell.notices.texts import Kind, Words
from classbell.notices.topics import TITLES
from classbell.notices.wording import in_words_of, part_of
from classbell.web.kit.requests import PersonRequest
from classbell.web.middleware import ADMIN_POLICY


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """A notice in one language, on each channel."""

    language: str
    name: str
    direction: str
    words: Words
    subject: str
    html: str
    text: str
    short: str


@require_safe
@allowed(is_admin)
def notice_previews(request: PersonRequest) -> HttpResponse:
    """Admins: what a kind of notice says on pages, in a mail and in a message, in both languages."""
    kind = _kind(request.GET.get("kind") or Kind.LESSON_CONFIRMED)
    topics = [
        (TITLES[topic], [(one.value, _title(one, request)) for one in kinds])
        for topic, kinds in kinds_by_topic().items()
    ]
    context = {
        "kind": kind.value,
        "topics": topics,
        "previews": [_preview(_example(kind, language, request)) for language, _name in settings.LANGUAGES],
    }
    return with_mails(render(request, "notice-previews/page.html", context))


def with_mails(response: HttpResponse) -> HttpResponse:
    """Let a page show mails, whose colours stand in them, in frames in which nothing runs."""
    response["Content-Security-Policy"] = ADMIN_POLICY
    return response


def _preview(notice: Notice) -> Preview:
    language = notice.user.locale
    message = mail_of(notice)
    with in_words_of(notice.user):
        return Preview(
            language=language,
            name=translation.get_language_info(language)["name_local"],
            direction="rtl" if translation.get_language_bidi() else "ltr",
            words=notice.words,
            subject=str(message.subject),
            html=str(message.alternatives[0][0]),
            text=str(message.body),
            short=part_of(notice).short,
        )


def _example(kind: Kind, language: str, request: PersonRequest) -> Notice:
    return example_of(kind, language, zone=request.user.timezone, now=timezone.now())


def _title(kind: Kind, request: PersonRequest) -> str:
    return _example(kind, translation.get_language() or "en", request).words.subject


def _kind(name: str) -> Kind:
    if name not in set(Kind):
        raise NotThere
    return Kind(name)
