"""The calls of `/meetings/{meetingId}/registrants`."""

from zoomsim.call import Call
from zoomsim.clock import zulu
from zoomsim.lookup import find_meeting
from zoomsim.meetings.settings import NO_REGISTRATION
from zoomsim.meetings.view import listed_start, show_occurrence
from zoomsim.protocol.errors import ZoomError, invalid_field, no_registration, refused
from zoomsim.protocol.validation import Reader
from zoomsim.protocol.wire import Answer, Json
from zoomsim.registrants import questions as forms
from zoomsim.registrants import registration
from zoomsim.registrants.view import PROFILE_FIELDS, personal_link, show_registrant
from zoomsim.state.models import Meeting, MeetingType, Registrant, RegistrantStatus

MAX_BATCH = 30
LISTED_STATUSES = (RegistrantStatus.APPROVED, RegistrantStatus.PENDING, RegistrantStatus.DENIED)
ACTIONS = {
    "approve": RegistrantStatus.APPROVED,
    "cancel": RegistrantStatus.CANCELLED,
    "deny": RegistrantStatus.DENIED,
}


def add(call: Call) -> Answer:
    """Register somebody; the same e-mail again gives the same registrant."""
    meeting = find_meeting(call.sim, call["meetingId"])
    body = call.body()
    reader = Reader(body)
    email = _email(reader)
    if email:
        call.sim.limits.count_registration(meeting.id, email)
    registration.require_open(call.sim, meeting, disabled_code=404)
    person = registration.Person(
        email=email,
        first_name=reader.text("first_name", longest=64, required=True) or "",
        last_name=reader.text("last_name", longest=64) or "",
        profile=_profile(reader),
        custom_questions=_answers(reader),
    )
    auto_approve = reader.boolean("auto_approve") or False
    reader.choice("language", forms.LANGUAGES)
    forms.check_answers(meeting, person.profile | {"last_name": person.last_name}, person.custom_questions, reader)
    reader.raise_errors()
    registrant = registration.register(
        call.sim,
        meeting,
        person,
        auto_approve=auto_approve,
        occurrence_ids=_occurrence_ids(call, meeting),
    )
    return Answer(201, _show_added(call, meeting, registrant))


def add_batch(call: Call) -> Answer:
    """Register up to 30 people at once for a meeting that takes place once."""
    meeting = find_meeting(call.sim, call["meetingId"])
    if meeting.type != MeetingType.SCHEDULED:
        raise refused("Batch registration is not possible for this type of meeting.", code=303)
    registration.require_open(call.sim, meeting, disabled_code=404)
    reader = Reader(call.body())
    auto_approve = reader.boolean("auto_approve") or False
    reader.boolean("registrants_confirmation_email")
    people = []
    for index, item in enumerate(reader.objects("registrants", most=MAX_BATCH, required=True)):
        one = Reader(item, f"registrants[{index}].")
        first_name = one.text("first_name", longest=64, required=True) or ""
        last_name = one.text("last_name", longest=64) or ""
        people.append(registration.Person(email=_email(one), first_name=first_name, last_name=last_name))
        reader.errors += one.errors
    reader.raise_errors()
    shown = []
    for person in people:
        registrant = registration.register(call.sim, meeting, person, auto_approve=auto_approve)
        one_shown: Json = {"registrant_id": registrant.id, "email": registrant.email}
        if registrant.status is RegistrantStatus.APPROVED:
            one_shown["join_url"] = personal_link(call.sim, registrant)
        shown.append(one_shown | {"participant_pin_code": registrant.pin_code})
    return Answer(201, {"registrants": shown})


def list_of_meeting(call: Call) -> Answer:
    """List registrants by status, approved ones unless asked otherwise; cancelled ones are never listed."""
    meeting = find_meeting(call.sim, call["meetingId"])
    status = call.query.get("status") or RegistrantStatus.APPROVED
    if status not in LISTED_STATUSES:
        raise invalid_field("status")
    occurrence_id = call.query.get("occurrence_id") or None
    found = [
        registrant
        for registrant in call.sim.store.registrants_of(meeting.id).values()
        if registrant.status_for(occurrence_id) == status and registration.covers(registrant, occurrence_id)
    ]
    page = call.sim.pager.page(found, call.query, of=f"registrants {meeting.id} {status} {occurrence_id}")
    shown = [show_registrant(call.sim, registrant, occurrence_id) for registrant in page.items]
    return Answer(200, page.envelope | {"registrants": shown})


def get(call: Call) -> Answer:
    """Show one registrant."""
    meeting = find_meeting(call.sim, call["meetingId"])
    return Answer(200, show_registrant(call.sim, _find(call, meeting, call["registrantId"])))


