"""What a meeting's registration form asks beside first name and e-mail."""

from zoomsim.protocol.validation import Reader
from zoomsim.protocol.wire import Json
from zoomsim.registrants.view import PROFILE_FIELDS
from zoomsim.state.models import Meeting

FIELDS = ("last_name", *PROFILE_FIELDS)
CHOICES = {
    "no_of_employees": (
        "",
        "1-20",
        "21-50",
        "51-100",
        "101-500",
        "500-1,000",
        "1,001-5,000",
        "5,001-10,000",
        "More than 10,000",
    ),
    "purchasing_time_frame": ("", "Within a month", "1-3 months", "4-6 months", "More than 6 months", "No timeframe"),
    "role_in_purchase_process": ("", "Decision Maker", "Evaluator/Recommender", "Influencer", "Not involved"),
}
LANGUAGES = (
    "en-US",
    "de-DE",
    "es-ES",
    "fr-FR",
    "jp-JP",
    "pt-PT",
    "ru-RU",
    "zh-CN",
    "zh-TW",
    "ko-KO",
    "it-IT",
    "vi-VN",
    "pl-PL",
    "Tr-TR",
)
CUSTOM_TYPES = ("short", "single")
NOTHING_ASKED: Json = {"custom_questions": [], "questions": [{"field_name": "last_name", "required": False}]}


def show(meeting: Meeting) -> Json:
    """Return the form."""
    return meeting.questions or NOTHING_ASKED


def read(reader: Reader) -> Json:
    """Return the form that was sent. Raises ZoomError 400/300."""
    questions = []
    for index, item in enumerate(reader.objects("questions")):
        one = Reader(item, f"questions[{index}].")
        name = one.choice("field_name", FIELDS, required=True)
        questions.append({"field_name": name, "required": one.boolean("required") or False})
        reader.errors += one.errors
    custom = []
    for index, item in enumerate(reader.objects("custom_questions")):
        one = Reader(item, f"custom_questions[{index}].")
        kind = one.choice("type", CUSTOM_TYPES, required=True)
        question: Json = {
            "title": one.text("title", required=True),
            "type": kind,
            "required": one.boolean("required") or False,
        }
        if kind == "single":
            question["answers"] = one.texts("answers")
        custom.append(question)
        reader.errors += one.errors
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
