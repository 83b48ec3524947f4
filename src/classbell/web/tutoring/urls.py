"""Pages about lessons: finding a teacher, booking, hours, rules."""

from django.urls import path

from classbell.web.tutoring.views import (
    availability,
    booking_actions,
    booking_for,
    bookings,
    hours_periods,
    makeups,
    moving,
    policies,
    teachers,
)

urlpatterns = [
    path("teachers/", teachers.teachers, name="teachers"),
    path("teachers/<uuid:teacher_id>/", teachers.teacher, name="teacher"),
    path("teachers/<uuid:teacher_id>/book", teachers.book, name="teacher-book"),
    path("bookings/", bookings.bookings, name="bookings"),
    path("bookings/new", booking_for.book_for_student, name="booking-new"),
    path("bookings/<uuid:booking_id>/", bookings.booking, name="booking"),
    path("bookings/<uuid:booking_id>/confirm", booking_actions.confirm, name="booking-confirm"),
    path("bookings/<uuid:booking_id>/decline", booking_actions.decline, name="booking-decline"),
    path("bookings/<uuid:booking_id>/move", moving.move, name="booking-move"),
    path("bookings/<uuid:booking_id>/cancel", booking_actions.cancel, name="booking-cancel"),
    path("bookings/<uuid:booking_id>/complete", booking_actions.complete, name="booking-complete"),
    path("bookings/<uuid:booking_id>/no-show", booking_actions.no_show, name="booking-no-show"),
    path("bookings/<uuid:booking_id>/meeting", booking_actions.create_meeting, name="booking-meeting"),
    path("bookings/<uuid:booking_id>/rate", booking_actions.rate, name="booking-rate"),
    path("availability/", availability.availability, name="availability"),
    path("availability/preview", availability.preview, name="availability-preview"),
    path("availability/settings", availability.change_settings, name="availability-settings"),
    path("availability/dates", availability.add_date, name="availability-dates"),
    path("availability/dates/<uuid:availability_id>/remove", availability.remove_date, name="availability-date-remove"),
    path("availability/periods/new", hours_periods.new_period, name="hours-period-new"),
    path("availability/periods/<uuid:period_id>/", hours_periods.period, name="hours-period"),
    path("availability/periods/<uuid:period_id>/remove", hours_periods.remove_period, name="hours-period-remove"),
    path("availability/time-off", availability.add_time_off, name="time-off"),
    path("availability/time-off/<uuid:time_off_id>/remove", availability.remove_time_off, name="time-off-remove"),
    path("makeups/", makeups.makeups, name="makeups"),
    path("people/<uuid:person_id>/makeups", makeups.person_makeups, name="person-makeups"),
    path("policies/", policies.policies_page, name="policies"),
    path("policies/all", policies.policy, name="policy-for-all"),
    path("policies/new", policies.new_policy, name="policy-new"),
    path("policies/<uuid:teacher_id>/", policies.policy, name="policy"),
    path("policies/<uuid:teacher_id>/drop", policies.drop_policy, name="policy-drop"),
]
