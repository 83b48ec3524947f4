"""What bookings announce to the modules above."""

from django.dispatch import Signal

# Sent with `booking` and `what` became of it, in the transaction that changed it: "requested", "confirmed", "cancelled",
# "completed", or "rescheduled" with `old`, its start and end before.
booking_changed = Signal()
