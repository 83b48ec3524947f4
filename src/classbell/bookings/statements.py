"""
The statements behind free times, worked out by the database: a teacher's availability minus holidays, time off and claims.

Availability is kept in the teacher's wall time. On a day that a clock change makes shorter or longer it covers each minute
of the wall clock once: what lies in a skipped hour does not exist, and of a repeated hour the second run counts.
"""

from classbell.bookings.models.settings import MOST_BUFFER_MINUTES

# The teacher, or no row; every statement here begins with it and adds `span`: from when to when it looks. `buffer` and
# `notice` in minutes are those of the kind of lesson, NULL for the teacher's own; `usual_buffer` is the teacher's own always.
_TEACHER = """
    teacher AS (
        SELECT person.id, person.timezone AS zone,
               make_interval(mins => coalesce(%(buffer)s::int, rules.buffer_minutes, 0)) AS buffer,
               make_interval(mins => coalesce(rules.buffer_minutes, 0)) AS usual_buffer,
               make_interval(mins => coalesce(%(notice)s::int, rules.min_notice_minutes, 0)) AS notice,
               make_interval(days => coalesce(rules.max_days_ahead, 90)) AS horizon,
               make_interval(mins => rules.slot_interval_minutes) AS grid
        FROM accounts_user AS person
        LEFT JOIN bookings_teachersettings AS rules ON rules.teacher_id = person.id
        WHERE person.id = %(teacher_id)s::uuid AND person.role IN ('teacher', 'admin') AND person.is_active
    )"""

# `free`: one multirange; `holidays`: those that may touch it, with the name that everybody may read. It looks a day further
# back than asked, so that stretches over midnight are whole; a claim lasts a day at most, so the index over (resource, start)
# finds all that reach into the span.
_OPEN = """
    replaced AS (
        SELECT coalesce(range_agg(daterange(first_day, last_day, '[]')), '{}') AS days
        FROM span JOIN bookings_hoursperiod AS period ON period.teacher_id = span.id
    ),
    -- The usual week, single dates, and the weeks of periods that replace the usual one on their days.
    hours AS (
        SELECT day_of_week, date, NULL::daterange AS days, start_minute, end_minute
        FROM span JOIN bookings_availability AS entry ON entry.teacher_id = span.id
        UNION ALL
        SELECT "day", NULL, daterange(first_day, last_day, '[]'), "start", "end"
        FROM span JOIN bookings_hoursperiod AS period ON period.teacher_id = span.id
        CROSS JOIN LATERAL jsonb_to_recordset(period.windows) AS entry ("day" int, "start" int, "end" int)
    ),
    availability AS (
        SELECT range_agg(period) AS periods
        FROM span
        CROSS JOIN LATERAL (SELECT (looks_from AT TIME ZONE zone)::date - 1 AS first) AS calendar
        CROSS JOIN LATERAL generate_series(0, (looks_until AT TIME ZONE zone)::date - first) AS number
        CROSS JOIN LATERAL (SELECT first + number AS day) AS each_day
        JOIN hours AS entry ON entry.date = day OR entry.day_of_week = extract(isodow FROM day) - 1
            AND CASE WHEN entry.days IS NULL THEN NOT (SELECT days FROM replaced) @> day ELSE entry.days @> day END
        CROSS JOIN LATERAL unnest(
            CASE WHEN (day + 1)::timestamp AT TIME ZONE zone - day::timestamp AT TIME ZONE zone = interval '24 hours'
                 THEN tstzmultirange(tstzrange(
                          (day + make_interval(mins => start_minute)) AT TIME ZONE zone,
                          (day + make_interval(mins => end_minute)) AT TIME ZONE zone))
                 ELSE bookings_open_on_uneven_day(day, start_minute, end_minute, zone)
            END) AS period
    )"""