def set_status(call: Call) -> Answer:
    """Approve, cancel or deny up to 30 registrants, for the meeting or for one session."""
    meeting = find_meeting(call.sim, call["meetingId"])
    reader = Reader(call.body())
    action = reader.choice("action", tuple(ACTIONS), required=True)
    named = reader.objects("registrants", most=MAX_BATCH)
    reader.raise_errors()
    _require_registration(meeting, code=300)
    occurrence_id = _known_occurrence(meeting, call.query.get("occurrence_id"))
    for item in named:
        registrant = _named(call, meeting, item)
        call.sim.limits.count_decision(meeting.id, registrant.id, registrant.email)
        registration.decide(call.sim, meeting, registrant, ACTIONS[action or ""], occurrence_id)
    return Answer(204)


def delete(call: Call) -> Answer:
    """Delete a registrant; where people register for single sessions, from one of them."""
    meeting = find_meeting(call.sim, call["meetingId"])
    _require_registration(meeting, code=300)
    registrant = _find(call, meeting, call["registrantId"])
    occurrence_id = _known_occurrence(meeting, call.query.get("occurrence_id"))
    if registration.by_occurrence(meeting) and occurrence_id is None:
        raise invalid_field("occurrence_id")
    registration.remove(call.sim, meeting, registrant, occurrence_id if registration.by_occurrence(meeting) else None)
    return Answer(204)


def questions(call: Call) -> Answer:
    """Show what the registration form asks."""
    return Answer(200, forms.show(find_meeting(call.sim, call["meetingId"])))


def change_questions(call: Call) -> Answer:
    """Change what the registration form asks."""
    meeting = find_meeting(call.sim, call["meetingId"])
    meeting.questions = forms.read(Reader(call.body()))
    call.sim.store.save_meeting(meeting)
    return Answer(204)


def _show_added(call: Call, meeting: Meeting, registrant: Registrant) -> Json:
    shown: Json = {"registrant_id": registrant.id, "id": meeting.id, "topic": meeting.topic}
    if start := listed_start(meeting, call.sim.now()):
        shown["start_time"] = zulu(start)
    if registrant.status is not RegistrantStatus.APPROVED:
        return shown
    shown["join_url"] = personal_link(call.sim, registrant)
    occurrences = [
        occurrence for occurrence in meeting.all_occurrences if registration.covers(registrant, str(occurrence.id))
    ]
    if occurrences:
        shown["occurrences"] = [show_occurrence(occurrence) for occurrence in occurrences]
    return shown | {"participant_pin_code": registrant.pin_code}


def _email(reader: Reader) -> str:
    email = reader.text("email", longest=128, required=True) or ""
    if email and "@" not in email.strip("@"):
        reader.refuse("email")
    return email


def _answers(reader: Reader) -> list[dict[str, str]]:
    answers = []
    for index, item in enumerate(reader.objects("custom_questions")):
        one = Reader(item, f"custom_questions[{index}].")
        answers.append({"title": one.text("title") or "", "value": one.text("value", longest=128) or ""})
        reader.errors += one.errors
    return answers


def _profile(reader: Reader) -> dict[str, str]:
    profile = {}
    for name in PROFILE_FIELDS:
        if reader.has(name):
            choices = forms.CHOICES.get(name)
            profile[name] = (reader.choice(name, choices) if choices else reader.text(name)) or ""
    return profile


def _occurrence_ids(call: Call, meeting: Meeting) -> list[str] | None:
    """Return the sessions asked for, where people register for single ones; None for all."""
    wanted = [part.strip() for part in call.query.get("occurrence_ids", "").split(",") if part.strip()]
    if not wanted or not registration.by_occurrence(meeting):
        return None
    for occurrence_id in wanted:
        _known_occurrence(meeting, occurrence_id)
    return wanted


def _known_occurrence(meeting: Meeting, occurrence_id: str | None) -> str | None:
    if occurrence_id and meeting.occurrence(occurrence_id) is None:
        raise refused(f"Invalid occurrence_id: {occurrence_id}.")
    return occurrence_id or None


def _require_registration(meeting: Meeting, *, code: int) -> None:
    if meeting.approval_type == NO_REGISTRATION:
        raise no_registration(meeting.id, code=code)


def _find(call: Call, meeting: Meeting, registrant_id: str) -> Registrant:
    registrant = call.sim.store.registrants_of(meeting.id).get(registrant_id)
    if registrant is None:
        raise ZoomError(404, 3001, f"Registrant does not exist: {registrant_id}.")
    return registrant


def _named(call: Call, meeting: Meeting, item: Json) -> Registrant:
    """Return the registrant that a status call names by id, by e-mail, or by both."""
    if registrant_id := str(item.get("id") or ""):
        return _find(call, meeting, registrant_id)
    email = str(item.get("email") or "")
    return call.sim.store.registrant_by_email(meeting.id, email) or _find(call, meeting, email)
