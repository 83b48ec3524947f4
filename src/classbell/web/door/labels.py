"""Kinds of lessons and teachers' pages in words."""

from collections.abc import Sequence
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from classbell.bookings.models import LessonKind
from classbell.web.kit.labels import listed
from classbell.web.tutoring.forms.hours import duration_in_words


def price_in_words(kind: LessonKind) -> str:
    """Return what a lesson costs, in the reader's language: "€ 25.00", "Free"."""
    if not kind.price:
        return _("Free")
    amount = Decimal(kind.price).scaleb(-get_currency_precision(kind.currency))
    return str(format_currency(amount, kind.currency, locale=get_language() or "en"))


def facts_of(kind: LessonKind) -> Sequence[str]:
    """Return what one reads of a kind before choosing it: how long, how many students, what it costs, that it is a trial."""
    facts = [listed([duration_in_words(minutes) for minutes in kind.minutes])]
    if kind.is_group:
        facts.append(ngettext("Group, %(n)s place", "Group, %(n)s places", kind.seats) % {"n": kind.seats})
    else:
        facts.append(_("One to one"))
    if kind.trial:
        facts.append(_("Once per person"))
    return [*facts, price_in_words(kind)]
