"""The API of school meetings, `/api/zoom`: one router, from a file for each part of it."""

from ninja import Router

from classbell.meetings.api.accounts import router as accounts_router
from classbell.meetings.api.attendance import router as attendance_router
from classbell.meetings.api.classes import router as classes_router
from classbell.meetings.api.joining import router as joining_router
from classbell.meetings.api.meeting_settings import router as settings_router
from classbell.meetings.api.meetings import router as meetings_router
from classbell.meetings.api.own_zoom import router as own_zoom_router
from classbell.meetings.api.participants import router as participants_router
from classbell.meetings.api.policies import router as policies_router
from classbell.meetings.api.registration import router as registration_router
from classbell.meetings.api.reports import router as reports_router
from classbell.meetings.api.runs import router as runs_router
from classbell.meetings.api.status import router as status_router
from classbell.meetings.api.webhook import router as webhook_router

router = Router(tags=["School meetings"])
# Fixed paths before those with an id.
for part in (
    status_router,
    webhook_router,
    accounts_router,
    own_zoom_router,
    registration_router,
    meetings_router,
    joining_router,
    attendance_router,
    participants_router,
    runs_router,
    reports_router,
    policies_router,
    settings_router,
    classes_router,
):
    router.add_router("", part)
