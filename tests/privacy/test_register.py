"""Nothing is stored that nobody has thought about: what it is, whose, how long, and what an erasure does to it."""

from pathlib import Path
from typing import Final

from classbell.config.environment import Environment
from classbell.privacy.classification import Erasure, Kept, Kind, columns_of
from classbell.privacy.document import with_register
from classbell.privacy.register import about_people, not_in_register, register

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "data.md"


def test_every_field_of_every_model_is_classified_once() -> None:
    assert not_in_register() == [], "classify it in src/classbell/privacy/kept"
    twice = [
        (label, name)
        for label, one in register().items()
        for name in one.classified
        if sum(name in names for names in one.kinds.values()) > 1
    ]
    assert twice == []


def test_the_document_is_as_the_register_has_it() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")

    assert with_register(written) == written, "run ./run classbell manage describe_data"


def test_whatever_points_to_a_person_says_what_becomes_of_it() -> None:
    """A row that belongs to a person by its one pointer to people is theirs, whoever forgot to say so."""
    forgotten = []
    for label, one in register().items():
        pointers = {
            column.name
            for column in columns_of(one.rows)
            if column.remote_field is not None and column.remote_field.model._meta.label == "accounts.User"
        }
        # Who did something to others' things, or a pointer of the installation's: not what the row is about.
        about = {way.person for way in one.about}
        others = pointers & {
            "chosen_by",
            "told_by",
            "given_by",
            "decided_by",
            "always_in",
            "overridden_by",
            "answered_by",
            "asked_by",
            "booked_by",
            "teacher",
        }
        forgotten += [f"{label}.{name}" for name in sorted(pointers - about - others - {"invited_by", "cancelled_by"})]

    assert [name for name in forgotten if not name.endswith(".pgh_obj")] == []


def test_no_secret_and_nobody_else_is_exported() -> None:
    for one in about_people():
        for about in one.about:
            for column in one.exported(about):
                assert one.kind_of(column.name) not in {Kind.SECRET, Kind.TECHNICAL}
                assert column.name not in about.withheld
                assert column.remote_field is None or column.remote_field.model._meta.label != "accounts.User"


def test_what_is_emptied_can_be_empty() -> None:
    for one in about_people():
        for about in one.about:
            assert bool(about.emptied) == (about.erasure is Erasure.ANONYMISE), one.model
            for name in about.emptied:
                column = one.rows._meta.get_field(name)
                assert column.null or column.get_internal_type() in {
                    "CharField", "TextField", "JSONField", "EmailField", "URLField",
                }, f"{one.model}.{name}"  # fmt: skip


def test_every_length_that_the_school_sets_is_a_setting_that_spares_the_running_year() -> None:
    set_by_school = [kept for kept in Kept if kept.setting]

    assert set_by_school
    for kept in set_by_school:
        assert kept.setting in Environment.model_fields
    for name in ("keep_stays_days", "keep_aliases_days", "keep_history_days"):
        (bound,) = [one.ge for one in Environment.model_fields[name].metadata if hasattr(one, "ge")]
        assert bound > 366
