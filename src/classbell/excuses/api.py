"""Excused absence: `/api/excuses`."""

from collections.abc import Collection
from typing import Any, Final
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router

from classbell.accounts.acting import NotTheirGuardian, doer, for_ward_named
from classbell.accounts.auth import ApiRequest
from classbell.accounts.disclosure import name_of
from classbell.accounts.idempotency import idempotent
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_admin, signed_in
from classbell.errors import NotAllowed
from classbell.excuses import services
from classbell.excuses.answers import document_response
from classbell.excuses.documents import read_document
from classbell.excuses.models import Excuse, ExcuseDocument, ExcuseRules, ExcuseStatus
from classbell.excuses.permissions import (
    decidable,
    decides_excuse,
    find_excuse,
    may_act_for,
    sees_excuse,
    withdraws_excuse,
)
from classbell.excuses.queries import sessions_shown_of_each
from classbell.excuses.rules import change_rules, rules_in_force
from classbell.excuses.schemas import (
    DecisionIn,
    DocumentOut,
    ExcuseAnswer,
    ExcusedOccurrence,
    ExcusedStudent,
    ExcuseIn,
    ExcuseOut,
    ExcuseRulesIn,
    ExcuseRulesOut,
    ExcusesAnswer,
    ExcusesQuery,
)
from classbell.meetings.models import Occurrence
from classbell.paging import paginate

router = Router(tags=["Excuses"])
WITH_DOCUMENT: Final = {
    "requestBody": {
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "description": "The same fields, and the document: a PDF, PNG or JPEG.",
                    "properties": {"document": {"type": "string", "format": "binary"}},
                }
            }
        }
    }
}
MAY_BE_NULL: Final = frozenset({"monthly_quota", "makeup_hours_ahead", "makeup_monthly_quota", "makeup_term_quota"})
AS_FILE: Final[dict[str, Any]] = {
    "responses": {200: {"content": {"application/pdf": {}, "image/png": {}, "image/jpeg": {}}}}
}


@router.post("", response={201: ExcuseAnswer}, by_alias=True, openapi_extra=WITH_DOCUMENT)
@allowed(signed_in, for_wards=True)
@idempotent
def tell(request: ApiRequest, body: ExcuseIn) -> ExcuseAnswer:
    """
    Tell an absence, ahead or afterwards: your own, or as their guardian, their teacher or an admin a student's. Accepted at
    once where the school's rules say so. 400 `nothing_to_excuse`, `invalid_period`, `no_such_kind`, `document_refused`.
    """
    student_id = body.student_id or request.user.pk
    with for_ward_named(request, student_id) as user:
        if not may_act_for(user, student_id):
            raise NotAllowed if user.is_teacher else NotTheirGuardian
        return _tell(request, student_id, body)


def _tell(request: ApiRequest, student_id: UUID, body: ExcuseIn) -> ExcuseAnswer:
    excuse = services.tell_excuse(
        student_id=student_id,
        by=doer(request),
        absence=services.Absence(
            reason=body.reason,
            starts_at=body.from_,
            ends_at=body.until,
            occurrence_id=body.occurrence_id,
            meeting_id=body.meeting_id,
            group_id=body.group_id,
            kind=body.kind or "",
        ),
        document=read_document(request.FILES.get("document")),
        now=timezone.now(),
    )
    return _answer(request.user, excuse.pk)


@router.get("", response=ExcusesAnswer, by_alias=True)
@allowed(signed_in)
def list_excuses(request: ApiRequest, query: Query[ExcusesQuery]) -> ExcusesAnswer:
    """Your own and your wards', or those about sessions that you teach; all for admins. The latest first."""
    rows = Excuse.objects.visible_to(request.user)
    if query.status:
        rows = rows.filter(status=query.status)
    if query.student_id:
        if not (request.user.is_teacher or request.user.is_admin or may_act_for(request.user, query.student_id)):
            raise NotTheirGuardian
        rows = rows.filter(student=query.student_id)
    if query.group_id:
        named = Q(group=query.group_id) | Q(meeting__group=query.group_id)
        rows = rows.filter(named | Q(occurrence__meeting__group=query.group_id))
    rows = rows.select_related("student", "told_by", "decided_by", "occurrence", "meeting", "group", "document")
    found = paginate(rows.defer("document__content"), query, by="-told_at")
    return ExcusesAnswer(excuses=_describe(found.items, request.user), next_cursor=found.next_cursor)


@router.get("/rules", response=ExcuseRulesOut)
@allowed(signed_in)
def get_rules(request: ApiRequest) -> ExcuseRulesOut:
    """When a rule accepts an excuse at once, and which kinds of reason there are."""
    return _describe_rules(rules_in_force())


