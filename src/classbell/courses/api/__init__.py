"""The API of courses: `/api/courses`, `/api/sessions`, `/api/zoom/sessions`."""

from classbell.courses.api.batches import router as batches_router
from classbell.courses.api.courses import router
from classbell.courses.api.sessions import of_courses, on_zoom
from classbell.courses.api.sessions import router as sessions_router

for part in (of_courses, batches_router):
    router.add_router("", part)

__all__ = ["on_zoom", "router", "sessions_router"]
