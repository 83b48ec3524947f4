"""What became of make-up lessons before there was a ledger. What the version before does meanwhile is caught up with hourly."""

from django.db import migrations

EARNED = """
INSERT INTO bookings_creditentry (id, credit_id, number, kind, amount, booking_id, reason, at)
SELECT gen_random_uuid(), credit.id, 1, 'earned', 1, credit.missed_id, '', credit.created_at
FROM bookings_makeupcredit credit
WHERE NOT EXISTS (SELECT FROM bookings_creditentry entry WHERE entry.credit_id = credit.id)
"""
USED = """
INSERT INTO bookings_creditentry (id, credit_id, number, kind, amount, booking_id, reason, at)
SELECT gen_random_uuid(), credit.id, 2, 'used', -1, credit.used_by_id, '', greatest(booking.created_at, credit.created_at)
FROM bookings_makeupcredit credit JOIN bookings_booking booking ON booking.id = credit.used_by_id
WHERE NOT EXISTS (SELECT FROM bookings_creditentry entry WHERE entry.credit_id = credit.id AND entry.number > 1)
"""


class Migration(migrations.Migration):

    dependencies = [("bookings", "0007_keep_a_ledger_of_makeups")]

    operations = [
        migrations.RunSQL([EARNED, USED], migrations.RunSQL.noop, elidable=True),
    ]
