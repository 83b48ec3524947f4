"""Pages about how Zoom stands."""

from django.urls import path

from classbell.web.zoom.views import inbox, zoom

urlpatterns = [
    path("zoom/", zoom.zoom, name="zoom"),
    path("zoom/inbox", inbox.inbox, name="zoom-inbox"),
    path("zoom/inbox/replay", inbox.replay_failed, name="zoom-inbox-replay-failed"),
    path("zoom/inbox/<uuid:event_id>/replay", inbox.replay_one, name="zoom-inbox-replay"),
    path("zoom/retry", zoom.retry_all, name="zoom-retry-all"),
    path("zoom/retry/<uuid:meeting_id>", zoom.retry_one, name="zoom-retry-one"),
]
