"""A list of people taken over: looked at first, then done; by API as on the page."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import override_settings
from openpyxl import Workbook

from classbell.accounts.models import Invitation, Role, User
from classbell.accounts.people.importing import import_people
from classbell.accounts.people.planning import Rules, make_plan
from classbell.accounts.people.reading import MOST_ROWS, Listed, Wrong, read_listed
from classbell.accounts.services import deactivate_person
from classbell.tables.limits import TableUnreadable
from tests.api_client import ApiClient
from tests.at_once import done_at_once
from tests.factories import make_admin, make_student, make_teacher
from tests.factories_keys import issue_key, program

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
IMPORT = "/api/people/import"


def send(client: ApiClient, text: str | bytes, **query: Any) -> Any:
    """Send a list as the body."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return client._client.generic(
        "POST",
        f"{IMPORT}?{asked}",
        data=text if isinstance(text, bytes) else text.encode(),
        content_type="text/csv",
        headers=client._headers,
    )


def lines(answer: Any) -> list[tuple[int, str]]:
    return [(row["line"], row["action"]) for row in answer.json()["rows"]]


def errors(answer: Any) -> list[tuple[str, str]]:
    return [(row["error"]["field"], row["error"]["message"]) for row in answer.json()["rows"] if row["error"]]


@pytest.fixture
def admin() -> User:
    """Who takes lists over; there is another one."""
    make_admin()
    return make_admin()


def test_dry_run_says_of_each_line_what_would_happen_and_changes_nothing(api: Api, admin: User) -> None:
    known = make_student(email="known@school.example", first_name="Nour", last_name="Said")
    make_student(email="same@school.example", first_name="Same", last_name="Same")
    gone = make_student(email="gone@school.example")
    back = make_student(email="back@school.example")
    deactivate_person(user_id=back.pk)
    client = api(admin)
    before = list(User.objects.order_by("pk").values())

    answer = send(
        client,
        "e-mail,first name,last name,role,status\n"
        "new@school.example,Amal,Ali,teacher,\n"
        "known@school.example,Nour,Haddad,,\n"
        "same@school.example,Same,Same,student,active\n"
        "gone@school.example,,,,inactive\n"
        "back@school.example,,,,active\n"
        "nowhere,Who,Ever,,\n"
        "never@school.example,,,,inactive\n",
        dry_run="true",
    )

    assert lines(answer) == [
        (2, "create"),
        (3, "change"),
        (4, "nothing"),
        (5, "deactivate"),
        (6, "reactivate"),
        (7, "error"),
        (8, "nothing"),
    ]
    said = answer.json()
    assert said["dry_run"] is True
    assert said["counts"] == {
        "create": 1,
        "change": 1,
        "reactivate": 1,
        "deactivate": 1,
        "nothing": 2,
        "error": 1,
    }
    assert said["rows"][1] == {
        "line": 3,
        "action": "change",
        "person_id": str(known.pk),
        "email": "known@school.example",
        "name": "Nour Haddad",
        "changes": [{"field": "last_name", "from": "Said", "to": "Haddad"}],
        "error": None,
    }
    assert said["rows"][3]["person_id"] == str(gone.pk)
    assert errors(answer) == [("email", "“nowhere” is no e-mail address. Write one such as name@school.example.")]
    assert list(User.objects.order_by("pk").values()) == before


