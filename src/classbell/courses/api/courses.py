"""Courses and who is in them: `/api/courses`."""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.accounts.schemas import Done
from classbell.courses import services
from classbell.courses.api.answers import course_answer, describe_course
from classbell.courses.models import Course
from classbell.courses.permissions import teaches_course
from classbell.courses.schemas import CourseAnswer, CourseIn, CoursePatch, CoursesAnswer
from classbell.errors import NotAllowed
from classbell.groups.answers import members_answer, students_answer
from classbell.groups.queries import people_named
from classbell.groups.schemas import ComingStudentsIn, MembersAnswer, StudentsAnswer, StudentsIn
from classbell.groups.services import enrol_students, remove_students
from classbell.paging import PageQuery, paginate

router = Router(tags=["Courses"])


@router.get("", response=CoursesAnswer)
@allowed(is_teacher_or_admin)
def list_courses(request: ApiRequest, page: Query[PageQuery]) -> CoursesAnswer:
    """The courses that one teaches and that have not ended, the oldest first; all of them for admins."""
    courses = Course.objects.active().visible_to(request.user).with_counts()
    found = paginate(courses, page, by="created_at")
    return CoursesAnswer(courses=[describe_course(course) for course in found.items], next_cursor=found.next_cursor)


@router.post("", response={201: CourseAnswer})
@allowed(is_teacher_or_admin)
@idempotent
def create(request: ApiRequest, body: CourseIn) -> CourseAnswer:
    """A teacher teaches what they create; an admin may name the teacher."""
    teacher = _teacher(request.user, body.teacher_id) or request.user
    course = services.create_course(
        teacher=teacher,
        title=body.title,
        description=body.description,
        timezone=body.timezone or teacher.timezone,
        capacity=body.capacity,
        start_date=body.start_date,
        end_date=body.end_date,
    )
    return course_answer(course.pk)


@router.get("/{uuid:course_id}", response=CourseAnswer)
@allowed(teaches_course)
def get(request: ApiRequest, course_id: UUID) -> CourseAnswer:
    """One course."""
    return course_answer(course_id)


@router.patch("/{uuid:course_id}", response=CourseAnswer)
@allowed(teaches_course)
def change(request: ApiRequest, course_id: UUID, body: CoursePatch) -> CourseAnswer:
    """
    Change a course. A new `teacher_id` (admins) takes over its coming sessions; 400 `teacher_busy` names what is in the
    way, and then nothing has changed.
    """
    given = body.model_dump(exclude_unset=True, exclude={"teacher_id"})
    bounds = {"start_date", "end_date", "capacity"}
    services.change_course(
        course_id=course_id,
        changes={name: value for name, value in given.items() if name in bounds or value is not None},
        teacher=_teacher(request.user, body.teacher_id),
        now=timezone.now(),
    )
    return course_answer(course_id)


@router.delete("/{uuid:course_id}", response=Done)
@allowed(teaches_course)
def end(request: ApiRequest, course_id: UUID) -> Done:
    """Stop a course; its coming sessions are cancelled, its past stays."""
    services.end_course(course_id=course_id, now=timezone.now())
    return Done()


@router.post("/{uuid:course_id}/reopen", response=CourseAnswer)
@allowed(teaches_course)
def reopen(request: ApiRequest, course_id: UUID) -> CourseAnswer:
    """Teach an ended course again, with the people who were in it. What was cancelled stays so. Safe to repeat."""
    services.reopen_course(course_id=course_id)
    return course_answer(course_id)


@router.get("/{uuid:course_id}/students", response=StudentsAnswer)
@allowed(teaches_course)
def list_students(request: ApiRequest, course_id: UUID, page: Query[PageQuery]) -> StudentsAnswer:
    """Who is in the course, in the order they joined, and who waits for a place."""
    return students_answer(_group_id(course_id), page)


@router.post("/{uuid:course_id}/students", response=MembersAnswer)
@allowed(teaches_course)
@idempotent
def add_students(request: ApiRequest, course_id: UUID, body: ComingStudentsIn) -> MembersAnswer:
    """
    Add students, all or none. 400 names those who have no account or are no students; with `group_full` places are too few
    and nobody came in, unless `when_full` says otherwise.
    """
    students = people_named(ids=body.student_ids, emails=body.emails)
    group_id = _group_id(course_id)
    return members_answer(group_id, enrol_students(group_id=group_id, students=students, when_full=body.when_full))


@router.delete("/{uuid:course_id}/students", response=MembersAnswer)
@allowed(teaches_course)
def drop_students(request: ApiRequest, course_id: UUID, body: StudentsIn) -> MembersAnswer:
    """Take students out, and off the waiting list; who is in neither does not matter. Who waits longest moves up."""
    students = people_named(ids=body.student_ids, emails=body.emails, locked_out_too=True)
    group_id = _group_id(course_id)
    return members_answer(group_id, remove_students(group_id=group_id, students=students))


def _teacher(user: User, teacher_id: UUID | None) -> User | None:
    if teacher_id is None:
        return None
    if teacher_id == user.pk:
        return user
    if not user.is_admin:
        raise NotAllowed(_("Only admins can give a course to somebody else."))
    (teacher,) = people_named(ids=[teacher_id])
    return teacher


def _group_id(course_id: UUID) -> UUID:
    return Course.objects.values_list("group_id", flat=True).get(pk=course_id)
