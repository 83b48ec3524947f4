"""Pages about people and what they are told."""

from django.urls import path

from classbell.web.people.views import (
    cards,
    consent,
    data,
    directory,
    importing,
    invitation_links,
    notices,
    people,
    preferences,
    sessions,
)

urlpatterns = [
    path("notices/", notices.notices, name="notices"),
    path("notices/unread", notices.unread, name="notices-unread"),
    path("people/", directory.people, name="people"),
    path("people/<uuid:person_id>/", directory.person, name="person"),
    path("people/<uuid:person_id>/change", directory.change, name="person-change"),
    path("people/<uuid:person_id>/new-card", cards.new_card, name="person-new-card"),
    path("people/<uuid:person_id>/lock-out", directory.lock_out, name="person-lock-out"),
    path("people/<uuid:person_id>/password-link", directory.password_link, name="person-password-link"),
    path("people/<uuid:person_id>/let-in", directory.let_in, name="person-let-in"),
    path("people/<uuid:person_id>/data", data.person_data, name="person-data"),
    path("people/<uuid:person_id>/data/export", data.person_export, name="person-data-export"),
    path("people/<uuid:person_id>/erase", data.erase, name="person-erase"),
    path("people/import", importing.import_list, name="people-import"),
    path("people/invite", people.invite, name="people-invite"),
    path("people/invite/links", invitation_links.invitation_links, name="people-links"),
    path("people/card/<str:token>", cards.card, name="card"),
    path("people/welcome/<str:token>", people.welcome, name="welcome"),
    path("me/", people.me, name="me"),
    path("me/sessions/", sessions.sessions, name="my-sessions"),
    path("me/sessions/end-others", sessions.end_others, name="my-sessions-end-others"),
    path("me/sessions/<uuid:sign_in_id>/end", sessions.end, name="my-session-end"),
    path("me/links/<int:link_id>/forget", people.forget_link, name="me-forget-link"),
    path("me/data", data.my_data, name="my-data"),
    path("me/data/export", data.my_export, name="my-data-export"),
    path("me/data/withdraw", consent.consent_withdraw, name="consent-withdraw"),
    path("consent/", consent.consent, name="consent"),
    path("privacy/", data.privacy, name="privacy"),
    path("preferences/language", preferences.language, name="language"),
    path("preferences/timezone", preferences.timezone, name="timezone"),
    path("preferences/theme", preferences.theme, name="theme"),
]
