"""
Availability on days that a clock change makes shorter or longer than 24 hours.

Minute by minute, because it is asked twice a year: each minute of the day whose time on the wall clock lies in the window,
and of a repeated wall time the later one.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION bookings_open_on_uneven_day(day date, start_minute int, end_minute int, zone text)
RETURNS tstzmultirange LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(range_agg(tstzrange(latest, latest + interval '1 minute')), '{}')
    FROM (
        SELECT max(moment) AS latest
        FROM generate_series(
            day::timestamp AT TIME ZONE zone,
            (day + 1)::timestamp AT TIME ZONE zone - interval '1 minute',
            interval '1 minute') AS moment
        WHERE (moment AT TIME ZONE zone) >= day + make_interval(mins => start_minute)
          AND (moment AT TIME ZONE zone) < day + make_interval(mins => end_minute)
        GROUP BY moment AT TIME ZONE zone
    ) AS minutes
$$;
"""
BACKWARDS = "DROP FUNCTION bookings_open_on_uneven_day(date, int, int, text);"


class Migration(migrations.Migration):
    dependencies = [("bookings", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
