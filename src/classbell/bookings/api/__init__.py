"""The API of tutoring, `/api/bookings`: one router, from a file for each part of it."""

from ninja import Router

from classbell.bookings.api.availability import router as availability_router
from classbell.bookings.api.bookings import router as bookings_router
from classbell.bookings.api.feedback import router as feedback_router
from classbell.bookings.api.group_lessons import router as group_lessons_router
from classbell.bookings.api.hours_periods import router as hours_periods_router
from classbell.bookings.api.policies import router as policies_router
from classbell.bookings.api.series import router as series_router
from classbell.bookings.api.teachers import router as teachers_router

router = Router(tags=["Tutoring"])
for part in (
    teachers_router,
    hours_periods_router,
    availability_router,
    bookings_router,
    series_router,
    group_lessons_router,
    feedback_router,
    policies_router,
):
    router.add_router("", part)