def test_list_is_taken_over_and_taking_it_over_again_does_nothing(api: Api, admin: User) -> None:
    make_student(email="known@school.example", first_name="Nour")
    gone = make_student(email="gone@school.example")
    text = (
        "External ID;E-mail;Name;Role;Timezone;Language;Status\n"
        "T-1;amal@school.example;Amal Ali;teacher;Asia/Riyadh;Arabic;\n"
        "S-1;known@school.example;;student;;;\n"
        "S-2;gone@school.example;;;;;inactive\n"
    )

    first, second = send(api(admin), text), send(api(admin), text)

    amal = User.objects.get(external_id="T-1")
    assert (amal.email, amal.name, amal.role) == ("amal@school.example", "Amal Ali", Role.TEACHER)
    assert (amal.timezone, amal.locale, amal.has_usable_password()) == ("Asia/Riyadh", "ar", False)
    assert User.objects.get(email="known@school.example").external_id == "S-1"
    gone.refresh_from_db()
    assert not gone.is_active
    assert [action for _line, action in lines(first)] == ["create", "change", "deactivate"]
    assert [action for _line, action in lines(second)] == ["nothing"] * 3


def test_external_id_is_asked_first_so_that_an_address_may_change(api: Api, admin: User) -> None:
    user = make_student(email="maiden@school.example", external_id="S-1")

    answer = send(api(admin), "sis id,email\nS-1,married@school.example\n")

    user.refresh_from_db()
    assert user.email == "married@school.example"
    assert answer.json()["rows"][0]["changes"] == [
        {"field": "email", "from": "maiden@school.example", "to": "married@school.example"}
    ]


def test_external_id_alone_finds_somebody_and_makes_nobody(api: Api, admin: User) -> None:
    user = make_student(external_id="S-1", first_name="Nour")

    answer = send(api(admin), "external_id,first_name\nS-1,Noor\nS-2,Who\n")

    user.refresh_from_db()
    assert user.first_name == "Noor"
    assert lines(answer) == [(2, "change"), (3, "error")]
    assert errors(answer)[0][0] == "email"


def test_workbook_is_read_as_csv_is(api: Api, admin: User) -> None:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in (["Email", "First name"], ["amal@school.example", "Amal"]):
        sheet.append(row)
    book.save(out)

    assert lines(send(api(admin), out.getvalue(), dry_run="true")) == [(2, "create")]


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        ("x@s.example,,,head,,,", "roles", "Write student, teacher, admin or guardian."),
        ("x@s.example,,,,Riyadh,,", "timezone", "must be an IANA timezone"),
        ("x@s.example,,,,,fr,", "locale", "Write one of: en, ar."),
        ("x@s.example," + "x" * 65 + ",,,,,", "external_id", "at most 64 characters"),
        ("x@s.example,," + "x" * 65 + ",,,,", "first_name", "Shorten it."),
        (",,Who,,,,", "email", "Write one of them."),
        ("taken@s.example,S-1,,,,,", "email", "has this e-mail already"),
        ("taken@s.example,S-9,,,,,", "external_id", "has the external id"),
        ("gone@s.example,,,,,,", "status", "Let them in again first"),
        ("me@s.example,,,,,,inactive", "status", "You cannot deactivate yourself."),
        ("me@s.example,,,teacher,,,", "roles", "You cannot change your own role"),
    ],
)
def test_line_that_cannot_be_used_says_why_and_what_to_do(api: Api, row: str, field: str, said: str) -> None:
    make_admin()
    admin = make_admin(email="me@s.example")
    make_student(email="one@s.example", external_id="S-1")
    make_student(email="taken@s.example", external_id="S-2")
    deactivate_person(user_id=make_student(email="gone@s.example").pk)
    before = User.objects.count()

    answer = send(
        api(admin), f"email,external id,first name,role,timezone,language,status\n{row}\nnew@s.example,,,,,,\n"
    )

    ((wrong, message),) = errors(answer)
    assert wrong == field
    assert said in message
    # The others are taken over.
    assert User.objects.count() == before + 1


def test_person_who_stands_there_twice_is_taken_once(api: Api, admin: User) -> None:
    make_student(email="a@s.example", external_id="S-1")

    answer = send(api(admin), "email,external id\nb@s.example,S-1\nB@s.example,\na@s.example,\n")

    assert lines(answer) == [(2, "change"), (3, "error"), (4, "error")]
    assert "line 2" in errors(answer)[0][1]


