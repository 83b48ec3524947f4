"""The open door: what anybody sees, and its settings."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
