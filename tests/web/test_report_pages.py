"""Reports as pages: what they are about, by whom, a page at a time."""

from typing import Any

import pytest
from django.test import Client

from classbell.accounts.models import User
from classbell.addresses import NO_ADDRESS
from classbell.groups.models import Group
from classbell.meetings.attendance.records import record_attendance
from classbell.web.attendance.views import reports
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_attendance import make_occurrence, make_stay, minute
from tests.web.html import links, words

pytestmark = pytest.mark.django_db

# Session, person, weeks, rows, their names; a class is looked up once, and whom a teacher looks after.
REPORT_QUERIES = 6
DAY = minute(0).date().isoformat()
DAYS = {"from": DAY, "to": DAY}


@pytest.fixture(autouse=True)
def _the_day_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: minute(24 * 60))


def teach(group: Group, *present: User, days: int = 0) -> None:
    """Hold and record an hour of a class, its teacher and these people in it."""
    occurrence = make_occurrence(group, days=days)
    for person in (group.teachers.get(), *present):
        make_stay(occurrence, person, 0, 60)
    record_attendance(occurrence_id=occurrence.pk, now=minute(90))


@pytest.fixture
def lesson() -> dict[str, Any]:
    """An hour of a class: Layla came, Tomás did not."""
    teacher = make_teacher(first_name="Rosa")
    layla, tomas = make_student(first_name="Layla"), make_student(first_name="Tomás")
    group = make_class(teacher=teacher, students=[layla, tomas], name="Algebra")
    teach(group, layla)
    return {"group": group, "teacher": teacher, "layla": layla, "tomas": tomas, "admin": make_admin()}


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def rows_of(page: Any) -> list[str]:
    """Return whom the table names, in order."""
    return [row.name for row in page.context["rows"]]


def test_reports_are_for_teachers_and_admins(lesson: dict[str, Any]) -> None:
    people = [lesson["teacher"], lesson["admin"], make_teacher(), lesson["layla"]]

    pages = [browser(person).get("/reports/", DAYS) for person in people]

    assert [page.status_code for page in pages] == [200, 200, 200, 403]
    assert "1 session, 50 % attended." in words(pages[0])
    assert "No session took place on these days." in words(pages[2])


@pytest.mark.parametrize(
    ("by", "named"),
    [
        ("", ["Algebra"]),
        ("class", ["Algebra"]),
        ("student", ["Tomás", "Layla"]),
        ("teacher", ["Rosa"]),
        ("?", ["Algebra"]),
    ],
    ids=["usual", "classes", "students", "teachers", "unknown"],
)
def test_report_has_a_view_by_whom(lesson: dict[str, Any], by: str, named: list[str]) -> None:
    page = browser(lesson["admin"]).get("/reports/", DAYS | ({"by": by} if by else {}))

    assert [name.split()[0] for name in rows_of(page)] == named
    assert [tab.word for tab in page.context["tabs"]] == ["Classes", "Students", "Teachers"]
    assert "1 session, 50 % attended." in words(page)


def test_teachers_are_reported_to_admins_only(lesson: dict[str, Any]) -> None:
    page = browser(lesson["teacher"]).get("/reports/", DAYS | {"by": "teacher"})

    assert rows_of(page) == ["Algebra"]
    assert [tab.word for tab in page.context["tabs"]] == ["Classes", "Students"]


def test_views_are_links_that_keep_the_days(lesson: dict[str, Any]) -> None:
    page = browser(lesson["admin"]).get("/reports/", DAYS)

    assert f"?from={DAY}&to={DAY}&by=student" in links(page)


def test_class_leads_to_its_students(lesson: dict[str, Any]) -> None:
    teach(make_class(students=[make_student(first_name="Omar")]), days=0)
    reader = browser(lesson["admin"])

    classes = reader.get("/reports/", DAYS)
    (address,) = [row.url for row in classes.context["rows"] if row.name == "Algebra"]
    page = reader.get(f"/reports/{address}")

    assert [name.split()[0] for name in rows_of(page)] == ["Tomás", "Layla"]
    assert page.context["totals"].occurrences == 1
    assert all(f"classId={lesson['group'].pk}" in address for _words, address in page.context["asked"].files)


@pytest.mark.parametrize(
    ("by", "first"),
    [("class", "Algebra"), ("student", "Tomás"), ("teacher", "Rosa")],
    ids=["class", "student", "teacher"],
)
def test_what_is_looked_at_and_the_verdicts_behind_it_are_files(lesson: dict[str, Any], by: str, first: str) -> None:
    reader = browser(lesson["admin"])
    page = reader.get("/reports/", DAYS | {"by": by})

    shown, records, sessions = (
        reader.get(address + "&format=csv", HTTP_ACCEPT_LANGUAGE="en").content.decode("utf-8-sig").splitlines()[1:]
        for _words, address in page.context["asked"].files
    )

    assert shown[0].startswith(first)
    assert len(shown) == (2 if by == "student" else 1)
    assert [(row.split(" ")[0], row.split(",")[5]) for row in records] == [("Layla", "Present"), ("Tomás", "Absent")]
    assert len(sessions) == 1


