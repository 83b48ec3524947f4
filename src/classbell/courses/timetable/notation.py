"""Days, times and weeks as timetables write them, in English, Portuguese and Arabic. Pure."""

import re
import unicodedata
from datetime import date, time
from typing import Final

from classbell.tables.reading import folded
from classbell.years import is_sensible

# By weekday, 0 for Monday: whole names and what they are shortened to, as `folded`.
_NAMES: Final = (
    ("monday", "mondays", "mon", "mo", "segunda", "segundas", "seg", "2a", "الاثنين", "اثنين"),
    ("tuesday", "tuesdays", "tues", "tue", "tu", "terca", "tercas", "ter", "3a", "الثلاثاء", "ثلاثاء", "الثلثاء"),
    ("wednesday", "wednesdays", "weds", "wed", "we", "quarta", "quartas", "qua", "4a", "الاربعاء", "اربعاء"),
    ("thursday", "thursdays", "thurs", "thur", "thu", "th", "quinta", "quintas", "qui", "5a", "الخميس", "خميس"),
    ("friday", "fridays", "fri", "fr", "sexta", "sextas", "sex", "6a", "الجمعة", "جمعة"),
    ("saturday", "saturdays", "sat", "sa", "sabado", "sabados", "sab", "السبت", "سبت"),
    ("sunday", "sundays", "sun", "su", "domingo", "domingos", "dom", "الاحد", "احد"),
)
_BY_NAME: Final = {folded(name): day for day, names in enumerate(_NAMES) for name in names}
# Days in a row, as registrars write them: MWF, TR, TTh, MoWeFr. U is Sunday, S is Saturday.
_LETTERS: Final = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6} | {
    "mo": 0, "tu": 1, "we": 2, "th": 3, "fr": 4, "sa": 5, "su": 6,
    "m": 0, "t": 1, "w": 2, "r": 3, "f": 4, "s": 5, "u": 6,
}  # fmt: skip
_LETTER: Final = re.compile("mon|tue|wed|thu|fri|sat|sun|mo|tu|we|th|fr|sa|su|[mtwrfsu]")
# Hyphens and dashes that programs put in each other's place; a minus; a wave.
_DASH: Final = r"\-\u2010-\u2015\u2212~\u301c\uff5e"
_RANGE: Final = re.compile(
    rf"\s*(?:[{_DASH}]|\b(?:to|through|thru|until|till|a|à|às|até)\b|الى|إلى|حتى)\s*", re.IGNORECASE
)
# "2.ª feira", "يومي الأحد والثلاثاء"
_DAY_WORDS: Final = re.compile(rf"[\s{_DASH}]feiras?\b|\b(?:ال)?(?:أيام|ايام|يومي|يوم)\b")
_FROM: Final = re.compile(r"^(?:from|de|das|من)\s+", re.IGNORECASE)
_NOT_YET: Final = frozenset(
    map(
        folded,
        (
            "tba",
            "tbd",
            "tbc",
            "arr",
            "arranged",
            "to be announced",
            "to be arranged",
            "a definir",
            "a confirmar",
            "يحدد لاحقا",
            "لم يحدد",
        ),
    )
)
_TIME: Final = re.compile(
    r"(\d{1,2})(?:[:.h٫](\d{2})(?:[:.](\d{2}))?|h|(?=\D*$))\s*(?:min|hrs|h)?\s*"
    r"([ap](?:\.?\s?m)?\.?|صباحا?|مساءا?|ظهرا?|عصرا?|[صم])?",
    re.IGNORECASE,
)
_WEEKS: Final = re.compile(rf"(\d{{1,2}})(?:\s*(?:[{_DASH}]|\b(?:to|a)\b|إلى|الى)\s*(\d{{1,2}}))?")
_AND: Final = re.compile(r"\b(?:and|e)\b|\sو\s?", re.IGNORECASE)
_PARITY: Final = {
    folded(word): start
    for start, words in (
        (1, ("odd", "impar", "impares", "فردي", "الفردية")),
        (2, ("even", "par", "pares", "زوجي", "الزوجية")),
    )
    for word in words
}
_WEEK_WORDS: Final = re.compile(r"\b(?:weeks?|wks?|semanas?|أسبوع|الأسبوع|الأسابيع)\b\.?", re.IGNORECASE)
_EVERY: Final = frozenset(map(folded, ("", "all", "every", "weekly", "todas", "semanal", "كل", "الكل")))
_DATE: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
MOST_WEEKS: Final = 53


def is_not_yet(text: str) -> bool:
    """Say whether a cell says that nobody knows yet."""
    return folded(text) in _NOT_YET


