"""
The second wall: a row that is about somebody becomes an object for nobody else, whatever was asked for and whoever let it
through. It knows no operation's rule and no query's filter: it looks at the row and at who reads.

`@personal("student", "teacher")` names the columns that say whom a model's rows are about. While somebody reads
(`accounts.reader`) a row passes when they are one of these, or an admin; when one of these is among their own people
(a guardian's wards, a teacher's students: `knows_people`); or when the row says so itself (`concerns`). Else NotTheirs is
raised, which is answered as what is not there, and logged: some rule let somebody through whom it should not.

Jobs and commands read for nobody. Guests, who sign in nowhere, are who their link says (`proven_as`). What a request only
reckons with, and what is for everybody, is read `past_the_wall`. Bare values and sums make no objects: whoever reads them
says whom they are about, by `bare_values_about`, or leaves of them what the reader may read, which a test of the code's text
holds. Decision 14 says why.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, NoReturn, Protocol, TypeVar, cast, runtime_checkable
from uuid import UUID

import structlog
from django.db.models import Model, QuerySet

from classbell.accounts.models import User
from classbell.accounts.reader import Reader, reader, reading_guardian
from classbell.errors import NotThere

log = structlog.get_logger(__name__)

Personal = TypeVar("Personal", bound=type[Model])
Answer = TypeVar("Answer")
People = Callable[[User], Iterable[QuerySet[Any, UUID]]]

_ANSWERS: Final = "_answers_at_the_wall"
_PROVEN: Final = "_proven_at_the_wall"
_people: Final[list[People]] = []
_is_open: Final[ContextVar[bool]] = ContextVar("wall_is_open", default=False)


class NotTheirs(NotThere):
    """A row was about to be read for somebody whom it is not about: for them it is not there."""


@runtime_checkable
class Concerning(Protocol):
    """A row that may concern more people than its columns name."""

    def concerns(self, person: User) -> bool:
        """Whether a person who is signed in may read it though it does not name them, nor anybody of theirs."""


def personal(*columns: str) -> Callable[[Personal], Personal]:
    """
    Say by which columns a model's rows are about people: others do not read them. Without one, and unless they say whom they
    concern, they are for admins.
    """
    names = tuple(f"{column}_id" for column in columns)

    def decorate(model: Personal) -> Personal:
        make = model.from_db.__func__  # type: ignore[attr-defined]  # a class method's own function

        def from_db(cls: type[Model], *loaded: Any, **more: Any) -> Model:
            row: Model = make(cls, *loaded, **more)
            by = reader()
            if by is not None and not _passes(row, names, by) and not _passes_by_now(row, names, by):
                _refuse(f"{row._meta.label} {row.pk}", by)
            return row

        model.from_db = classmethod(from_db)  # type: ignore[assignment, method-assign]
        model.about_people = names  # type: ignore[attr-defined]  # read by `is_walled`
        return model

    return decorate


def is_walled(model: type[Model]) -> bool:
    """Whether a model's rows are behind the wall."""
    return hasattr(model, "about_people")


def knows_people(people: People) -> People:
    """
    Make known whose rows somebody reads as they read their own: queries of their ids. Asked once a request, all in one
    statement, and only for rows of others.
    """
    _people.append(people)
    return people


@contextmanager
def past_the_wall() -> Iterator[None]:
    """Let rows of anybody be read meanwhile: to reckon with, or because what is said of them is for everybody."""
    token = _is_open.set(True)
    try:
        yield
    finally:
        _is_open.reset(token)


def proven_as(person: User) -> None:
    """Say who has proven to ask, by a link of theirs, without being signed in: what is about them is theirs to read now."""
    by = reader()
    if by is not None:
        setattr(by, _PROVEN, person)


def remembered(person: User, key: Hashable, ask: Callable[[], Answer]) -> Answer:
    """
    Return what `ask` says of a person, asked once: it is kept on the person, who is read anew with every request. It is asked
    of each row, so what it needs is made within `ask`.
    """
    known: dict[Hashable, Any] = person.__dict__.setdefault(_ANSWERS, {})
    if key not in known:
        known[key] = ask()
    return cast("Answer", known[key])


def people_of(person: User) -> set[UUID]:
    """Return a person's own people: a guardian's wards, a teacher's students. One statement, once a request."""
    return remembered(person, "people", lambda: _ask_for_people(person))


def _ask_for_people(person: User) -> set[UUID]:
    asked = [rows.order_by() for people in _people for rows in people(person)]
    return set(asked[0].union(*asked[1:])) if asked else set()


def bare_values_about(who: UUID | None) -> None:
    """
    Say whom bare values are about that are read next, of all people for None: the wall does not see them by itself. Raises
    NotTheirs as for rows that name them.
    """
    by, about = reader(), {who} - {None}
    if by is not None and not (_names(by, about) or _knows(by, about)):
        _refuse(f"values about {who or 'everybody'}", by)


def _passes(row: Model, names: tuple[str, ...], by: Reader) -> bool:
    about = {row.__dict__.get(name) for name in names} - {None}
    if _names(by, about):
        return True
    proven: User | None = getattr(by, _PROVEN, None)
    if proven is not None and _passes(row, names, proven):
        return True
    # Whom else a row concerns is a small question; a teacher's own people are many.
    return (by.is_authenticated and isinstance(row, Concerning) and row.concerns(by)) or _knows(by, about)


def _passes_by_now(row: Model, names: tuple[str, ...], by: Reader) -> bool:
    """As `_passes`, asked anew: within this request they may have been given what the row is about."""
    for one in (by, getattr(by, _PROVEN, None)):
        if one is not None:
            one.__dict__.pop(_ANSWERS, None)
    return _passes(row, names, by)


def _names(by: Reader, about: AbstractSet[Any]) -> bool:
    """Whether what is about these people is for its reader without a further question."""
    if _is_open.get():
        return True
    if not by.is_authenticated:
        return False
    # What is a guardian's own is shown beside what is their ward's.
    guardian = reading_guardian()
    return by.is_admin or by.pk in about or (guardian is not None and guardian.pk in about)


def _knows(by: Reader, about: AbstractSet[Any]) -> bool:
    return bool(about) and by.is_authenticated and not people_of(by).isdisjoint(about)


def _refuse(what: str, by: Reader) -> NoReturn:
    log.error("second_wall", what=what, reader=str(by.pk or ""))
    raise NotTheirs
