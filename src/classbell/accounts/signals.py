"""What accounts announce to the modules above, in the transaction that changed them."""

from django.dispatch import Signal

# Sent with `request`: somebody has proven their address and waits for an account.
sign_up_waits = Signal()

# Sent with `user`. They were deactivated: nothing acts in their name any more.
person_deactivated = Signal()
