"""What the school and its teachers show to whoever has no account."""

from typing import Final, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from classbell.history import CHANGED, keeps_history

LONGEST_WORDS: Final = 4000
LONGEST_PICTURE: Final = 500
LONGEST_ADDRESS: Final = 60


class ConfirmsGuests(models.TextChoices):
    """What makes a guest's booking count; until then its time is held for them."""

    LINK = "link", _("When they follow the link in the mail that they are sent")
    AT_ONCE = "at_once", _("At once")


class ShownWords(models.Model):
    """What somebody says of themselves, in one language or both; who reads the other one is shown what there is."""

    english = models.TextField(blank=True, max_length=LONGEST_WORDS)
    arabic = models.TextField(blank=True, max_length=LONGEST_WORDS)
    # The https address of a picture: docs/door.md says why none is uploaded.
    picture = models.CharField(blank=True, max_length=LONGEST_PICTURE)
    # Whether search engines may list the page.
    indexable = models.BooleanField(default=False)

    class Meta:
        abstract = True

    def said_in(self, language: str) -> tuple[str, str]:
        """Return the words in a language, in the other one when there are none, and the language that they are in."""
        texts = {"en": self.english, "ar": self.arabic}
        wanted = language if texts.get(language) else next((code for code, text in texts.items() if text), language)
        return texts.get(wanted, ""), wanted


@keeps_history("is_open", "name", "confirms_guests_by", "shows_ratings", "allowed_origins", "indexable", of=[CHANGED])
class PublicSchool(ShownWords):
    """
    The school's own page: one row, or none while the school has changed nothing.

    Nothing of the school is shown to anybody without an account unless `is_open`. `allowed_origins` are the other sites
    that may show its pages inside theirs, as `https://school.example`.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    is_open = models.BooleanField(default=False)
    name = models.CharField(blank=True, max_length=120)
    confirms_guests_by = models.CharField(max_length=16, choices=ConfirmsGuests.choices, default=ConfirmsGuests.LINK)
    shows_ratings = models.BooleanField(default=False)
    allowed_origins = ArrayField(models.CharField(max_length=260), default=list, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_open_door")]

    def __str__(self) -> str:
        return self.name or "The school"


class PublicTeacherQuerySet(models.QuerySet["PublicTeacher"]):
    """Filters that read after the noun."""

    def shown(self) -> Self:
        """Pages that teachers switched on and no admin took down. Whether they still teach here is asked elsewhere."""
        return self.filter(is_public=True, is_taken_down=False)


@keeps_history("teacher", "is_public", "is_taken_down", "address", "indexable", of=[CHANGED])
class PublicTeacher(ShownWords):
    """
    A teacher's own page. It is there only while the school is open, the teacher has switched it on and no admin has taken
    it down: the teacher's name and face are theirs to show, and what the school shows is the school's to stop.

    `address` is the last part of the page's address, chosen by the teacher. `languages` are codes of ISO 639 in which they
    teach. Subjects are `TeacherSettings.subjects`.
    """

    teacher = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="public_page"
    )
    is_public = models.BooleanField(default=False)
    is_taken_down = models.BooleanField(default=False, db_default=False)
    address = models.CharField(max_length=LONGEST_ADDRESS, unique=True)
    languages = ArrayField(models.CharField(max_length=3), default=list, blank=True)

    objects = PublicTeacherQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(address__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"), name="address_can_be_typed_by_anybody"
            )
        ]
        ordering = ["address"]

    def __str__(self) -> str:
        return self.address
