import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('halakat', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='halaka',
            name='except_dates',
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.DateField(), blank=True, default=list, size=None
            ),
        ),
    ]
