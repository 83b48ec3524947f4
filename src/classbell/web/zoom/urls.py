"""Pages about how Zoom stands."""

from django.urls import path

from classbell.web.zoom.views import accounts, inbox, own, zoom

urlpatterns = [
    path("zoom/", zoom.zoom, name="zoom"),
    path("zoom/accounts/", accounts.accounts, name="zoom-accounts"),
    path("zoom/accounts/new", accounts.new, name="zoom-account-new"),
    path("zoom/accounts/own", own.app, name="zoom-user-app"),
    path("me/zoom/", own.own, name="own-zoom"),
    path("me/zoom/connect", own.connect, name="own-zoom-connect"),
    path("me/zoom/back", own.back, name="own-zoom-back"),
    path("me/zoom/disconnect", own.disconnect, name="own-zoom-disconnect"),
    path("zoom/accounts/<uuid:zoom_account_id>/", accounts.account, name="zoom-account"),
    path("zoom/accounts/<uuid:zoom_account_id>/check", accounts.check, name="zoom-account-check"),
    path("zoom/accounts/<uuid:zoom_account_id>/remove", accounts.remove, name="zoom-account-remove"),
    path("zoom/accounts/groups/<uuid:group_id>/", accounts.bind_group, name="zoom-account-group"),
    path("zoom/accounts/teachers/<uuid:teacher_id>/", accounts.bind_teacher, name="zoom-account-teacher"),
    path("zoom/inbox", inbox.inbox, name="zoom-inbox"),
    path("zoom/inbox/replay", inbox.replay_failed, name="zoom-inbox-replay-failed"),
    path("zoom/inbox/<uuid:event_id>/replay", inbox.replay_one, name="zoom-inbox-replay"),
    path("zoom/retry", zoom.retry_all, name="zoom-retry-all"),
    path("zoom/retry/<uuid:meeting_id>", zoom.retry_one, name="zoom-retry-one"),
]
