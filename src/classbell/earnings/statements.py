"""
The statement behind hours taught: each session of a stretch of time by who held it, what became of it, and its rate.

Sessions that are over and were not cancelled, and lessons that their student lost by cancelling too late. What is paid is
worked out by the database, so that a campus is added up without its sessions being read.
"""

from typing import Final

# Who did not come is asked first: a teacher who was not there held nothing, whatever else is said. Then what a person said
# of a lesson; then what was heard. That a lesson took its student's, `COMPLETED`, means here too that it was held.
_STATE: Final = """
    CASE WHEN outcome.teacher_status = 'no_show' OR coalesce(own.no_show, dated.no_show, seats.no_show) = 'teacher'
              THEN 'teacher_away'
         WHEN coalesce(own.no_show, dated.no_show, seats.no_show) = 'student' THEN 'student_away'
         WHEN outcome.result = 'void' OR coalesce(own.status, dated.status, seats.status) = 'CANCELLED' THEN 'not_held'
         WHEN seen.absent + seen.excused > 0 AND seen.present + seen.late + seen.partial + seen.unknown = 0
              THEN 'student_away'
         WHEN outcome.result = 'held' OR coalesce(own.status, dated.status, seats.status) = 'COMPLETED' THEN 'held'
         ELSE 'unknown' END"""

# A group lesson was missed by its students when none came for any of its seats.
_HELD: Final = f"""
    held AS (
        SELECT session.id AS occurrence_id, NULL::uuid AS booking_id, session.meeting_id,
               coalesce(session.substitute_id, meeting.teacher_id) AS teacher_id,
               CASE WHEN session.substitute_id <> meeting.teacher_id THEN meeting.teacher_id END AS instead_of_id,
               meeting.title, meeting.group_id, coalesce(own.kind_id, dated.kind_id, shared.kind_id) AS kind_id,
               session.starts_at, session.ends_at, outcome.teacher_seconds, {_STATE} AS state
        FROM meetings_occurrence AS session
        JOIN meetings_meeting AS meeting ON meeting.id = session.meeting_id
        LEFT JOIN bookings_booking AS own ON own.meeting_id = meeting.id
        LEFT JOIN bookings_booking AS dated ON dated.occurrence_id = session.id
        LEFT JOIN bookings_grouplesson AS shared ON shared.meeting_id = meeting.id
        LEFT JOIN LATERAL (
            SELECT CASE WHEN bool_or(no_show = 'teacher') THEN 'teacher' WHEN bool_and(no_show = 'student') THEN 'student'
                   END AS no_show, max(status) AS status
            FROM bookings_booking AS seat
            WHERE seat.group_lesson_id = shared.id AND (seat.status = 'COMPLETED' OR seat.no_show = 'teacher')
        ) AS seats ON shared.id IS NOT NULL
        LEFT JOIN meetings_occurrenceoutcome AS outcome ON outcome.occurrence_id = session.id
        LEFT JOIN meetings_attendancecount AS seen ON seen.occurrence_id = session.id
        WHERE session.starts_at >= %(start)s AND session.starts_at < %(end)s AND session.ends_at <= %(now)s
          AND session.status <> 'cancelled'
          AND (%(teacher_id)s::uuid IS NULL
               OR coalesce(session.substitute_id, meeting.teacher_id) = %(teacher_id)s::uuid)
    )"""

