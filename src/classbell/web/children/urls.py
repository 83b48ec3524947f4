"""Pages of guardians."""

from django.urls import path

from classbell.web.children import views

urlpatterns = [
    path("children/", views.children, name="children"),
    path("children/banner", views.banner, name="child-banner"),
    path("children/<uuid:student_id>/", views.child, name="child"),
    path("children/<uuid:student_id>/<path:rest>", views.child, name="child-page"),
]
