"""Will this day work? The answer in a sentence, and what needs a person, each with its remedy. No database, no clock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.meetings.hosts.budget import PoolBudget
from classbell.meetings.models import FREE_MINUTES, ZoomTrouble
from classbell.meetings.sync.status import OCCURRENCES_UNHEARD, InstallationStatus
from classbell.notices.texts import in_words
from classbell.operation.models import Trouble, TroubleKind
from classbell.operation.troubles import NOTICES
from classbell.web.kit.labels import State, relative


@dataclass(frozen=True, kw_only=True, slots=True)
class DayCount:
    """The sessions of one day: all, those with a Zoom meeting, those on their way to one, those waiting for a person."""

    occurrences: int
    ready: int
    on_their_way: int
    stuck: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """What is configured, and what ails Zoom as a whole: one of `ZoomTrouble`, since when, and what Zoom said."""

    zoom: bool
    webhooks: bool
    trouble: str = ""
    since: datetime | None = None
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Concern:
    """Something that needs a person: `kind` picks its shape; the remedy is what to do, `url` where, "" for nowhere."""

    kind: str
    sentence: str
    remedy: str
    url: str = ""


def answer(day: DayCount, connection: Connection) -> State:
    """Say whether a day will work."""
    if day.occurrences == 0:
        return State(kind="off", word=_("Nothing"), sentence=_("Nothing is planned on this day."), works=True)
    if not connection.zoom:
        sentence = ngettext(
            "No. Zoom is not connected, so %(count)s session has no meeting.",
            "No. Zoom is not connected, so %(count)s sessions have no meetings.",
            day.occurrences,
        )
        return State(kind="bad", word=_("No"), sentence=sentence % {"count": day.occurrences}, works=False)
    if connection.trouble:
        return _while_troubled(connection.trouble)
    if day.ready == day.occurrences:
        sentence = ngettext(
            "Yes. Its %(count)s session has a teacher, a host and a Zoom meeting.",
            "Yes. All %(count)s sessions have a teacher, a host and a Zoom meeting.",
            day.occurrences,
        )
        return State(kind="ok", word=_("Yes"), sentence=sentence % {"count": day.occurrences}, works=True)
    missing = day.occurrences - day.ready
    if day.stuck == 0:
        sentence = ngettext(
            "Almost. %(missing)s of %(count)s sessions is on its way to Zoom; nobody has to do anything.",
            "Almost. %(missing)s of %(count)s sessions are on their way to Zoom; nobody has to do anything.",
            missing,
        )
        words = {"missing": missing, "count": day.occurrences}
        return State(kind="wait", word=_("Almost"), sentence=sentence % words, works=False)
    sentence = ngettext(
        "Not yet. %(missing)s of %(count)s sessions has no Zoom meeting.",
        "Not yet. %(missing)s of %(count)s sessions have no Zoom meeting.",
        missing,
    )
    words = {"missing": missing, "count": day.occurrences}
    return State(kind="bad", word=_("Not yet"), sentence=sentence % words, works=False)


def _while_troubled(trouble: str) -> State:
    if trouble == ZoomTrouble.UNAVAILABLE:
        text = _(
            "Not at the moment. Zoom does not answer, so no session can be started; it is asked again every minute."
        )
        return State(kind="bad", word=_("Not now"), sentence=text, works=False)
    text = _("No. Zoom does not let Classbell in: nothing can be prepared or started until that is mended.")
    return State(kind="bad", word=_("No"), sentence=text, works=False)


def concerns(
    status: InstallationStatus,
    connection: Connection,
    budget: PoolBudget,
    *,
    troubles: Sequence[Trouble],
    requests_waiting: int,
    excuses_waiting: int,
    now: datetime,
) -> list[Concern]:
    """Return what needs a person, the gravest first."""
    found = [
        *_of_troubles(troubles, now=now),
        *_of_the_installation(status, connection, now=now),
        *_of_hosts(status, budget),
        *_of_meetings(status),
        *_of_messages(status, connection, now=now),
        *_of_people(status, requests_waiting, excuses_waiting),
    ]
    return sorted(found, key=lambda concern: ("bad", "wait", "off").index(concern.kind))


def _of_troubles(troubles: Sequence[Trouble], *, now: datetime) -> Iterator[Concern]:
    """Yield what admins were told of and nothing else here says."""
    remedies = {
        TroubleKind.BACKLOG: (_("How Zoom stands"), reverse("zoom")),
        TroubleKind.MAIL_FAILING: (_("See the settings of mail"), reverse("setup-settings")),
        TroubleKind.DISK_FULL: (_("Make room, or move the data to a larger disk"), ""),
    }
    for trouble in troubles:
        kind = TroubleKind(trouble.kind)
        if kind not in remedies or trouble.since is None:
            continue  # Looked at anew each time the page is, rather than once a minute.
        words = in_words(NOTICES[kind].begins, trouble.facts)
        sentence = _("%(what)s (%(since)s).") % {"what": words.subject, "since": relative(trouble.since, now=now)}
        remedy, url = remedies[kind]
        yield Concern(kind="bad", sentence=sentence, remedy=remedy, url=url)


def _of_the_installation(status: InstallationStatus, connection: Connection, *, now: datetime) -> Iterator[Concern]:
    if not connection.zoom:
        yield Concern(
            kind="bad", sentence=_("Zoom is not connected."), remedy=_("How to connect it"), url=reverse("zoom")
        )
    yield from _of_zoom(connection, now=now)
    if status.workers == 0:
        yield Concern(
            kind="bad",
            sentence=_("No worker is running: nothing goes to Zoom, and no mail goes out."),
            remedy=_("Start one with: classbell worker"),
        )
    if status.circuit_open_since is not None and not connection.trouble:
        yield Concern(
            kind="wait",
            sentence=_("Zoom began to fail %(since)s. It is asked again every 15 seconds; nothing is lost.")
            % {"since": relative(status.circuit_open_since, now=now)},
            remedy=_("How Zoom stands"),
            url=reverse("zoom"),
        )
    if status.jobs_failed:
        sentence = ngettext("%(count)s job failed for good.", "%(count)s jobs failed for good.", status.jobs_failed)
        yield Concern(
            kind="bad",
            sentence=sentence % {"count": status.jobs_failed},
            remedy=_("Look at the worker’s log, then at the jobs"),
            url=reverse("admin:procrastinate_procrastinatejob_changelist") + "?status__exact=failed",
        )


def _of_zoom(connection: Connection, *, now: datetime) -> Iterator[Concern]:
    words = {
        "since": relative(connection.since, now=now) if connection.since else _("just now"),
        "scopes": connection.error,
    }
    if connection.trouble == ZoomTrouble.CREDENTIALS:
        yield Concern(
            kind="bad",
            sentence=_("Zoom refuses the app’s credentials (%(since)s).") % words,
            remedy=_("Compare the three values with the app at Zoom, then restart"),
            url=reverse("setup"),
        )
    elif connection.trouble == ZoomTrouble.SCOPES:
        yield Concern(
            kind="bad",
            sentence=_("The Zoom app lacks permissions (%(since)s): %(scopes)s") % words,
            remedy=_("Add the scopes and activate the app again"),
            url=reverse("setup"),
        )
    elif connection.trouble:
        yield Concern(
            kind="bad",
            sentence=_("Zoom began to fail %(since)s. It is asked again every minute; nothing is lost.") % words,
            remedy=_("How Zoom stands"),
            url=reverse("zoom"),
        )


def _of_hosts(status: InstallationStatus, budget: PoolBudget) -> Iterator[Concern]:
    if status.lost_hosts:
        sentence = ngettext(
            "A Zoom host has no licence any more or is gone; %(meetings)s meeting to come may not start.",
            "A Zoom host has no licence any more or is gone; %(meetings)s meetings to come may not start.",
            status.meetings_on_lost_hosts,
        )
        if status.lost_hosts > 1:
            sentence = _("%(hosts)s Zoom hosts have no licence any more or are gone; meetings to come: %(meetings)s.")
        words = {"hosts": status.lost_hosts, "meetings": status.meetings_on_lost_hosts}
        yield Concern(
            kind="bad",
            sentence=sentence % words,
            remedy=_("Give the licence back at Zoom, or plan these meetings anew"),
            url=reverse("zoom"),
        )
    if status.meetings_cut_short:
        sentence = ngettext(
            "Zoom will end %(meetings)s meeting after %(minutes)s minutes: its host has no licence.",
            "Zoom will end %(meetings)s meetings after %(minutes)s minutes: their hosts have no licence.",
            status.meetings_cut_short,
        )
        yield Concern(
            kind="wait",
            sentence=sentence % {"meetings": status.meetings_cut_short, "minutes": FREE_MINUTES},
            remedy=_("Make them shorter, or add licences and plan them anew"),
            url=reverse("zoom"),
        )
    if status.crowded_meeting is not None and status.meetings_crowded:
        sentence = ngettext(
            "%(count)s meeting has more people than Zoom lets in.",
            "%(count)s meetings have more people than Zoom lets in.",
            status.meetings_crowded,
        )
        yield Concern(
            kind="wait",
            sentence=sentence % {"count": status.meetings_crowded},
            remedy=_("Give a host a larger licence and plan it anew, or make the groups smaller"),
            url=reverse("meeting", args=[status.crowded_meeting]),
        )
    if status.meetings_overruled:
        sentence = ngettext(
            "Zoom shows other times for %(count)s meeting than it accepted.",
            "Zoom shows other times for %(count)s meetings than it accepted.",
            status.meetings_overruled,
        )
        yield Concern(
            kind="bad",
            sentence=sentence % {"count": status.meetings_overruled},
            remedy=_("Look for a locked setting of the account at Zoom"),
            url=reverse("zoom"),
        )
    spent = [host for host in budget.hosts if host.left == 0]
    if spent:
        sentence = ngettext(
            "%(count)s Zoom host has had all its changes of today.",
            "%(count)s Zoom hosts have had all their changes of today.",
            len(spent),
        )
        waiting = sum(host.waiting for host in spent)
        more = ngettext(
            "%(count)s meeting waits for midnight UTC; what begins before goes out by another host.",
            "%(count)s meetings wait for midnight UTC; what begins before goes out by another host.",
            waiting,
        )
        parts = [sentence % {"count": len(spent)}] + ([more % {"count": waiting}] if waiting else [])
        yield Concern(
            kind="wait", sentence=" ".join(parts), remedy=_("More licences make it faster"), url=reverse("zoom")
        )


def _of_meetings(status: InstallationStatus) -> Iterator[Concern]:
    if status.meetings_failed:
        sentence = ngettext(
            "%(count)s meeting needs a person.", "%(count)s meetings need a person.", status.meetings_failed
        )
        words = {"count": status.meetings_failed}
        yield Concern(kind="bad", sentence=sentence % words, remedy=_("See why and try again"), url=reverse("zoom"))


def _of_messages(status: InstallationStatus, connection: Connection, *, now: datetime) -> Iterator[Concern]:
    if not connection.zoom:
        return
    if not connection.webhooks:
        yield Concern(
            kind="wait",
            sentence=_("Zoom does not tell us who attends: live boards stay empty until its report comes."),
            remedy=_("Set ZOOM_WEBHOOK_SECRET and subscribe to the events"),
            url=reverse("zoom-inbox"),
        )
    elif status.unheard >= OCCURRENCES_UNHEARD:
        latest = status.latest_webhook_at
        words = {"count": status.unheard, "since": relative(latest, now=now) if latest else _("never")}
        yield Concern(
            kind="wait",
            sentence=ngettext(
                "%(count)s session is over without a word from Zoom. Its last message came: %(since)s.",
                "%(count)s sessions are over without a word from Zoom. Its last message came: %(since)s.",
                status.unheard,
            )
            % words,
            remedy=_("Check the event subscription at Zoom"),
            url=reverse("zoom-inbox"),
        )
    if status.webhooks_failing:
        sentence = ngettext(
            "%(count)s message from Zoom could not be understood.",
            "%(count)s messages from Zoom could not be understood.",
            status.webhooks_failing,
        ) % {"count": status.webhooks_failing}
        yield Concern(kind="bad", sentence=sentence, remedy=_("Look and replay"), url=reverse("zoom-inbox"))


def _of_people(status: InstallationStatus, requests_waiting: int, excuses_waiting: int) -> Iterator[Concern]:
    if status.objections and status.objection_meeting is not None:
        sentence = ngettext(
            "%(count)s objection to an attendance waits for an answer.",
            "%(count)s objections to attendances wait for an answer.",
            status.objections,
        ) % {"count": status.objections}
        url = reverse("meeting-attendance", args=[status.objection_meeting])
        yield Concern(
            kind="wait",
            sentence=sentence,
            remedy=_("Answer the oldest"),
            url=f"{url}?occurrence={status.objection_occurrence}",
        )
    if excuses_waiting:
        sentence = ngettext(
            "%(count)s told absence waits for an answer.",
            "%(count)s told absences wait for an answer.",
            excuses_waiting,
        )
        yield Concern(
            kind="wait",
            sentence=sentence % {"count": excuses_waiting},
            remedy=_("Accept or refuse"),
            url=reverse("excuses"),
        )
    if requests_waiting:
        sentence = ngettext(
            "%(count)s request for a lesson lapses within six hours unless its teacher answers.",
            "%(count)s requests for lessons lapse within six hours unless their teachers answer.",
            requests_waiting,
        ) % {"count": requests_waiting}
        yield Concern(kind="wait", sentence=sentence, remedy=_("See the requests"), url=reverse("bookings"))
