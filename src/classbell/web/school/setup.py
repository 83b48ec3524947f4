"""Setting a school up, step by step: what is done, what is left, what was left out on purpose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from classbell.meetings.models import ZoomTrouble
from classbell.meetings.sync.gateway import is_configured, zoom_in_request
from classbell.meetings.sync.health import check, health
from classbell.web.models import SkippedStep
from classbell.zoom.errors import ZoomBusy

# First what teaching needs, then what makes it better.
STEPS: Final[Mapping[str, Promise]] = {
    "zoom": _("Connect Zoom"),
    "hosts": _("Zoom hosts"),
    "teachers": _("Your first teacher"),
    "classes": _("Your first class"),
    "mail": _("Send mail"),
    "webhooks": _("Let Zoom tell who attends"),
    "sdk": _("Join inside the page"),
}
# How long somebody who asks whether the connection works waits.
CHECK_SECONDS: Final = 10.0
EVENTS: Final = (
    "meeting.started",
    "meeting.ended",
    "meeting.participant_joined",
    "meeting.participant_left",
    "meeting.participant_put_in_waiting_room",
    "meeting.updated",
    "meeting.deleted",
    "meeting.registration_created",
    "meeting.registration_cancelled",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step: `kind` is ok (done), wait (left to do) or off (left out); the sentence says where it stands."""

    name: str
    title: str
    kind: str
    sentence: str

    @property
    def is_left(self) -> bool:
        """Whether it still asks for somebody."""
        return self.kind == "wait"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """What asking Zoom just now found."""

    kind: str
    sentence: str
    missing: Mapping[str, Sequence[str]]
    zooms_words: str = ""


def steps() -> list[Step]:
    """Return all steps in their order. Two queries; Zoom is not asked."""
    skipped = set(SkippedStep.objects.values_list("name", flat=True))
    hosts, messages, teachers, classes = _counts()
    environment = settings.ENVIRONMENT
    known = health()
    refused = known is not None and known.trouble in {ZoomTrouble.CREDENTIALS, ZoomTrouble.SCOPES}
    done = {
        "zoom": is_configured() and not refused,
        "hosts": hosts > 0,
        "webhooks": bool(environment.zoom_webhook_secret.get_secret_value()) and messages > 0,
        "sdk": environment.sdk_configured,
        "mail": bool(settings.EMAIL_HOST),
        "teachers": teachers > 0,
        "classes": classes > 0,
    }
    said = {
        "zoom": _("The app’s credentials are set."),
        "hosts": ngettext("%(count)s Zoom user can host.", "%(count)s Zoom users can host.", hosts) % {"count": hosts},
        "webhooks": _("Messages from Zoom arrive."),
        "sdk": _("The Meeting SDK’s keys are set."),
        "mail": _("Mail goes out."),
        "teachers": ngettext("%(count)s teacher is here.", "%(count)s teachers are here.", teachers)
        % {"count": teachers},
        "classes": ngettext(
            "%(count)s class, circle or course is here.", "%(count)s classes, circles and courses are here.", classes
        )
        % {"count": classes},
    }
    undone = {"zoom": known.get_trouble_display()} if known is not None and refused else {}
    return [
        Step(
            name=name,
            title=str(title),
            kind="ok" if done[name] else ("off" if name in skipped else "wait"),
            sentence=str(said[name])
            if done[name]
            else (str(_("Left out.")) if name in skipped else undone.get(name, "")),
        )
        for name, title in STEPS.items()
    ]


def _counts() -> tuple[int, int, int, int]:
    """Return how many hosts, messages from Zoom (1 for any), teachers and groups there are. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT count(*) FROM meetings_zoomhost WHERE is_active AND (is_licensed OR is_basic AND in_pool)),
                   (SELECT count(*) FROM (SELECT 1 FROM meetings_webhookevent LIMIT 1) AS any_message),
                   (SELECT count(*) FROM accounts_user AS person WHERE is_active AND (role = 'teacher' OR role = 'admin'
                        AND EXISTS (SELECT 1 FROM bookings_availability WHERE teacher_id = person.id))),
                   (SELECT count(*) FROM groups_group WHERE archived_at IS NULL)
            """
        )
        hosts, messages, teachers, groups = cursor.fetchone()
    return hosts, messages, teachers, groups


def check_zoom() -> Check:
    """Ask Zoom whether the credentials work and the app has every permission. Two calls at most, each with a timeout."""
    if not is_configured():
        return Check(kind="bad", sentence=str(_("The three values are not set yet.")), missing={})
    try:
        with zoom_in_request(seconds=CHECK_SECONDS) as client:
            report = check(client, now=timezone.now())
    except ZoomBusy:
        sentence = _("Zoom answers slowly just now, and others wait for it; try again in a moment.")
        return Check(kind="wait", sentence=str(sentence), missing={})
    if report.missing and report.trouble == ZoomTrouble.SCOPES:
        return Check(
            kind="wait", sentence=str(_("The credentials work; permissions are missing.")), missing=report.missing
        )
    if report.trouble:
        sentence = ZoomTrouble(report.trouble).label
        return Check(kind="bad", sentence=str(sentence), missing={}, zooms_words=report.error)
    sentence = _("The credentials work, and no permission is missing. The app belongs to %(email)s.")
    return Check(kind="ok", sentence=sentence % {"email": report.email}, missing={})
