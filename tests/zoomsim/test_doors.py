"""The doors for people: everybody's and registrants', and what is behind them."""

from urllib.parse import urlsplit

import pytest

from tests.zoomsim.browsing import EVIL, LOBBY, PERSON, ROOM, WAITING, host_door, names, register, state


def test_link_leads_to_a_lobby_that_tells_topic_and_times(browser, schedule):
    meeting = schedule(start_time="2030-01-31T15:00:00Z", duration=45, timezone="Asia/Riyadh")

    page = browser().get(urlsplit(meeting["join_url"]).path, params={"pwd": "anything"})

    assert (page.status_code, state(page)) == (200, LOBBY)
    assert "Algebra" in page.text
    assert "Thursday 31 January 2030" in page.text
    assert "18:00–18:45" in page.text
    assert "Simulated Zoom" in page.text


def test_people_come_in_under_a_name_and_leave(simulator, browser, schedule):
    meeting = schedule()
    simulator.start_meeting(meeting["id"])
    ali = browser()

    room = ali.post(f"/j/{meeting['id']}/join", data={"name": " Ali Aziz ", "email": ""})
    inside = names(simulator, meeting)
    gone = ali.post(f"/j/{meeting['id']}/leave")

    assert (state(room), inside) == (ROOM, ["Host 01", "Ali Aziz"])
    assert "Ali Aziz" in room.text
    assert ">You<" in room.text
    assert (state(gone), names(simulator, meeting)) == (LOBBY, ["Host 01"])
    assert "You left the meeting." in gone.text


def test_joining_twice_from_one_browser_is_once(simulator, browser, schedule):
    meeting = schedule()
    simulator.start_meeting(meeting["id"])
    ali = browser()

    for _click in range(2):
        ali.post(f"/j/{meeting['id']}/join", data={"name": "Ali"})

    assert names(simulator, meeting) == ["Host 01", "Ali"]


def test_seat_is_kept_in_a_cookie_that_scripts_cannot_read(simulator, browser, schedule):
    meeting = schedule()
    simulator.start_meeting(meeting["id"])
    ali = browser()
    ali.follow_redirects = False

    answer = ali.post(f"/j/{meeting['id']}/join", data={"name": "Ali"})

    assert answer.status_code == 303
    seat = next(cookie for cookie in answer.headers.get_list("set-cookie") if "seat" in cookie)
    assert {"HttpOnly", "SameSite=Lax", f"Path=/j/{meeting['id']}"} <= set(seat.split("; "))


def test_uuid_of_a_seat_is_on_no_page(simulator, browser, schedule):
    meeting = schedule()
    simulator.start_meeting(meeting["id"])
    browser().get(host_door(meeting))

    room = browser().post(f"/j/{meeting['id']}/join", data={"name": "Ali"})

    assert not [one for one in simulator.meeting(meeting["id"])["participants"] if one["participant_uuid"] in room.text]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "  "}, "Please give a name"),
        ({"name": "x" * 65}, "at most 64"),
        ({"name": "Ali", "email": "ali"}, "looks like"),
        ({"name": "Ali", "email": "HOST01@zoomsim.example"}, "host's address"),
    ],
    ids=["no name", "long name", "no e-mail", "the host's e-mail"],
)
def test_form_with_a_mistake_says_so_and_keeps_what_was_typed(simulator, browser, schedule, form, said):
    meeting = schedule()

    page = browser().post(f"/j/{meeting['id']}/join", data=form)

    assert (page.status_code, state(page)) == (400, LOBBY)
    assert said in page.text.replace("&#39;", "'")
    assert form["name"].strip() in page.text
    assert names(simulator, meeting) == []


def test_before_the_host_people_wait_and_come_in_once_it_starts(simulator, browser, schedule):
    meeting = schedule()
    ali = browser()

    waiting = ali.post(f"/j/{meeting['id']}/join", data={"name": "Ali"})
    simulator.start_meeting(meeting["id"])
    opened = ali.get(waiting.url)
    room = ali.post(f"/j/{meeting['id']}/join", data={"name": "Ali"})

    assert (state(waiting), 'data-open="no"' in waiting.text) == (WAITING, True)
    assert (state(opened), 'data-open="yes"' in opened.text) == (WAITING, True)
    assert 'name="name" value="Ali"' in opened.text
    assert state(room) == ROOM


