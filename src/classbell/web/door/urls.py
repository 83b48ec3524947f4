"""The open door: what anybody sees, and its settings."""

from django.urls import path

from classbell.web.door.views import book, guests, pages, settings

urlpatterns = [
    path("open/", pages.school, name="open-school"),
    path("open/sitemap.xml", pages.sitemap, name="open-sitemap"),
    path("open/teachers/<slug:address>/", pages.teacher, name="open-teacher"),
    path("open/kinds/<slug:address>/", book.kind, name="open-kind"),
    path("open/booked/<str:ticket>/", book.booked, name="open-booked"),
    path("embed.js", pages.embed_script, name="embed-script"),
    path("robots.txt", pages.robots, name="robots"),
    path("public-page/", settings.teacher_page, name="public-page"),
    path("public-page/school", settings.school_page, name="public-page-school"),
    path("public-page/<uuid:teacher_id>/take-down", settings.take_down, name="public-page-take-down"),
    # "account" is no token: those are longer.
    path("guest/account/<str:token>", guests.account, name="guest-account"),
    path("guest/<str:token>/", guests.lesson, name="guest-lesson"),
    path("guest/<str:token>/confirm", guests.confirmed, name="guest-confirm"),
    path("guest/<str:token>/join", guests.join, name="guest-join"),
    path("guest/<str:token>/classbell.ics", guests.calendar, name="guest-calendar"),
    path("guest/<str:token>/move", guests.move, name="guest-move"),
    path("guest/<str:token>/cancel", guests.cancel, name="guest-cancel"),
    path("guest/<str:token>/keep", guests.keep, name="guest-keep"),
]