_FREE = f"""
    {_OPEN},
    holidays AS (
        -- Whole days of the school's clock or of the teacher's; from the moment before, as above, where midnight repeats.
        SELECT effect, CASE WHEN holiday.teacher_id IS NULL THEN holiday.name ELSE '' END AS told,
               tstzrange((first_day - moment) AT TIME ZONE day_zone + moment,
                         (last_day + 1 - moment) AT TIME ZONE day_zone + moment) AS period
        FROM span
        JOIN holidays_holiday AS holiday ON holiday.group_id IS NULL
            AND (holiday.teacher_id IS NULL OR holiday.teacher_id = span.id)
            AND last_day > looks_from::date - 5 AND first_day < looks_until::date + 3
        CROSS JOIN LATERAL (
            SELECT CASE WHEN holiday.teacher_id IS NULL THEN %(school_zone)s::text ELSE zone END AS day_zone,
                   interval '1 microsecond' AS moment
        ) AS clock
    ),
    taken AS (
        SELECT range_agg(period) AS periods FROM (
            SELECT tstzrange(lower(during) - buffer, upper(during) + buffer) AS period
            FROM span JOIN meetings_claim AS claim ON claim.resource_id = span.id
                AND lower(during) > looks_from - interval '4 days' AND lower(during) < looks_until + buffer
                AND claim.id <> ALL (%(own_claims)s::uuid[])
            UNION ALL
            -- Two lessons are as far apart as the one that asks for more, whichever was booked first: lessons that ask for
            -- more than this one. Where no kind does, none is read. What is no lesson asks for nothing.
            SELECT tstzrange(lesson.starts_at - pause, lesson.ends_at + pause)
            FROM span
            CROSS JOIN (SELECT max(buffer_minutes) AS most FROM bookings_lessonkind) AS longest
            JOIN bookings_booking AS lesson ON lesson.teacher_id = span.id
                AND lesson.starts_at > looks_from - interval '3 days'
                AND lesson.starts_at < looks_until + interval '{MOST_BUFFER_MINUTES} minutes'
                AND lesson.status IN ('PENDING', 'CONFIRMED', 'COMPLETED')
            LEFT JOIN bookings_lessonkind AS kind ON kind.id = lesson.kind_id
            CROSS JOIN LATERAL (
                SELECT coalesce(make_interval(mins => kind.buffer_minutes), usual_buffer) AS pause
            ) AS own
            WHERE greatest(usual_buffer, make_interval(mins => longest.most)) > buffer AND pause > buffer
                AND EXISTS (SELECT FROM meetings_claim AS claim WHERE claim.resource_id = span.id
                            AND lower(claim.during) = lesson.starts_at AND claim.id <> ALL (%(own_claims)s::uuid[]))
            UNION ALL
            SELECT tstzrange(starts_at, ends_at)
            FROM span JOIN bookings_timeoff AS away ON away.teacher_id = span.id
                AND ends_at > looks_from - interval '3 days' AND starts_at < looks_until
            UNION ALL
            SELECT period FROM holidays WHERE effect = 'leave_out'
        ) AS period_taken
    ),
    free AS (
        SELECT coalesce(availability.periods, '{{}}') - coalesce(taken.periods, '{{}}') AS periods
        FROM availability, taken
    )"""

