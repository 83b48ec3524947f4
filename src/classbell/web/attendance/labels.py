"""The rules of attendance, and what new ones would do, in sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext

from classbell.excuses.models import ExcuseRules
from classbell.meetings.attendance.policies import Rehearsal
from classbell.meetings.judging.inputs import Policy
from classbell.meetings.models import Occurrence, ReportFetch
from classbell.web.kit.labels import listed


def rules_in_words(policy: Policy) -> list[str]:
    """Return what the rules mean, one sentence each."""
    return [
        ngettext("Late after %(n)s minute.", "Late after %(n)s minutes.", policy.late_after_minutes)
        % {"n": policy.late_after_minutes},
        _("Present from %(present)s %% of the time, partly there from %(partial)s %%; absent below.")
        % {"present": policy.present_percent, "partial": policy.partial_percent},
        _("Up to %(before)s at the beginning and %(after)s at the end are forgiven.")
        % {"before": _minutes(policy.grace_before_minutes), "after": _minutes(policy.grace_after_minutes)},
        _("A session of less than %(length)s does not count.") % {"length": _minutes(policy.least_minutes)},
        _("Nor does one to which the teacher never came.")
        if policy.void_when_host_never_came
        else _("It counts even when the teacher never came."),
        _("A teacher may come late or leave early by %(length)s.")
        % {"length": _minutes(policy.teacher_tolerance_minutes)},
    ]


def _minutes(count: int) -> str:
    # Arabic has another form of two minutes where they are counted alone.
    return npgettext("within a sentence, as in: of less than 5 min", "%(n)s min", "%(n)s min", count) % {"n": count}


def rehearsal_in_words(rehearsal: Rehearsal) -> str:
    """Return what rules would do to the past: sessions judged again, verdicts changed as far as that was tried."""
    count, verdicts = rehearsal.occurrences, rehearsal.verdicts
    if not count:
        return _("They hold from now on. No past attendance is calculated again.")
    again = ngettext(
        "Attendance is calculated again for %(n)s past session.",
        "Attendance is calculated again for %(n)s past sessions.",
        count,
    ) % {"n": count}
    if verdicts is None:
        return again + " " + _("Too many to say here how many attendance entries change.")
    if not verdicts:
        return again + " " + _("No attendance changes.")
    return (
        again
        + " "
        + ngettext("%(n)s attendance entry changes.", "%(n)s attendance entries change.", verdicts) % {"n": verdicts}
    )


def _making_up_in_words(rules: ExcuseRules) -> list[str]:
    hours = rules.makeup_hours_ahead
    if hours is None:
        return [_("Excused sessions are not made up for.")]
    early = ngettext(
        "Whoever tells it %(n)s hour before a session or earlier, and is excused, may book a lesson with its teacher to "
        "make up for it.",
        "Whoever tells it %(n)s hours before a session or earlier, and is excused, may book a lesson with its teacher to "
        "make up for it.",
        hours,
    )
    until = ngettext(
        "It can be used until %(n)s day after the session.",
        "It can be used until %(n)s days after the session.",
        rules.makeup_days,
    )
    sentences = [early % {"n": hours}, until % {"n": rules.makeup_days}]
    if (monthly := rules.makeup_monthly_quota) is not None:
        text = ngettext("So for %(n)s session of a month.", "So for %(n)s sessions of a month.", monthly)
        sentences.append(text % {"n": monthly})
    if (of_term := rules.makeup_term_quota) is not None:
        text = ngettext("So for %(n)s session of a term.", "So for %(n)s sessions of a term.", of_term)
        sentences.append(text % {"n": of_term})
    if rules.makeup_kinds:
        sentences.append(_("Made up for are these kinds of reason: %(kinds)s.") % {"kinds": listed(rules.makeup_kinds)})
    return sentences


def excuse_rules_in_words(rules: ExcuseRules) -> list[str]:
    """Return what the rules for excuses mean, one sentence each."""
    if not rules.accepts_at_once:
        sentences = [_("A teacher or an admin decides about every excuse.")]
    else:
        early = ngettext(
            "What is told %(n)s hour before the first session or earlier is accepted at once.",
            "What is told %(n)s hours before the first session or earlier is accepted at once.",
            rules.hours_ahead,
        )
        sentences = [early % {"n": rules.hours_ahead}]
        if rules.monthly_quota is not None:
            often = ngettext(
                "So it is %(n)s time a month at most; a person decides about the rest.",
                "So it is %(n)s times a month at most; a person decides about the rest.",
                rules.monthly_quota,
            )
            sentences.append(often % {"n": rules.monthly_quota})
        if rules.kinds:
            kinds = listed(rules.kinds_at_once) or _("none")
            sentences.append(_("By the rule, these kinds of reason are accepted: %(kinds)s.") % {"kinds": kinds})
        sentences.append(_("A teacher or an admin decides about the others."))
    sentences += _making_up_in_words(rules)
    return [*sentences, _("Excused sessions do not count in the rate; whoever comes nevertheless came.")]


def missing_report_in_words(occurrence: Occurrence, *, for_admin: bool) -> str:
    """Say why there is no report of Zoom's about a session that is over, "" when there is one or none was asked for yet."""
    fetch = ReportFetch.objects.filter(occurrence=occurrence, fetched_at=None, asked_at__isnull=False).first()
    if fetch is None:
        return ""
    if not fetch.error:
        why = _("Zoom has no report of this session. It has none while nobody, or only one person, came.")
    else:
        why = _("Zoom's report of this session could not be fetched.")
        why += f" {fetch.error}" if for_admin else ""
    again = _("It is asked for again.")
    return f"{why} {again}" if fetch.due_at else why
