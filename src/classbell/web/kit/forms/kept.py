"""
Forms that change what is kept, while somebody else may be changing it too.

Such a form carries along what it showed. What was left alone is then as it is kept by now, so that saving an old page takes
back nothing; and of what both have changed the person is told before theirs replaces it.
"""

from datetime import date, time
from functools import cached_property
from typing import Any, Final, cast

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from classbell.bidi import isolated
from classbell.web.kit.labels import listed

LONGEST_SAID: Final = 80


class KeptField(BoundField):
    """A field beside what is kept, and what its page showed of it."""

    def as_shown(self) -> SafeString:
        """Return what is kept as a hidden input, which comes back beside what is typed."""
        return self.field.hidden_widget().render(self.html_initial_name, self._kept_value)

    @property
    def is_changed(self) -> bool:
        """Whether what is typed is not what is kept."""
        return self._differ(self.sent_as_kept, self.data)

    @property
    def is_overtaken(self) -> bool:
        """Whether something else is kept by now than the page showed."""
        return self._differ(self.sent_as_kept, self._shown)

    @property
    def is_touched(self) -> bool:
        """Whether something else was typed than the page showed."""
        return self._differ(self._shown, self.data)

    @property
    def sent_as_kept(self) -> Any:
        """What a page that shows what is kept sends back: text, or a list of texts; None for nothing."""
        value = self.field.hidden_widget().format_value(self._kept_value)
        return [str(one) for one in value] if isinstance(value, list | tuple) else value

    @property
    def kept_in_words(self) -> str:
        """What is kept as a reader would write it, "" for nothing."""
        if isinstance(self.initial, time):
            return f"{self.initial:%H:%M}"
        if isinstance(self.initial, date):
            return str(localize(self.initial))
        names = _names(getattr(self.field.widget, "choices", ()))
        sent = self.sent_as_kept
        values = sent if isinstance(sent, list) else [sent or ""]
        return Truncator(listed([names.get(value, value) for value in values])).chars(LONGEST_SAID)

    @property
    def _kept_value(self) -> Any:
        return self.field.prepare_value(self.initial)

    @property
    def _shown(self) -> Any:
        data, files = self.form.data, self.form.files
        return self.field.hidden_widget().value_from_datadict(data, files, self.html_initial_name)

    def _differ(self, one: Any, other: Any) -> bool:
        try:
            return self.field.has_changed(self.field.to_python(one), other)
        except forms.ValidationError:
            return True


class KeptForm(forms.Form):
    """A form over what is kept, its `initial`; `changed_data` names what is to be changed of it, and nothing else is."""

    bound_field_class = KeptField

    def full_clean(self) -> None:
        """Take what is kept by now for what was left alone, and refuse what somebody else has changed to something else."""
        both = self._catch_up() if self.is_bound else []
        super().full_clean()
        for field in both:
            self.add_error(field.name, _overtaken(field))

    @cached_property
    def changed_data(self) -> list[str]:
        """The names of the fields in which something else is typed than is kept."""
        return [name for name in self.fields if self._kept(name).is_changed]

    def _catch_up(self) -> list[KeptField]:
        """Let what was left alone say what is kept by now; return the fields that both have changed."""
        fields = [self._kept(name) for name in self.fields]
        if not any(field.html_initial_name in self.data for field in fields):
            return []
        overtaken = [field for field in fields if field.is_overtaken]
        both = [field for field in overtaken if field.is_touched and field.is_changed]
        data = cast("QueryDict", self.data).copy()
        for field in overtaken:
            if not field.is_touched:
                sent = field.sent_as_kept
                data.setlist(field.html_name, sent if isinstance(sent, list) else [sent or ""])
        self.data = data
        return both

    def _kept(self, name: str) -> KeptField:
        field = self[name]
        assert isinstance(field, KeptField)  # noqa: S101 -- bound_field_class
        return field


def _overtaken(field: KeptField) -> str:
    kept = field.kept_in_words
    if not kept:
        text = _("Somebody else has emptied “%(name)s” meanwhile. Save again to have it as you wrote it.")
        return text % {"name": field.label}
    text = _(
        "Somebody else has changed “%(name)s” meanwhile; it is “%(value)s” now. Save again to have it as you wrote it."
    )
    return text % {"name": field.label, "value": isolated(kept)}


def _names(choices: Any) -> dict[str, str]:
    """Return what choices are called, those in groups too."""
    names: dict[str, str] = {}
    for value, name in choices:
        if isinstance(name, str | Promise):
            names[str(value)] = str(name)
        else:
            names |= _names(name)
    return names