# A lesson that the teacher missed keeps what was used for it too, but another stands in for that. Of a group lesson only
# what nobody came back for is lost, once for all its seats. An hour in which its teacher taught somebody else was not lost.
_LOST: Final = """
    lost AS (
        SELECT DISTINCT ON (coalesce(booking.group_lesson_id, booking.id))
               NULL::uuid AS occurrence_id, booking.id AS booking_id, session.meeting_id,
               coalesce(session.substitute_id, booking.teacher_id) AS teacher_id,
               CASE WHEN session.substitute_id <> booking.teacher_id THEN booking.teacher_id END AS instead_of_id,
               coalesce(meeting.title, '') AS title, NULL::uuid AS group_id, booking.kind_id,
               booking.starts_at, booking.ends_at, NULL::int AS teacher_seconds, 'late_cancelled' AS state
        FROM bookings_makeupcredit AS credit
        JOIN bookings_booking AS booking ON booking.id = credit.used_by_id
        LEFT JOIN bookings_grouplesson AS shared ON shared.id = booking.group_lesson_id
        LEFT JOIN meetings_meeting AS meeting ON meeting.id = booking.meeting_id
        LEFT JOIN meetings_occurrence AS dated ON dated.id = booking.occurrence_id
        LEFT JOIN meetings_occurrence AS single ON single.meeting_id = booking.meeting_id
        CROSS JOIN LATERAL (
            SELECT coalesce(dated.meeting_id, booking.meeting_id) AS meeting_id,
                   coalesce(dated.substitute_id, single.substitute_id) AS substitute_id
        ) AS session
        WHERE booking.status = 'CANCELLED' AND booking.no_show = ''
          AND (shared.id IS NULL OR shared.cancelled_at IS NOT NULL)
          AND booking.starts_at >= %(start)s AND booking.starts_at < %(end)s AND booking.ends_at <= %(now)s
          AND (%(teacher_id)s::uuid IS NULL OR coalesce(session.substitute_id, booking.teacher_id) = %(teacher_id)s::uuid)
        ORDER BY coalesce(booking.group_lesson_id, booking.id), booking.id
    ),
    line AS (
        SELECT * FROM held
        UNION ALL
        SELECT * FROM lost WHERE NOT EXISTS (
            SELECT FROM held WHERE held.teacher_id = lost.teacher_id
                AND held.starts_at < lost.ends_at AND held.ends_at > lost.starts_at
        )
    )"""

# Of the rates that held on the day of the session in the school's calendar, the one for its class or kind goes first.
# Amounts are rounded once, for each session, half a smallest unit up; so the sum is that of what one reads.
PRICED: Final = f"""
WITH {_HELD}, {_LOST},
    priced AS (
        SELECT line.*, rate.per, rate.amount AS rate, rate.currency, share.percent,
               extract(epoch FROM line.ends_at - line.starts_at) AS seconds,
               round(rate.amount * share.percent / 100.0 * CASE rate.per
                   WHEN 'hour' THEN extract(epoch FROM line.ends_at - line.starts_at) / 3600 ELSE 1 END)::bigint AS amount
        FROM line
        CROSS JOIN LATERAL (
            SELECT CASE line.state WHEN 'held' THEN 100 WHEN 'student_away' THEN %(student_away)s
                WHEN 'late_cancelled' THEN %(late_cancellation)s WHEN 'unknown' THEN %(unknown)s ELSE 0 END AS percent
        ) AS share
        LEFT JOIN LATERAL (
            SELECT per, amount, currency FROM earnings_teacherrate AS one
            WHERE one.teacher_id = line.teacher_id
              AND one.in_force_from <= (line.starts_at AT TIME ZONE %(zone)s)::date
              AND (one.kind_id IS NULL OR one.kind_id = line.kind_id)
              AND (one.group_id IS NULL OR one.group_id = line.group_id)
            ORDER BY one.kind_id IS NULL AND one.group_id IS NULL, one.in_force_from DESC
            LIMIT 1
        ) AS rate ON true
    )
"""
LINES: Final = (
    PRICED
    + """
SELECT occurrence_id, booking_id, priced.meeting_id, title, class.name, kind.name, instead_of_id,
       starts_at, ends_at, (seconds / 60)::int, (teacher_seconds / 60.0)::int, state, percent,
       rate, priced.currency, per, amount
FROM priced
LEFT JOIN groups_group AS class ON class.id = priced.group_id
LEFT JOIN bookings_lessonkind AS kind ON kind.id = priced.kind_id
ORDER BY starts_at, occurrence_id, booking_id
"""
)
# A row for each teacher and currency; sessions without a rate are those of no currency.
TOTALS: Final = (
    PRICED
    + """
SELECT teacher_id, currency, count(*), count(*) FILTER (WHERE state = 'held'), count(*) FILTER (WHERE percent > 0),
       coalesce(sum((seconds / 60)::int) FILTER (WHERE percent > 0), 0)::int,
       coalesce(sum((teacher_seconds / 60.0)::int), 0)::int, coalesce(sum(amount), 0)::bigint
FROM priced GROUP BY teacher_id, currency ORDER BY teacher_id, currency
"""
)