SLOTS_STATEMENT = f"""
    WITH {_TEACHER},
    span AS (
        SELECT teacher.*, reader_zone, length, shown_from, shown_until, shown_from AS looks_from,
               shown_until + length AS looks_until
        FROM teacher
        CROSS JOIN LATERAL (
            SELECT coalesce(%(timezone)s::text, zone) AS reader_zone, make_interval(mins => %(minutes)s::int) AS length
        ) AS asked
        CROSS JOIN LATERAL (
            -- From the last moment of the day before, because a clock change may repeat midnight and so name two moments.
            SELECT (%(first)s::date - moment) AT TIME ZONE reader_zone + moment AS shown_from,
                   (%(first)s::date + %(days)s::int - moment) AT TIME ZONE reader_zone + moment AS shown_until
            FROM (SELECT interval '1 microsecond' AS moment) AS shortest
        ) AS shown
    ),
    {_FREE}
    SELECT reader_zone, ARRAY(
        SELECT (extract(epoch FROM start) / 60)::bigint
        FROM free, unnest(free.periods) AS stretch
        CROSS JOIN LATERAL (
            SELECT date_trunc('minute', lower(stretch) + interval '59.999999 seconds') AS earliest
        ) AS whole_minute
        CROSS JOIN LATERAL (SELECT earliest AT TIME ZONE zone AS wall) AS clock
        CROSS JOIN LATERAL generate_series(
            CASE WHEN grid IS NULL THEN earliest
                 -- The grid counts on the wall clock: after a clock change, moments since midnight are off it.
                 ELSE earliest + (date_bin(grid, wall + grid - interval '1 microsecond', date_trunc('day', wall)) - wall)
            END,
            upper(stretch) - length,
            coalesce(grid, length)) AS start
        WHERE start >= greatest(shown_from, %(now)s::timestamptz + notice)
          AND start < least(shown_until, %(now)s::timestamptz + horizon)
        ORDER BY start
    ), (
        SELECT json_agg(json_build_array(
                   extract(epoch FROM lower(period)) / 60, extract(epoch FROM upper(period)) / 60, told))::text
        FROM holidays WHERE effect = 'warn' AND period && tstzrange(shown_from, shown_until)
    ), EXISTS (
        SELECT FROM meetings_zoomhost WHERE is_active AND is_basic AND NOT is_licensed
    ) FROM span
"""

NEXT_FREE_STATEMENT = f"""
    SELECT asked.id, next.starts[1]
    FROM unnest(%(teacher_ids)s::uuid[]) AS asked (id)
    CROSS JOIN LATERAL ({SLOTS_STATEMENT.replace("%(teacher_id)s::uuid", "asked.id")}) AS next (zone, starts, warned)
    WHERE next.starts[1] IS NOT NULL
"""

# The same of those slots that begin on a weekday (0 for Monday), or within hours of the day, on a clock; NULL: on any.
NEXT_FREE_AT_STATEMENT = f"""
    SELECT asked.id, min(start)
    FROM unnest(%(teacher_ids)s::uuid[]) AS asked (id)
    CROSS JOIN LATERAL ({SLOTS_STATEMENT.replace("%(teacher_id)s::uuid", "asked.id")}) AS next (zone, starts, warned)
    CROSS JOIN LATERAL unnest(next.starts) AS start
    CROSS JOIN LATERAL (SELECT to_timestamp(start * 60) AT TIME ZONE %(clock)s::text AS wall) AS clock
    WHERE (%(weekday)s::int IS NULL OR extract(isodow FROM wall) - 1 = %(weekday)s::int)
      AND (%(from_hour)s::int IS NULL OR extract(hour FROM wall) >= %(from_hour)s::int)
      AND (%(until_hour)s::int IS NULL OR extract(hour FROM wall) < %(until_hour)s::int)
    GROUP BY asked.id
"""

FITS_STATEMENT = f"""
    WITH {_TEACHER},
    span AS (
        SELECT teacher.*, %(starts_at)s::timestamptz AS looks_from, %(ends_at)s::timestamptz AS looks_until FROM teacher
    ),
    {_FREE}
    SELECT periods @> tstzrange(looks_from, looks_until)
           AND looks_from >= %(now)s::timestamptz + notice AND looks_from < %(now)s::timestamptz + horizon
    FROM span, free
"""

OUTSIDE_STATEMENT = f"""
    WITH {_TEACHER},
    span AS (
        SELECT teacher.*, %(looks_from)s::timestamptz AS looks_from, %(looks_until)s::timestamptz AS looks_until FROM teacher
    ),
    {_OPEN}
    SELECT lesson.id
    FROM availability, unnest(%(ids)s::uuid[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
        AS lesson (id, starts_at, ends_at)
    WHERE NOT coalesce(periods, '{{}}') @> tstzrange(starts_at, ends_at)
"""