@pytest.mark.parametrize("text", ["", "\n\n", "Name,Class\nNour,7a\n", "email\n"])
def test_what_is_no_list_is_refused(api: Api, admin: User, text: str) -> None:
    refused = send(api(admin), text)

    assert (refused.status_code, refused.json()["code"]) == (400, "file_unreadable")


def test_list_has_an_end() -> None:
    with pytest.raises(TableUnreadable):
        read_listed("email\n" + "\n".join(f"{n}@s.example" for n in range(MOST_ROWS + 1)))


def test_whom_a_list_does_not_name_stays_unless_that_was_asked_for(api: Api, admin: User) -> None:
    student = make_student()

    send(api(admin), "email\nnew@s.example\n")

    student.refresh_from_db()
    assert student.is_active


def test_missing_are_named_and_deactivated_only_when_exactly_they_were_confirmed(api: Api, admin: User) -> None:
    named, missing, teacher = make_student(email="a@s.example"), make_student(), make_teacher()
    client, text = api(admin), "email\na@s.example\n"

    dry = send(client, text, dry_run="true", deactivate_missing="student").json()
    refused = send(client, text, deactivate_missing="student")
    another = make_student()
    outdated = send(client, text, deactivate_missing="student", confirm=dry["confirm"])

    assert [one["id"] for one in dry["missing"]] == [str(missing.pk)]
    assert (refused.status_code, refused.json()["code"]) == (400, "deactivations_not_confirmed")
    assert [one["name"] for one in refused.json()["details"]] == [missing.name]
    assert outdated.json()["code"] == "deactivations_not_confirmed"
    assert User.objects.filter(is_active=False).count() == 0

    again = send(client, text, dry_run="true", deactivate_missing="student").json()
    send(client, text, deactivate_missing="student", confirm=again["confirm"])

    assert set(User.objects.filter(is_active=False)) == {missing, another}
    assert {named, teacher, admin} <= set(User.objects.filter(is_active=True))


def test_who_cannot_be_named_and_admins_are_never_missing(admin: User) -> None:
    from classbell.accounts.cards import Child, create_children

    create_children([Child(first_name="Nour", last_name="Ali", contact="", timezone="UTC")])
    rows = read_listed("email\nnew@s.example\n")

    plan = make_plan(rows, Rules(by=admin, deactivates_missing=list(Role)))

    assert plan.missing == []


def test_nobody_is_missing_for_a_line_that_cannot_be_used(api: Api, admin: User) -> None:
    student = make_student(email="a@s.example")
    client, text = api(admin), "email,timezone\na@s.example,Nowhere\nb@s,\n"
    other = make_student()

    dry = send(client, text, dry_run="true", deactivate_missing="student").json()
    refused = send(client, text, deactivate_missing="student", confirm=dry["confirm"])

    # Who stands in a wrong line is named all the same.
    assert [one["id"] for one in dry["missing"]] == [str(other.pk)]
    assert (refused.status_code, refused.json()["code"]) == (400, "lines_to_mend")
    assert [one["line"] for one in refused.json()["details"]] == [2, 3]
    student.refresh_from_db()
    assert student.is_active


def test_list_leaves_an_admin() -> None:
    admin, other = make_admin(), make_admin()
    text = f"email,role,status\n{other.email},,inactive\n"
    by = make_admin()
    rows = read_listed(text + f"{admin.email},teacher,\n")

    done = import_people(rows, Rules(by=by))

    assert [step.action for step in done.steps] == ["deactivate", "change"]
    assert list(User.objects.filter(role=Role.ADMIN, is_active=True)) == [by]


def test_program_makes_and_touches_no_admin_by_a_list() -> None:
    client, other = program(issue_key("people:write")), make_admin(email="boss@s.example")
    text = "email,role,first name,status\nnew@s.example,admin,,\nboss@s.example,,Changed,\nboss@s.example,,,inactive\n"

    answer = send(client, text)

    assert lines(answer) == [(2, "error"), (3, "error"), (4, "error")]
    other.refresh_from_db()
    assert other.is_active


