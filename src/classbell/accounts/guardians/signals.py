"""What guardianships announce to the modules above, in the transaction that changed them."""

from django.dispatch import Signal

# Sent with `guardianship` and `is_invited`: whether they get an invitation, which says for whom.
guardian_added = Signal()
# Sent with `guardianship`, before it is gone.
guardian_removed = Signal()
