"""
How what is kept is classified: what kind of thing a field says, why a table is kept and how long, whose rows they are, and
what an erasure does to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Field, Model, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class Kind(TextChoices):
    """What a field says."""

    IDENTITY = "identity", _("Who somebody is")
    CONTACT = "contact", _("How they are reached")
    TEACHING = "teaching", _("What is taught and learned")
    ATTENDANCE = "attendance", _("Who was there")
    TECHNICAL = "technical", _("What the program needs to work")
    SECRET = "secret", _("What nobody may read")


class Purpose(TextChoices):
    """Why a table is kept."""

    ACCOUNT = (
        "account",
        _("So that people can sign in and are greeted by their name, in their language and on their clock."),
    )
    TEACHING = "teaching", _("To plan and hold lessons, circles, courses and meetings.")
    ATTENDANCE = "attendance", _("To say who was there, and to answer objections.")
    PAYING = "paying", _("To sell lessons, to refund them, and to account for both.")
    TELLING = "telling", _("To tell people what concerns them.")
    PROOF = "proof", _("To be able to say who changed what, and when.")
    RUNNING = "running", _("To keep the service and its connection to Zoom working.")


class Kept(Enum):
    """How long: words and, where the school decides, the setting with the number of days."""

    ACCOUNT = (_("as long as the account"), "")
    MEMBERSHIP = (_("until they leave"), "")
    RECORDS = (_("as long as the school keeps its records; without a name once the person is erased"), "")
    STAYS = ("", "keep_stays_days")
    ALIASES = ("", "keep_aliases_days")
    INBOX = ("", "keep_inbox_days")
    HISTORY = ("", "keep_history_days")
    NOTICES = ("", "keep_notices_days")
    DOCUMENTS = ("", "keep_documents_days")
    JOBS = ("", "keep_jobs_days")
    RECORDINGS = (_("as long as the recording, which goes by the school's rule for recordings"), "")
    DELIVERIES = (_("30 days"), "")
    EXPORTS = (_("a week"), "")
    DAY = (_("a day"), "")
    SIGN_IN = (_("until the sign-in ends or runs out"), "")
    SCHOOL = (_("as long as the school uses it; says nothing about a person"), "")

    def __init__(self, words: Promise | str, setting: str) -> None:
        self.words = words
        self.setting = setting

    @property
    def days(self) -> int | None:
        """How many days, None where it is no number that the school sets."""
        return getattr(settings.ENVIRONMENT, self.setting) if self.setting else None

    @property
    def variable(self) -> str:
        """The setting that says it, as it is written, "" for none."""
        return str(type(settings.ENVIRONMENT).model_fields[self.setting].alias) if self.setting else ""

    @property
    def said(self) -> str:
        """How long, in the reader's language."""
        if self.days is None:
            return str(self.words)
        return ngettext("%(count)s day", "%(count)s days", self.days) % {"count": self.days}


class Erasure(StrEnum):
    """What becomes of rows when the person they are about is erased."""

    DELETE = "delete"
    ANONYMISE = "anonymise"
    KEEP = "keep"


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """
    One way in which rows are somebody's: by the field or relation that names the person, as Django looks it up.

    `emptied` are the fields that are emptied when the rows are anonymised; `withheld` those that an export leaves out
    because, read from this side, they say something of somebody else.
    """

    person: str
    erasure: Erasure
    emptied: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """What is kept in the rows of one model. `title` is what people call it; "" where it says nothing about a person."""

    model: str
    purpose: Purpose
    kept: Kept
    kinds: Mapping[Kind, tuple[str, ...]]
    title: Promise | str = ""
    about: tuple[About, ...] = ()
    of: "Table | None" = field(default=None, compare=False)

    @property
    def rows(self) -> type[Model]:
        """The model itself."""
        return apps.get_model(self.model)

    @property
    def classified(self) -> set[str]:
        """The names of all fields that have a kind."""
        return {name for names in self.kinds.values() for name in names}

    def kind_of(self, name: str) -> Kind:
        """Return the kind of a field. Raises KeyError for one that has none."""
        for kind, names in self.kinds.items():
            if name in names:
                return kind
        raise KeyError(name)

    def exported(self, about: About) -> list["Field[Any, Any]"]:
        """Return the fields that an export has, in the model's order: no secrets, no technicalities, nobody else."""
        left_out = {*self.kinds.get(Kind.SECRET, ()), *self.kinds.get(Kind.TECHNICAL, ()), *about.withheld}
        return [one for one in columns_of(self.rows) if one.name not in left_out and not _is_person(one)]


def table(
    model: str,
    purpose: Purpose,
    kept: Kept,
    *about: About,
    title: Promise | str = "",
    **kinds: str,
) -> Table:
    """Return what is kept in a model's rows; the fields of each kind are named in one text, with blanks between them."""
    return Table(
        model=model,
        purpose=purpose,
        kept=kept,
        about=about,
        title=title,
        kinds={Kind(kind): tuple(names.split()) for kind, names in kinds.items()},
    )


def deleted(person: str, *, withheld: str = "") -> About:
    """Rows that go with the person."""
    return About(person=person, erasure=Erasure.DELETE, withheld=tuple(withheld.split()))


def anonymised(person: str, emptied: str, *, withheld: str = "") -> About:
    """Rows that stay, with these fields emptied."""
    return About(
        person=person,
        erasure=Erasure.ANONYMISE,
        emptied=tuple(emptied.split()),
        withheld=tuple(withheld.split()),
    )


def stays(person: str, *, withheld: str = "") -> About:
    """Rows that stay as they are: they say nothing of the person but point to an account that has no name any more."""
    return About(person=person, erasure=Erasure.KEEP, withheld=tuple(withheld.split()))


def columns_of(model: type[Model]) -> list["Field[Any, Any]"]:
    """Return the fields of a model that are columns of its table."""
    return [one for one in model._meta.local_fields if one.column]


def _is_person(column: "Field[Any, Any]") -> bool:
    return column.remote_field is not None and column.remote_field.model._meta.label == settings.AUTH_USER_MODEL
