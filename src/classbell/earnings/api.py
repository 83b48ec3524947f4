"""Hours taught and what teachers are owed: `/api/teachers`."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.disclosure import name_of
from classbell.accounts.permissions import allowed, is_admin, is_teacher_or_admin
from classbell.bookings.kinds.errors import NoSuchKind
from classbell.bookings.models import LessonKind
from classbell.earnings import services
from classbell.earnings.hours import Line, Totals, lines_of, of_all_teachers, totals_of
from classbell.earnings.models import PayRules, Per, TeacherRate
from classbell.earnings.months import Month, asked_month
from classbell.earnings.permissions import reads_hours, teacher_known, teacher_to_pay
from classbell.earnings.schemas import (
    AllHoursAnswer,
    HourOut,
    HoursAnswer,
    HoursQuery,
    Owed,
    PayRulesOut,
    PayRulesPatch,
    RateIn,
    RateOut,
    RatesAnswer,
    TeacherHoursOut,
    TotalsOut,
)
from classbell.earnings.tables import sessions_table, teachers_table
from classbell.errors import NotThere
from classbell.groups.models import Group
from classbell.postgres.bounds import Read, reading
from classbell.sheets import FILE_TYPES, Table, as_file

router = Router(tags=["Hours taught"])

# With `format`, beside JSON.
AS_FILES = {
    "responses": {200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in FILE_TYPES}}}
}


@router.get("/hours", response=AllHoursAnswer, openapi_extra=AS_FILES)
@allowed(is_admin)
def all_hours(request: ApiRequest, query: Query[HoursQuery]) -> AllHoursAnswer | HttpResponse:
    """
    What every teacher taught in a month and is owed, added up; sessions that are over, by who held them. `format=csv` or
    `xlsx` for a file with a row for each teacher and currency.
    """
    now = timezone.now()
    month = asked_month(query.month, now=now)
    with reading(Read.REPORT):
        teachers = of_all_teachers(month, now=now)
    if query.format != "json":
        return _file(request, query, lambda: teachers_table(teachers, month))
    shown = [
        TeacherHoursOut(
            teacher_id=one.teacher.pk, teacher_name=name_of(one.teacher), totals=_describe_totals(one.totals)
        )
        for one in teachers
    ]
    return AllHoursAnswer(**_describe_month(month), teachers=shown)


@router.get("/pay-rules", response=PayRulesOut)
@allowed(is_teacher_or_admin)
def get_pay_rules(request: ApiRequest) -> PayRulesOut:
    """How much of the rate is paid for lessons that were lost, and for sessions of which nothing is known."""
    return _describe_rules(services.rules_in_force())


@router.patch("/pay-rules", response=PayRulesOut)
@allowed(is_admin)
def change_pay_rules(request: ApiRequest, body: PayRulesPatch) -> PayRulesOut:
    """Change what is named. Statements of earlier months follow."""
    changes = {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}
    return _describe_rules(services.change_rules(changes))


@router.get("/{uuid:teacher_id}/hours", response=HoursAnswer, openapi_extra=AS_FILES)
@allowed(reads_hours)
def hours(request: ApiRequest, teacher_id: UUID, query: Query[HoursQuery]) -> HoursAnswer | HttpResponse:
    """
    What a teacher taught in a month and is owed: each session that is over and that they held, a substitute's where they were
    one, with its planned and taught minutes, what became of it, the rate that held that day, and the amount. Teachers read
    their own, admins everybody's. `format=csv` or `xlsx` for a file with a row for each session.
    """
    teacher, now = teacher_known(teacher_id), timezone.now()
    month = asked_month(query.month, now=now)
    lines = lines_of(teacher.pk, month, now=now)
    if query.format != "json":
        return _file(request, query, lambda: sessions_table(lines, month))
    return HoursAnswer(
        **_describe_month(month),
        teacher_id=teacher.pk,
        teacher_name=name_of(teacher),
        totals=_describe_totals(totals_of(lines)),
        sessions=[_describe_line(line) for line in lines],
    )


@router.get("/{uuid:teacher_id}/rates", response=RatesAnswer)
@allowed(reads_hours)
def get_rates(request: ApiRequest, teacher_id: UUID) -> RatesAnswer:
    """What a teacher is paid, from which day on: all rates, earlier ones too."""
    teacher = teacher_known(teacher_id)
    rates = TeacherRate.objects.filter(teacher=teacher)
    return RatesAnswer(teacher_id=teacher.pk, rates=[_describe_rate(rate) for rate in rates])


@router.put("/{uuid:teacher_id}/rates", response=RateOut)
@allowed(is_admin)
def set_rate(request: ApiRequest, teacher_id: UUID, body: RateIn) -> RateOut:
    """
    Pay a teacher so much from a day on, for everything or for one kind of lesson or class. One for the same from the same
    day is replaced; earlier ones stay. 400 `rate_refused` names what is wrong.
    """
    rate = services.set_rate(
        teacher=teacher_to_pay(teacher_id),
        in_force_from=body.in_force_from,
        amount=body.amount,
        currency=body.currency,
        per=body.per,
        kind=_kind(body.kind_id) if body.kind_id else None,
        group=_group(body.class_id) if body.class_id else None,
        now=timezone.now(),
    )
    return _describe_rate(rate)


@router.delete("/{uuid:teacher_id}/rates/{uuid:rate_id}", response={204: None})
@allowed(is_admin)
def remove_rate(request: ApiRequest, teacher_id: UUID, rate_id: UUID) -> Status[None]:
    """Take away a rate that should never have been: the one before holds in its place. Its history stays."""
    services.remove_rate(teacher_id=teacher_id, rate_id=rate_id)
    return Status(204, None)


def _file(request: ApiRequest, query: HoursQuery, table: Any) -> HttpResponse:
    """Answer with a file, which is for people: in the language in which they look at pages."""
    assert query.format != "json"  # noqa: S101 -- what calls this asked
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    language = chosen if translation.check_for_language(chosen) else request.user.locale
    with translation.override(language):
        made: Table = table()
        return as_file(made, query.format)


def _kind(kind_id: UUID) -> LessonKind:
    found = LessonKind.objects.filter(pk=kind_id).first()
    if found is None:
        raise NoSuchKind
    return found


def _group(group_id: UUID) -> Group:
    found = Group.objects.filter(pk=group_id).first()
    if found is None:
        raise NotThere(_("There is no such class."))
    return found


def _describe_month(month: Month) -> dict[str, Any]:
    starts_at, ends_at = month.bounds
    return {"month": month.name, "timezone": month.zone.key, "starts_at": starts_at, "ends_at": ends_at}


def _describe_totals(totals: Totals) -> TotalsOut:
    return TotalsOut(
        sessions=totals.sessions,
        held=totals.held,
        paid_sessions=totals.paid,
        paid_minutes=totals.paid_minutes,
        taught_minutes=totals.taught_minutes,
        owed=[Owed(currency=currency, amount=amount) for currency, amount in totals.owed.items()],
        without_rate=totals.without_rate,
    )


def _describe_line(line: Line) -> HourOut:
    return HourOut(
        session_id=line.occurrence_id,
        booking_id=line.booking_id,
        meeting_id=line.meeting_id,
        title=line.title,
        class_name=line.group,
        kind=line.kind,
        instead_of=line.instead_of,
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        planned_minutes=line.planned_minutes,
        taught_minutes=line.taught_minutes,
        state=line.state,
        percent=line.percent,
        rate=line.rate,
        per=Per(line.per) if line.per else None,
        currency=line.currency,
        amount=line.amount,
    )


def _describe_rate(rate: TeacherRate) -> RateOut:
    return RateOut(
        id=rate.pk,
        in_force_from=rate.in_force_from,
        amount=rate.amount,
        currency=rate.currency,
        per=Per(rate.per),
        kind_id=rate.kind_id,
        class_id=rate.group_id,
        set_at=rate.set_at,
    )


def _describe_rules(rules: PayRules) -> PayRulesOut:
    return PayRulesOut(
        late_cancellation_percent=rules.late_cancellation_percent,
        student_away_percent=rules.student_away_percent,
        pays_unknown=rules.pays_unknown,
    )
