"""Who is to be erased, once more."""

from django import forms
from django.utils.translation import gettext_lazy

from classbell.fields import LineField


class ErasureForm(forms.Form):
    """For admins: the person's e-mail, or the name of who has none, typed anew."""

    confirm = LineField(label=gettext_lazy("To confirm, write it once more"), max_length=254)
