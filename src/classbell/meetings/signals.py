"""What meetings announce to the modules above, in the transaction that changed it. Receivers may hear the same twice."""

from django.dispatch import Signal

# Sent with `occurrence_id`. A session runs at Zoom; again when it is started anew after an end.
occurrence_started = Signal()

# Sent with `occurrence_id`. A session has ended at Zoom; it may be started anew.
occurrence_ended = Signal()

# Sent with `occurrence_id`. What was taken for a session was none: it is as if it had never been started.
occurrence_reopened = Signal()

# Sent with `meeting_ids`, of one meeting or of many. Somebody planned them for the people they expect.
sessions_planned = Signal()

# Sent with `occurrence_id`. One session is held at another time; the rest of its series stays.
occurrence_moved = Signal()

# Sent with `occurrence_id`. One session that was cancelled is held after all.
occurrence_held_again = Signal()

# Sent with `meeting`, before somebody gives it or a session of it another time or cancels it as a meeting. A receiver refuses
# by raising a DomainError: it belongs to something that is moved and cancelled elsewhere.
times_asked = Signal()

# Sent with `user`, before a program is handed a link by which they attend a meeting. A receiver refuses by raising a
# DomainError: they have to agree to something first.
link_asked = Signal()

# Sent with `occurrence_ids`, of one meeting or of many. Sessions that people expected are not held.
occurrences_cancelled = Signal()

# Sent with `occurrence_id`. Somebody else than the meeting's teacher is to hold one session, or to hold it at another time.
substitute_asked = Signal()

# Sent with `meeting_id`. All coming sessions of a meeting follow another timetable.
timetable_changed = Signal()

# Sent with `meeting_id`. All coming sessions of a meeting are held in another place: elsewhere, or at Zoom again.
location_changed = Signal()

# Sent with `occurrence_id`. One session is held in another place than its series, or where that is again.
occurrence_held_elsewhere = Signal()

# Sent with `zoom_instance_uuid`, the run. Zoom says that something became of its recording.
recording_told = Signal()

# Sent with `trouble` and `error`, once for each trouble of the whole account with Zoom.
zoom_in_trouble = Signal()

# Zoom refuses the app that teachers consent to: its client id or secret is wrong. Sent once, until it is accepted or changed.
user_app_refused = Signal()

# The trouble that was announced is over.
zoom_well_again = Signal()

# Sent with `user_id`, `moved`, `waiting` and `because`, once for each loss. A teacher's own Zoom may not be used any more: so
# many of the meetings it held have another host, and so many wait for one.
own_zoom_lost = Signal()

# Sent with `host_id`. Zoom has taken a host's licence: what it holds ends after forty minutes.
licence_lost = Signal()

# Sent with `occurrence_id`. Zoom has no meeting for a session that is about to begin: it is held in its backup room.
backup_room_given = Signal()

# Sent with `occurrence_id`. Zoom has the meeting after all, and nobody was in the backup room: it is held at Zoom.
backup_room_withdrawn = Signal()

# Sent with `occurrence_id`. A session was judged for the first time.
attendance_recorded = Signal()

# Sent with `occurrence_id` and `user_ids`. What counts for these people is another than was recorded before.
attendance_changed = Signal()

# Sent with `meeting_id`. Zoom shows a meeting as it should be; again after each change of it.
meeting_synced = Signal()

# Sent with `meeting_id`. A meeting goes on at Zoom only once somebody has looked at it.
meeting_failed = Signal()
