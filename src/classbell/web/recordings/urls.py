"""Recordings: of a meeting, one to watch, its file, and the rules."""

from django.urls import path

from classbell.web.recordings.views import consent, rules, watching

urlpatterns = [
    path("meetings/<uuid:meeting_id>/recordings/", watching.of_meeting, name="meeting-recordings"),
    path("recordings/<uuid:recording_id>/", watching.recording, name="recording"),
    path("recordings/<uuid:recording_id>/download", watching.download, name="recording-download"),
    path("recordings/<uuid:recording_id>/delete", watching.delete, name="recording-delete"),
    path("recordings/<uuid:recording_id>/keep", watching.keep, name="recording-keep"),
    path("recordings/file/<str:ticket>", watching.file, name="recording-file"),
    path("recordings/consent", consent.consent, name="recording-consent"),
    path("recordings/text", consent.consent_text, name="recording-text"),
    path("recordings/rules", rules.school_rules, name="recording-rules"),
    path("recordings/rules/classes/<uuid:class_id>", rules.class_rule, name="recording-rule-class"),
    path("recordings/rules/classes/<uuid:class_id>/drop", rules.drop_class_rule, name="recording-rule-class-drop"),
    path("recordings/rules/meetings/<uuid:meeting_id>", rules.meeting_rule, name="recording-rule-meeting"),
    path(
        "recordings/rules/meetings/<uuid:meeting_id>/drop", rules.drop_meeting_rule, name="recording-rule-meeting-drop"
    ),
]
