"""Rules for recordings in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.recordings.models import RecordingRules, Watchers


def rules_in_words(rules: RecordingRules) -> list[str]:
    """Return the school's rules as sentences."""
    watchers = _("Who may watch: %(watchers)s.") % {"watchers": Watchers(rules.watchers).label}
    everybody, few = _("Whoever may watch may keep a copy."), _("Only teachers and admins may keep a copy.")
    copies = everybody if rules.may_download else few
    if rules.keep_days is None:
        kept = _("Recordings are kept until somebody deletes them.")
    else:
        kept = ngettext(
            "Recordings are deleted after %(count)s day, here and at Zoom.",
            "Recordings are deleted after %(count)s days, here and at Zoom.",
            rules.keep_days,
        ) % {"count": rules.keep_days}
    return [watchers, copies, kept]
