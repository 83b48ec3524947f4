"""zoomus: a user comes, is changed, hosts, and leaves their meetings to another."""

from datetime import UTC, datetime, timedelta

from redirect import FACTS, held
from zoomus import ZoomClient

zoom = ZoomClient(
    FACTS["client_id"],
    FACTS["client_secret"],
    FACTS["account_id"],
    base_uri=FACTS["api_url"],
    oauth_uri=FACTS["oauth_url"],
)
person = {"email": "nour@school.example", "type": 2, "first_name": "Nour", "last_name": "Haddad"}
made = zoom.user.create(action="autoCreate", user_info=person).json()
assert zoom.user.update_settings(id=made["id"], in_meeting={"waiting_room": True}).status_code == 204
assert zoom.user.get_settings(id=made["id"]).json()["in_meeting"]["waiting_room"] is True
starts = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
meeting = zoom.meeting.create(user_id=made["id"], topic="Algebra", type=2, start_time=starts).json()
held(meeting["id"])
today = datetime.now(UTC)
hosts = zoom.report.get_account_report(start_time=today, end_time=today).json()
assert [user["email"] for user in hosts["users"]] == ["nour@school.example"], hosts
people = zoom.report.get_meeting_participants_report(id=meeting["id"]).json()["participants"]
assert [one["name"] for one in people] == ["Nour Haddad", "Omar Aziz"], people
gone = zoom.user.delete(
    id=made["id"], action="delete", transfer_meeting="true", transfer_email="host02@zoomsim.example"
)
assert gone.status_code == 204, gone.text
assert zoom.meeting.get(id=meeting["id"]).json()["host_email"] == "host02@zoomsim.example"
assert zoom.user.get(id=made["id"]).json()["code"] == 1001
assert len(zoom.role.list().json()["roles"]) == 3
assert zoom.group.list().json()["groups"] == []
print("user made, set, reported as host, deleted with a meeting handed on; roles and groups")
