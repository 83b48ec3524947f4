"""
Why we called something off was kept in the language of whoever acted; from now on in English, and told in the reader's.

Also in news and in history, where the sentence stays the same one. What people typed stays as it is.
"""

from django.db import migrations

KEPT = {
    "أُنهيت الحلقة.": "The circle was ended.",
    "أُغلق الصف.": "The class was closed.",
    "أُنهيت الدورة.": "The course was ended.",
    "تغيّر موعد الحلقة.": "The circle's schedule changed.",
    "لم تعد في الجدول": "No longer in the timetable",
    "لا صفوف في هذا اليوم": "Holiday",
    "No classes on this day": "Holiday",
    "لا درس في هذا الأسبوع": "No session in this week",
    "No class in this week": "No session in this week",
    "لم يُردّ عليه في الوقت المحدد.": "Nobody answered in time.",
    "رفضه المعلّم.": "Declined by the teacher.",
    "لم يحضر المعلّم.": "The teacher did not come.",
}
TABLES = ("bookings_booking", "bookings_bookingevent", "meetings_occurrence", "meetings_occurrenceevent")
# Nobody decided anything: no entry of history is made, and those that are there are told to let it happen.
QUIET = """
SELECT set_config(
    'pgtrigger.ignore',
    (SELECT coalesce(array_agg(DISTINCT tgname::text), '{}')::text FROM pg_trigger WHERE tgname LIKE 'pgtrigger%'),
    true
)
"""
LOUD = "SELECT set_config('pgtrigger.ignore', '{}', true)"


def keep_in_english(apps, schema_editor):
    """Write the sentences as they are kept now."""
    was, becomes = list(KEPT), list(KEPT.values())
    words = "unnest(%s::text[], %s::text[]) AS words(was, becomes)"
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(QUIET)
        for table in TABLES:
            cursor.execute(
                f"UPDATE {table} SET cancellation_reason = becomes FROM {words} WHERE cancellation_reason = was",
                [was, becomes],
            )
        cursor.execute(
            "UPDATE notices_notice SET facts = jsonb_set(facts, '{reason}', to_jsonb(becomes)) "
            f"FROM {words} WHERE facts ->> 'reason' = was",
            [was, becomes],
        )
        cursor.execute(LOUD)


class Migration(migrations.Migration):

    dependencies = [
        ("bookings", "0004_cap_open_requests"),
        ("meetings", "0023_keep_facts_of_what_kept_a_registration_back"),
        ("notices", "0006_keep_when_a_feed_changed"),
    ]

    operations = [migrations.RunPython(keep_in_english, migrations.RunPython.noop, elidable=True)]
