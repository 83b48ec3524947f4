"""Keep the addresses of calendars encrypted, and find them by a digest."""

from django.db import migrations, models

from classbell.notices.feeds import kept_of


def encrypt_them(apps, schema_editor):  # noqa: ARG001 -- what Django hands in
    CalendarFeed = apps.get_model("notices", "CalendarFeed")
    for feed in CalendarFeed.objects.exclude(plain_token=None).iterator():
        CalendarFeed.objects.filter(pk=feed.pk).update(**kept_of(feed.plain_token), plain_token=None)


class Migration(migrations.Migration):
    dependencies = [("notices", "0008_choose_how_to_be_told")]

    operations = [
        migrations.AlterField(
            model_name="calendarfeed",
            name="token",
            field=models.CharField(db_column="token", max_length=64, null=True, unique=True),
        ),
        migrations.RenameField(model_name="calendarfeed", old_name="token", new_name="plain_token"),
        migrations.AddField(
            model_name="calendarfeed",
            name="token_digest",
            field=models.CharField(max_length=64, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="calendarfeed",
            name="sealed",
            field=models.BinaryField(db_default=b"", default=b""),
        ),
        migrations.RunPython(encrypt_them, migrations.RunPython.noop),
    ]
