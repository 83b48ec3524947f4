"""Students of a class from a CSV file."""

import pytest
from django.test import Client

from classbell.accounts.models import User
from classbell.accounts.tokens import issue_tokens
from classbell.groups.roster import RosterUnreadable, read_roster
from tests.factories import make_class, make_student, make_teacher

pytestmark = pytest.mark.django_db


def test_columns_are_found_by_name_whatever_separates_them():
    roster = read_roster("﻿Surname;First name;E-mail\nBenali;Layla;Layla@School.example\n".encode())

    (row,) = roster.rows
    assert (row.line, row.email, row.first_name, row.last_name) == (2, "layla@school.example", "Layla", "Benali")


def test_bad_rows_say_their_line_and_reason_and_lose_nothing():
    roster = read_roster(
        b"name,email\nLayla Benali,layla@school.example\nNobody,not-an-address\n\nTwin,LAYLA@school.example\n"
    )

    assert [row.email for row in roster.rows] == ["layla@school.example"]
    assert [(row.line, row.reason) for row in roster.bad] == [
        (3, "“not-an-address” is no e-mail address."),
        (5, "The same e-mail stands in line 2 already."),
    ]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        ("email\nمريم".encode("cp1256"), "UTF-8"),
        (b"given,family\nA,B\n", "email"),
        (b"email\n" + b"\n".join(b"a%d@school.example" % n for n in range(5001)), "5000"),
    ],
    ids=["empty", "not UTF-8", "no e-mail column", "too long"],
)
def test_unreadable_file_is_refused_with_the_remedy(raw, words):
    with pytest.raises(RosterUnreadable, match=words):
        read_roster(raw)


def sent(teacher, group, text, *, dry_run=False):
    answer = Client().generic(
        "POST",
        f"/api/zoom/classes/{group.pk}/import?dry_run={str(dry_run).lower()}",
        text.encode(),
        content_type="text/csv",
        headers={"Authorization": f"Bearer {issue_tokens(teacher).access_token}"},
    )
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_import_enrols_good_rows_and_makes_missing_accounts():
    teacher, member, known = make_teacher(), make_student(), make_student()
    group = make_class(teacher=teacher, students=[member])
    text = f"email,name\n{member.email},\n{known.email},\nnew@school.example,مريم بنت عبد الله\n{teacher.email},\nbroken,\n"

    before = sent(teacher, group, text, dry_run=True)
    assert group.members.count() == 1
    after = sent(teacher, group, text)

    assert before | {"dry_run": False, "student_count": 3} == after
    assert after["enrolled"] == [known.email, "new@school.example"]
    assert after["already"] == [member.email]
    assert after["new_accounts"] == ["new@school.example"]
    assert [row["line"] for row in after["bad"]] == [5, 6]
    assert User.objects.get(email="new@school.example").name == "مريم بنت عبد الله"
