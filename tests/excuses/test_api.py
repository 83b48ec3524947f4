"""Excuses by API, documents among them, and what the rest of the school reads of them."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from classbell.accounts.models import User
from classbell.audit.kinds import KINDS
from classbell.excuses.models import Excuse, ExcuseDocument
from classbell.hooks.models import Delivery
from classbell.hooks.services import make_webhook
from classbell.meetings.models import ExcusedTime
from classbell.privacy.export import made_export
from classbell.privacy.retention import forget_old
from tests.excuses.conftest import School
from tests.excuses.test_deciding import tell_whole_day
from tests.factories import make_student

pytestmark = pytest.mark.django_db
PATH = "/api/excuses"
# Four of the teacher’s ask who their own people are.
STATEMENTS = {"teacher": 11, "admin": 4}
Api = Callable[..., Any]


def send_form(client: Any, fields: dict[str, Any], **headers: str) -> Any:
    return client._client.post(PATH, fields, headers=client._headers | headers)


@pytest.fixture
def excuse(school: School, api: Api) -> dict[str, Any]:
    body = {"occurrence_id": str(school.session.pk), "reason": "Ill."}
    answer = api(school.student).post(PATH, body)
    assert answer.status_code == 201, answer.content
    told: dict[str, Any] = answer.json()["excuse"]
    return told


def test_an_excuse_has_all_that_is_promised(school: School, excuse: dict[str, Any]) -> None:
    assert excuse["student"] == {"id": str(school.student.pk), "name": school.student.name}
    assert (excuse["status"], excuse["reason"], excuse["kind"]) == ("pending", "Ill.", None)
    assert [one["id"] for one in excuse["occurrences"]] == [str(school.session.pk)]
    assert (excuse["decided_by"], excuse["decided_at"], excuse["note"], excuse["document_url"]) == (None,) * 4
    assert excuse["from"].endswith("Z")
    assert excuse["until"].endswith("Z")


def test_decided_it_says_by_whom_and_not_twice(school: School, api: Api, excuse: dict[str, Any]) -> None:
    path = f"{PATH}/{excuse['id']}/decide"
    decided = api(school.teacher).post(path, {"accepted": True, "note": "Get well."})
    again = api(school.admin).post(path, {"accepted": False})

    found = decided.json()["excuse"]
    assert (found["status"], found["decided_by"], found["note"]) == ("accepted", school.teacher.name, "Get well.")
    assert (again.status_code, again.json()["code"]) == (400, "excuse_decided")


def test_lists_are_by_status_student_and_group(school: School, api: Api, excuse: dict[str, Any]) -> None:
    def ids(person: User, **query: str) -> list[str]:
        return [one["id"] for one in api(person).get(PATH, **query).json()["excuses"]]

    assert ids(school.student) == ids(school.teacher) == ids(school.admin) == [excuse["id"]]
    assert ids(school.fellow) == ids(school.other_teacher) == []
    assert ids(school.admin, status="accepted") == []
    assert ids(school.admin, student_id=str(school.fellow.pk)) == []
    assert ids(school.admin, group_id=str(school.group.pk)) == [excuse["id"]]
    assert ids(school.admin, group_id=str(school.others.pk)) == []


def test_deleting_withdraws(school: School, api: Api, excuse: dict[str, Any]) -> None:
    answer = api(school.student).delete(f"{PATH}/{excuse['id']}")

    assert (answer.status_code, answer.json()["excuse"]["status"]) == (200, "withdrawn")


def test_a_teacher_tells_it_for_their_student_and_for_nobody_else(school: School, api: Api) -> None:
    body = {"occurrence_id": str(school.session.pk), "reason": "She rang me."}

    told = api(school.teacher).post(PATH, body | {"student_id": str(school.student.pk)})
    refused = api(school.fellow).post(PATH, body | {"student_id": str(school.student.pk)})
    unknown = api(school.teacher).post(PATH, body | {"student_id": str(school.stranger.pk)})

    assert (told.status_code, told.json()["excuse"]["told_by"]) == (201, school.teacher.name)
    assert (refused.status_code, unknown.status_code) == (403, 403)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"from": "2026-11-30T09:00:00", "until": "2026-11-30T10:00:00Z", "reason": "Ill."}, "from"),
        ({"from": "tomorrow", "until": "2026-11-30T10:00:00Z", "reason": "Ill."}, "from"),
        ({"from": "2026-11-30T09:00:00Z", "reason": "Ill."}, "until"),
        ({"from": "2026-11-30T09:00:00Z", "until": "2026-11-30T10:00:00Z"}, "reason"),
        ({"occurrence_id": "x", "reason": "Ill."}, "occurrence_id"),
    ],
)
def test_bad_input_names_its_field(school: School, api: Api, body: dict[str, Any], field: str) -> None:
    answer = api(school.student).post(PATH, body)

    assert (answer.status_code, answer.json()["details"][0]["field"]) == (400, field)


def test_a_document_comes_in_a_form_and_goes_out_as_a_file(school: School, api: Api) -> None:
    client = api(school.student)
    paper = SimpleUploadedFile("تقرير.pdf", b"%PDF-1.7 x", content_type="text/html")
    fields = {"occurrence_id": str(school.session.pk), "reason": "Ill.", "kind": "", "document": paper}
    told = send_form(client, fields)

    assert told.status_code == 201, told.content
    found = told.json()["excuse"]
    path = f"/api/excuses/{found['id']}/document"
    assert found["document_url"].endswith(path)
    assert found["document"] == {"name": "تقرير.pdf", "content_type": "application/pdf", "size": 10}
    file = api(school.teacher).get(path)
    assert (file.status_code, file.content, file["Content-Type"]) == (200, b"%PDF-1.7 x", "application/pdf")
    assert file["Content-Disposition"].startswith("attachment")
    assert file["X-Content-Type-Options"] == "nosniff"
    assert [api(one).get(path).status_code for one in (school.fellow, school.other_teacher)] == [404, 404]


def test_a_document_of_another_type_is_refused_and_nothing_is_told(school: School, api: Api) -> None:
    paper = SimpleUploadedFile("note.pdf", b"<script>", content_type="application/pdf")
    fields = {"occurrence_id": str(school.session.pk), "reason": "Ill.", "document": paper}
    answer = send_form(api(school.student), fields)

    assert (answer.status_code, answer.json()["code"]) == (400, "document_refused")
    assert not Excuse.objects.exists()


def test_a_form_sent_twice_with_one_key_is_told_once(school: School, api: Api) -> None:
    client = api(school.student)

    def send(content: bytes) -> Any:
        paper = SimpleUploadedFile("note.pdf", content)
        fields = {"occurrence_id": str(school.session.pk), "reason": "Ill.", "document": paper}
        return send_form(client, fields, **{"Idempotency-Key": "1"})

    first, again, other = send(b"%PDF-1"), send(b"%PDF-1"), send(b"%PDF-2")

    assert (first.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["code"]) == (400, "idempotency_key_reused")
    assert Excuse.objects.count() == ExcuseDocument.objects.count() == 1


def test_rules_are_changed_and_hold_from_then_on(school: School, api: Api) -> None:
    rules = {"accepts_at_once": True, "hours_ahead": 1, "kinds_at_once": ["Ill"], "monthly_quota": 3}
    changed = api(school.admin).patch(f"{PATH}/rules", rules)
    body = {"occurrence_id": str(school.session.pk), "reason": "Fever.", "kind": "Ill"}
    told = api(school.student).post(PATH, body)
    kept = api(school.admin).patch(f"{PATH}/rules", {"monthly_quota": None})

    rest: dict[str, Any] = {
        "kinds_decided": [],
        "makeup_hours_ahead": None,
        "makeup_days": 30,
        "makeup_monthly_quota": None,
        "makeup_term_quota": None,
        "makeup_kinds": [],
    }
    assert changed.json() == rules | rest
    assert (told.json()["excuse"]["status"], told.json()["excuse"]["by_rule"]) == ("accepted", True)
    assert kept.json() == rules | rest | {"monthly_quota": None}


def test_webhooks_are_told_without_the_reason(school: School, api: Api) -> None:
    events = ["excuse.told", "excuse.decided", "excuse.withdrawn"]
    make_webhook(url="https://portal.example/in", events=events, now=timezone.now())
    body = {"occurrence_id": str(school.session.pk), "reason": "Broken leg."}
    path = f"{PATH}/{api(school.student).post(PATH, body).json()['excuse']['id']}"
    api(school.teacher).post(f"{path}/decide", {"accepted": True})
    api(school.student).delete(path)

    bodies = [json.loads(one.body) for one in Delivery.objects.order_by("created_at", "pk")]
    told = [(one["type"], one["data"]["excuse"]["status"]) for one in bodies]
    assert told == [("excuse.told", "pending"), ("excuse.decided", "accepted"), ("excuse.withdrawn", "withdrawn")]
    assert "Broken" not in str(bodies)


def test_history_says_who_decided(school: School, api: Api, excuse: dict[str, Any]) -> None:
    api(school.teacher).post(f"{PATH}/{excuse['id']}/decide", {"accepted": True})

    events = KINDS["excuse"].events.objects.order_by("pgh_id")
    assert [(one.pgh_label, one.status) for one in events] == [("made", "pending"), ("changed", "pending")]
    answer = api(school.admin).get("/api/audit", kind="excuse")
    assert answer.status_code == 200, answer.content


def test_an_export_has_excuses_and_their_documents(school: School) -> None:
    from classbell.excuses.documents import Document

    paper = Document(name="note.pdf", content_type="application/pdf", content=b"%PDF-1.7")
    excuse = school.tell(occurrence_id=school.session.pk, document=paper)

    archive = zipfile.ZipFile(io.BytesIO(made_export(school.student, now=school.now)))
    assert archive.read(f"documents/{excuse.pk}-note.pdf") == b"%PDF-1.7"
    assert "Ill." in archive.read("everything.json").decode()
    other = zipfile.ZipFile(io.BytesIO(made_export(school.fellow, now=school.now)))
    assert not [name for name in other.namelist() if name.startswith("documents/")]


def test_documents_are_forgotten_and_excuses_stay(school: School) -> None:
    from classbell.excuses.documents import Document

    school.tell(
        occurrence_id=school.session.pk,
        document=Document(name="note.pdf", content_type="application/pdf", content=b"%PDF-1.7"),
    )
    forget_old(now=school.now + timedelta(days=364))
    kept = ExcuseDocument.objects.count()
    forget_old(now=school.now + timedelta(days=366))

    assert (kept, ExcuseDocument.objects.count(), Excuse.objects.count()) == (1, 0, 1)


def test_accepted_hours_stay_accepted_when_the_teacher_is_deactivated(school: School, api: Api) -> None:
    excuse = school.tell()
    api(school.teacher).post(f"{PATH}/{excuse.pk}/decide", {"accepted": True})
    school.teacher.is_active = False
    school.teacher.save()

    assert ExcusedTime.objects.get().pk == excuse.pk


@pytest.mark.parametrize("reader", ["teacher", "admin"])
@pytest.mark.parametrize("count", [1, 20])
def test_a_list_takes_the_same_number_of_statements_however_long(
    school: School, api: Api, django_assert_num_queries: Callable[..., Any], reader: str, count: int
) -> None:
    client = api(getattr(school, reader))
    for _each in range(count):
        tell_whole_day(school, make_student())

    with django_assert_num_queries(STATEMENTS[reader]):
        listed = client.get(PATH).json()["excuses"]
    assert len(listed) == count
    assert all([one["title"] for one in excuse["occurrences"]] == [school.session.meeting.title] for excuse in listed)
    assert all(excuse["can_decide"] for excuse in listed)
