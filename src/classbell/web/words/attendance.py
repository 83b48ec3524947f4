"""The rules of attendance in sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.meetings.attendance.judging import Policy


def rules_in_words(policy: Policy) -> list[str]:
    """Return what the rules mean, one sentence each."""
    return [
        ngettext("Late after %(n)s minute.", "Late after %(n)s minutes.", policy.late_after_minutes)
        % {"n": policy.late_after_minutes},
        _("Present from %(present)s %% of the time, partly there from %(partial)s %%; absent below.")
        % {"present": policy.present_percent, "partial": policy.partial_percent},
        _("Up to %(before)s min at the beginning and %(after)s min at the end are forgiven.")
        % {"before": policy.grace_before_minutes, "after": policy.grace_after_minutes},
        _("A sitting of less than %(n)s min does not count.") % {"n": policy.least_minutes},
        _("Nor does one to which the teacher never came.")
        if policy.void_when_host_never_came
        else _("It counts even when the teacher never came."),
        _("A teacher may come late or leave early by %(n)s min.") % {"n": policy.teacher_tolerance_minutes},
    ]
