from django.conf import settings
from django.db import migrations, models

VIEW = """
CREATE VIEW meetings_expected AS
SELECT registrant.meeting_id, registrant.user_id
FROM meetings_registrant registrant
WHERE registrant.is_invited AND registrant.status <> 'cancelled'
UNION
SELECT meeting.id, membership.user_id
FROM meetings_meeting meeting JOIN groups_membership membership ON membership.group_id = meeting.group_id
WHERE meeting.audience = 'class'
"""


class Migration(migrations.Migration):

    dependencies = [
        ("groups", "0001_initial"),
        ("meetings", "0020_say_who_is_nobody_of_ours"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(VIEW, "DROP VIEW meetings_expected"),
        migrations.CreateModel(
            name="Expected",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "meeting", "user", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={"db_table": "meetings_expected", "managed": False},
        ),
    ]
