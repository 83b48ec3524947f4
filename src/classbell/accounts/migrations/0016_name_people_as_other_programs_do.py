"""What another program of the school calls somebody; unique where there is one, by an index that keeps nobody waiting."""

from django.db import migrations, models

UNIQUE = models.UniqueConstraint(
    fields=["external_id"], condition=~models.Q(external_id=None), name="user_external_id_is_unique"
)
INDEX = """
CREATE UNIQUE INDEX CONCURRENTLY "user_external_id_is_unique" ON "accounts_user" ("external_id")
WHERE NOT ("external_id" IS NULL)
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0015_note_sign_ins")]

    operations = [
        migrations.AddField("user", "external_id", models.CharField(max_length=64, null=True)),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(INDEX, 'DROP INDEX CONCURRENTLY IF EXISTS "user_external_id_is_unique"')
            ],
            state_operations=[migrations.AddConstraint("user", UNIQUE)],
        ),
    ]
