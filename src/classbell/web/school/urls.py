"""Pages for those who answer for the school."""

from django.urls import path

from classbell.web.school.views import audit, consent_text, home, keys, retention, search, setup, sign_in, webhooks

urlpatterns = [
    path("", home.home, name="home"),
    path("audit/", audit.audit, name="audit"),
    path("keys/", keys.keys, name="keys"),
    path("keys/new", keys.new, name="key-new"),
    path("keys/<uuid:key_id>/rotate", keys.rotate, name="key-rotate"),
    path("keys/<uuid:key_id>/end", keys.end, name="key-end"),
    path("teachers/suggested", search.suggest_teachers, name="teachers-suggested"),
    path("students/suggested", search.suggest_students, name="students-suggested"),
    path("groups/suggested", search.suggest_groups, name="groups-suggested"),
    path("setup/", setup.setup, name="setup"),
    path("setup/settings", setup.installation, name="setup-settings"),
    path("setup/check", setup.check, name="setup-check"),
    path("setup/hosts", setup.read_hosts, name="setup-hosts"),
    path("setup/skip/<slug:name>", setup.skip, name="setup-skip"),
    path("sign-in/", sign_in.overview, name="sign-in"),
    path("sign-in/policy", sign_in.policy, name="sign-in-policy"),
    path("sign-in/new/<slug:kind>", sign_in.new, name="sign-in-new"),
    path("sign-in/<slug:slug>/", sign_in.provider, name="sign-in-provider"),
    path("sign-in/<slug:slug>/test", sign_in.test, name="sign-in-test"),
    path("sign-in/<slug:slug>/remove", sign_in.remove, name="sign-in-remove"),
    path("setup/retention", retention.retention, name="retention"),
    path("setup/consent", consent_text.consent_text, name="consent-text"),
    path("search/", search.search, name="search"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/new", webhooks.new, name="webhook-new"),
    path("webhooks/<uuid:webhook_id>/", webhooks.webhook, name="webhook"),
    path("webhooks/<uuid:webhook_id>/change", webhooks.change, name="webhook-change"),
    path("webhooks/<uuid:webhook_id>/test", webhooks.test, name="webhook-test"),
    path("webhooks/<uuid:webhook_id>/rotate", webhooks.rotate, name="webhook-rotate"),
    path("webhooks/<uuid:webhook_id>/pause", webhooks.pause, name="webhook-pause"),
    path("webhooks/<uuid:webhook_id>/resume", webhooks.resume, name="webhook-resume"),
    path("webhooks/<uuid:webhook_id>/remove", webhooks.remove, name="webhook-remove"),
    path("webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/replay", webhooks.replay, name="webhook-replay"),
]
