"""Pages of a list by cursor: stable while rows come and go, and as fast on the last page as on the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.signing import BadSignature, Signer
from django.db.models import Field, Model, Q, QuerySet
from django.utils.translation import gettext as _
from ninja import Field as Described

from classbell.errors import DomainError
from classbell.wire import Input

Row = TypeVar("Row", bound=Model)

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200
LONGEST_CURSOR = 2000


class InvalidCursor(DomainError):
    """The cursor is not one that this list gave out."""

    code = "invalid_cursor"

    def __init__(self) -> None:
        super().__init__(_("This cursor does not belong to this list. Start without one."))


class PageQuery(Input):
    """The two query parameters of every list: `page: Query[PageQuery]`."""

    limit: int = Described(DEFAULT_LIMIT, ge=1, le=LARGEST_LIMIT, description="How many at most.")
    cursor: str | None = Described(None, max_length=LONGEST_CURSOR, description="`next_cursor` of the page before.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list; `next_cursor` leads to those after them and is None at the end."""

    items: Sequence[Row]
    next_cursor: str | None


def paginate(rows: QuerySet[Row], page: PageQuery, *, by: str) -> Page[Row]:
    """
    Return one page of `rows`, ordered by the field `by` (`-` in front: descending) and then by primary key, in one query.

    `by` is a field of the model that is never null; an index on (`by`, primary key) makes every page equally fast.

    Raises InvalidCursor.
    """
    descending = by.startswith("-")
    field = rows.model._meta.get_field(by.removeprefix("-"))
    key = rows.model._meta.pk
    if not isinstance(field, Field) or key is None:
        raise TypeError(f"{by} is not a column to order by")
    signer = Signer(salt=f"{rows.model._meta.label}:{by}")
    if page.cursor:
        rows = rows.filter(_after(_read(page.cursor, signer), field, key, descending=descending))
    order = ("-" if descending else "") + key.attname
    found = list(rows.order_by(by, order)[: page.limit + 1])
    items, more = found[: page.limit], len(found) > page.limit
    if not more:
        return Page(items=items, next_cursor=None)
    last = items[-1]
    return Page(items=items, next_cursor=signer.sign_object([field.value_to_string(last), key.value_to_string(last)]))


def _read(cursor: str, signer: Signer) -> tuple[str, str]:
    try:
        value, key = signer.unsign_object(cursor)
    except (BadSignature, ValueError) as error:
        raise InvalidCursor from error
    return value, key


def _after(
    position: tuple[str, str], field: "Field[object, object]", key: "Field[object, object]", *, descending: bool
) -> Q:
    beyond = "lt" if descending else "gt"
    value, pk = field.to_python(position[0]), key.to_python(position[1])
    # The first condition follows from the second; PostgreSQL needs it to begin inside the index.
    return Q(**{f"{field.attname}__{beyond}e": value}) & (
        Q(**{f"{field.attname}__{beyond}": value}) | Q(**{f"{key.attname}__{beyond}": pk})
    )
