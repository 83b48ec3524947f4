"""Kinds of lessons and teachers' pages in words."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.bookings.models import LessonKind
from classbell.money import price_in_words
from classbell.web.kit.labels import listed
from classbell.web.tutoring.forms.hours import duration_in_words


def facts_of(kind: LessonKind) -> Sequence[str]:
    """Return what one reads of a kind before choosing it: how long, how many students, what it costs, that it is a trial."""
    facts = [listed([duration_in_words(minutes) for minutes in kind.minutes])]
    if kind.is_group:
        facts.append(ngettext("Group, %(n)s place", "Group, %(n)s places", kind.seats) % {"n": kind.seats})
    else:
        facts.append(_("One to one"))
    if kind.trial:
        facts.append(_("Once per person"))
    return [*facts, price_in_words(kind.price, kind.currency) if kind.price else _("Free")]
