import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0014_hold_a_time_while_it_is_paid"),
        ("payments", "0004_keep_kinds_of_what_is_sold"),
    ]

    operations = [
        migrations.AlterField(
            model_name="purchase",
            name="offer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="purchases",
                to="payments.offer",
            ),
        ),
        migrations.AddField(
            model_name="purchase",
            name="booking",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="purchase",
                to="bookings.booking",
            ),
        ),
    ]
