"""Tell what one transaction did to many members as one entry, without reading all of them."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('groups', '0006_let_students_join_by_themselves'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='membershipevent',
            index=models.Index(models.OrderBy(models.F('pgh_created_at'), descending=True), models.OrderBy(models.F('pgh_label'), descending=True), models.OrderBy(models.F('pgh_id'), descending=True), name='membership_together'),
        ),
    ]
