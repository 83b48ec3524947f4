"""The tables of 0001 to 0006 as they are in the end, for databases that have none of them yet."""

import classbell.ids
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.fields.json
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


UNEVEN_DAYS = """
CREATE FUNCTION bookings_open_on_uneven_day(day date, start_minute int, end_minute int, zone text)
RETURNS tstzmultirange LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(range_agg(tstzrange(latest, latest + interval '1 minute')), '{}')
    FROM (
        SELECT max(moment) AS latest
        FROM generate_series(
            day::timestamp AT TIME ZONE zone,
            (day + 1)::timestamp AT TIME ZONE zone - interval '1 minute',
            interval '1 minute') AS moment
        WHERE (moment AT TIME ZONE zone) >= day + make_interval(mins => start_minute)
          AND (moment AT TIME ZONE zone) < day + make_interval(mins => end_minute)
        GROUP BY moment AT TIME ZONE zone
    ) AS minutes
$$;
"""


class Migration(migrations.Migration):

    replaces = [
        ('bookings', '0001_initial'),
        ('bookings', '0002_open_on_uneven_days'),
        ('bookings', '0003_keep_history'),
        ('bookings', '0004_cap_open_requests'),
        ('bookings', '0005_keep_reasons_in_one_language'),
        ('bookings', '0006_say_who_booked'),
    ]

    initial = True

    dependencies = [
        ('accounts', '0003_refuse_unknown_timezones'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('meetings', '0023_keep_facts_of_what_kept_a_registration_back'),
        ('notices', '0006_keep_when_a_feed_changed'),
    ]

    operations = [
        migrations.CreateModel(
            name='TeacherSettings',
            fields=[
                ('teacher', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='teaching', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('bio', models.TextField(blank=True, max_length=2000)),
                ('subjects', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
                ('buffer_minutes', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(240)])),
                ('min_notice_minutes', models.PositiveIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(43200)])),
                ('slot_interval_minutes', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(240)])),
                ('max_days_ahead', models.PositiveSmallIntegerField(default=90, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(366)])),
                ('auto_confirm', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name_plural': 'teacher settings',
            },
        ),
        migrations.CreateModel(
            name='Booking',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('status', models.CharField(choices=[('PENDING', 'Waiting for an answer'), ('CONFIRMED', 'Confirmed'), ('COMPLETED', 'Completed'), ('CANCELLED', 'Cancelled')], default='PENDING', max_length=16)),
                ('notes', models.TextField(blank=True, max_length=2000)),
                ('cancellation_reason', models.CharField(blank=True, max_length=500)),
                ('no_show', models.CharField(blank=True, choices=[('', 'Nobody missed it'), ('student', 'The student did not come'), ('teacher', 'The teacher did not come')], default='', max_length=16)),
                ('lapses_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('booked_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cancelled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('meeting', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='booking', to='meetings.meeting')),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='booked_lessons', to=settings.AUTH_USER_MODEL)),
                ('teacher', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='given_lessons', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['starts_at'],
                'indexes': [models.Index(fields=['student', 'starts_at'], name='booking_of_student'), models.Index(fields=['teacher', 'starts_at'], name='booking_of_teacher'), models.Index(condition=models.Q(('status', 'PENDING')), fields=['lapses_at'], name='booking_lapses'), models.Index(condition=models.Q(('status', 'CONFIRMED')), fields=['ends_at'], name='booking_to_complete')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='booking_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('student', models.F('teacher')), _negated=True), name='nobody_books_themselves')],
            },
        ),
        migrations.CreateModel(
            name='BookingEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('status', models.CharField(choices=[('PENDING', 'Waiting for an answer'), ('CONFIRMED', 'Confirmed'), ('COMPLETED', 'Completed'), ('CANCELLED', 'Cancelled')], default='PENDING', max_length=16)),
                ('notes', models.TextField(blank=True, max_length=2000)),
                ('cancellation_reason', models.CharField(blank=True, max_length=500)),
                ('no_show', models.CharField(blank=True, choices=[('', 'Nobody missed it'), ('student', 'The student did not come'), ('teacher', 'The teacher did not come')], default='', max_length=16)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='bookings.booking')),
                ('student', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('teacher', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(models.OrderBy(models.F('pgh_created_at'), descending=True), models.OrderBy(models.F('pgh_id'), descending=True), name='booking_history'), models.Index(django.db.models.fields.json.KeyTextTransform('actor', 'pgh_context'), models.OrderBy(models.F('pgh_created_at'), descending=True), condition=models.Q(('pgh_context__isnull', False)), name='booking_by')],
            },
        ),
        migrations.CreateModel(
            name='BookingPolicy',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cancel_notice_hours', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('reschedule_notice_hours', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('reschedules_per_month', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('request_lapses_after_hours', models.PositiveSmallIntegerField(default=48, validators=[django.core.validators.MinValueValidator(1)])),
                ('no_show_after_minutes', models.PositiveSmallIntegerField(default=15, validators=[django.core.validators.MaxValueValidator(240)])),
                ('makeup_credit_days', models.PositiveSmallIntegerField(blank=True, default=30, null=True)),
                ('open_requests_in_all', models.PositiveSmallIntegerField(blank=True, default=30, null=True)),
                ('open_requests_with_teacher', models.PositiveSmallIntegerField(blank=True, default=10, null=True)),
                ('teacher', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='booking_policy', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'booking policies',
                'constraints': [models.UniqueConstraint(models.Value(1), condition=models.Q(('teacher__isnull', True)), name='one_policy_for_all')],
            },
        ),
        migrations.CreateModel(
            name='Feedback',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('rating', models.PositiveSmallIntegerField()),
                ('comment', models.TextField(blank=True, max_length=2000)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('about', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='feedback_received', to=settings.AUTH_USER_MODEL)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('booking', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='feedback', to='bookings.booking')),
            ],
            options={
                'verbose_name_plural': 'feedback',
                'ordering': ['-created_at'],
                'indexes': [models.Index(fields=['about', 'created_at'], name='feedback_about_person')],
                'constraints': [models.UniqueConstraint(fields=('booking', 'author'), name='one_feedback_per_person_and_booking'), models.CheckConstraint(condition=models.Q(('rating__gte', 1), ('rating__lte', 5)), name='rating_is_one_to_five')],
            },
        ),
        migrations.CreateModel(
            name='MakeUpCredit',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('expires_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('missed', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='makeup_credit', to='bookings.booking')),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='makeup_credits', to=settings.AUTH_USER_MODEL)),
                ('teacher', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('used_by', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='paid_by_credit', to='bookings.booking')),
            ],
            options={
                'ordering': ['expires_at'],
            },
        ),
        migrations.CreateModel(
            name='Reschedule',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('old_starts_at', models.DateTimeField()),
                ('old_ends_at', models.DateTimeField()),
                ('new_starts_at', models.DateTimeField()),
                ('new_ends_at', models.DateTimeField()),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('counts', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('booking', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reschedules', to='bookings.booking')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['created_at'],
                'indexes': [models.Index(fields=['by', 'created_at'], name='reschedule_by_person')],
            },
        ),
        migrations.CreateModel(
            name='TimeOff',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('teacher', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='time_off', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'time off',
                'ordering': ['starts_at'],
                'indexes': [models.Index(fields=['teacher', 'ends_at'], name='time_off_of_teacher')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='time_off_ends_after_it_starts')],
            },
        ),
        migrations.CreateModel(
            name='Availability',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('day_of_week', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('date', models.DateField(blank=True, null=True)),
                ('start_minute', models.PositiveSmallIntegerField()),
                ('end_minute', models.PositiveSmallIntegerField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('teacher', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='availability', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'availability',
                'ordering': ['day_of_week', 'date', 'start_minute'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('date__isnull', False), ('day_of_week__isnull', True)), models.Q(('date__isnull', True), ('day_of_week__isnull', False)), _connector='OR'), name='availability_is_weekly_or_dated'), models.CheckConstraint(condition=models.Q(('day_of_week__isnull', True), ('day_of_week__lte', 6), _connector='OR'), name='availability_weekday_exists'), models.CheckConstraint(condition=models.Q(('end_minute__gt', models.F('start_minute')), ('end_minute__lte', 1440)), name='availability_ends_after_it_starts')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='booking',
            trigger=pgtrigger.compiler.Trigger(name='made_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "bookings_bookingevent" ("cancellation_reason", "ends_at", "no_show", "notes", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_at", "status", "student_id", "teacher_id") VALUES (NEW."cancellation_reason", NEW."ends_at", NEW."no_show", NEW."notes", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'made\', NEW."id", NEW."starts_at", NEW."status", NEW."student_id", NEW."teacher_id"); RETURN NULL;', hash='c988fb0b1550a749770217e27bbf836be0ad720e', operation='INSERT', pgid='pgtrigger_made_insert_21ec1', table='bookings_booking', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='booking',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."cancellation_reason" IS DISTINCT FROM (NEW."cancellation_reason") OR OLD."ends_at" IS DISTINCT FROM (NEW."ends_at") OR OLD."no_show" IS DISTINCT FROM (NEW."no_show") OR OLD."notes" IS DISTINCT FROM (NEW."notes") OR OLD."starts_at" IS DISTINCT FROM (NEW."starts_at") OR OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."student_id" IS DISTINCT FROM (NEW."student_id") OR OLD."teacher_id" IS DISTINCT FROM (NEW."teacher_id"))', func='INSERT INTO "bookings_bookingevent" ("cancellation_reason", "ends_at", "no_show", "notes", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_at", "status", "student_id", "teacher_id") VALUES (OLD."cancellation_reason", OLD."ends_at", OLD."no_show", OLD."notes", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'changed\', OLD."id", OLD."starts_at", OLD."status", OLD."student_id", OLD."teacher_id"); RETURN NULL;', hash='4768906e2375cc54102e5055be4c1ab2881faf49', operation='UPDATE', pgid='pgtrigger_changed_update_3dc51', table='bookings_booking', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='booking',
            trigger=pgtrigger.compiler.Trigger(name='removed_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "bookings_bookingevent" ("cancellation_reason", "ends_at", "no_show", "notes", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_at", "status", "student_id", "teacher_id") VALUES (OLD."cancellation_reason", OLD."ends_at", OLD."no_show", OLD."notes", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'removed\', OLD."id", OLD."starts_at", OLD."status", OLD."student_id", OLD."teacher_id"); RETURN NULL;', hash='a2afeb9e47688081f70088b17f3daa75e84441d2', operation='DELETE', pgid='pgtrigger_removed_delete_2fce5', table='bookings_booking', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bookingevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='785d8e730e8f6f05ed7f07abd1a71c8038f0c87b', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_72b0a', table='bookings_bookingevent', when='BEFORE')),
        ),
        migrations.RunSQL(UNEVEN_DAYS, migrations.RunSQL.noop),
    ]
