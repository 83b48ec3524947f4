"""
Who waits for a place is kept by groups from now on, in the same order.

Processes of the version before go on for a while: whom they put on a waiting list of their own is put on the new one.
"""

import django.db.models.deletion
from django.db import migrations, models

FORWARDS = """
INSERT INTO groups_waitingstudent (id, group_id, student_id, created_at)
SELECT w.id, h.group_id, w.student_id, w.created_at
FROM halakat_waitingstudent w JOIN halakat_halaka h ON h.id = w.halaka_id
ON CONFLICT DO NOTHING;

DELETE FROM halakat_waitingstudent;

CREATE FUNCTION halakat_wait_in_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO groups_waitingstudent (id, group_id, student_id, created_at)
    SELECT NEW.id, h.group_id, NEW.student_id, NEW.created_at FROM halakat_halaka h WHERE h.id = NEW.halaka_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER wait_in_group BEFORE INSERT ON halakat_waitingstudent
FOR EACH ROW EXECUTE FUNCTION halakat_wait_in_group();
"""
BACKWARDS = """
DROP TRIGGER wait_in_group ON halakat_waitingstudent;
DROP FUNCTION halakat_wait_in_group();

INSERT INTO halakat_waitingstudent (id, halaka_id, student_id, created_at)
SELECT w.id, h.id, w.student_id, w.created_at
FROM groups_waitingstudent w JOIN halakat_halaka h ON h.group_id = w.group_id;
"""


class Migration(migrations.Migration):
    dependencies = [("groups", "0005_hold_waiting_lists"), ("halakat", "0003_keep_history")]

    operations = [
        migrations.AlterField(
            model_name="waitingstudent",
            name="halaka",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="halakat.halaka"
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
