"""How Zoom stands as a whole, in one sentence, for those who plan."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.meetings.models import Circuit, ZoomTrouble
from classbell.meetings.queries import backlog
from classbell.meetings.sync.gateway import is_configured
from classbell.meetings.sync.health import gravest_trouble
from classbell.meetings.zoom_accounts import plans
from classbell.web.kit.labels import State


def zoom_state(*, now: datetime) -> State:
    """Return whether Zoom is connected and answers, and how many meetings wait for it. Three queries."""
    if not is_configured():
        sentence = _("Zoom is not connected yet. Plan as usual; the links follow.")
        return State(kind="off", word=_("Not connected"), sentence=sentence, works=False)
    known = gravest_trouble()
    if known is not None and known.trouble in {ZoomTrouble.CREDENTIALS, ZoomTrouble.SCOPES}:
        sentence = _("Zoom does not let us in just now; the school has been told. Plan as usual; the links follow.")
        return State(kind="bad", word=_("No answer"), sentence=sentence, works=False)
    if (
        known is not None
        or Circuit.objects.filter(account_id__in=plans(of_school_only=True), open_until__gt=now).exists()
    ):
        sentence = _("Zoom does not answer just now. Plan as usual; the links follow.")
        return State(kind="bad", word=_("No answer"), sentence=sentence, works=False)
    waiting = backlog().pending
    if waiting:
        sentence = ngettext(
            "Zoom answers. %(n)s meeting is on its way to it.",
            "Zoom answers. %(n)s meetings are on their way to it.",
            waiting,
        ) % {"n": waiting}
        return State(kind="wait", word=_("On its way"), sentence=sentence, works=True)
    return State(kind="ok", word=_("On Zoom"), sentence=_("Zoom answers, and nothing waits for it."), works=True)
