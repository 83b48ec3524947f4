"""The registration form that meetings with registration show at their plain door."""

from aiohttp import web

from zoomsim.keys import SIMULATION
from zoomsim.meetings.settings import NO_REGISTRATION
from zoomsim.pages.finding import meeting_of_registration
from zoomsim.pages.rendering import address, language_of, render, see
from zoomsim.pages.room import NAME_AT_MOST, about, meeting_at, no_meeting
from zoomsim.pages.texts import text
from zoomsim.protocol.errors import ZoomError
from zoomsim.registrants import questions, registration
from zoomsim.registrants.view import PROFILE_FIELDS
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, Registrant

EMAIL_AT_MOST = ANSWER_AT_MOST = 128


async def show(request: web.Request) -> web.StreamResponse:
    """Answer the registration link that the API gives: the form is at the meeting's plain door."""
    meeting = meeting_of_registration(request.app[SIMULATION], request.match_info["key"])
    return see(f"/j/{meeting.id}") if meeting else no_meeting(request)


async def of_meeting(request: web.Request) -> web.StreamResponse:
    """Register somebody and lead to the personal link, which says how the registration stands."""
    sim, meeting = request.app[SIMULATION], meeting_at(request)
    if meeting is None:
        return no_meeting(request)
    if meeting.approval_type == NO_REGISTRATION:
        return see(f"/j/{meeting.id}")
    given = {name: str(value).strip() for name, value in (await request.post()).items()}
    wrong = _mistakes(request, sim, meeting, given)
    if wrong:
        return form(request, meeting, given, wrong, status=400)
    try:
        registrant = _register(sim, meeting, given)
    except ZoomError as error:
        reason = text(language_of(request), "register.refused", reason=error.message)
        return form(request, meeting, given, {"": reason}, status=400)
    return see(address(f"/w/{meeting.id}", tk=registrant.token))


def form(
    request: web.Request,
    meeting: Meeting,
    given: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    """Return the form, with what was typed and what is wrong with it; an error under "" is about the whole."""
    asked = questions.show(meeting)
    fields = [one for one in asked["questions"] if one["field_name"] != "last_name"]
    needs_last_name = any(one["field_name"] == "last_name" and one["required"] for one in asked["questions"])
    return render(
        request,
        "rooms/register.html",
        status=status,
        given=given or {},
        errors=errors or {},
        fields=fields,
        choices=questions.CHOICES,
        custom=asked["custom_questions"],
        needs_last_name=needs_last_name,
        by_hand=meeting.approval_type == registration.MANUAL_APPROVAL,
        **about(request.app[SIMULATION], meeting),
    )


def is_email(address: str) -> bool:
    """Whether this can be an e-mail address."""
    name, _, domain = address.partition("@")
    return bool(name and domain) and len(address) <= EMAIL_AT_MOST and not any(mark.isspace() for mark in address)


def _mistakes(request: web.Request, sim: Simulation, meeting: Meeting, given: dict[str, str]) -> dict[str, str]:
    """Return what is wrong by field. Who is registered keeps the link to themselves: it is not given out again."""
    language = language_of(request)
    wrong = {}
    for name in ("first_name", "last_name"):
        if len(given.get(name, "")) > NAME_AT_MOST:
            wrong[name] = text(language, "name.long")
    if not given.get("first_name"):
        wrong["first_name"] = text(language, "name.missing")
    email = given.get("email", "")
    if not is_email(email):
        wrong["email"] = text(language, "email.bad")
    elif sim.store.registrant_by_email(meeting.id, email) is not None:
        wrong["email"] = text(language, "register.known")
    for question in questions.show(meeting)["questions"]:
        if question["required"] and not given.get(question["field_name"]):
            wrong.setdefault(question["field_name"], text(language, "register.wrong"))
    for index, question in enumerate(questions.show(meeting)["custom_questions"]):
        if question["required"] and not given.get(f"custom-{index}"):
            wrong[f"custom-{index}"] = text(language, "register.wrong")
    return wrong


def _register(sim: Simulation, meeting: Meeting, given: dict[str, str]) -> Registrant:
    """Register as the API does, with its daily limit. Raises ZoomError."""
    sim.limits.count_registration(meeting.id, given["email"])
    registration.require_open(sim, meeting, disabled_code=404)
    person = registration.Person(
        email=given["email"],
        first_name=given["first_name"],
        last_name=given.get("last_name", ""),
        profile={name: given[name] for name in PROFILE_FIELDS if given.get(name)},
        custom_questions=_answers(meeting, given),
    )
    return registration.register(sim, meeting, person, auto_approve=False)


def _answers(meeting: Meeting, given: dict[str, str]) -> list[dict[str, str]]:
    asked = questions.show(meeting)["custom_questions"]
    return [
        {"title": question["title"], "value": given.get(f"custom-{index}", "")[:ANSWER_AT_MOST]}
        for index, question in enumerate(asked)
    ]
