"""What excuses announce to the modules above, in the transaction that changed them."""

from django.dispatch import Signal

# Sent with `excuse` and `what`: "told", "decided" or "withdrawn". One that a rule accepts is told, and nothing else.
excuse_changed = Signal()
