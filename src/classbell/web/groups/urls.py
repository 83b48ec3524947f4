"""Pages about classes, courses, circles and terms."""

from django.urls import path

from classbell.web.groups.views import term
from classbell.web.groups.views.classes import browse as classes_browse
from classbell.web.groups.views.classes import edit as classes_edit
from classbell.web.groups.views.classes import people as classes_people
from classbell.web.groups.views.classes import planning as classes_planning
from classbell.web.groups.views.classes import registration as classes_registration
from classbell.web.groups.views.courses import browse as courses_browse
from classbell.web.groups.views.courses import edit as courses_edit
from classbell.web.groups.views.courses import planning as courses_planning
from classbell.web.groups.views.courses import sessions as courses_sessions
from classbell.web.groups.views.halakat import browse as halakat_browse
from classbell.web.groups.views.halakat import edit as halakat_edit
from classbell.web.groups.views.halakat import occurrences as halakat_occurrences
from classbell.web.groups.views.halakat import people as halakat_people

urlpatterns = [
    path("classes/", classes_browse.classes, name="classes"),
    path("classes/term", term.new_term, name="term-new"),
    path("classes/term/<uuid:draft_id>", term.term, name="term"),
    path("classes/new", classes_edit.new_class, name="class-new"),
    path("classes/<uuid:class_id>/", classes_browse.one_class, name="class"),
    path("classes/<uuid:class_id>/edit", classes_edit.edit_class, name="class-edit"),
    path("classes/<uuid:class_id>/close", classes_edit.close, name="class-close"),
    path("classes/<uuid:class_id>/reopen", classes_edit.reopen, name="class-reopen"),
    path("classes/<uuid:class_id>/teachers", classes_edit.add_teacher, name="class-teacher-add"),
    path(
        "classes/<uuid:class_id>/teachers/<uuid:teacher_id>/remove",
        classes_edit.remove_teacher,
        name="class-teacher-remove",
    ),
    path("classes/<uuid:class_id>/people", classes_people.add_people, name="class-people"),
    path(
        "classes/<uuid:class_id>/people/<uuid:student_id>/remove",
        classes_people.remove_person,
        name="class-person-remove",
    ),
    path(
        "classes/<uuid:class_id>/people/<uuid:student_id>/return",
        classes_people.return_person,
        name="class-person-return",
    ),
    path("classes/<uuid:class_id>/meetings/new", classes_planning.plan_meeting, name="class-plan"),
    path("classes/<uuid:class_id>/registration/", classes_registration.registration, name="class-registration"),
    path("classes/<uuid:class_id>/registration/all", classes_registration.register_all, name="class-register-all"),
    path(
        "classes/<uuid:class_id>/registration/<uuid:student_id>",
        classes_registration.register_one,
        name="class-register",
    ),
    path("courses/", courses_browse.courses, name="courses"),
    path("courses/new", courses_edit.new_course, name="course-new"),
    path("courses/<uuid:course_id>/", courses_browse.course, name="course"),
    path("courses/<uuid:course_id>/edit", courses_edit.edit_course, name="course-edit"),
    path("courses/<uuid:course_id>/end", courses_edit.end_course, name="course-end"),
    path("courses/<uuid:course_id>/reopen", courses_edit.reopen_course, name="course-reopen"),
    path("courses/<uuid:course_id>/plan", courses_planning.plan, name="course-plan"),
    path("courses/<uuid:course_id>/people", courses_edit.add_people, name="course-people"),
    path(
        "courses/<uuid:course_id>/people/<uuid:student_id>/remove",
        courses_edit.remove_person,
        name="course-person-remove",
    ),
    path(
        "courses/<uuid:course_id>/people/<uuid:student_id>/return",
        courses_edit.return_person,
        name="course-person-return",
    ),
    path("courses/<uuid:course_id>/sessions/<uuid:session_id>/", courses_sessions.session, name="course-session"),
    path(
        "courses/<uuid:course_id>/sessions/<uuid:session_id>/cancel",
        courses_sessions.cancel_session,
        name="course-session-cancel",
    ),
    path("halakat/", halakat_browse.halakat, name="halakat"),
    path("halakat/new", halakat_edit.new_halaka, name="halaka-new"),
    path("halakat/<uuid:halaka_id>/", halakat_browse.halaka, name="halaka"),
    path("halakat/<uuid:halaka_id>/join", halakat_browse.join, name="halaka-join"),
    path("halakat/<uuid:halaka_id>/leave", halakat_browse.leave, name="halaka-leave"),
    path("halakat/<uuid:halaka_id>/edit", halakat_edit.edit_halaka, name="halaka-edit"),
    path("halakat/<uuid:halaka_id>/end", halakat_edit.end_halaka, name="halaka-end"),
    path("halakat/<uuid:halaka_id>/reopen", halakat_edit.reopen_halaka, name="halaka-reopen"),
    path("halakat/<uuid:halaka_id>/people", halakat_people.add_people, name="halaka-people"),
    path(
        "halakat/<uuid:halaka_id>/people/<uuid:student_id>/remove",
        halakat_people.remove_person,
        name="halaka-person-remove",
    ),
    path(
        "halakat/<uuid:halaka_id>/people/<uuid:student_id>/return",
        halakat_people.return_person,
        name="halaka-person-return",
    ),
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
]
