"""basic-zoom: polls, questions, summaries and reports by its bare calls, pages followed by it."""

from redirect import FACTS, lead_here, sim

lead_here()
from basic_zoom import ZoomAPIClient

zoom = ZoomAPIClient(FACTS["account_id"], FACTS["client_id"], FACTS["client_secret"])
question = {"name": "Clear?", "type": "single", "answers": ["Yes", "No"]}
summed_up = {"topic": "Algebra", "type": 2, "settings": {"auto_start_meeting_summary": True}}
numbers = []
for _lesson in range(3):
    number = zoom.post("/users/me/meetings", data=summed_up)["id"]
    poll = zoom.post(f"/meetings/{number}/polls", data={"title": "Now", "questions": [question]})
    sim(f"meetings/{number}/start")
    omar = sim(f"meetings/{number}/join", name="Omar Aziz")["participant_uuid"]
    sim(f"meetings/{number}/answer", poll_id=poll["id"], participant_uuid=omar, answers={"Clear?": "Yes"})
    sim(f"meetings/{number}/ask", participant_uuid=omar, question="Why?", answer="Because.")
    sim(f"meetings/{number}/end")
    numbers.append(number)
number = numbers[-1]
assert zoom.get(f"/meetings/{number}/polls")["polls"][0]["status"] == "ended"
for path in (f"/past_meetings/{number}", f"/report/meetings/{number}"):
    assert zoom.get(f"{path}/polls", auto_page=False)["questions"][0]["question_details"][0]["answer"] == "Yes"
    assert zoom.get(f"{path}/qa", auto_page=False)["questions"][0]["question_details"][0]["answer"] == "Because."
assert zoom.put(f"/meetings/{number}/polls/{poll['id']}", data={"title": "Later", "questions": [question]}) == 204
assert zoom.delete(f"/meetings/{number}/polls/{poll['id']}") == 204
listed = zoom.get("/meetings/meeting_summaries", params={"page_size": 2}, auto_page=False)
assert len(listed["summaries"]) == 2
assert listed["next_page_token"]
assert "Omar" in zoom.get(f"/meetings/{number}/meeting_summary", auto_page=False)["summary_overview"]
assert zoom.delete(f"/meetings/{number}/meeting_summary") == 204
assert len(zoom.get("/users", params={"page_size": 2})["users"]) == 5
assert zoom.patch("/users/me/settings", data={"in_meeting": {"chat": False}}) == 204
print(
    "polls and questions in both reports, a poll changed and deleted, summaries listed, read, deleted; pages; settings"
)
