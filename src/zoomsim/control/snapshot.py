"""What the control API tells about the simulation."""

from dataclasses import asdict

from zoomsim.clock import zulu
from zoomsim.history.visibility import shown_email
from zoomsim.lookup import meeting_number
from zoomsim.meetings.view import show_meeting
from zoomsim.protocol.wire import Json
from zoomsim.registrants.view import show_registrant
from zoomsim.simulation import Simulation
from zoomsim.state.models import Grant, Meeting, Run, Stay, User
from zoomsim.traffic.limits import WRITES_PER_HOST_AND_DAY


def show_state(sim: Simulation, meeting_id: str | None = None) -> Json:
    """Return everything, or everything but with one meeting only."""
    if meeting_id is None:
        meetings = list(sim.store.meetings.values())
    else:
        found = sim.store.meetings.get(meeting_number(meeting_id))
        meetings = [found] if found else []
    return {
        "now": zulu(sim.now()),
        "offset_s": sim.clock.offset.total_seconds(),
        "plan": sim.options.plan,
        "hosts": [show_host(sim, user) for user in sim.store.present_users],
        "meetings": [show_full_meeting(sim, meeting) for meeting in meetings],
        "deliveries": [delivery.describe() for delivery in sim.webhooks.deliveries],
        "counters": show_counters(sim),
        "grants": [show_grant(sim, grant) for grant in sim.store.grants.values()],
        "limits": [asdict(usage) for usage in sim.limits.usage()],
        "faults": sim.faults.describe(),
        "webhook": sim.webhooks.describe(),
    }


def show_host(sim: Simulation, user: User) -> Json:
    """Return a host with what there is to see of it."""
    return {
        "id": user.id,
        "email": user.email,
        "display_name": user.display_name,
        "type": user.type,
        "status": user.status,
        "timezone": user.timezone,
        "pmi": user.pmi,
        "meetings": len(sim.store.by_host[user.id]),
        "live": [number for number in sim.store.running if sim.store.meetings[number].host_id == user.id],
        "writes_today": sim.limits.writes_today(user.id),
        "writes_limit": WRITES_PER_HOST_AND_DAY,
    }


def show_grant(sim: Simulation, grant: Grant) -> Json:
    """Return a user's consent to the app, without what its tokens are made of."""
    return {
        "user_id": grant.user_id,
        "email": sim.store.users[grant.user_id].email,
        "given_at": zulu(grant.given_at),
        "scopes": list(grant.scopes),
    }


def show_full_meeting(sim: Simulation, meeting: Meeting) -> Json:
    """Return a meeting as GET does, with its registrants, who is or was in its latest run, and whether it is deleted."""
    runs = sim.store.runs_of(meeting.id)
    return show_meeting(sim, meeting) | {
        "deleted": meeting.deleted_at is not None,
        "registrants": [show_registrant(sim, one) for one in sim.store.registrants_of(meeting.id).values()],
        "participants": [show_stay(sim, meeting, stay) for stay in runs[-1].stays] if runs else [],
        "runs": [show_run(run) for run in runs],
    }


def show_run(run: Run) -> Json:
    """Return one time that a meeting took place."""
    return {
        "uuid": run.uuid,
        "occurrence_id": run.occurrence_id,
        "start_time": zulu(run.started_at),
        "end_time": zulu(run.ended_at) if run.ended_at else None,
        "participants_count": len(run.stays),
        "recording": run.is_recorded_now,
    }


def show_stay(sim: Simulation, meeting: Meeting, stay: Stay) -> Json:
    """Return one connection of one person."""
    return {
        "participant_uuid": stay.participant_uuid,
        "user_id": stay.user_id,
        "name": stay.name,
        "email": shown_email(sim, meeting, stay),
        "participant_user_id": stay.zoom_user_id,
        "registrant_id": stay.registrant_id,
        "customer_key": stay.customer_key,
        "is_host": stay.zoom_user_id == meeting.host_id,
        "join_time": zulu(stay.joined_at),
        "leave_time": zulu(stay.left_at) if stay.left_at else None,
        "leave_reason": stay.leave_reason,
    }


def show_counters(sim: Simulation) -> Json:
    """Return how many calls came, and the last minutes second by second."""
    counters = sim.counters
    return {
        "requests": counters.requests,
        "throttled": counters.throttled,
        "faults": counters.faults,
        "by_endpoint": dict(counters.by_endpoint),
        "history": [asdict(second) for second in counters.history],
    }
