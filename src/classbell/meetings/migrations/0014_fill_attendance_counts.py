from django.db import migrations

# Nobody changes a record meanwhile: the triggers are there already and would add to what is not yet counted.
FILL = """
LOCK TABLE meetings_attendance IN SHARE ROW EXCLUSIVE MODE;
UPDATE meetings_attendance SET sitting_starts_at = meetings_occurrence.starts_at FROM meetings_occurrence
WHERE meetings_occurrence.id = occurrence_id AND sitting_starts_at IS DISTINCT FROM meetings_occurrence.starts_at;
DELETE FROM meetings_attendancecount;
INSERT INTO meetings_attendancecount (occurrence_id, present, late, partial, absent, unknown)
SELECT occurrence_id, count(*) FILTER (WHERE status = 'present'), count(*) FILTER (WHERE status = 'late'),
       count(*) FILTER (WHERE status = 'partial'), count(*) FILTER (WHERE status = 'absent'),
       count(*) FILTER (WHERE status = 'unknown')
FROM meetings_attendance GROUP BY occurrence_id;
"""


class Migration(migrations.Migration):
    dependencies = [("meetings", "0013_count_attendance")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
