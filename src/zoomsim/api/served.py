"""Which of Zoom's calls are served and which are not, as a table; `zoomsim calls` prints it."""

from zoomsim import __version__
from zoomsim.api.endpoints import ENDPOINTS

NOT_SERVED = (
    ("Surveys", ("GET /meetings/{meetingId}/survey", "PATCH /meetings/{meetingId}/survey")),
    ("Live streams", ("PATCH /meetings/{meetingId}/livestream", "PATCH /meetings/{meetingId}/livestream/status")),
    ("Archives", ("GET /archive_files", "GET /past_meetings/{meetingId}/archive_files")),
    ("Dashboards", ("GET /metrics/meetings", "GET /metrics/meetings/{meetingId}/participants")),
    ("Reports of the account", ("GET /report/daily", "GET /report/operationlogs")),
    ("Groups and roles of one's own", ("POST /groups", "GET /groups/{groupId}/members", "GET /roles/{roleId}/members")),
    ("Event subscriptions", ("POST /marketplace/app/event_subscription",)),
    (
        "Permissions, e-mail addresses and passwords of users",
        ("GET /users/{userId}/permissions", "PUT /users/{userId}/email", "PUT /users/{userId}/password"),
    ),
    ("Templates, other products", ("GET /users/{userId}/meeting_templates", "GET /phone/users", "GET /rooms")),
)


def table() -> str:
    """Return the table in Markdown."""
    lines = [
        "# Calls of Zoom's that zoomsim serves",
        "",
        f"Version {__version__}. Made from the code by `zoomsim calls`.",
        "",
        "| call | weight | scopes |",
        "| --- | --- | --- |",
    ]
    for endpoint in ENDPOINTS:
        scopes = ", ".join(f"`{scope}`" for scope in endpoint.needs.granular)
        lines.append(f"| `{endpoint.name}` | {endpoint.label} | {scopes} |")
    lines += ["", "`POST /oauth/token` and `POST /oauth/revoke` besides. Webinar calls refuse: the plan has none.", ""]
    lines += ["## Not served", "", "Any other call answers 400 with code 2300. Known to be missing:", ""]
    lines += ["| what | such as |", "| --- | --- |"]
    lines += [f"| {what} | {', '.join(f'`{call}`' for call in calls)} |" for what, calls in NOT_SERVED]
    return "\n".join(lines) + "\n"
