"""What the open door's pages show of the school, its teachers and its kinds of lessons."""

from collections.abc import Sequence
from dataclasses import dataclass

from classbell.bookings.models import LessonKind
from classbell.bookings.queries import RatedTeacher
from classbell.door.models import PublicSchool, PublicTeacher
from classbell.door.values import named_languages
from classbell.web.door.labels import facts_of

LONGEST_DESCRIPTION = 160


@dataclass(frozen=True, kw_only=True, slots=True)
class TeacherCard:
    """A teacher as everybody sees them; `rating` is None while nobody rated, or where the school does not show it."""

    name: str
    address: str
    words: str
    words_language: str
    picture: str
    languages: Sequence[str]
    subjects: Sequence[str]
    rating: float | None
    rating_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class KindCard:
    """A kind of lesson as everybody sees it, with what one reads before choosing it."""

    name: str
    address: str
    description: str
    colour: str
    facts: Sequence[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What search engines and links to a page show of it."""

    title: str
    description: str
    picture: str
    is_indexable: bool


def teacher_card(teacher: RatedTeacher, school: PublicSchool, language: str) -> TeacherCard:
    """Return a teacher, read by `door.queries`, as everybody sees them."""
    page: PublicTeacher = teacher.public_page
    teaching = getattr(teacher, "teaching", None)
    words, words_language = page.said_in(language)
    return TeacherCard(
        name=teacher.name,
        address=page.address,
        words=words,
        words_language=words_language,
        picture=page.picture,
        languages=named_languages(page.languages),
        subjects=teaching.subjects if teaching else [],
        rating=teacher.rating if school.shows_ratings else None,
        rating_count=teacher.rating_count if school.shows_ratings else 0,
    )


def kind_card(kind: LessonKind) -> KindCard:
    """Return a kind of lesson as everybody sees it."""
    return KindCard(
        name=kind.name,
        address=kind.address,
        description=kind.description,
        colour=kind.colour,
        facts=facts_of(kind),
    )


def head_of(*, title: str, words: str, picture: str, is_indexable: bool) -> Head:
    """Return what is shown of a page elsewhere: its words cut to the length that is shown there."""
    flat = " ".join(words.split())
    cut = flat if len(flat) <= LONGEST_DESCRIPTION else f"{flat[: LONGEST_DESCRIPTION - 1].rsplit(' ', 1)[0]}…"
    return Head(title=title, description=cut, picture=picture, is_indexable=is_indexable)
