"""Pages about who was there."""

from django.urls import path

from classbell.web.attendance.views import attendance, attendance_rules, board, excuses, reports, runs

urlpatterns = [
    path("meetings/<uuid:meeting_id>/board/", board.board, name="meeting-board"),
    path("meetings/<uuid:meeting_id>/board/nudge", board.nudge, name="meeting-nudge"),
    path("meetings/<uuid:meeting_id>/board/<uuid:participation_id>", board.match, name="meeting-match"),
    path("meetings/<uuid:meeting_id>/board/<uuid:participation_id>/undo", board.unmatch, name="meeting-unmatch"),
    path("meetings/<uuid:meeting_id>/runs/", runs.runs, name="meeting-runs"),
    path("meetings/<uuid:meeting_id>/runs/<uuid:run_id>", runs.decide, name="meeting-run"),
    path("meetings/<uuid:meeting_id>/attendance/", attendance.attendance, name="meeting-attendance"),
    path("meetings/<uuid:meeting_id>/attendance/<uuid:student_id>", attendance.override, name="meeting-override"),
    path("attendance/", attendance.mine, name="my-attendance"),
    path("attendance/<uuid:occurrence_id>/object", attendance.objection, name="attendance-objection"),
    path("attendance/policies/", attendance_rules.rules_page, name="attendance-rules"),
    path("attendance/policies/school", attendance_rules.school_rules, name="attendance-rules-school"),
    path("attendance/policies/choose", attendance_rules.choose_class, name="attendance-rules-choose"),
    path("attendance/policies/classes/<uuid:class_id>", attendance_rules.class_rules, name="attendance-rules-class"),
    path("attendance/policies/classes/<uuid:class_id>/drop", attendance_rules.drop_rules, name="attendance-rules-drop"),
    path("attendance/policies/excuses", excuses.rules, name="excuse-rules"),
    path("excuses/", excuses.excuses, name="excuses"),
    path("excuses/new", excuses.new, name="excuse-new"),
    path("excuses/<uuid:excuse_id>/", excuses.excuse, name="excuse"),
    path("excuses/<uuid:excuse_id>/decide", excuses.decide, name="excuse-decide"),
    path("excuses/<uuid:excuse_id>/withdraw", excuses.withdraw, name="excuse-withdraw"),
    path("excuses/<uuid:excuse_id>/document", excuses.document, name="excuse-document"),
    path("reports/", reports.reports, name="reports"),
]
