"""What is asked of who books a lesson of some kind."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Required, TypedDict

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from classbell.text import one_line

MOST_QUESTIONS: Final = 20
MOST_CHOICES: Final = 30
LONGEST_QUESTION: Final = 200
LONGEST_CHOICE: Final = 100
LONGEST_KEY: Final = 40


class AnsweredBy(TextChoices):
    """How a question is answered."""

    SHORT = "short", gettext_lazy("One line")
    LONG = "long", pgettext_lazy("answer", "Several lines")
    CHOICE = "choice", gettext_lazy("One of several answers")


class Question(TypedDict, total=False):
    """One question; without a `key` it gets one, by which answers are kept. `choices` are of a choice only."""

    key: str
    text: Required[str]
    kind: str
    required: bool
    choices: Sequence[str]


def checked_questions(asked: Sequence[Mapping[str, Any]], refused: dict[str, str]) -> list[dict[str, Any]]:
    """Return questions as they are kept; what is wrong is added to `refused`, by `questions.<number>`."""
    if len(asked) > MOST_QUESTIONS:
        refused["questions"] = _("at most %(most)s questions") % {"most": MOST_QUESTIONS}
        return []
    keys = {str(one["key"]) for one in asked if one.get("key")}
    kept: list[dict[str, Any]] = []
    for number, one in enumerate(asked):
        key = one_line(str(one.get("key") or "")) or _free_key(keys)
        keys.add(key)
        question = {
            "key": key,
            "text": one_line(str(one.get("text") or "")),
            "kind": one.get("kind") or AnsweredBy.SHORT.value,
            "required": bool(one.get("required", False)),
            "choices": list(dict.fromkeys(filter(None, (one_line(str(c)) for c in one.get("choices") or ())))),
        }
        if question["kind"] != AnsweredBy.CHOICE:
            question["choices"] = []
        if wrong := _what_is_wrong(question) or (any(key == other["key"] for other in kept) and _("has a key twice")):
            refused[f"questions.{number}"] = wrong
        kept.append(question)
    return kept


def _free_key(keys: set[str]) -> str:
    return next(key for key in (f"q{number}" for number in range(1, 10_000)) if key not in keys)


def _what_is_wrong(question: Mapping[str, Any]) -> str:
    if not 1 <= len(question["text"]) <= LONGEST_QUESTION:
        return _("write the question, in at most %(most)s characters") % {"most": LONGEST_QUESTION}
    if question["kind"] not in AnsweredBy.values:
        return _("must be one of %(choices)s") % {"choices": ", ".join(AnsweredBy.values)}
    if len(question["key"]) > LONGEST_KEY:
        return _("a key has at most %(most)s characters") % {"most": LONGEST_KEY}
    if question["kind"] != AnsweredBy.CHOICE:
        return ""
    fit = all(len(one) <= LONGEST_CHOICE for one in question["choices"])
    if not fit or not 2 <= len(question["choices"]) <= MOST_CHOICES:
        return _("give 2 to %(most)s answers to choose from, each of at most %(longest)s characters") % {
            "most": MOST_CHOICES,
            "longest": LONGEST_CHOICE,
        }
    return ""
