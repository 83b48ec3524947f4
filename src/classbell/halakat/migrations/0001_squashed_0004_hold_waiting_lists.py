"""The tables of 0001 to 0004 as they are in the end, for databases that have none of them yet."""

import classbell.ids
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.fields.json
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


WAIT_IN_GROUP = """
CREATE FUNCTION halakat_wait_in_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO groups_waitingstudent (id, group_id, student_id, created_at)
    SELECT NEW.id, h.group_id, NEW.student_id, NEW.created_at FROM halakat_halaka h WHERE h.id = NEW.halaka_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER wait_in_group BEFORE INSERT ON halakat_waitingstudent
FOR EACH ROW EXECUTE FUNCTION halakat_wait_in_group();
"""


class Migration(migrations.Migration):

    replaces = [
        ('halakat', '0001_initial'),
        ('halakat', '0002_leave_out_holidays'),
        ('halakat', '0003_keep_history'),
        ('halakat', '0004_hold_waiting_lists'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('groups', '0005_hold_waiting_lists'),
        ('meetings', '0006_record_attendance'),
    ]

    operations = [
        migrations.CreateModel(
            name='Halaka',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('start_date', models.DateField()),
                ('end_date', models.DateField()),
                ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list, size=None)),
                ('frequency', models.CharField(choices=[('daily', 'Every day'), ('weekly', 'Every week'), ('biweekly', 'Every other week'), ('monthly', 'Every month')], max_length=16)),
                ('start_time', models.TimeField()),
                ('duration_minutes', models.PositiveSmallIntegerField()),
                ('timezone', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('except_dates', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), blank=True, default=list, size=None)),
                ('group', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='halaka', to='groups.group')),
                ('teacher', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='halakat', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'halakat',
                'ordering': ['start_date'],
            },
        ),
        migrations.CreateModel(
            name='HalakaEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('start_date', models.DateField()),
                ('end_date', models.DateField()),
                ('except_dates', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), blank=True, default=list, size=None)),
                ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list, size=None)),
                ('frequency', models.CharField(choices=[('daily', 'Every day'), ('weekly', 'Every week'), ('biweekly', 'Every other week'), ('monthly', 'Every month')], max_length=16)),
                ('start_time', models.TimeField()),
                ('duration_minutes', models.PositiveSmallIntegerField()),
                ('timezone', models.CharField(max_length=64)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('group', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='groups.group')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='halakat.halaka')),
                ('teacher', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(models.OrderBy(models.F('pgh_created_at'), descending=True), models.OrderBy(models.F('pgh_id'), descending=True), name='halaka_history'), models.Index(django.db.models.fields.json.KeyTextTransform('actor', 'pgh_context'), models.OrderBy(models.F('pgh_created_at'), descending=True), condition=models.Q(('pgh_context__isnull', False)), name='halaka_by')],
            },
        ),
        migrations.CreateModel(
            name='HalakaPart',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('halaka', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='halakat.halaka')),
                ('meeting', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='halaka_part', to='meetings.meeting')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='WaitingStudent',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('halaka', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='halakat.halaka')),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['created_at'],
                'constraints': [models.UniqueConstraint(fields=('halaka', 'student'), name='one_place_in_the_waiting_list')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='halaka',
            trigger=pgtrigger.compiler.Trigger(name='made_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "halakat_halakaevent" ("duration_minutes", "end_date", "ended_at", "except_dates", "frequency", "group_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "start_date", "start_time", "teacher_id", "timezone", "weekdays") VALUES (NEW."duration_minutes", NEW."end_date", NEW."ended_at", NEW."except_dates", NEW."frequency", NEW."group_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'made\', NEW."id", NEW."start_date", NEW."start_time", NEW."teacher_id", NEW."timezone", NEW."weekdays"); RETURN NULL;', hash='8ddf5d8487164e46f36644128f06bf1922b51875', operation='INSERT', pgid='pgtrigger_made_insert_29d9a', table='halakat_halaka', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='halaka',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."duration_minutes" IS DISTINCT FROM (NEW."duration_minutes") OR OLD."end_date" IS DISTINCT FROM (NEW."end_date") OR OLD."ended_at" IS DISTINCT FROM (NEW."ended_at") OR OLD."except_dates" IS DISTINCT FROM (NEW."except_dates") OR OLD."frequency" IS DISTINCT FROM (NEW."frequency") OR OLD."group_id" IS DISTINCT FROM (NEW."group_id") OR OLD."start_date" IS DISTINCT FROM (NEW."start_date") OR OLD."start_time" IS DISTINCT FROM (NEW."start_time") OR OLD."teacher_id" IS DISTINCT FROM (NEW."teacher_id") OR OLD."timezone" IS DISTINCT FROM (NEW."timezone") OR OLD."weekdays" IS DISTINCT FROM (NEW."weekdays"))', func='INSERT INTO "halakat_halakaevent" ("duration_minutes", "end_date", "ended_at", "except_dates", "frequency", "group_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "start_date", "start_time", "teacher_id", "timezone", "weekdays") VALUES (OLD."duration_minutes", OLD."end_date", OLD."ended_at", OLD."except_dates", OLD."frequency", OLD."group_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'changed\', OLD."id", OLD."start_date", OLD."start_time", OLD."teacher_id", OLD."timezone", OLD."weekdays"); RETURN NULL;', hash='58277207870a874eb01230deb778bfef63d25912', operation='UPDATE', pgid='pgtrigger_changed_update_66c3a', table='halakat_halaka', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='halaka',
            trigger=pgtrigger.compiler.Trigger(name='removed_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "halakat_halakaevent" ("duration_minutes", "end_date", "ended_at", "except_dates", "frequency", "group_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "start_date", "start_time", "teacher_id", "timezone", "weekdays") VALUES (OLD."duration_minutes", OLD."end_date", OLD."ended_at", OLD."except_dates", OLD."frequency", OLD."group_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'removed\', OLD."id", OLD."start_date", OLD."start_time", OLD."teacher_id", OLD."timezone", OLD."weekdays"); RETURN NULL;', hash='8c1d1ef1d74c671463c6ab2dab58b3b7df578c36', operation='DELETE', pgid='pgtrigger_removed_delete_fb8a0', table='halakat_halaka', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='halakaevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='59693fb3288192817c01797ac43436b1fe86617e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c5d5f', table='halakat_halakaevent', when='BEFORE')),
        ),
        migrations.RunSQL(WAIT_IN_GROUP, migrations.RunSQL.noop),
    ]
