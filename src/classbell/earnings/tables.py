"""Hours taught as tables to take along: one teacher's sessions, and all teachers of a month."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from babel.numbers import get_currency_precision
from django.utils.translation import gettext as _

from classbell.accounts.disclosure import name_of, written_to
from classbell.earnings.hours import Line, TeacherTotals
from classbell.earnings.models import Per
from classbell.earnings.months import Month
from classbell.sheets import Cell, Table


def sessions_table(lines: Iterable[Line], month: Month) -> Table:
    """Return one row a session, on the school's clock."""
    clock = month.zone.key
    return Table(
        name=f"hours-{month.name}",
        head=[
            f"{_('Start')} ({clock})",
            f"{_('End')} ({clock})",
            _("Session"),
            _("Class"),
            _("Kind of lesson"),
            _("In place of"),
            _("What became of it"),
            _("Planned minutes"),
            _("Minutes there"),
            _("Paid, per cent"),
            _("Rate of pay"),
            _("For"),
            _("Amount"),
            _("Currency"),
        ],
        rows=[_row(line, month) for line in lines],
    )


def teachers_table(teachers: Iterable[TeacherTotals], month: Month) -> Table:
    """Return one row a teacher and currency; who is owed nothing has one row too."""
    rows: list[Sequence[Cell]] = []
    for one in teachers:
        totals = one.totals
        figures = [totals.sessions, totals.held, totals.paid, totals.paid_minutes, totals.taught_minutes]
        who = [name_of(one.teacher), written_to(one.teacher)]
        for number, (currency, amount) in enumerate(list(totals.owed.items()) or [("", None)]):
            # Of who is owed in two currencies the sessions stand once, so that a column can be added up.
            first: Sequence[Cell] = [*figures, totals.without_rate] if number == 0 else [None] * (len(figures) + 1)
            rows.append([*who, *first, as_number(amount, currency), currency])
    return Table(
        name=f"teachers-{month.name}",
        head=[
            _("Name"),
            _("E-mail"),
            _("Sessions"),
            _("Held"),
            _("Paid sessions"),
            _("Paid minutes"),
            _("Minutes there"),
            _("Without a rate"),
            _("Amount"),
            _("Currency"),
        ],
        rows=rows,
    )


def as_number(amount: int | None, currency: str | None) -> float | None:
    """Return an amount in the smallest unit of a currency in its whole units, as spreadsheets add them up."""
    if amount is None or not currency:
        return None
    return float(Decimal(amount).scaleb(-get_currency_precision(currency)))


def _row(line: Line, month: Month) -> Sequence[Cell]:
    return [
        _local(line.starts_at, month),
        _local(line.ends_at, month),
        line.title,
        line.group,
        line.kind,
        line.instead_of,
        str(line.state.label),
        line.planned_minutes,
        line.taught_minutes,
        line.percent,
        as_number(line.rate, line.currency),
        str(Per(line.per).label) if line.per else "",
        as_number(line.amount, line.currency),
        line.currency or "",
    ]


def _local(moment: datetime, month: Month) -> datetime:
    return moment.astimezone(month.zone)
