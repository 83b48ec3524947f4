"""Students of a class from a CSV file."""

from functools import partial
from typing import Any, cast

import pytest
from django.test import Client

from classbell.accounts.models import User
from classbell.accounts.tokens import issue_tokens
from classbell.groups.models import Group
from classbell.groups.roster import RosterUnreadable, import_roster, read_roster
from classbell.tables.limits import BESIDE_FILES, LARGEST_FILE
from tests.at_once import held_at_lock
from tests.factories import make_class, make_student, make_teacher
from tests.tables.workbooks import workbook_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("raw", "words"),
    [(b"", "empty"), (b"%PDF-1.7", "no table"), (b"email\n" + b"a@school.example\n" * 5001, "5000")],
    ids=["empty", "no table", "too long"],
)
def test_unreadable_file_is_refused_with_the_remedy(raw, words):
    with pytest.raises(RosterUnreadable, match=words):
        read_roster(raw)


def sent(teacher, group, text, *, dry_run=False, asked=""):
    answer = Client().generic(
        "POST",
        f"/api/zoom/classes/{group.pk}/import?dry_run={str(dry_run).lower()}{asked}",
        text.encode() if isinstance(text, str) else text,
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
    assert [(one["name"], one["is_new"]) for one in after["people"]] == [
        (known.name, False),
        ("مريم بنت عبد الله", True),
    ]
    assert after["enrolled"] == [known.email, "new@school.example"]
    assert after["already"] == [member.email]
    assert after["new_accounts"] == ["new@school.example"]
    assert [row["line"] for row in after["bad"]] == [5, 6]
    assert User.objects.get(email="new@school.example").name == "مريم بنت عبد الله"


def test_list_calls_nobody_a_student_whom_it_calls_a_teacher():
    teacher, known = make_teacher(), make_student()
    group = make_class(teacher=teacher)
    text = f"email,role\nnew@school.example,teacher\n{known.email},Teacher\nx@school.example,student\n"

    done = sent(teacher, group, text)

    assert done["enrolled"] == ["x@school.example"]
    assert [(row["line"], row["reason"]) for row in done["bad"]] == [
        (2, "The list says that this is no student."),
        (3, "The list says that this is no student."),
    ]
    assert not User.objects.filter(email="new@school.example").exists()


def test_other_name_in_the_list_is_told_and_kept_as_it_is_here():
    teacher, known = make_teacher(), make_student(first_name="Sara", last_name="Ali")
    group = make_class(teacher=teacher)

    done = sent(teacher, group, f"email,name\n{known.email},Omar Ali\n")

    assert [(one["name"], one["listed_as"]) for one in done["people"]] == [("Sara Ali", "Omar Ali")]


def test_members_whom_the_list_does_not_have_are_named_and_leave_when_asked():
    teacher, member, other = make_teacher(), make_student(), make_student()
    group = make_class(teacher=teacher, students=[member, other])

    named = sent(teacher, group, f"email\n{other.email}\n")
    assert group.members.count() == 2
    left = sent(teacher, group, f"email\n{other.email}\n", asked="&remove_missing=true")

    assert [(one["email"], named["removed"]) for one in named["missing"]] == [(member.email, [])]
    assert left["removed"] == [member.email]
    assert list(group.members.all()) == [other]


def test_who_stands_in_a_line_that_cannot_be_read_does_not_leave_for_it():
    teacher, broken, gone, away = make_teacher(), make_student(), make_student(), make_student()
    group = make_class(teacher=teacher, students=[broken, gone, away])
    text = f'name,email,status\n"Jo "J" Doe",{broken.email},active\nBo,{gone.email},deleted\nCy,new@x.example,active\n'

    done = sent(teacher, group, text, asked="&remove_missing=true")

    assert [row["line"] for row in done["bad"]] == [2, 3]
    assert set(done["removed"]) == {gone.email, away.email}
    assert broken in group.members.all()


def test_list_of_nobody_empties_no_class():
    teacher, member = make_teacher(), make_student()
    group = make_class(teacher=teacher, students=[member])

    with pytest.raises(RosterUnreadable, match="nobody"):
        import_roster(group_id=group.pk, roster=read_roster(b"name,email\n")[0], take_out=None)

    assert list(group.members.all()) == [member]


def test_import_says_which_sheet_of_a_workbook_it_read():
    teacher = make_teacher()
    group = make_class(teacher=teacher)
    raw = workbook_of({"Autumn": ["email", "a@school.example"], "Spring": ["email", "b@school.example"]})

    done = sent(teacher, group, raw)
    plain = sent(teacher, group, "email\na@school.example\n")

    assert (done["enrolled"], done["sheet"], done["other_sheets"]) == (["a@school.example"], "Autumn", ["Spring"])
    assert (plain["sheet"], plain["other_sheets"]) == ("", [])


def test_list_that_is_not_in_the_sheet_that_was_read_is_refused_with_the_sheets():
    with pytest.raises(RosterUnreadable, match="“About” was read, not: Students"):
        read_roster(workbook_of({"About": ["name,email"], "Students": ["email", "a@school.example"]}))


CHILDREN = """\
name,email
Sara Ali,parent@x.example
Omar Ali,parent@x.example
Nour Ali,
Nour Ali,
Own Address,own@x.example
"""


def test_children_who_share_an_address_or_have_none_get_accounts_of_their_own_when_asked():
    teacher = make_teacher()
    group = make_class(teacher=teacher)

    refused = sent(teacher, group, CHILDREN, dry_run=True)
    done = sent(teacher, group, CHILDREN, asked="&without_email=true")

    assert refused["enrolled"] == ["parent@x.example", "own@x.example"]
    assert [row["line"] for row in refused["bad"]] == [3, 4, 5]
    assert done["enrolled"] == ["Sara Ali", "Omar Ali", "Nour Ali", "own@x.example"]
    assert [(row["line"], row["reason"]) for row in done["bad"]] == [(5, "The same name stands in line 4 already.")]
    members = {user.name: (user.has_address, user.written_to) for user in group.members.all()}
    assert members == {
        "Sara Ali": (False, "parent@x.example"),
        "Omar Ali": (False, "parent@x.example"),
        "Nour Ali": (False, ""),
        "Own Address": (True, "own@x.example"),
    }
    assert not User.objects.filter(email="parent@x.example").exists()


def test_children_are_found_again_and_keep_their_accounts():
    teacher = make_teacher()
    group, other = make_class(teacher=teacher), make_class(teacher=teacher)
    sent(teacher, group, CHILDREN, asked="&without_email=true")

    again = sent(teacher, group, CHILDREN, asked="&without_email=true")
    elsewhere = sent(teacher, other, CHILDREN, asked="&without_email=true")

    assert (again["enrolled"], again["missing"], again["bad"][1:]) == ([], [], [])
    assert (elsewhere["enrolled"], elsewhere["new_accounts"]) == (["Sara Ali", "Omar Ali", "own@x.example"], [])
    # Without any address nobody can tell that it is the same child: a person says so.
    assert [(row["line"], row["reason"]) for row in elsewhere["bad"]] == [
        (4, "A student of this name is here already. Say on the page for adding people whether it is them."),
        (5, "The same name stands in line 4 already."),
    ]


@pytest.mark.parametrize("listed", ["عبدالله علي", "عبد الله علي", "عَبدُ اللهِ علي"])
def test_child_is_found_in_another_group_however_the_name_is_spelled(listed):
    teacher = make_teacher()
    group, other = make_class(teacher=teacher), make_class(teacher=teacher)
    text = "name,email\n{},parent@x.example\nسارة علي,parent@x.example\n"
    sent(teacher, group, text.format("عبد الله علي"), asked="&without_email=true")

    elsewhere = sent(teacher, other, text.format(listed), asked="&without_email=true")

    assert elsewhere["new_accounts"] == []
    assert set(other.members.all()) == set(group.members.all())


def test_child_of_another_family_with_the_same_name_is_somebody_else():
    teacher = make_teacher()
    group, other = make_class(teacher=teacher), make_class(teacher=teacher)
    text = "name,email\nSara Ali,{0}\nOmar Ali,{0}\n"
    sent(teacher, group, text.format("one@x.example"), asked="&without_email=true")

    elsewhere = sent(teacher, other, text.format("two@x.example"), asked="&without_email=true")

    assert (elsewhere["new_accounts"], elsewhere["bad"]) == (["Sara Ali", "Omar Ali"], [])


def test_list_without_addresses_finds_a_member_by_name_and_counts_nobody_twice():
    teacher = make_teacher()
    group = make_class(teacher=teacher)
    sent(teacher, group, CHILDREN, asked="&without_email=true")
    both = "name,email\nSara Ali,\nSara Ali,parent@x.example\nOmar Ali,parent@x.example\n"

    again = sent(teacher, group, both, asked="&without_email=true")

    assert (again["enrolled"], again["already"]) == ([], ["Sara Ali", "Omar Ali"])
    assert [(row["line"], row["reason"]) for row in again["bad"]] == [(3, "It is the same student as in line 2.")]
    assert "Sara Ali" not in [one["name"] for one in again["missing"]]


def test_member_with_an_address_is_asked_about_where_the_list_has_the_name_alone():
    teacher, member = make_teacher(), make_student(first_name="Nour", last_name="Ali")
    group = make_class(teacher=teacher, students=[member])

    done = sent(teacher, group, "name\nNour Ali\nSara Ali\n", asked="&without_email=true&remove_missing=true")

    assert [row["line"] for row in done["bad"]] == [2]
    assert (done["new_accounts"], done["removed"]) == (["Sara Ali"], [])


def test_child_who_signs_in_with_the_shared_address_stays_who_they_are():
    teacher, sara = make_teacher(), make_student(email="parent@x.example", first_name="Sara", last_name="Ali")
    group = make_class(teacher=teacher)

    done = sent(teacher, group, CHILDREN, asked="&without_email=true")

    assert sara in group.members.all()
    assert done["new_accounts"] == ["Omar Ali", "Nour Ali", "own@x.example"]


@pytest.mark.parametrize("is_form", [True, False], ids=["form field", "body"])
def test_file_beyond_the_limit_is_refused_and_no_more_of_it_is_read(is_form):
    teacher = make_teacher()
    group = make_class(teacher=teacher)
    content = Endless()
    kind = "multipart/form-data; boundary=x" if is_form else "text/csv"

    answer = Client().generic(
        "POST",
        f"/api/zoom/classes/{group.pk}/import",
        content_type=kind,
        headers={"Authorization": f"Bearer {issue_tokens(teacher).access_token}"},
        **cast("Any", {"wsgi.input": content, "CONTENT_LENGTH": "200000000"}),
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert content.given <= LARGEST_FILE + BESIDE_FILES


def test_file_whose_form_has_the_right_length_is_refused_at_the_limit():
    teacher = make_teacher()
    group = make_class(teacher=teacher)
    content = Endless()

    answer = Client().generic(
        "POST",
        f"/api/zoom/classes/{group.pk}/import",
        content_type="multipart/form-data; boundary=x",
        headers={"Authorization": f"Bearer {issue_tokens(teacher).access_token}"},
        **cast("Any", {"wsgi.input": content, "CONTENT_LENGTH": "15000000"}),
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert content.given <= LARGEST_FILE + BESIDE_FILES


@pytest.mark.parametrize("head", ['name="datei"; filename="f.csv"', 'name="file"', 'name="file"; filename=""'])
def test_form_without_the_file_is_told_which_field_it_is(head):
    teacher = make_teacher()
    group = make_class(teacher=teacher)

    answer = Client().generic(
        "POST",
        f"/api/zoom/classes/{group.pk}/import",
        data=f"--x\r\nContent-Disposition: form-data; {head}\r\n\r\nemail\r\n--x--\r\n".encode(),
        content_type="multipart/form-data; boundary=x",
        headers={"Authorization": f"Bearer {issue_tokens(teacher).access_token}"},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "file_unreadable")
    assert "“file”" in answer.json()["error"]


class Endless:
    """A file field of a form that never ends; counts what was taken of it."""

    HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n'

    def __init__(self):
        self.given = 0

    def read(self, size=-1):
        assert size >= 0
        piece = (self.HEAD if self.given == 0 else b"").ljust(size, b"a")
        self.given += len(piece)
        return piece

    readline = read


@pytest.mark.django_db(transaction=True)
def test_of_two_whole_lists_at_one_moment_one_holds():
    group = make_class()
    lists = [[f"{name}-{number}@school.example" for number in range(3)] for name in ("ada", "bob")]
    rosters = [read_roster("\n".join(["email", *emails]).encode())[0] for emails in lists]

    held_at_lock(
        Group.objects.filter(pk=group.pk),
        [partial(import_roster, group_id=group.pk, roster=roster, take_out=None) for roster in rosters],
    )

    assert sorted(group.members.values_list("email", flat=True)) in lists
