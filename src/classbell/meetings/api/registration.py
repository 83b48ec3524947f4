"""Registering students at Zoom."""

from django.utils import timezone
from django.utils.translation import ngettext
from ninja import Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, is_admin
from classbell.groups.models import Group
from classbell.groups.permissions import teaches_class
from classbell.groups.queries import people_named
from classbell.groups.services import NotStudents
from classbell.meetings.joining.enrolment import REGISTRATION_SECONDS, register_student
from classbell.meetings.joining.entrance import check_domain
from classbell.meetings.schemas import NotRegistered, RegisterStudentAnswer, RegisterStudentIn
from classbell.meetings.sync.gateway import zoom_in_request

router = Router()


@router.post("/meetings/register-student", response=RegisterStudentAnswer, by_alias=True)
@allowed(is_admin)
def register(request: ApiRequest, body: RegisterStudentIn) -> RegisterStudentAnswer:
    """
    Register a student at Zoom for all coming meetings of a class. One failure does not stop the rest: `failed` says which and
    why. 503 when Zoom is not configured.
    """
    (student,) = people_named(ids=[body.student_id])
    if not student.is_student:
        raise NotStudents([student])
    check_domain(student)
    teaches_class(request.user, body.class_id)
    group = Group.objects.get(pk=body.class_id)
    with zoom_in_request(seconds=REGISTRATION_SECONDS) as client:
        results = register_student(student=student, group=group, client=client, now=timezone.now())
    done = [result.meeting.pk for result in results if not result.reason]
    return RegisterStudentAnswer(
        message=ngettext("Registered for %(count)s meeting", "Registered for %(count)s meetings", len(done))
        % {"count": len(done)},
        registered=len(done),
        meeting_ids=done,
        failed=[
            NotRegistered(meeting_id=result.meeting.pk, title=result.meeting.title, reason=result.reason)
            for result in results
            if result.reason
        ],
    )