def test_meeting_that_lets_people_in_first_needs_no_host(simulator, browser, schedule):
    meeting = schedule(settings={"join_before_host": True, "jbh_time": 0})

    room = browser().post(f"/j/{meeting['id']}/join", data={"name": "Ali"})

    assert (state(room), names(simulator, meeting)) == (ROOM, ["Ali"])


@pytest.mark.parametrize("number", ["123", "9" * 40], ids=["unknown", "absurd"])
@pytest.mark.parametrize("door", ["j", "w", "s"])
def test_wrong_number_gets_a_friendly_page(browser, simulator, door, number):
    page = browser().get(f"/{door}/{number}")

    assert page.status_code == 404
    assert "There is no such meeting" in page.text


def test_deleted_meeting_has_no_door(browser, schedule, v2):
    meeting = schedule()
    v2.delete(f"/meetings/{meeting['id']}")

    assert browser().get(f"/j/{meeting['id']}").status_code == 404
    assert browser().get(f"/j/{meeting['id']}/events").status_code == 404


def test_personal_number_leads_to_the_meeting_on_it(browser, schedule):
    meeting = schedule(settings={"use_pmi": True})

    page = browser().get(urlsplit(meeting["join_url"]).path)

    assert str(meeting["id"]) not in urlsplit(meeting["join_url"]).path
    assert (page.status_code, state(page)) == (200, LOBBY)


def test_link_on_a_personal_number_says_which_of_its_meetings_is_meant(browser, schedule):
    first = schedule(topic="Algebra", settings={"use_pmi": True})
    second = schedule(topic="Rhetoric", settings={"use_pmi": True})
    elsewhere = schedule(user="host02@zoomsim.example", topic="Secrets")

    path, query = urlsplit(second["join_url"])[2:4]
    forged = f"{path}?omn={elsewhere['id']}"

    assert urlsplit(first["join_url"]).path == path
    assert "Rhetoric" in browser().get(f"{path}?{query}").text
    assert "Secrets" not in browser().get(forged).text


def test_names_and_topics_are_text_never_markup(simulator, browser, schedule):
    meeting = schedule(topic=EVIL)
    simulator.start_meeting(meeting["id"])

    room = browser().post(f"/j/{meeting['id']}/join", data={"name": EVIL})
    dashboard = browser().get("/")

    assert state(room) == ROOM
    for page in (room, dashboard):
        assert EVIL not in page.text
        assert "&lt;script&gt;" in page.text


def test_removed_person_is_told_and_so_is_everybody_at_the_end(simulator, browser, schedule):
    meeting = schedule()
    host, ali, bo = browser(), browser(), browser()
    host.post(host_door(meeting, "/start"))
    ali.post(f"/j/{meeting['id']}/join", data={"name": "Ali"})
    bo.post(f"/j/{meeting['id']}/join", data={"name": "Bo"})
    number = next(p["user_id"] for p in simulator.meeting(meeting["id"])["participants"] if p["name"] == "Ali")

    host.post(host_door(meeting, "/remove"), data={"person": number})
    removed = ali.get(f"/j/{meeting['id']}")
    host.post(host_door(meeting, "/end"))
    ended = bo.get(f"/j/{meeting['id']}")

    assert "The host removed you" in removed.text
    assert "The host ended the meeting" in ended.text
    reasons = [person["leave_reason"] for person in simulator.meeting(meeting["id"])["participants"]]
    assert "Ali left the meeting.<br>Reason: Removed by host." in reasons


def test_news_of_a_meeting_tell_only_that_something_changed(simulator, browser, schedule):
    meeting, other = schedule(), schedule(user="host02@zoomsim.example")

    with browser().stream("GET", f"/j/{meeting['id']}/events") as stream:
        simulator.start_meeting(other["id"])
        simulator.start_meeting(meeting["id"])
        first = next(line for line in stream.iter_lines() if line)

    assert stream.headers["content-type"].startswith("text/event-stream")
    assert first == "data: {}"


