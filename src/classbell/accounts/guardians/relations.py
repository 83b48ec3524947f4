"""What guardians are to students: the usual ones have words in every language, others are shown as they were written."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RELATIONS: Final[Mapping[str, Promise | str]] = {
    "mother": _("Mother"),
    "father": _("Father"),
    "grandmother": _("Grandmother"),
    "grandfather": _("Grandfather"),
    "sister": _("Sister"),
    "brother": _("Brother"),
    "relative": _("Relative"),
}


def relation_in_words(relation: str) -> str:
    """Return what somebody is to a student, in the reader's language where it is a usual one."""
    return str(RELATIONS.get(relation.lower(), relation))
