"""pyzoom: a meeting with registrants, who came, and a user who is deleted."""

from redirect import FACTS, sim
from urllib.request import Request, urlopen
import base64
import json

from pyzoom import ZoomClient

pair = base64.b64encode(f"{FACTS['client_id']}:{FACTS['client_secret']}".encode()).decode()
asked = Request(
    FACTS["oauth_url"],
    data=f"grant_type=account_credentials&account_id={FACTS['account_id']}".encode(),
    headers={"Authorization": f"Basic {pair}"},
)
with urlopen(asked, timeout=10) as answer:
    token = json.loads(answer.read())["access_token"]
zoom = ZoomClient(token, base_url=FACTS["api_url"])
made = zoom.meetings.create_meeting("Algebra", start_time="2030-01-01T10:00:00", duration_min=45, timezone="UTC")
zoom.raw.patch(f"/meetings/{made.id}", body={"settings": {"approval_type": 0}})
zoom.meetings.add_meeting_registrant(made.id, first_name="Omar", last_name="Aziz", email="omar@school.example")
assert zoom.meetings.list_meeting_registrants(made.id).total_records == 1
sim(f"meetings/{made.id}/start")
sim(f"meetings/{made.id}/join", name="Omar Aziz")
sim(f"meetings/{made.id}/end")
assert [one.name for one in zoom.meetings.past_meeting_participants(made.id).participants] == ["Host 01", "Omar Aziz"]
before = zoom.users.get_users("active").total_records
assert zoom.users.delete_user("host05@zoomsim.example") is True
assert zoom.users.get_users("active").total_records == before - 1
assert zoom.meetings.delete_meeting(made.id) is True
print("a meeting, a registrant, who came, a user deleted")