def test_files_name_the_clock_of_their_times_and_no_address_that_is_none(lesson: dict[str, Any]) -> None:
    lesson["admin"].timezone = "Asia/Riyadh"
    lesson["admin"].save(update_fields=["timezone"])
    layla = User.objects.filter(first_name="Layla")
    layla.update(email=f"1@{NO_ADDRESS}", contact_email="mother@home.example")
    reader = browser(lesson["admin"])
    page = reader.get("/reports/", DAYS | {"by": "student"})

    students, records, sessions = (
        reader.get(f"{address}&format=csv", HTTP_ACCEPT_LANGUAGE="en").content.decode("utf-8-sig")
        for _words, address in page.context["asked"].files
    )

    assert "Start (Asia/Riyadh)" in records
    assert "Came (Asia/Riyadh),Left (Asia/Riyadh)" in records
    assert sessions.startswith("Start (Asia/Riyadh),")
    assert all(NO_ADDRESS not in file and "mother@home.example" in file for file in (students, records))


def test_class_shows_its_students_first(lesson: dict[str, Any]) -> None:
    page = browser(lesson["teacher"]).get("/reports/", DAYS | {"class": str(lesson["group"].pk)})

    assert [name.split()[0] for name in rows_of(page)] == ["Tomás", "Layla"]


def test_page_of_a_class_leads_to_its_report(lesson: dict[str, Any]) -> None:
    page = browser(lesson["teacher"]).get(f"/classes/{lesson['group'].pk}/")

    assert f"/reports/?class={lesson['group'].pk}" in links(page)


@pytest.mark.parametrize("which", ["another", "none", "nonsense"])
def test_class_of_somebody_else_is_refused_in_words(lesson: dict[str, Any], which: str) -> None:
    ids = {
        "another": str(make_class(teacher=make_teacher()).pk),
        "none": "018f0000-0000-7000-8000-000000000000",
        "nonsense": "algebra",
    }

    page = browser(lesson["teacher"]).get("/reports/", DAYS | {"class": ids[which]})

    assert page.status_code == 404
    assert "There is no such class, or you do not teach it." in words(page)
    assert "rows" not in page.context


def test_admin_may_ask_for_any_class(lesson: dict[str, Any]) -> None:
    page = browser(lesson["admin"]).get("/reports/", DAYS | {"class": str(make_class(teacher=make_teacher()).pk)})

    assert page.status_code == 200
    assert "No session of this class took place on these days." in words(page)


def test_people_lead_to_their_pages_where_the_reader_may_go(lesson: dict[str, Any]) -> None:
    lesson["group"].memberships.filter(user=lesson["tomas"]).delete()

    urls = {
        who: {
            row.name.split()[0]: row.url
            for row in browser(lesson[who]).get("/reports/", {"by": "student"}).context["rows"]
        }
        for who in ("teacher", "admin")
    }

    assert urls["teacher"] == {"Layla": f"/people/{lesson['layla'].pk}/", "Tomás": ""}
    assert urls["admin"]["Tomás"] == f"/people/{lesson['tomas'].pk}/"


def test_rows_go_on_on_further_pages(lesson: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "ROWS_A_PAGE", 1)
    reader, asked = browser(lesson["admin"]), DAYS | {"by": "student"}

    pages = [reader.get("/reports/", asked | {"page": number}) for number in ("", "2", "3", "x", "99999999")]

    assert [[name.split()[0] for name in rows_of(page)] for page in pages] == [
        ["Tomás"],
        ["Layla"],
        ["Tomás"],
        ["Tomás"],
        ["Tomás"],
    ]
    assert "Page 1 of 2" in words(pages[0])
    assert any("page=2" in address and "by=student" in address for address in links(pages[0]))


@pytest.mark.parametrize("days", [{"from": "0001-01-01"}, {"to": "9999-12-31"}, {"from": "2026-02-30"}, {"from": "x"}])
def test_days_that_cannot_be_are_taken_for_the_usual_ones(lesson: dict[str, Any], days: dict[str, str]) -> None:
    page = browser(lesson["admin"]).get("/reports/", days)

    assert page.status_code == 200
    assert "1 session, 50 % attended." in words(page)


@pytest.mark.parametrize("by", ["class", "student", "teacher"])
@pytest.mark.parametrize("count", [1, 3])
def test_reports_take_the_same_queries_for_any_number(
    lesson: dict[str, Any], django_assert_num_queries: Any, count: int, by: str
) -> None:
    for number in range(1, count):
        teach(make_class(students=[make_student(), make_student()]), days=-number)
    reader = browser(lesson["admin"])

    with django_assert_num_queries(REPORT_QUERIES):
        page = reader.get("/reports/", {"by": by})

    assert page.context["totals"].occurrences == count


def test_report_of_a_class_takes_few_queries(lesson: dict[str, Any], django_assert_num_queries: Any) -> None:
    reader = browser(lesson["teacher"])

    with django_assert_num_queries(REPORT_QUERIES + 2):
        reader.get("/reports/", {"class": str(lesson["group"].pk)})


def test_more_days_than_a_report_may_have_are_refused_beside_the_days(lesson: dict[str, Any]) -> None:
    page = browser(lesson["admin"]).get("/reports/", {"from": "2020-01-01", "to": "2021-01-01"})

    assert page.status_code == 400
    assert "A report covers at most 366 days. Choose a later first day (From)" in words(page)
    assert 'aria-invalid="true" aria-describedby="days-error"' in page.content.decode()
