"""Pages about hours taught: a month, what teachers are paid, by which rules."""

from django.urls import path

from classbell.web.earnings.views import hours, rates, rules

urlpatterns = [
    path("hours-taught/", hours.hours_taught, name="hours-taught"),
    path("hours-taught/rules", rules.pay_rules, name="pay-rules"),
    path("hours-taught/<uuid:teacher_id>/", hours.hours_of, name="hours-of"),
    path("hours-taught/<uuid:teacher_id>/rates", rates.rates, name="rates"),
    path("hours-taught/<uuid:teacher_id>/rates/<uuid:rate_id>/remove", rates.remove, name="rate-remove"),
]