def test_registrant_comes_in_by_the_personal_link(simulator, browser, schedule, v2):
    meeting = schedule(settings={"approval_type": 0})
    person = register(v2, meeting)
    simulator.start_meeting(meeting["id"])
    student = browser()

    lobby = student.get(f"{person['path']}?{person['query']}")
    room = student.post(f"{person['path']}/join?{person['query']}", data={"name": "Student Seven"})

    assert "You are registered as Student Seven, student07@school.example." in lobby.text
    assert 'value="Student Seven"' in lobby.text
    assert state(room) == ROOM
    assert "Registered" in room.text
    assert simulator.meeting(meeting["id"])["participants"][1]["registrant_id"] == person["registrant_id"]


@pytest.mark.parametrize(
    ("action", "said"),
    [(None, "waits for the host"), ("deny", "was declined"), ("cancel", "was cancelled")],
    ids=["pending", "denied", "cancelled"],
)
def test_registration_that_does_not_admit_says_why(simulator, browser, schedule, v2, action, said):
    meeting = schedule(settings={"approval_type": 1})
    answer = browser().post(f"/j/{meeting['id']}/register", data=PERSON)
    registrant = simulator.meeting(meeting["id"])["registrants"][0]["id"]
    if action:
        body = {"action": action, "registrants": [{"id": registrant}]}
        v2.put(f"/meetings/{meeting['id']}/registrants/status", json=body)
    simulator.start_meeting(meeting["id"])

    page = browser().get(answer.url)
    link = urlsplit(str(answer.url))
    tried = browser().post(f"{link.path}/join?{link.query}", data={"name": "Student"})

    assert said in page.text
    assert state(tried) == state(page)
    assert names(simulator, meeting) == ["Host 01"]


@pytest.mark.parametrize("token", ["", "forged"], ids=["none", "forged"])
def test_unknown_personal_link_gets_a_friendly_page(browser, schedule, token):
    meeting = schedule(settings={"approval_type": 0})

    page = browser().get(f"/w/{meeting['id']}", params={"tk": token})

    assert page.status_code == 404
    assert "This personal link is not known" in page.text


def test_personal_link_opens_no_other_meeting(browser, schedule, v2):
    meeting, other = schedule(settings={"approval_type": 0}), schedule(settings={"approval_type": 0})
    person = register(v2, meeting)

    assert browser().get(f"/w/{other['id']}?{person['query']}").status_code == 404


def test_plain_door_of_a_meeting_with_registration_asks_to_register(simulator, browser, schedule):
    meeting = schedule(settings={"approval_type": 0})
    simulator.start_meeting(meeting["id"])

    door = browser().get(f"/j/{meeting['id']}")
    tried = browser().post(f"/j/{meeting['id']}/join", data={"name": "Ali"})
    by_link = browser().get(urlsplit(meeting["registration_url"]).path)
    registered = browser().post(f"/j/{meeting['id']}/register", data=PERSON)

    assert state(door) == state(tried) == state(by_link) == "register"
    assert names(simulator, meeting) == ["Host 01"]
    assert (state(registered), registered.url.path) == (LOBBY, f"/w/{meeting['id']}")


def test_registering_again_gives_nobody_the_link_of_another(browser, schedule):
    meeting = schedule(settings={"approval_type": 0})
    browser().post(f"/j/{meeting['id']}/register", data=PERSON)

    again = browser().post(f"/j/{meeting['id']}/register", data=PERSON | {"first_name": "Mallory"})

    assert again.status_code == 400
    assert "registered already" in again.text
    assert "tk=" not in again.text


def test_registration_form_asks_what_the_meeting_asks(simulator, browser, schedule, v2):
    meeting = schedule(settings={"approval_type": 0})
    asked = {
        "questions": [{"field_name": "city", "required": True}],
        "custom_questions": [{"title": "Level?", "type": "single", "required": True, "answers": ["A", "B"]}],
    }
    v2.patch(f"/meetings/{meeting['id']}/registrants/questions", json=asked)

    unanswered = browser().post(f"/j/{meeting['id']}/register", data=PERSON)
    browser().post(f"/j/{meeting['id']}/register", data=PERSON | {"city": "Cairo", "custom-0": "B"})

    assert unanswered.status_code == 400
    assert unanswered.text.count("Please answer this.") == 2
    (person,) = simulator.meeting(meeting["id"])["registrants"]
    assert person["city"] == "Cairo"
    assert person["custom_questions"] == [{"title": "Level?", "value": "B"}]
