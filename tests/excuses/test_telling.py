"""Telling an absence: what it is about, when a rule accepts it, who hears of it."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from classbell.errors import DomainError, NotThere
from classbell.excuses.documents import read_document
from classbell.excuses.errors import DocumentRefused
from classbell.excuses.models import Excuse, ExcuseDocument, ExcuseRules
from classbell.excuses.permissions import can_decide, may_act_for
from classbell.excuses.queries import sessions_of, sessions_shown
from classbell.excuses.rules import accepts, change_rules
from classbell.excuses.services import decide_excuse, withdraw_excuse
from classbell.meetings.models import ExcusedTime
from classbell.notices.models import Notice
from tests.at_once import done_at_once
from tests.excuses.conftest import School

pytestmark = pytest.mark.django_db


def told(kind: str) -> list[str]:
    return sorted(Notice.objects.filter(kind=kind).values_list("user__first_name", flat=True))


def test_one_session_is_told_and_waits(school: School) -> None:
    excuse = school.tell()

    assert (excuse.status, excuse.by_rule) == ("pending", False)
    assert (excuse.starts_at, excuse.ends_at) == (school.session.starts_at, school.session.ends_at)
    assert sessions_of(excuse) == [school.session]
    assert not ExcusedTime.objects.exists()
    assert told("excuse_asked") == ["Amina"]


def test_a_day_is_about_all_its_sessions_and_asks_the_admins(school: School) -> None:
    begins, ends = school.day
    excuse = school.tell(starts_at=begins, ends_at=ends)

    assert sessions_of(excuse) == [school.session, school.other_session]
    assert set(Notice.objects.filter(kind="excuse_asked").values_list("user", flat=True)) == {school.admin.pk}


def test_a_day_of_one_class_is_about_its_sessions_only(school: School) -> None:
    begins, ends = school.day

    assert sessions_of(school.tell(starts_at=begins, ends_at=ends, group_id=school.group.pk)) == [school.session]
    assert sessions_of(school.tell(starts_at=begins, ends_at=ends, meeting_id=school.session.meeting_id)) == [
        school.session
    ]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        pytest.param({"starts_at": None}, "invalid_period", id="no-beginning"),
        pytest.param({"ends_at": None}, "invalid_period", id="no-end"),
        pytest.param({"ends_at": "starts"}, "invalid_period", id="no-time-between"),
        pytest.param({"ends_at": "years"}, "invalid_period", id="two-years"),
        pytest.param({"reason": " \n"}, "text_missing", id="no-reason"),
        pytest.param({"kind": "Football"}, "no_such_kind", id="a-kind-that-is-not-listed"),
        pytest.param({"starts_at": "after", "ends_at": "later"}, "nothing_to_excuse", id="no-session-then"),
    ],
)
def test_what_is_no_absence_is_refused(school: School, what: dict[str, Any], code: str) -> None:
    begins, ends = school.day
    moments = {
        "starts": begins,
        "years": begins + timedelta(days=800),
        "after": ends + timedelta(days=1),
        "later": ends + timedelta(days=2),
    }
    given = {"starts_at": begins, "ends_at": ends} | {name: moments.get(value, value) for name, value in what.items()}

    with pytest.raises(DomainError) as refused:
        school.tell(**given)

    assert refused.value.code == code
    assert not Excuse.objects.exists()


def test_what_is_not_the_students_is_not_there(school: School) -> None:
    begins, ends = school.day
    theirs = school.hold(school.others, school.other_teacher, hour=15)
    school.others.memberships.all().delete()

    named: list[dict[str, Any]] = [
        {"occurrence_id": theirs.pk},
        {"meeting_id": theirs.meeting_id},
        {"group_id": school.others.pk},
    ]
    for what in named:
        with pytest.raises(NotThere):
            school.tell(starts_at=begins, ends_at=ends, **what)


RULES = {"accepts_at_once": True, "hours_ahead": 24}


@pytest.mark.parametrize(
    ("rules", "told", "is_accepted"),
    [
        ({}, {}, True),
        ({"accepts_at_once": False}, {}, False),
        ({}, {"ahead": 23}, False),
        ({}, {"ahead": 24}, True),
        ({"monthly_quota": 2}, {"accepted": 1}, True),
        ({"monthly_quota": 2}, {"accepted": 2}, False),
        ({"kinds_at_once": ["Ill"], "kinds_decided": ["Travel"]}, {"kind": "Ill"}, True),
        ({"kinds_at_once": ["Ill"], "kinds_decided": ["Travel"]}, {"kind": "Travel"}, False),
        ({"kinds_at_once": ["Ill"], "kinds_decided": ["Travel"]}, {"kind": ""}, False),
        ({"kinds_decided": ["Travel"]}, {"kind": ""}, False),
    ],
)
def test_rules_say_what_is_accepted_at_once(
    school: School, rules: dict[str, Any], told: dict[str, Any], *, is_accepted: bool
) -> None:
    given: dict[str, Any] = {"kind": "", "accepted": 0, "ahead": 100} | told
    first = school.now + timedelta(hours=given.pop("ahead"))

    assert accepts(ExcuseRules(**RULES | rules), first_session=first, now=school.now, **given) is is_accepted


def test_what_a_rule_accepts_counts_at_once_and_asks_nobody(school: School) -> None:
    change_rules(RULES)
    excuse = school.tell()

    assert (excuse.status, excuse.by_rule, excuse.decided_by) == ("accepted", True, None)
    assert ExcusedTime.objects.get().pk == excuse.pk
    assert (told("excuse_asked"), told("excuse_taken")) == ([], ["Amina"])


def test_a_quota_counts_what_stands(school: School) -> None:
    change_rules(RULES | {"monthly_quota": 1})
    first = school.tell()

    assert school.tell(occurrence_id=school.other_session.pk).status == "pending"
    withdraw_excuse(excuse_id=first.pk, by=school.student, now=school.now)
    assert school.tell().status == "accepted"


def test_told_again_in_the_same_words_it_is_told_once(school: School) -> None:
    change_rules(RULES | {"monthly_quota": 2})
    first, again = school.tell(), school.tell()
    other = school.tell(occurrence_id=school.session.pk, reason="Travelling.")

    assert (again.pk, other.pk == first.pk, other.status) == (first.pk, False, "accepted")
    assert told("excuse_taken") == ["Amina", "Amina"]


def test_a_paper_that_comes_later_is_kept_with_what_was_told(school: School) -> None:
    paper, another = (read_document(SimpleUploadedFile("note.pdf", b"%PDF-1." + ending)) for ending in (b"7", b"8"))
    first = school.tell()

    assert school.tell(document=paper).pk == school.tell(document=paper).pk == first.pk
    assert bytes(ExcuseDocument.objects.get().content) == b"%PDF-1.7"
    assert school.tell(document=another).pk != first.pk


def test_what_was_withdrawn_or_refused_can_be_told_again(school: School) -> None:
    first = school.tell()
    withdraw_excuse(excuse_id=first.pk, by=school.student, now=school.now)
    second = school.tell()
    decide_excuse(excuse_id=second.pk, accepted=False, by=school.teacher, now=school.now)

    assert school.tell().status == "pending"
    assert Excuse.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_told_twice_at_once_it_is_told_once(school: School) -> None:
    done_at_once([school.tell] * 3)

    assert (Excuse.objects.count(), told("excuse_asked")) == (1, ["Amina"])


@pytest.mark.django_db(transaction=True)
def test_two_told_at_once_do_not_both_have_the_last_place_of_a_quota(school: School) -> None:
    change_rules(RULES | {"monthly_quota": 1})

    done_at_once([partial(school.tell), partial(school.tell, occurrence_id=school.other_session.pk)])

    assert sorted(Excuse.objects.values_list("status", flat=True)) == ["accepted", "pending"]


def test_a_kind_is_accepted_or_decided(school: School) -> None:
    change_rules({"kinds_at_once": ["Ill"]})

    with pytest.raises(DomainError) as refused:
        change_rules({"kinds_decided": ["Travel", "Ill"]})

    assert refused.value.code == "rules_contradictory"
    assert ExcuseRules.objects.get().kinds == ["Ill"]


def test_a_kind_is_listed_once() -> None:
    assert change_rules({"kinds_at_once": ["Ill", "Ill"]}).kinds == ["Ill"]


def test_who_may_act_for_a_student(school: School) -> None:
    may = {
        name: may_act_for(person, school.student.pk)
        for name, person in vars(school).items()
        if name in ("student", "fellow", "stranger", "teacher", "other_teacher", "admin")
    }

    assert may == {
        "student": True,
        "fellow": False,
        "stranger": False,
        "teacher": True,
        "other_teacher": True,
        "admin": True,
    }


def test_who_sees_an_excuse_and_who_decides_it(school: School) -> None:
    begins, ends = school.day
    of_the_class, of_all = school.tell(), school.tell(starts_at=begins, ends_at=ends)
    people = (school.student, school.fellow, school.teacher, school.other_teacher, school.admin)

    seen = [[one in Excuse.objects.visible_to(person) for one in (of_the_class, of_all)] for person in people]
    decided = [[can_decide(person, one) for one in (of_the_class, of_all)] for person in people]

    assert seen == [[True, True], [False, False], [True, True], [False, True], [True, True]]
    assert decided == [[False, False], [False, False], [True, False], [False, False], [True, True]]
    assert sessions_shown(of_all, school.other_teacher) == [school.other_session]


def test_a_substitute_sees_and_decides_what_is_about_their_session(school: School) -> None:
    substitute = school.other_teacher
    excuse = school.tell()
    school.session.substitute = substitute
    school.session.save()

    assert excuse in Excuse.objects.visible_to(substitute)
    assert can_decide(substitute, excuse)


def test_a_period_of_one_class_is_not_seen_by_the_teacher_of_another(school: School) -> None:
    begins, ends = school.day
    excuse = school.tell(starts_at=begins, ends_at=ends, group_id=school.group.pk)

    assert excuse not in Excuse.objects.visible_to(school.other_teacher)
    assert excuse in Excuse.objects.visible_to(school.teacher)


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (b"%PDF-1.7 and so on", ("note.pdf", "application/pdf")),
        (b"\x89PNG\r\n\x1a\n...", ("note.png", "image/png")),
        (b"\xff\xd8\xff\xe0...", ("note.jpg", "image/jpeg")),
    ],
)
def test_a_document_is_what_its_first_bytes_say(content: bytes, kept: tuple[str, str]) -> None:
    found = read_document(SimpleUploadedFile("../a\\b/note.html", content, content_type="text/html"))

    assert found is not None
    assert (found.name, found.content_type) == kept


@pytest.mark.parametrize("content", [b"", b"<html>", b"<svg xmlns=''>", b"MZ", b" %PDF-1.7"])
def test_other_documents_are_refused(content: bytes) -> None:
    with pytest.raises(DocumentRefused):
        read_document(SimpleUploadedFile("note.pdf", content, content_type="application/pdf"))


def test_a_large_document_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    small = settings.ENVIRONMENT.model_copy(update={"largest_document": 100})
    monkeypatch.setattr(settings, "ENVIRONMENT", small)

    with pytest.raises(DocumentRefused):
        read_document(SimpleUploadedFile("note.pdf", b"%PDF-" + b"x" * 100))


def test_a_document_is_kept_in_the_database(school: School) -> None:
    paper = read_document(SimpleUploadedFile("note.pdf", b"%PDF-1.7"))
    excuse = school.tell(occurrence_id=school.session.pk, document=paper)

    kept = ExcuseDocument.objects.get()
    assert (kept.excuse, bytes(kept.content), kept.size) == (excuse, b"%PDF-1.7", 8)


def test_the_student_hears_the_answer_and_the_note(school: School) -> None:
    excuse = school.tell()
    decide_excuse(excuse_id=excuse.pk, accepted=False, note="It is the exam.", by=school.teacher, now=school.now)

    notice = Notice.objects.get(kind="excuse_refused")
    assert (notice.user, notice.facts["reason"]) == (school.student, "It is the exam.")
    assert "Ill." not in str(list(Notice.objects.values_list("facts", flat=True)))
