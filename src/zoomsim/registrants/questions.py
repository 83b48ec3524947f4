"""What a meeting's registration form asks beside first name and e-mail."""

from zoomsim.api.validation import Reader
from zoomsim.api.wire import Json
from zoomsim.registrants.view import PROFILE_FIELDS
from zoomsim.state.models import Meeting

FIELDS = ("last_name", *PROFILE_FIELDS)
CUSTOM_TYPES = ("short", "single")
NOTHING_ASKED: Json = {"custom_questions": [], "questions": [{"field_name": "last_name", "required": False}]}


def show(meeting: Meeting) -> Json:
    """Return the form."""
    return meeting.questions or NOTHING_ASKED


def read(reader: Reader) -> Json:
    """Return the form that was sent. Raises ZoomError 400/300."""
    questions = []
    for item in reader.objects("questions"):
        if item.get("field_name") not in FIELDS:
            reader.refuse("questions")
        questions.append({"field_name": item.get("field_name"), "required": bool(item.get("required"))})
    custom = []
    for item in reader.objects("custom_questions"):
        if not item.get("title") or item.get("type") not in CUSTOM_TYPES:
            reader.refuse("custom_questions")
        question = {"title": item.get("title"), "type": item.get("type"), "required": bool(item.get("required"))}
        if item.get("type") == "single":
            question["answers"] = [str(answer) for answer in item.get("answers") or []]
        custom.append(question)
    reader.raise_errors()
    return {"custom_questions": custom, "questions": questions}


def check_answers(meeting: Meeting, given: dict[str, str], answers: list[dict[str, str]], reader: Reader) -> None:
    """Note every required question that was not answered."""
    form = show(meeting)
    for question in form["questions"]:
        if question["required"] and not given.get(question["field_name"]):
            reader.refuse(question["field_name"], "This field is required.")
    answered = {answer["title"] for answer in answers if answer["value"]}
    for question in form["custom_questions"]:
        if question["required"] and question["title"] not in answered:
            reader.refuse("custom_questions", f"{question['title']}: this field is required.")