# Teachers who hold a group lesson at that time offer its seats, whether or not the seats make another slot. A holiday that
# warns is named where it does so for all who are free then: "" for one of the teachers' own.
ANY_TEACHER_STATEMENT = f"""
    SELECT start, count(*)::int, sum(seats)::int, CASE WHEN bool_and(holiday IS NOT NULL) THEN max(holiday) END
    FROM (
        SELECT start, %(seats)s::int AS seats, holiday
        FROM unnest(%(teacher_ids)s::uuid[]) AS asked (id)
        CROSS JOIN LATERAL ({SLOTS_STATEMENT.replace("%(teacher_id)s::uuid", "asked.id")}) AS there (zone, starts, warned)
        CROSS JOIN LATERAL unnest(there.starts) AS start
        LEFT JOIN LATERAL (
            SELECT max(one ->> 2) AS holiday FROM json_array_elements(there.warned::json) AS one
            WHERE (one ->> 0)::numeric <= start AND start < (one ->> 1)::numeric
        ) AS day_off ON there.warned IS NOT NULL
        UNION ALL
        SELECT (extract(epoch FROM lesson.starts_at) / 60)::bigint,
               %(seats)s::int - (SELECT count(*) FROM bookings_booking AS seat WHERE seat.group_lesson_id = lesson.id
                                 AND seat.status IN ('PENDING', 'CONFIRMED', 'COMPLETED')),
               (SELECT max(CASE WHEN off.teacher_id IS NULL THEN off.name ELSE '' END) FROM holidays_holiday AS off
                WHERE off.effect = 'warn' AND off.group_id IS NULL
                AND (off.teacher_id IS NULL OR off.teacher_id = lesson.teacher_id)
                AND (lesson.starts_at AT TIME ZONE CASE WHEN off.teacher_id IS NULL THEN %(school_zone)s::text
                     ELSE person.timezone END)::date BETWEEN off.first_day AND off.last_day)
        FROM (SELECT interval '1 microsecond' AS moment) AS shortest
        CROSS JOIN bookings_grouplesson AS lesson
        JOIN accounts_user AS person ON person.id = lesson.teacher_id
            AND person.role IN ('teacher', 'admin') AND person.is_active
        LEFT JOIN bookings_teachersettings AS rules ON rules.teacher_id = lesson.teacher_id
        WHERE lesson.kind_id = %(kind_id)s::uuid AND lesson.teacher_id = ANY (%(teacher_ids)s::uuid[])
          AND lesson.cancelled_at IS NULL AND lesson.ends_at - lesson.starts_at = make_interval(mins => %(minutes)s::int)
          AND lesson.starts_at > %(now)s::timestamptz
          AND lesson.starts_at >= %(now)s::timestamptz
              + make_interval(mins => coalesce(%(notice)s::int, rules.min_notice_minutes, 0))
          AND lesson.starts_at >= (%(first)s::date - moment) AT TIME ZONE %(timezone)s::text + moment
          AND lesson.starts_at < (%(first)s::date + %(days)s::int - moment) AT TIME ZONE %(timezone)s::text + moment
    ) AS offered
    WHERE seats > 0
    GROUP BY start
    ORDER BY start
"""

FITTING_TEACHERS_STATEMENT = f"""
    SELECT asked.id
    FROM unnest(%(teacher_ids)s::uuid[]) AS asked (id)
    CROSS JOIN LATERAL ({FITS_STATEMENT.replace("%(teacher_id)s::uuid", "asked.id")}) AS there (fits)
    WHERE fits
"""

_FITS_EACH = FITS_STATEMENT.replace("%(starts_at)s::timestamptz", "wanted.starts_at").replace(
    "%(ends_at)s::timestamptz", "wanted.ends_at"
)
FITTING_STATEMENT = f"""
    SELECT coalesce(({_FITS_EACH}), false)
    FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) WITH ORDINALITY AS wanted (starts_at, ends_at, place)
    WHERE EXISTS (SELECT FROM accounts_user WHERE id = %(teacher_id)s::uuid AND role IN ('teacher', 'admin') AND is_active)
    ORDER BY place
"""
