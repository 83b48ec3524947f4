"""Say how long Zoom has been silent, and find what is too old, without reading every message there is."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("meetings", "0035_hold_one_session_elsewhere")]

    operations = [
        AddIndexConcurrently(
            model_name="webhookevent",
            index=models.Index(fields=["received_at"], name="webhook_event_received"),
        ),
    ]
