"""Texts of the school that people are asked to agree to, kept in versions: when they sign in, before they are recorded."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from classbell.errors import DomainError


class NoText(DomainError):
    """People cannot be asked to agree to nothing."""

    code: ClassVar[str] = "no_text"

    def __init__(self) -> None:
        super().__init__(
            _("Write the text in one language at least."), details=[{"field": "english"}, {"field": "arabic"}]
        )


class TextChanged(DomainError):
    """What somebody agreed to is not what is asked any more."""

    code: ClassVar[str] = "text_changed"

    def __init__(self) -> None:
        super().__init__(_("The school has changed the text meanwhile. Read it once more."))


class AskedText(models.Model):
    """
    One version of a text, in both languages; the newest counts, and is asked while `is_asked`. None is ever changed or
    deleted: it is what people agreed to.
    """

    version = models.PositiveIntegerField(primary_key=True)
    english = models.TextField(blank=True)
    arabic = models.TextField(blank=True)
    is_asked = models.BooleanField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["-version"]

    def __str__(self) -> str:
        return str(self.version)

    def said_in(self, language: str) -> tuple[str, str]:
        """Return the text in a language, in the other one when there is none, and the language that it is in."""
        texts = {"en": self.english, "ar": self.arabic}
        wanted = language if texts.get(language) else next(code for code, text in texts.items() if text)
        return texts[wanted], wanted

    @classmethod
    def newest(cls) -> Self | None:
        """Return the version that counts, None while there is none. One statement."""
        return cls._default_manager.first()

    @classmethod
    def write(cls, *, english: str, arabic: str, is_asked: bool, by: models.Model, now: datetime) -> Self:
        """
        Make another text the one that counts, as a new version; of the same text, only switch whether it is asked. Raises
        NoText.
        """
        if not english and not arabic:
            raise NoText
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {cls._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
            kept = cls.newest()
            if kept is not None and (kept.english, kept.arabic) == (english, arabic):
                kept.is_asked = is_asked
                kept.save(update_fields=["is_asked"])
                return kept
            return cls._default_manager.create(
                version=kept.version + 1 if kept else 1,
                english=english,
                arabic=arabic,
                is_asked=is_asked,
                asked_by=by,
                made_at=now,
            )

    @classmethod
    def must_be_newest(cls, version: int) -> None:
        """Raises TextChanged unless the version is the one that counts."""
        newest = cls.newest()
        if newest is None or newest.version != version:
            raise TextChanged
