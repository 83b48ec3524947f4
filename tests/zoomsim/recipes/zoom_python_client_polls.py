"""zoom-python-client: its bare calls make a poll and read what was answered."""

import json

from redirect import FACTS, sim
from zoom_python_client.zoom_api_client import ZoomApiClient
from zoom_python_client.zoom_auth_api.zoom_auth_api_client import ZoomAuthApiClient

ZoomAuthApiClient.oauth_base_url = FACTS["oauth_url"].removesuffix("/token")
zoom = ZoomApiClient(
    FACTS["account_id"], FACTS["client_id"], FACTS["client_secret"], api_endpoint=FACTS["api_url"], use_path="."
)
number = zoom.make_post_request("/users/me/meetings", data='{"topic": "Algebra", "type": 2}').json()["id"]
question = {"name": "Clear?", "type": "single", "answers": ["Yes", "No"]}
poll = zoom.make_post_request(
    f"/meetings/{number}/polls", data=json.dumps({"title": "Now", "questions": [question]})
).json()
sim(f"meetings/{number}/start")
omar = sim(f"meetings/{number}/join", name="Omar")["participant_uuid"]
sim(f"meetings/{number}/answer", poll_id=poll["id"], participant_uuid=omar, answers={"Clear?": "No"})
sim(f"meetings/{number}/end")
(row,) = zoom.make_get_request(f"/past_meetings/{number}/polls").json()["questions"]
assert row["question_details"][0]["answer"] == "No", row
assert zoom.users.get_user("me")["email"] == "host01@zoomsim.example"
print("a poll made and its answers read; the user")
