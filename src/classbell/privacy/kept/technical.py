"""What libraries keep."""

from typing import Final

from classbell.privacy.classification import Kept, Purpose, Table, table

TABLES: Final[tuple[Table, ...]] = (
    table(
        "accounts.IdentityProvider", Purpose.RUNNING, Kept.SCHOOL, technical="id slug said created_at", secret="secret"
    ),
    table(
        "socialaccount.SocialApp",
        Purpose.RUNNING,
        Kept.SCHOOL,
        technical="id provider provider_id name settings",
        secret="client_id secret key",
    ),
    table(
        "sessions.Session", Purpose.ACCOUNT, Kept.SIGN_IN, technical="expire_date", secret="session_key session_data"
    ),
    table("auth.Group", Purpose.RUNNING, Kept.SCHOOL, technical="id name"),
    table("auth.Group_permissions", Purpose.RUNNING, Kept.SCHOOL, technical="id group permission"),
    table("auth.Permission", Purpose.RUNNING, Kept.SCHOOL, technical="id name content_type codename"),
    table("contenttypes.ContentType", Purpose.RUNNING, Kept.SCHOOL, technical="id app_label model"),
    table("pghistory.Context", Purpose.PROOF, Kept.HISTORY, technical="id created_at updated_at metadata"),
    table(
        "procrastinate.ProcrastinateJob",
        Purpose.RUNNING,
        Kept.JOBS,
        technical="id queue_name task_name priority lock args status scheduled_at attempts queueing_lock abort_requested"
        " worker",
    ),
    table("procrastinate.ProcrastinateEvent", Purpose.RUNNING, Kept.JOBS, technical="id job type at"),
    table(
        "procrastinate.ProcrastinatePeriodicDefer",
        Purpose.RUNNING,
        Kept.JOBS,
        technical="id task_name defer_timestamp job periodic_id",
    ),
    table("procrastinate.ProcrastinateWorker", Purpose.RUNNING, Kept.SCHOOL, technical="id last_heartbeat"),
    table(
        "hooks.Webhook",
        Purpose.RUNNING,
        Kept.SCHOOL,
        technical="id url description events previous_until paused_because failing_since rests_until created_at",
        secret="secret previous_secret",
    ),
    table(
        "hooks.Delivery",
        Purpose.RUNNING,
        Kept.DELIVERIES,
        identity="body",
        technical="id webhook event status tries due_at created_at",
    ),
    table(
        "hooks.Attempt",
        Purpose.RUNNING,
        Kept.DELIVERIES,
        technical="id delivery at status_code answer error milliseconds",
    ),
    table("operation.JobOrigin", Purpose.RUNNING, Kept.JOBS, technical="job_id request_id"),
    table("operation.RequestCount", Purpose.RUNNING, Kept.SCHOOL, technical="operation status count seconds"),
    table("operation.RequestDuration", Purpose.RUNNING, Kept.SCHOOL, technical="kind up_to count seconds"),
    table("operation.Trouble", Purpose.RUNNING, Kept.SCHOOL, technical="kind since facts told_at well_since"),
    table("web.SkippedStep", Purpose.RUNNING, Kept.SCHOOL, technical="name skipped_at"),
)
