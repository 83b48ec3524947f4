from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0018_remember_how_zoom_is"),
    ]

    operations = [
        migrations.CreateModel(
            name="Refusal",
            fields=[
                ("kind", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("count", models.PositiveBigIntegerField()),
                ("latest_at", models.DateTimeField()),
            ],
        ),
    ]
