"""Find the meetings with registration without reading every session ahead."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("meetings", "0036_find_webhooks_by_when_they_came")]

    operations = [
        AddIndexConcurrently(
            model_name="meeting",
            index=models.Index(
                condition=models.Q(("registration", True), ("wanted", True)),
                fields=["sync_status"],
                name="meeting_registering",
            ),
        ),
    ]