def weekdays_in(text: str) -> tuple[int, ...] | None:
    """
    Return the days of a cell such as `Mon/Wed`, `MWF`, `M-F`, `segunda-feira` or `الأحد، الثلاثاء`, sorted; None for no days.

    A line between two days means those between them too; but `T-Th`, in letters, are the two.
    """
    plain = _FROM.sub("", _DAY_WORDS.sub(" ", text.casefold().replace(".ª", "ª")).strip())
    if between := _days_between(plain):
        return between
    days: list[int] = []
    for word in re.split(rf"[\s/,;&+|،؛.{_DASH}]+", re.sub(r"\s(?:and|e|و)\s", " ", plain)):
        if not word:
            continue
        found = _days_of(word)
        if found is None:
            return None
        days += found
    return tuple(sorted(days)) if days and len(set(days)) == len(days) else None


def wall_time(text: str) -> time | None:
    """Return the time of a cell such as `9:00`, `11:00AM`, `11h00`, `09:00:00` or `٩:٣٠ ص`; None for no time."""
    plain = _plain_time(text)
    if re.fullmatch(r"\d{4}", plain):
        plain = f"{plain[:2]}:{plain[2:]}"
    match = _TIME.fullmatch(plain)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    half = (match[4] or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            return None
        # At noon it may be eleven already, or two.
        is_later = half[0] in "pمع" or (half[0] == "ظ" and hour not in {10, 11})
        hour = hour % 12 + (12 if is_later else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def times_in(text: str) -> tuple[time, time] | None:
    """
    Return start and end of a cell such as `9:00-10:30 AM`; None for anything else.

    What stands behind the end alone holds for both (`2:00-3:15 PM`), unless the start would come after it (`11-1pm`).
    """
    parts = _RANGE.split(_FROM.sub("", text.strip()))
    if len(parts) != 2:
        return None
    start, end = wall_time(parts[0]), wall_time(parts[1])
    if start is None or end is None:
        return None
    half = _half(parts[1])
    if half and not _half(parts[0]) and (same := wall_time(f"{parts[0]} {half}")) is not None and same < end:
        start = same
    return start, end


def _plain_time(text: str) -> str:
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return unicodedata.normalize("NFKC", plain).strip()


def _half(text: str) -> str:
    match = _TIME.fullmatch(_plain_time(text))
    return (match[4] or "") if match else ""


def weeks_in(text: str) -> frozenset[int] | None:
    """Return the weeks of a term, from 1, in a cell such as `odd`, `1-7` or `2, 4, 6-9`. Raises ValueError for no weeks."""
    text = _WEEK_WORDS.sub(" ", text)
    word = folded(text)
    if word in _EVERY:
        return None
    if word in _PARITY:
        return frozenset(range(_PARITY[word], MOST_WEEKS + 1, 2))
    plain = unicodedata.normalize("NFKC", text)
    if re.sub(r"[\s,;:،&+]+", "", _AND.sub("", _WEEKS.sub("", plain))):
        raise ValueError(text)
    weeks = {week for first, last in _WEEKS.findall(plain) for week in range(int(first), int(last or first) + 1)}
    if not weeks or min(weeks) < 1 or max(weeks) > MOST_WEEKS:
        raise ValueError(text)
    return frozenset(weeks)


def dates_in(text: str) -> frozenset[date]:
    """Return the dates of a cell, written YYYY-MM-DD, of our years. Raises ValueError for anything else."""
    if re.sub(r"[\s,;،|]+", "", _DATE.sub("", text)):
        raise ValueError(text)
    days = frozenset(date(*map(int, found.split("-"))) for found in _DATE.findall(text))
    if not all(map(is_sensible, days)):
        raise ValueError(text)
    return days


def _days_between(text: str) -> tuple[int, ...]:
    """Return the days from the first of two to the last, sorted; nothing where they are only two days."""
    parts = _RANGE.split(text)
    first, last = map(_days_of, parts) if len(parts) == 2 else (None, None)
    if first is None or last is None or len(first) != 1 or len(last) != 1:
        return ()
    days = tuple(sorted((first[0] + step) % 7 for step in range((last[0] - first[0]) % 7 + 1)))
    in_letters = any(len(part) <= 2 for part in parts) and not re.search(r"\s", text)
    return () if in_letters and len(days) < 4 else days


def _days_of(word: str) -> list[int] | None:
    name = folded(word)
    # In Arabic "and" is written onto the next word.
    day = _BY_NAME.get(name, _BY_NAME.get(name.removeprefix("و")))
    if day is not None:
        return [day]
    letters = _LETTER.findall(word)
    return [_LETTERS[letter] for letter in letters] if "".join(letters) == word else None
