from datetime import UTC, datetime

import django.db.models.deletion
from django.db import migrations, models

# Rules set before there were dates have always been in force.
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


class Migration(migrations.Migration):
    dependencies = [
        ("groups", "0002_refuse_unknown_timezones"),
        ("meetings", "0008_let_substitutes_teach"),
    ]

    operations = [
        migrations.RemoveConstraint("attendancepolicy", "one_attendance_policy_of_the_whole_school"),
        migrations.AlterField(
            "attendancepolicy",
            "group",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attendance_policies",
                to="groups.group",
            ),
        ),
        migrations.AddField(
            "attendancepolicy", "in_force_from", models.DateTimeField(default=ALWAYS), preserve_default=False
        ),
        migrations.AddField("attendancepolicy", "set_at", models.DateTimeField(default=ALWAYS), preserve_default=False),
        migrations.AddField("attendancepolicy", "follows_school", models.BooleanField(default=False)),
        migrations.AddConstraint(
            "attendancepolicy",
            models.UniqueConstraint(
                fields=("group", "in_force_from"), name="one_attendance_policy_at_a_time", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            "attendancepolicy",
            models.CheckConstraint(
                condition=models.Q(("follows_school", False), ("group__isnull", False), _connector="OR"),
                name="the_school_follows_nobody",
            ),
        ),
    ]
