"""What meetings announce to the modules above, in the transaction that changed it. Receivers may hear the same twice."""

from django.dispatch import Signal

# Sent with `occurrence_id`. A sitting runs at Zoom; again when it is started anew after an end.
occurrence_started = Signal()

# Sent with `occurrence_id`. A sitting has ended at Zoom; it may be started anew.
occurrence_ended = Signal()