def test_who_is_new_may_be_sent_a_link(api: Api, admin: User) -> None:
    known = make_student(email="known@s.example", password=None)

    with override_settings(EMAIL_HOST=""):
        send(api(admin), "email\nknown@s.example\nnew@s.example\n", invite="true")

    assert [one.user.email for one in Invitation.objects.all()] == ["new@s.example"]
    assert not Invitation.objects.filter(user=known).exists()


@pytest.mark.parametrize("count", [3, 300])
def test_looking_costs_as_many_statements_however_long_a_list_is(
    admin: User, count: int, django_assert_num_queries: Any
) -> None:
    rows = read_listed("email\n" + "\n".join(f"{n}@s.example" for n in range(count)))

    with django_assert_num_queries(3):
        make_plan(rows, Rules(by=admin))


@pytest.mark.django_db(transaction=True)
def test_two_lists_at_once_make_each_account_once() -> None:
    admin = make_admin()
    rows = read_listed("email,external id\n" + "\n".join(f"{n}@s.example,S-{n}" for n in range(30)))

    plans = done_at_once([lambda: import_people(rows, Rules(by=admin))] * 2)

    assert User.objects.count() == 31
    assert sorted(plan.counts["create"] for plan in plans) == [0, 30]


def test_what_a_rule_refuses_at_the_last_moment_becomes_the_lines_error(admin: User) -> None:
    from classbell.accounts.models import SignInPolicy

    always = make_admin(email="always@s.example")
    SignInPolicy.objects.update_or_create(pk=1, defaults={"only_providers": True, "always_in": always})

    done = import_people(read_listed("email,role\nalways@s.example,teacher\n"), Rules(by=admin))

    assert [(step.action, step.error_field) for step in done.steps] == [("error", "roles")]
    always.refresh_from_db()
    assert always.is_admin


def test_columns_are_found_by_their_names_in_arabic_too() -> None:
    (one,) = read_listed("البريد الإلكتروني;الاسم الأول;الدور;الحالة\nnour@s.example;نور;طالب;نشط\n")

    assert one == Listed(line=2, email="nour@s.example", first_name="نور", roles=[Role.STUDENT], is_active=True)


def test_line_with_a_lonely_quotation_mark_is_wrong_and_the_rest_is_read() -> None:
    rows = read_listed('email,name\na@s.example,"Nour\nb@s.example,Amal Ali\n')

    assert [type(row) for row in rows] == [Wrong, Listed]


def test_answer_is_json_as_documented(api: Api, admin: User) -> None:
    answer = send(api(admin), "email\nnew@s.example\n")

    assert sorted(json.loads(answer.content)) == ["confirm", "counts", "dry_run", "missing", "rows", "sheets"]


def test_list_gives_two_roles_and_takes_one_away(admin: User) -> None:
    text = "email,role\nnour@s.example,{}\n"

    made = import_people(read_listed(text.format("teacher; student")), Rules(by=admin))
    again = import_people(read_listed(text.format("student/teacher")), Rules(by=admin))
    less = import_people(read_listed(text.format("teacher")), Rules(by=admin))

    assert [plan.steps[0].action for plan in (made, again, less)] == ["create", "nothing", "change"]
    assert less.steps[0].changes == {"roles": [Role.TEACHER]}
    assert User.objects.get(email="nour@s.example").roles == [Role.TEACHER]


def test_admin_who_learns_too_stays_an_admin(admin: User) -> None:
    done = import_people(read_listed(f"email,role\n{admin.email},admin; student\n"), Rules(by=make_admin()))

    assert [step.action for step in done.steps] == ["change"]
    admin.refresh_from_db()
    assert admin.roles == [Role.ADMIN, Role.STUDENT]
    assert admin.is_superuser
