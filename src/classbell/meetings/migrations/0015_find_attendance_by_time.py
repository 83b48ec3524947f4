from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meetings", "0014_fill_attendance_counts")]

    operations = [
        migrations.AlterField(
            model_name="attendance",
            name="sitting_starts_at",
            field=models.DateTimeField(editable=False),
        ),
        migrations.AddIndex(
            model_name="attendance",
            index=models.Index(fields=["sitting_starts_at"], include=("user", "status"), name="attendance_by_time"),
        ),
    ]
