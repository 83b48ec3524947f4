"""Pages about classes, courses, circles and terms."""

from django.urls import URLPattern, path

from classbell.web.groups.kinds import CIRCLE, CLASS, COURSE, Kind
from classbell.web.groups.views import ending, people, places, term
from classbell.web.groups.views.classes import browse as classes_browse
from classbell.web.groups.views.classes import edit as classes_edit
from classbell.web.groups.views.classes import planning as classes_planning
from classbell.web.groups.views.classes import registration as classes_registration
from classbell.web.groups.views.courses import browse as courses_browse
from classbell.web.groups.views.courses import edit as courses_edit
from classbell.web.groups.views.courses import planning as courses_planning
from classbell.web.groups.views.courses import sessions as courses_sessions
from classbell.web.groups.views.halakat import browse as halakat_browse
from classbell.web.groups.views.halakat import edit as halakat_edit
from classbell.web.groups.views.halakat import occurrences as halakat_occurrences
from classbell.web.groups.views.halakat import periods as halakat_periods


def _alike(kind: Kind, *, end: str) -> list[URLPattern]:
    """Return what has the same pages for each kind of group, below the address of its list; `end` is the word for ending."""
    at, name, what = f"{kind.list_page}/<uuid:pk>", kind.page, {"kind": kind}
    return [
        path(f"{at}/{end}", ending.end, what, name=f"{name}-{end}"),
        path(f"{at}/reopen", ending.reopen, what, name=f"{name}-reopen"),
        path(f"{at}/people", people.add_people, what, name=f"{name}-people"),
        path(f"{at}/people/<uuid:student_id>/remove", people.remove_person, what, name=f"{name}-person-remove"),
        path(f"{at}/people/<uuid:student_id>/return", people.return_person, what, name=f"{name}-person-return"),
    ]


urlpatterns = [
    path("classes/", classes_browse.classes, name="classes"),
    path("classes/term", term.new_term, name="term-new"),
    path("classes/term/<uuid:draft_id>", term.term, name="term"),
    path("classes/new", classes_edit.new_class, name="class-new"),
    path("classes/<uuid:class_id>/", classes_browse.one_class, name="class"),
    path("classes/<uuid:class_id>/edit", classes_edit.edit_class, name="class-edit"),
    path("classes/<uuid:class_id>/teachers", classes_edit.add_teacher, name="class-teacher-add"),
    path(
        "classes/<uuid:class_id>/teachers/<uuid:teacher_id>/remove",
        classes_edit.remove_teacher,
        name="class-teacher-remove",
    ),
    path("classes/<uuid:class_id>/meetings/new", classes_planning.plan_meeting, name="class-plan"),
    path("classes/<uuid:class_id>/registration/", classes_registration.registration, name="class-registration"),
    path("classes/<uuid:class_id>/registration/all", classes_registration.register_all, name="class-register-all"),
    path(
        "classes/<uuid:class_id>/registration/<uuid:student_id>",
        classes_registration.register_one,
        name="class-register",
    ),
    *_alike(CLASS, end="close"),
    path("courses/", courses_browse.courses, name="courses"),
    path("courses/new", courses_edit.new_course, name="course-new"),
    path("courses/<uuid:course_id>/", courses_browse.course, name="course"),
    path("courses/<uuid:course_id>/edit", courses_edit.edit_course, name="course-edit"),
    path("courses/<uuid:course_id>/plan", courses_planning.plan, name="course-plan"),
    path("courses/<uuid:course_id>/sessions/<uuid:session_id>/", courses_sessions.session, name="course-session"),
    path(
        "courses/<uuid:course_id>/sessions/<uuid:session_id>/cancel",
        courses_sessions.cancel_session,
        name="course-session-cancel",
    ),
    *_alike(COURSE, end="end"),
    path("places/<uuid:group_id>/join", places.join, name="place-join"),
    path("places/<uuid:group_id>/leave", places.leave, name="place-leave"),
    path("places/<uuid:group_id>/open", places.set_open, name="place-open"),
    path("halakat/", halakat_browse.halakat, name="halakat"),
    path("halakat/new", halakat_edit.new_halaka, name="halaka-new"),
    path("halakat/<uuid:halaka_id>/", halakat_browse.halaka, name="halaka"),
    path("halakat/<uuid:halaka_id>/join", halakat_browse.join, name="halaka-join"),
    path("halakat/<uuid:halaka_id>/leave", halakat_browse.leave, name="halaka-leave"),
    path("halakat/<uuid:halaka_id>/edit", halakat_edit.edit_halaka, name="halaka-edit"),
    path("halakat/<uuid:halaka_id>/periods/", halakat_periods.periods, name="halaka-periods"),
    path("halakat/<uuid:halaka_id>/periods/remove", halakat_periods.remove_period, name="halaka-period-remove"),
    path(
        "halakat/<uuid:halaka_id>/occurrences/<uuid:occurrence_id>/",
        halakat_occurrences.occurrence,
        name="halaka-occurrence",
    ),
    path(
        "halakat/<uuid:halaka_id>/occurrences/<uuid:occurrence_id>/cancel",
        halakat_occurrences.cancel_one,
        name="halaka-occurrence-cancel",
    ),
    *_alike(CIRCLE, end="end"),
]