@router.patch("/rules", response=ExcuseRulesOut)
@allowed(is_admin)
def set_rules(request: ApiRequest, body: ExcuseRulesIn) -> ExcuseRulesOut:
    """Change what is named. What was told before stays as it is. 400 `rules_contradictory`, `kind_not_listed`."""
    given = body.model_dump(exclude_unset=True)
    changes = {name: value for name, value in given.items() if value is not None or name in MAY_BE_NULL}
    return _describe_rules(change_rules(changes))


@router.get("/{uuid:excuse_id}", response=ExcuseAnswer, by_alias=True)
@allowed(sees_excuse, for_wards=True)
def get(request: ApiRequest, excuse_id: UUID) -> ExcuseAnswer:
    """One excuse."""
    return _answer(request.user, excuse_id)


@router.delete("/{uuid:excuse_id}", response=ExcuseAnswer, by_alias=True)
@allowed(withdraws_excuse, for_wards=True)
def withdraw(request: ApiRequest, excuse_id: UUID) -> ExcuseAnswer:
    """Withdraw it: verdicts are what they would be without it. 400 `excuse_decided` for one that was not accepted."""
    services.withdraw_excuse(excuse_id=excuse_id, by=doer(request), now=timezone.now())
    return _answer(request.user, excuse_id)


@router.post("/{uuid:excuse_id}/decide", response=ExcuseAnswer, by_alias=True)
@allowed(decides_excuse)
def decide(request: ApiRequest, excuse_id: UUID, body: DecisionIn) -> ExcuseAnswer:
    """
    Say yes or no: who teaches all of its sessions, or an admin. 400 `excuse_decided` when somebody, or a rule, was first, or
    it was withdrawn.
    """
    services.decide_excuse(
        excuse_id=excuse_id, accepted=body.accepted, note=body.note, by=request.user, now=timezone.now()
    )
    return _answer(request.user, excuse_id)


@router.get("/{uuid:excuse_id}/document", openapi_extra=AS_FILE)
@allowed(sees_excuse, for_wards=True)
def document(request: ApiRequest, excuse_id: UUID) -> HttpResponse:
    """The document, as a file to keep."""
    return document_response(excuse_id)


def _answer(user: User, excuse_id: UUID) -> ExcuseAnswer:
    return ExcuseAnswer(excuse=_describe([find_excuse(user, excuse_id)], user)[0])


def _describe(excuses: Collection[Excuse], reader: User) -> list[ExcuseOut]:
    sessions = sessions_shown_of_each(excuses, reader)
    theirs = decidable(reader, [one for one in excuses if one.status == ExcuseStatus.PENDING])
    return [_describe_one(one, sessions[one.pk], can_decide=one.pk in theirs) for one in excuses]


def _describe_one(excuse: Excuse, sessions: Collection[Occurrence], *, can_decide: bool) -> ExcuseOut:
    paper: ExcuseDocument | None = getattr(excuse, "document", None)
    url = urljoin(settings.ENVIRONMENT.public_url, f"/api/excuses/{excuse.pk}/document")
    return ExcuseOut(
        id=excuse.pk,
        student=ExcusedStudent(id=excuse.student_id, name=name_of(excuse.student)),
        from_=excuse.starts_at,
        until=excuse.ends_at,
        reason=excuse.reason,
        kind=excuse.kind or None,
        status=excuse.status,
        occurrences=[
            ExcusedOccurrence(
                id=one.pk,
                meeting_id=one.meeting_id,
                title=one.meeting.title,
                start_time=one.starts_at,
                end_time=one.ends_at,
                status=one.status,
            )
            for one in sessions
        ],
        occurrence_id=excuse.occurrence_id,
        meeting_id=excuse.meeting_id,
        group_id=excuse.group_id,
        told_by=name_of(excuse.told_by) if excuse.told_by else None,
        told_at=excuse.told_at,
        by_rule=excuse.by_rule,
        decided_by=excuse.decided_by.name if excuse.decided_by else None,
        decided_at=excuse.decided_at,
        note=excuse.note or None,
        withdrawn_at=excuse.withdrawn_at,
        document=DocumentOut(name=paper.name, content_type=paper.content_type, size=paper.size) if paper else None,
        document_url=url if paper else None,
        can_decide=can_decide,
    )


def _describe_rules(rules: ExcuseRules) -> ExcuseRulesOut:
    return ExcuseRulesOut(
        accepts_at_once=rules.accepts_at_once,
        hours_ahead=rules.hours_ahead,
        monthly_quota=rules.monthly_quota,
        kinds_at_once=rules.kinds_at_once,
        kinds_decided=rules.kinds_decided,
        makeup_hours_ahead=rules.makeup_hours_ahead,
        makeup_days=rules.makeup_days,
        makeup_monthly_quota=rules.makeup_monthly_quota,
        makeup_term_quota=rules.makeup_term_quota,
        makeup_kinds=rules.makeup_kinds,
    )
