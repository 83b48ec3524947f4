"""What the school and its teachers show to whoever has no account."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from classbell.privacy.classification import Kept, Purpose, Table, deleted, table

TABLES: Final[tuple[Table, ...]] = (
    table(
        "door.PublicSchool",
        Purpose.TEACHING,
        Kept.SCHOOL,
        teaching="is_open name english arabic picture indexable confirms_guests_by shows_ratings",
        technical="id allowed_origins",
    ),
    table(
        "door.PublicTeacher",
        Purpose.TEACHING,
        Kept.ACCOUNT,
        deleted("teacher"),
        title=_("Your public page"),
        identity="address english arabic picture languages is_public is_taken_down indexable",
        technical="teacher",
    ),
)
