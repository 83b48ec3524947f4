"""What groups announce to the modules above."""

from django.dispatch import Signal

# Sent with `group`, and `added` and `removed` as sets of user ids, in the transaction that changed the members.
membership_changed = Signal()
