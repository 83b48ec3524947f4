"""The history over HTTP, for admins: `/api/audit`."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router
from pydantic import AfterValidator, WithJsonSchema, model_validator

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, is_admin
from classbell.audit.kinds import KINDS
from classbell.audit.labels import EntryInWords, in_words
from classbell.audit.queries import Asked, history
from classbell.paging import PageQuery
from classbell.wire import Moment, Output, Word

router = Router(tags=["History"])


def _known(name: str) -> str:
    if name not in KINDS:
        raise ValueError(f"is one of {', '.join(KINDS)}")
    return name


KindName = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(KINDS)})]


class AuditQuery(PageQuery):
    """Which part: of one kind, of one thing of that kind with what belongs to it, by one person, since a moment."""

    kind: KindName | None = None
    id: Word | None = None
    actor: UUID | None = None
    since: Moment | None = None

    @model_validator(mode="after")
    def _id_has_a_kind(self) -> "AuditQuery":
        if self.id and not self.kind:
            raise ValueError("id needs its kind")
        if self.id and self.kind and self.thing is None:
            raise ValueError("id is not one of that kind's")
        return self

    @property
    def thing(self) -> UUID | int | None:
        """The id as that kind's rows have it, None without one."""
        return KINDS[self.kind].id_of(self.id) if self.kind and self.id else None


class ActorOut(Output):
    """
    Who did it; `key` is the name of the API key that did it for them, `student_id` for whom a guardian did it, null for none.
    """

    id: UUID
    name: str
    key: str | None
    student_id: UUID | None


class ChangeOut(Output):
    """One value: `from` and `to` as the API writes such values elsewhere, people and things by id."""

    field: str
    before: Any = Field(serialization_alias="from")
    after: Any = Field(serialization_alias="to")


class EntryOut(Output):
    """
    One thing that happened. `id` is a number where the school has a thing of the kind only once, such as its rules. `actor`
    is null where Classbell did it by itself; `by` names the provider that gave a role.
    """

    kind: str
    id: str
    title: str
    what: str
    at: Moment
    actor: ActorOut | None
    by: str
    path: str
    request_id: UUID | None
    changes: list[ChangeOut]


class AuditAnswer(Output):
    """A page of the history, the latest first."""

    entries: list[EntryOut]
    next_cursor: str | None


@router.get("", response=AuditAnswer, by_alias=True)
@allowed(is_admin)
def list_history(request: ApiRequest, query: Query[AuditQuery]) -> AuditAnswer:
    """
    Who changed what, and when. `what` is `made`, `changed` or `removed`. Sign-ins, and those that failed, are told
    only of the kind `sign_in` or of one person (`kind=person&id=`): they would hide all else.
    """
    asked = Asked(
        kind=query.kind or "", id=query.thing, actors=[query.actor] if query.actor else None, since=query.since
    )
    found = history(asked, limit=query.limit, cursor=query.cursor)
    return AuditAnswer(entries=[_describe(line) for line in in_words(found.entries)], next_cursor=found.next_cursor)


def _describe(line: EntryInWords) -> EntryOut:
    entry = line.entry
    return EntryOut(
        kind=entry.kind,
        id=str(entry.object_id),
        title=line.title,
        what=entry.what,
        at=entry.at,
        actor=ActorOut(id=entry.actor_id, name=line.person, key=entry.by_key or None, student_id=entry.for_id)
        if entry.actor_id
        else None,
        by=entry.by,
        path=entry.path,
        request_id=entry.request_id,
        changes=[ChangeOut(field=c.column, before=c.before, after=c.after) for c in entry.changes],
    )
