"""Find those who teach by name among a hundred thousand who learn."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('accounts', '0025_fold_plain_texts_quickly'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='user',
            index=models.Index(condition=models.Q(('role__in', ['teacher', 'admin'])), fields=['last_name', 'first_name', 'email'], name='user_who_may_teach_by_name'),
        ),
    ]
