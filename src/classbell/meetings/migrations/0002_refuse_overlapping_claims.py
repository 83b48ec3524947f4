"""
Let the database refuse to double-book a teacher or a host's seat.

A range over UUIDs makes `=` usable in a GiST exclusion constraint without the btree_gist extension, which the embedded
PostgreSQL does not have.
"""

from django.db import migrations

FORWARDS = """
CREATE TYPE uuidrange AS RANGE (subtype = uuid);
ALTER TABLE meetings_claim ADD CONSTRAINT claims_do_not_overlap
    EXCLUDE USING gist (uuidrange(resource_id, resource_id, '[]') WITH &&, during WITH &&) WHERE (NOT shared);
"""
BACKWARDS = """
ALTER TABLE meetings_claim DROP CONSTRAINT claims_do_not_overlap;
DROP TYPE uuidrange;
"""


class Migration(migrations.Migration):
    dependencies = [("meetings", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
