"""Polls as they are sent: what Zoom takes, and what it refuses."""

from typing import Final

from zoomsim.protocol.errors import refused
from zoomsim.protocol.validation import Reader
from zoomsim.protocol.wire import Json
from zoomsim.state import ids
from zoomsim.state.models import Poll, PollStatus

PLAIN, ADVANCED, QUIZ = 1, 2, 3
OF_PLAIN: Final = ("single", "multiple")
OF_ALL: Final = (
    *OF_PLAIN,
    "matching",
    "rank_order",
    "short_answer",
    "long_answer",
    "fill_in_the_blank",
    "rating_scale",
)
CHOSEN_FROM_ANSWERS: Final = frozenset({*OF_PLAIN, "matching", "rank_order"})
LONGEST_TITLE = 64
LONGEST_QUESTION = 1024
LEAST_ANSWERS, MOST_ANSWERS = 2, 50
MOST_QUESTIONS = 50
NUMBERS: Final = ("answer_min_character", "answer_max_character", "rating_min_value", "rating_max_value")
LABELS: Final = ("rating_min_label", "rating_max_label")


def read(reader: Reader, *, poll_id: str = "") -> Poll:
    """Return the poll that was sent, new unless it has an id; what is wrong is noted in the reader."""
    kind = reader.integer("poll_type", choices=(PLAIN, ADVANCED, QUIZ)) or PLAIN
    questions = []
    for index, item in enumerate(reader.objects("questions", most=MOST_QUESTIONS, required=True)):
        one = Reader(item, f"{reader.prefix}questions[{index}].")
        questions.append(_question(one, kind))
        reader.errors += one.errors
    return Poll(
        id=poll_id or ids.opaque_id(),
        title=reader.text("title", longest=LONGEST_TITLE, required=True) or "",
        poll_type=kind,
        anonymous=reader.boolean("anonymous") or False,
        questions=questions,
        status=PollStatus.NOT_STARTED,
    )


def read_many(reader: Reader) -> list[Poll]:
    """Return the polls of a batch. Raises ZoomError 400/300."""
    polls = []
    for index, item in enumerate(reader.objects("polls", required=True)):
        one = Reader(item, f"polls[{index}].")
        polls.append(read(one))
        reader.errors += one.errors
    reader.raise_errors()
    if not polls:
        raise refused("No polls were given.")
    return polls


def _question(reader: Reader, poll_kind: int) -> Json:
    kind = reader.choice("type", OF_PLAIN if poll_kind == PLAIN else OF_ALL, required=True)
    question: Json = {
        "name": reader.text("name", longest=LONGEST_QUESTION, required=True),
        "type": kind,
        "answer_required": reader.boolean("answer_required") or False,
    }
    answers = reader.texts("answers")
    if kind in CHOSEN_FROM_ANSWERS and not LEAST_ANSWERS <= len(answers) <= MOST_ANSWERS:
        reader.refuse("answers", f"Give {LEAST_ANSWERS} to {MOST_ANSWERS} answers.")
    if answers:
        question["answers"] = answers
    if right := reader.texts("right_answers"):
        question["right_answers"] = right
    if prompts := reader.objects("prompts"):
        question["prompts"] = [_prompt(Reader(item, f"{reader.prefix}prompts.")) for item in prompts]
    question |= {name: reader.boolean(name) for name in ("case_sensitive", "show_as_dropdown") if reader.has(name)}
    question |= {name: reader.integer(name, low=0) for name in NUMBERS if reader.has(name)}
    question |= {name: reader.text(name, longest=50) for name in LABELS if reader.has(name)}
    return question


def _prompt(reader: Reader) -> Json:
    return {
        "prompt_question": reader.text("prompt_question") or "",
        "prompt_right_answers": reader.texts("prompt_right_answers"),
    }
