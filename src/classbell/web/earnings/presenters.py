"""Hours taught as pages show them: times on the school's clock, amounts as the reader's language writes them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from babel.numbers import format_decimal
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from classbell.earnings.hours import Line, State, TeacherTotals, Totals
from classbell.earnings.models import PayRules, Per, TeacherRate
from classbell.money import price_in_words
from classbell.web.kit.labels import listed

# Which shape stands beside each state.
SHAPES: Final[Mapping[State, str]] = {
    State.HELD: "ok",
    State.STUDENT_AWAY: "wait",
    State.LATE_CANCELLED: "wait",
    State.UNKNOWN: "wait",
    State.NOT_HELD: "off",
    State.TEACHER_AWAY: "bad",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownLine:
    """A line with its words."""

    line: Line
    shape: str
    rate: str
    amount: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownTotals:
    """Totals with their words: hours with two digits, and every currency."""

    totals: Totals
    paid_hours: str
    taught_hours: str
    owed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownTeacher:
    """One row of all teachers."""

    teacher: TeacherTotals
    shown: ShownTotals


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownRate:
    """A rate with its words: how much, and for what."""

    rate: TeacherRate
    amount: str
    what: str


def present_lines(lines: Iterable[Line]) -> list[ShownLine]:
    """Return lines with their words."""
    return [
        ShownLine(
            line=line,
            shape=SHAPES[line.state],
            rate=rate_in_words(line.rate, line.currency, line.per),
            amount=price_in_words(line.amount, line.currency) if line.amount is not None and line.currency else "",
        )
        for line in lines
    ]


def present_totals(totals: Totals) -> ShownTotals:
    """Return totals with their words."""
    return ShownTotals(
        totals=totals,
        paid_hours=_hours(totals.paid_minutes),
        taught_hours=_hours(totals.taught_minutes),
        owed=listed([price_in_words(amount, currency) for currency, amount in totals.owed.items()]),
    )


def present_teachers(teachers: Iterable[TeacherTotals]) -> list[ShownTeacher]:
    """Return the rows of all teachers."""
    return [ShownTeacher(teacher=one, shown=present_totals(one.totals)) for one in teachers]


def present_rates(rates: Iterable[TeacherRate]) -> list[ShownRate]:
    """Return rates with their words, from rows with their kind and group."""
    return [
        ShownRate(rate=rate, amount=rate_in_words(rate.amount, rate.currency, rate.per), what=_what(rate))
        for rate in rates
    ]


def rate_in_words(amount: int | None, currency: str | None, per: str | None) -> str:
    """Return a rate as "€ 25.00 an hour", "" for none."""
    if amount is None or not currency or not per:
        return ""
    text = _("%(amount)s an hour") if per == Per.HOUR else _("%(amount)s a session")
    return text % {"amount": price_in_words(amount, currency)}


def rules_in_words(rules: PayRules) -> Sequence[str]:
    """Return the school's rules, a sentence each."""
    return [
        _("A session that was held is paid by its planned length, also where it ended early."),
        _("Of a lesson that its student lost by cancelling too late, %(percent)s %% is paid.")
        % {"percent": rules.late_cancellation_percent},
        _("Of a session to which no student came, %(percent)s %% is paid.") % {"percent": rules.student_away_percent},
        _("A session of which nothing is known is paid like one that was held.")
        if rules.pays_unknown
        else _("A session of which nothing is known is not paid."),
        _("Whoever held a session is paid for it: a substitute, and not whom they replaced."),
    ]


def without_rate_in_words(totals: Totals) -> str:
    """Return that sessions have no rate, "" where all have one."""
    if not totals.without_rate:
        return ""
    return ngettext(
        "For %(count)s session no rate is set, so nothing is counted for it.",
        "For %(count)s sessions no rate is set, so nothing is counted for them.",
        totals.without_rate,
    ) % {"count": totals.without_rate}


def _what(rate: TeacherRate) -> str:
    if rate.kind is not None:
        return rate.kind.name
    return rate.group.name if rate.group is not None else _("All sessions")


def _hours(minutes: int) -> str:
    return str(format_decimal(minutes / 60, format="#,##0.00", locale=get_language() or "en"))
