"""What templates need to draw people and moments."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from classbell import reasons
from classbell.accounts.acting import guardian_of
from classbell.accounts.disclosure import avatar_of, email_of, name_of, written_to
from classbell.accounts.guardians.queries import wardships_of
from classbell.accounts.guardians.relations import relation_in_words
from classbell.accounts.models import User
from classbell.accounts.sign_up_rules import roles_offered
from classbell.accounts.sso.links import STILL_SIGNED_IN
from classbell.accounts.sso.pages import sign_out_address
from classbell.accounts.sso.policy import sign_in_policy
from classbell.accounts.sso.provider import Provider
from classbell.accounts.sso.providers import active_providers
from classbell.meetings.zoom_accounts import account_names
from classbell.moments import moment_in_words
from classbell.web.children.addresses import prefix_of
from classbell.web.kit.device import Elsewhere, elsewhere
from classbell.web.kit.forms.timezones import searchable_timezones
from classbell.web.kit.labels import call_by_name

register = template.Library()
Link = dict[str, str]

# What is quoted or kept apart within a sentence: its letters say nothing of the sentence.
QUOTED = re.compile(
    "«[^»]*»|“[^”]*”|\N{FIRST STRONG ISOLATE}[^\N{POP DIRECTIONAL ISOLATE}]*\N{POP DIRECTIONAL ISOLATE}"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ward:
    """A child in the line above a child's pages; `is_here` for the one whose pages they are."""

    name: str
    week: str
    is_here: bool


@register.simple_tag(takes_context=True)
def wards_of_reader(context: template.RequestContext) -> list[Ward]:
    """Return the children of the guardian who reads, by name."""
    guardian, shown = guardian_of(context["request"]), context["request"].user
    wards = [one.student for one in wardships_of(guardian)] if guardian else []
    return [Ward(name=one.name, week=prefix_of(one.pk), is_here=one.pk == shown.pk) for one in wards]


@register.simple_tag(takes_context=True)
def has_children(context: template.RequestContext) -> bool:
    """Whether whoever reads is somebody's guardian. One query."""
    return wardships_of(context["request"].user).exists()


@register.inclusion_tag("zoom/binding_link.html", takes_context=True)
def zoom_account_of(
    context: template.RequestContext, *, group: UUID | None = None, teacher: UUID | None = None
) -> Link:
    """Lead admins to where it is said in which Zoom account meetings are held, where there are several."""
    if not context["request"].user.is_admin or len(account_names(of_school_only=True)) < 2:
        return {"url": ""}
    if group is not None:
        return {"url": reverse("zoom-account-group", args=[group])}
    return {"url": reverse("zoom-account-teacher", args=[teacher])}


@register.filter(name="relation")
def shown_relation(relation: str) -> str:
    """Return what a guardian is to a student, in words."""
    return relation_in_words(relation)


@register.simple_tag
def sends_mail() -> bool:
    """Whether this installation has a mail server."""
    return bool(settings.EMAIL_HOST)


@register.simple_tag
def sign_in_providers() -> list[Provider]:
    """Return where people of the school may sign in."""
    return active_providers()


@register.simple_tag
def only_providers() -> bool:
    """Whether passwords let in nobody but one admin."""
    return sign_in_policy().only_providers


@register.simple_tag
def may_sign_up() -> bool:
    """Whether people may sign up on their own."""
    return bool(roles_offered())


@register.simple_tag
def still_signed_in(request: HttpRequest) -> dict[str, str] | None:
    """Return at which provider whoever has just signed out here goes on being signed in: `name` and `url`. Said once."""
    began = request.session.pop(STILL_SIGNED_IN, None)
    return sign_out_address(began) if began else None


@register.simple_tag
def asset_url(name: str) -> str:
    """Return the address of the joined stylesheet or of a script."""
    return reverse("asset", args=[settings.STATIC_VERSION, name])


@register.simple_tag(takes_context=True)
def page_address(context: template.Context, number: int, name: str = "") -> str:
    """Return the address of another page of a list; `name` is its parameter and anchor where there are several lists."""
    query = context["request"].GET.copy()
    query[name or "page"] = str(number)
    return f"?{query.urlencode()}" + (f"#{name}" if name else "")


@register.simple_tag
def timezones() -> list[tuple[str, str]]:
    """Return every timezone as (IANA name, city)."""
    return searchable_timezones()


@register.simple_tag(takes_context=True)
def device_elsewhere(context: template.Context) -> Elsewhere | None:
    """Return where the reader's device is, when their account's clock shows something else."""
    return elsewhere(context["request"], now=timezone.now()) if "request" in context else None


register.filter("told", reasons.told)


@register.filter
def thousands(number: int) -> str:
    """Group a number's digits by thin spaces, which every language reads: 60 000."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


@register.filter
def initials(name: str) -> str:
    """Return the letters that stand for a name: two of a Latin one, one where letters would join (Arabic)."""
    words = name.split()
    if not words:
        return ""
    first, last = words[0][0], words[-1][0]
    joins = unicodedata.bidirectional(first) == "AL"
    return first if joins or len(words) == 1 else (first + last).upper()


register.filter("shown_name", name_of)
register.filter("shown_email", written_to)
register.filter("shown_avatar", avatar_of)


@register.filter
def as_shown(email: str) -> str:
    """Return the address of somebody who came to a session as far as its reader is told it."""
    return email_of(email)


@register.filter
def moment(at: datetime, day: str = "l j F") -> str:
    """Return a day and a time on the reader's clock, with the comma of the reader's language between them."""
    return moment_in_words(at, day)


@register.filter
def direction(text: str) -> str:
    """
    Return which way a line of text runs, "rtl" or "ltr": the way of most of its letters, titles in quotation marks aside.

    For sentences that were written down earlier, perhaps in another language than the page's, and may begin with a name in
    the other script, which is all that `dir="auto"` looks at.
    """
    ways = [unicodedata.bidirectional(letter) for letter in QUOTED.sub("", text) or text]
    return "rtl" if sum(way in {"R", "AL"} for way in ways) > ways.count("L") else "ltr"


@register.filter
def begins_with(address: str, beginning: str) -> bool:
    """Whether an address lies under another one."""
    return address.startswith(beginning)


@register.filter
def called(person: User) -> str:
    """Return what to call somebody in a sentence."""
    return call_by_name(person)
