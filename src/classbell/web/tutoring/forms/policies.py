"""An academy's rules as an admin types them."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from classbell.bookings.models import BookingPolicy
from classbell.bookings.policies import RULES
from classbell.web.kit.forms.kept import KeptForm

MOST_HOURS = 24 * 60


class NoticeField(forms.IntegerField):
    """Until how many hours before the start students do something themselves; empty: until the start."""

    def __init__(self, *, label: StrOrPromise) -> None:
        meaning = gettext_lazy("Later than this, students must ask their teacher. Empty: at any time before the start.")
        super().__init__(label=label, help_text=meaning, min_value=0, max_value=MOST_HOURS, required=False)


class PolicyForm(KeptForm):
    """The rules for one teacher or for all; empty means that there is no such rule, where that is possible."""

    cancel_notice_hours = NoticeField(label=gettext_lazy("Cancelling: hours before the start"))
    reschedule_notice_hours = NoticeField(label=gettext_lazy("Moving: hours before the start"))
    reschedules_per_month = forms.IntegerField(
        label=gettext_lazy("Moves a month"),
        help_text=gettext_lazy(
            "How often a student may move confirmed lessons with one teacher. Empty: as often as needed."
        ),
        min_value=0,
        max_value=1000,
        required=False,
    )
    open_requests_with_teacher = forms.IntegerField(
        label=gettext_lazy("Open lessons with one teacher"),
        help_text=gettext_lazy(
            "Asked for and not answered, or confirmed automatically and ahead. It keeps one student from holding a whole "
            "calendar. Empty: any number."
        ),
        min_value=1,
        max_value=1000,
        required=False,
    )
    open_requests_in_all = forms.IntegerField(
        label=gettext_lazy("Open lessons with all teachers"),
        help_text=gettext_lazy("The same with all teachers together. Empty: any number."),
        min_value=1,
        max_value=1000,
        required=False,
    )
    request_lapses_after_hours = forms.IntegerField(
        label=gettext_lazy("Unanswered requests: hours"),
        help_text=gettext_lazy("After this a request is given up and its time is free again."),
        min_value=1,
        max_value=MOST_HOURS,
    )
    no_show_after_minutes = forms.IntegerField(
        label=gettext_lazy("Not there: minutes after the start"),
        help_text=gettext_lazy("From then on either side can report that the other one did not come."),
        min_value=0,
        max_value=240,
    )
    makeup_credit_days = forms.IntegerField(
        label=gettext_lazy("Make-up lesson: days"),
        help_text=gettext_lazy(
            "How long a student can use the make-up lesson when the teacher did not come. Empty: no make-up lesson."
        ),
        min_value=1,
        max_value=3660,
        required=False,
    )

    late_cancellation_takes_lesson = forms.BooleanField(
        label=gettext_lazy("Cancelling too late takes the lesson"),
        help_text=gettext_lazy(
            "Students may then cancel until the start what they booked with a lesson that they have, and lose that lesson. "
            "Otherwise they must ask their teacher."
        ),
        required=False,
    )
    no_show_returns_lesson = forms.BooleanField(
        label=gettext_lazy("Students who do not come keep their lesson"),
        help_text=gettext_lazy("Otherwise the lesson that they booked with is lost."),
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, policy: BookingPolicy) -> None:
        super().__init__(data, initial={name: getattr(policy, name) for name in RULES})

    def changes(self) -> dict[str, int | bool | None]:
        """Return the rules that are changed; only of a valid form."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
