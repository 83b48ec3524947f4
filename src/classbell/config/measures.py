"""What is asked of the database for `/metrics`: one statement a measure, over few rows or by an index."""

from collections.abc import Mapping
from typing import Final

# What could begin, and since when: nobody waits for a job whose time has not come.
DUE_JOBS: Final = (
    "SELECT j.queue_name, extract(epoch FROM clock_timestamp() - coalesce(j.scheduled_at, e.at)) AS waited "
    "FROM procrastinate_jobs j LEFT JOIN LATERAL (SELECT min(at) AS at FROM procrastinate_events "
    "WHERE job_id = j.id AND type = 'deferred') e ON true "
    "WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())"
)

# name → (help, labels, statement that yields the labels' values and the number).
MEASURES: Final[Mapping[str, tuple[str, tuple[str, ...], str]]] = {
    "classbell_meetings": (
        "Meetings by how Zoom stands to them.",
        ("status",),
        "SELECT sync_status, count(*) FROM meetings_meeting GROUP BY 1",
    ),
    "classbell_oldest_pending_meeting_seconds": (
        "How long the meeting that has waited longest for Zoom has waited.",
        (),
        "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(updated_at)), 0) FROM meetings_meeting "
        "WHERE sync_status = 'pending'",
    ),
    "classbell_sittings_without_zoom": (
        "Sessions of the next 24 hours that have no Zoom meeting yet.",
        (),
        "SELECT count(*) FROM meetings_occurrence o JOIN meetings_meeting m ON m.id = o.meeting_id "
        "WHERE o.starts_at BETWEEN now() AND now() + interval '24 hours' AND o.status <> 'cancelled' "
        "AND m.wanted AND m.zoom_meeting_id = '' AND m.location = '' AND o.location = ''",
    ),
    "classbell_live_sittings": (
        "Sessions running now.",
        (),
        "SELECT count(*) FROM meetings_occurrence WHERE status = 'live'",
    ),
    "classbell_circuit_open": (
        "1 while nobody asks Zoom because it does not answer.",
        ("account",),
        "SELECT account_id, (open_until IS NOT NULL)::int FROM meetings_circuit",
    ),
    "classbell_zoom_writes_today": (
        "Creates and updates sent to Zoom since 00:00 UTC, of each budget.",
        ("budget",),
        "SELECT key, used FROM meetings_dailybudget WHERE day = (now() AT TIME ZONE 'UTC')::date",
    ),
    "classbell_webhooks_waiting": (
        "Webhooks stored and not understood yet, by whether they have failed before.",
        ("failed",),
        "SELECT CASE WHEN error = '' THEN 'no' ELSE 'yes' END, count(*) FROM meetings_webhookevent "
        "WHERE processed_at IS NULL GROUP BY 1",
    ),
    "classbell_latest_webhook_seconds": (
        "How long ago the latest webhook came.",
        (),
        "SELECT extract(epoch FROM now() - max(received_at)) FROM meetings_webhookevent HAVING count(*) > 0",
    ),
    "classbell_jobs": (
        "Jobs by state.",
        ("status",),
        "SELECT status::text, count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1",
    ),
    "classbell_forgotten_rows": (
        "Rows that the last night's job deleted, by what they are; -1 where it has not finished.",
        ("kind",),
        "SELECT DISTINCT ON (kind) kind, CASE WHEN finished THEN deleted ELSE -1 END FROM privacy_retentionrun "
        "ORDER BY kind, ran_at DESC",
    ),
    "classbell_latest_forgetting_seconds": (
        "How long ago the nightly job last forgot what is too old.",
        (),
        "SELECT extract(epoch FROM now() - max(ran_at)) FROM privacy_retentionrun HAVING count(*) > 0",
    ),
    "classbell_workers": (
        "Workers heard of within the last 30 seconds.",
        (),
        "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds'",
    ),
    "classbell_reconcile_lag_seconds": (
        "How long the meeting has been due that has been so longest without Zoom showing it as it should be.",
        (),
        "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(coalesce(next_attempt_at, updated_at))), 0) "
        "FROM meetings_meeting WHERE sync_status = 'pending' AND coalesce(next_attempt_at, updated_at) <= now()",
    ),
    "classbell_inbox_lag_seconds": (
        "How long the oldest webhook of Zoom's has waited that is due and has not failed before.",
        (),
        "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0) FROM meetings_webhookevent "
        "WHERE processed_at IS NULL AND error = ''",
    ),
    "classbell_jobs_due": (
        "Jobs that could begin now and have not, by queue and by how long ago they could have.",
        ("queue", "age"),
        "SELECT queue_name, CASE WHEN waited < 10 THEN 'under 10 s' WHEN waited < 60 THEN 'under 1 min' "
        "WHEN waited < 600 THEN 'under 10 min' ELSE 'longer' END, count(*) "
        f"FROM ({DUE_JOBS}) due GROUP BY 1, 2",
    ),
    "classbell_oldest_job_seconds": (
        "How long the job of each queue has waited that has waited longest since it could begin.",
        ("queue",),
        f"SELECT queue_name, max(waited) FROM ({DUE_JOBS}) due GROUP BY 1",
    ),
    "classbell_jobs_failed": (
        "Jobs that failed for good and are still kept, by what they were to do.",
        ("task",),
        "SELECT task_name, count(*) FROM procrastinate_jobs WHERE status = 'failed' GROUP BY 1",
    ),
    "classbell_zoom_seats": (
        "Meetings that the usable Zoom hosts can run at a time, by whether one is planned there now.",
        ("state",),
        "SELECT CASE WHEN EXISTS (SELECT FROM meetings_claim c WHERE c.resource_id = s.id AND c.during @> now()) "
        "THEN 'taken' ELSE 'free' END, count(*) FROM meetings_hostseat s JOIN meetings_zoomhost h ON h.id = s.host_id "
        "WHERE h.is_active AND (h.is_licensed OR h.is_basic AND s.number = 1) GROUP BY 1",
    ),
    "classbell_hosts_without_licence": (
        "Zoom hosts that lost their licence, or that Zoom no longer lists, with meetings to come.",
        (),
        "SELECT count(DISTINCT h.id) FROM meetings_zoomhost h JOIN meetings_hostseat s ON s.host_id = h.id "
        "JOIN meetings_meeting m ON m.seat_id = s.id WHERE NOT (h.is_active AND (h.is_licensed OR h.is_basic)) "
        "AND m.wanted AND EXISTS "
        "(SELECT FROM meetings_occurrence o WHERE o.meeting_id = m.id AND o.ends_at > now() AND o.status <> 'cancelled')",
    ),
    "classbell_database_connections": (
        "Connections to the database's server, of all programs, by what they do; `limit` is how many it takes.",
        ("state",),
        "SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
        "GROUP BY 1 UNION ALL SELECT 'limit', setting::int FROM pg_settings WHERE name = 'max_connections'",
    ),
    "classbell_notices_last_hour": (
        "What people were told within the last hour, by kind.",
        ("kind",),
        "SELECT kind, count(*) FROM notices_notice WHERE id >= (lpad(to_hex((extract(epoch FROM now() - interval '1 hour') "
        "* 1000)::bigint), 12, '0') || '70008000000000000000')::uuid GROUP BY 1",
    ),
    "classbell_mails_waiting": (
        "Mails that have not gone out, by whether the mail server has said no before.",
        ("refused",),
        "SELECT CASE WHEN coalesce(d.tries, 0) = 0 THEN 'no' ELSE 'yes' END, count(*) FROM procrastinate_jobs j "
        "LEFT JOIN notices_dispatch d ON d.notice_id = (j.args ->> 'notice_id')::uuid AND d.channel = 'mail' "
        "WHERE j.task_name = 'notices.mail_notice' AND j.status IN ('todo', 'doing') GROUP BY 1",
    ),
    "classbell_zoom_in_trouble": (
        "1 for what ails an account at Zoom since the last check: its credentials, its scopes, or that it does not answer.",
        ("account", "trouble"),
        "SELECT coalesce(nullif(a.name, ''), h.account_id), h.trouble, 1 FROM meetings_zoomhealth h "
        "LEFT JOIN meetings_zoomaccount a ON a.account_id = h.account_id WHERE h.trouble <> ''",
    ),
    "classbell_trouble": (
        "1 for each trouble of which admins have been told and that is not over.",
        ("kind",),
        "SELECT kind, (told_at IS NOT NULL)::int FROM operation_trouble",
    ),
}
