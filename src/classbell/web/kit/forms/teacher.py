"""Choosing a teacher or a student: from a list while there are few, by typing a name where there are hundreds."""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.disclosure import address_of
from classbell.accounts.models import User
from classbell.addresses import email_key
from classbell.groups.people import named
from classbell.text import one_line

# A longer list is no help on a phone, and makes a page of an admin heavy.
MOST_IN_A_LIST: Final = 60
BETWEEN: Final = " · "
# Two names and an e-mail.
LONGEST_TYPED: Final = 400


class TypedTeacher(forms.TextInput):
    """A name to type; the server suggests while one types. Without scripts, name or e-mail in full do."""

    template_name = "widgets/typedteacher.html"

    def __init__(self, nobody: str, *, suggested_by: str) -> None:
        super().__init__(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "hx-get": reverse_lazy(suggested_by),
                "hx-trigger": "input changed delay:200ms",
                "hx-target": "next datalist",
                # Forms around it may say otherwise of what they send and swap themselves.
                "hx-include": "this",
                "hx-swap": "innerHTML",
                "hx-sync": "this:replace",
            }
            | ({"placeholder": nobody} if nobody else {})
        )

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Point the field to its own suggestions."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["list"] = f"{context['widget']['attrs'].get('id', name)}-suggested"
        return context


class TeacherField(forms.Field):
    """One of `people`, or who was chosen before (`kept`). Cleaned to the person, None when empty."""

    suggested_by = "teachers-suggested"
    unknown = gettext_lazy("Nobody who teaches is called so. Choose one of those suggested.")

    def __init__(
        self,
        people: QuerySet[User],
        *,
        kept: Collection[User] = (),
        required: bool = True,
        nobody: str = "",
        attrs: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        self.people = User.objects.filter(Q(pk__in=people.values("pk")) | Q(pk__in=[person.pk for person in kept]))
        # By themselves: together with who is kept they would be looked for among everybody.
        listed = list(people[: MOST_IN_A_LIST + 1])
        listed += [person for person in kept if person not in listed]
        if len(listed) > MOST_IN_A_LIST:
            widget: forms.Widget = TypedTeacher(nobody, suggested_by=self.suggested_by)
        else:
            # Whoever is first in a list must not teach for the sake of a form that was sent too early.
            none = [] if required and (kept or len(listed) == 1) else [("", nobody)]
            widget = forms.Select(choices=[*none, *((str(person.pk), person.name) for person in listed)])
        widget.attrs |= attrs or {}
        super().__init__(required=required, widget=widget, **options)

    def to_python(self, value: object) -> User | None:
        """Return who is meant by a key, by a suggestion, or by an e-mail or name that only one person has."""
        typed = one_line(str(value or ""))
        if not typed:
            return None
        found = _meant(self.people, typed)
        if len(found) == 1:
            return found[0]
        raise forms.ValidationError(
            _("Several people are called so. Choose one of those suggested.") if found else self.unknown
        )

    def shown(self, person: User) -> str:
        """Return somebody as the field shows them: by name where it is typed, by their key in a list."""
        return described(person) if isinstance(self.widget, TypedTeacher) else str(person.pk)

    def prepare_value(self, value: Any) -> Any:
        """Show somebody by name where it is typed."""
        if not isinstance(self.widget, TypedTeacher):
            return value
        try:
            person = self.people.filter(pk=UUID(str(value))).first()
        except ValueError:
            return value
        return described(person) if person else ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether somebody else was chosen than `initial`, a person or a key, however they are written."""
        try:
            person = self.to_python(data)
        except forms.ValidationError:
            return True
        before = initial.pk if isinstance(initial, User) else initial
        return str(person.pk if person else "") != str(before or "")


class StudentField(TeacherField):
    """The same for one of somebody's students."""

    suggested_by = "students-suggested"
    unknown = gettext_lazy("None of your students is called so. Choose one of those suggested.")


def group_teacher(teachers: QuerySet[User], *, kept: User | None) -> TeacherField:
    """Return the field for who teaches a circle or a course; where nobody teaches yet it says how that begins."""
    nobody_yet = _('Nobody teaches here yet. <a href="{}">Invite a teacher first</a>.')
    hint = "" if kept or teachers.exists() else format_html(nobody_yet, reverse("people-invite"))
    return TeacherField(teachers, kept=[kept] if kept else (), label=_("Teacher"), help_text=hint)


class ChosenTeacher(forms.Form):
    """One teacher, and nothing else."""

    def __init__(self, data: Any = None, *, people: QuerySet[User], initial: str = "", **options: Any) -> None:
        super().__init__(data, initial={"teacher": initial})
        self.fields["teacher"] = TeacherField(people, **options)


def chosen_teacher(people: QuerySet[User], typed: str) -> User | None:
    """Return the one person meant by what such a field sent, None for nobody and for several."""
    typed = one_line(typed)[:LONGEST_TYPED]
    found = _meant(people, typed) if typed else []
    return found[0] if len(found) == 1 else None


def _meant(people: QuerySet[User], typed: str) -> list[User]:
    """Return at most two people meant by a key, a suggestion, an e-mail or a name."""
    try:
        return list(people.filter(pk=UUID(typed)))
    except ValueError:
        email = typed.rpartition(BETWEEN)[2]
        return list(people.filter(email=email_key(email))) or list(named(people, typed.replace(BETWEEN, " "))[:2])


def described(person: User) -> str:
    """Return a suggestion: name and e-mail, which tells namesakes apart, for who is told it whole."""
    address = address_of(person)
    return f"{person.name}{BETWEEN}{address}" if address and address == person.address else person.name
