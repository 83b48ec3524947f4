"""The open door: what anybody sees, and its settings."""

from django.urls import path

from classbell.web.door.views import settings

urlpatterns = [
    path("public-page/", settings.teacher_page, name="public-page"),
    path("public-page/school", settings.school_page, name="public-page-school"),
    path("public-page/<uuid:teacher_id>/take-down", settings.take_down, name="public-page-take-down"),
]
