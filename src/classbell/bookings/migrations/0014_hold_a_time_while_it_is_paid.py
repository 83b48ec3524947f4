from django.db import migrations, models


class Migration(migrations.Migration):
    # The column keeps its name, so that the version before goes on reading it: what it held for a guest it holds for a payer.

    dependencies = [("bookings", "0013_link_guests_to_their_lessons")]

    operations = [
        migrations.AlterField(
            model_name="booking",
            name="awaits_guest",
            field=models.BooleanField(db_column="awaits_guest", db_default=False, default=False),
        ),
        migrations.RenameField(model_name="booking", old_name="awaits_guest", new_name="is_held"),
        migrations.AddField(
            model_name="booking",
            name="awaits_payment",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(awaits_payment=False) | models.Q(is_held=True), name="what_awaits_payment_is_held"
            ),
        ),
    ]
