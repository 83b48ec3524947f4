"""How many places a class, a course or a circle has, and what becomes of those for whom there is none."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from classbell.groups.models import Group
from classbell.groups.services import MOST_PLACES, WhenFull
from classbell.web.kit.forms.people_lists import PeopleListForm

CHOICES = [
    (WhenFull.REFUSE.value, gettext_lazy("Nobody comes in")),
    (WhenFull.WAIT.value, gettext_lazy("The first ones come in, the others wait for a place")),
    (WhenFull.EXCEED.value, gettext_lazy("All come in, over the number of places")),
]


class GroupPeopleForm(PeopleListForm):
    """People for a group; one with a bound asks what becomes of those for whom there is no place."""

    def __init__(self, *given: Any, group: Group, **named: Any) -> None:
        super().__init__(*given, **named)
        if group.capacity is not None:
            self.fields["when_full"] = WhenFullField()

    @property
    def when_full(self) -> WhenFull:
        """What was chosen; only of a valid form."""
        chosen: WhenFull = self.cleaned_data.get("when_full", WhenFull.REFUSE)
        return chosen


class PlacesField(forms.IntegerField):
    """A number of places, None where there is no bound."""

    def __init__(self, **given: Any) -> None:
        texts = {
            "label": gettext_lazy("Places (optional)"),
            "help_text": gettext_lazy("When all are taken, others wait and move up by themselves."),
        }
        super().__init__(**{**texts, "min_value": 1, "max_value": MOST_PLACES, "required": False, **given})


class WhenFullField(forms.TypedChoiceField):
    """A choice among WhenFull; nothing said is REFUSE."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("If there are more than places"),
            choices=CHOICES,
            coerce=WhenFull,
            empty_value=WhenFull.REFUSE,
            required=False,
        )
