"""Moments in words, on the reader's clock."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def moment_in_words(moment: datetime, day: str = "l j F") -> str:
    """Write a moment on the reader's clock: "Tuesday 24 November, 18:00"; `day` is a format of its day."""
    local = timezone.localtime(moment)
    return _("%(day)s, %(time)s") % {"day": date_format(local, day), "time": f"{local:%H:%M}"}
