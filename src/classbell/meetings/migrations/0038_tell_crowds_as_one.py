"""Tell what one transaction did to many meetings or sessions as one entry, without reading all of them."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('groups', '0007_tell_crowds_as_one'),
        ('meetings', '0037_find_meetings_that_register'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='meetingevent',
            index=models.Index(models.OrderBy(models.F('pgh_created_at'), descending=True), models.OrderBy(models.F('pgh_label'), descending=True), models.OrderBy(models.F('pgh_id'), descending=True), name='meeting_together'),
        ),
        AddIndexConcurrently(
            model_name='occurrenceevent',
            index=models.Index(models.OrderBy(models.F('pgh_created_at'), descending=True), models.OrderBy(models.F('pgh_label'), descending=True), models.OrderBy(models.F('pgh_id'), descending=True), name='occurrence_together'),
        ),
    ]
