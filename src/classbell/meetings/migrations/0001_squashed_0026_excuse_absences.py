"""The tables of 0001 to 0026 as they are in the end, for databases that have none of them yet."""

import classbell.ids
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.fields.json
import django.db.models.functions.datetime
import django.db.models.functions.text
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


CLAIMS = """
CREATE TYPE uuidrange AS RANGE (subtype = uuid);
ALTER TABLE meetings_claim ADD CONSTRAINT claims_do_not_overlap
    EXCLUDE USING gist (uuidrange(resource_id, resource_id, '[]') WITH &&, during WITH &&) WHERE (NOT shared);
"""
EXPECTED = """
CREATE VIEW meetings_expected AS
SELECT registrant.meeting_id, registrant.user_id
FROM meetings_registrant registrant
WHERE registrant.is_invited AND registrant.status <> 'cancelled'
UNION
SELECT meeting.id, membership.user_id
FROM meetings_meeting meeting JOIN groups_membership membership ON membership.group_id = meeting.group_id
WHERE meeting.audience = 'class'
"""


class Migration(migrations.Migration):

    replaces = [
        ('meetings', '0001_initial'),
        ('meetings', '0002_refuse_overlapping_claims'),
        ('meetings', '0003_hold_time_without_a_sitting'),
        ('meetings', '0004_note_join_clicks'),
        ('meetings', '0005_note_why_nobody_is_registered'),
        ('meetings', '0006_record_attendance'),
        ('meetings', '0007_keep_webhooks_and_stays'),
        ('meetings', '0008_let_substitutes_teach'),
        ('meetings', '0009_keep_attendance_rules_by_date'),
        ('meetings', '0010_keep_history'),
        ('meetings', '0011_give_backup_rooms'),
        ('meetings', '0012_find_meetings_for_many'),
        ('meetings', '0013_count_attendance'),
        ('meetings', '0014_fill_attendance_counts'),
        ('meetings', '0015_find_attendance_by_time'),
        ('meetings', '0016_read_how_far_behind'),
        ('meetings', '0017_keep_runs_that_are_no_session'),
        ('meetings', '0018_remember_how_zoom_is'),
        ('meetings', '0019_count_refusals'),
        ('meetings', '0020_say_who_is_nobody_of_ours'),
        ('meetings', '0021_say_whom_a_meeting_expects'),
        ('meetings', '0022_rename_to_the_words_of_the_field'),
        ('meetings', '0023_keep_facts_of_what_kept_a_registration_back'),
        ('meetings', '0024_name_places_of_hosts'),
        ('meetings', '0025_settle_what_stays_told'),
        ('meetings', '0026_excuse_absences'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('groups', '0004_name_circles'),
    ]

    operations = [
        migrations.CreateModel(
            name='Expected',
            fields=[
                ('pk', models.CompositePrimaryKey('meeting', 'user', blank=True, editable=False, primary_key=True, serialize=False)),
            ],
            options={
                'db_table': 'meetings_expected',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Occurrence',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('original_starts_at', models.DateTimeField()),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('status', models.CharField(choices=[('scheduled', 'Scheduled'), ('live', 'Live'), ('ended', 'Ended'), ('cancelled', 'Cancelled')], default='scheduled', max_length=16)),
                ('cancellation_reason', models.CharField(blank=True, max_length=200)),
                ('is_exception', models.BooleanField(default=False)),
                ('zoom_instance_uuid', models.CharField(blank=True, max_length=64)),
                ('actual_starts_at', models.DateTimeField(blank=True, null=True)),
                ('actual_ends_at', models.DateTimeField(blank=True, null=True)),
                ('is_held_as_said', models.BooleanField(db_default=False, default=False)),
                ('substitute', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='substituted_occurrences', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['starts_at'],
            },
        ),
        migrations.CreateModel(
            name='Circuit',
            fields=[
                ('account_id', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('open_until', models.DateTimeField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ForeignMeeting',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('zoom_meeting_id', models.CharField(max_length=32)),
                ('topic', models.CharField(max_length=300)),
                ('starts_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField(null=True)),
                ('is_recurring', models.BooleanField(default=False)),
                ('seen_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['starts_at'],
            },
        ),
        migrations.CreateModel(
            name='HostSeat',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
            ],
            options={
                'ordering': ['host__email', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Meeting',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=200)),
                ('description', models.TextField(blank=True)),
                ('starts_at', models.DateTimeField()),
                ('duration_minutes', models.PositiveSmallIntegerField()),
                ('timezone', models.CharField(max_length=64)),
                ('rule', models.CharField(blank=True, max_length=200)),
                ('audience', models.CharField(choices=[('class', 'The class'), ('students', 'All students'), ('teachers', 'All teachers'), ('all', 'Everyone'), ('invited', 'Invited people')], default='class', max_length=16)),
                ('registration', models.BooleanField(default=False)),
                ('zoom_settings', models.JSONField(blank=True, default=dict)),
                ('gap_minutes', models.PositiveSmallIntegerField(default=0)),
                ('wanted', models.BooleanField(default=True)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('synced_revision', models.PositiveIntegerField(default=0)),
                ('sync_status', models.CharField(choices=[('pending', 'On its way to Zoom'), ('synced', 'On Zoom'), ('failed', 'Needs attention'), ('removed', 'Removed from Zoom')], default='pending', max_length=16)),
                ('sync_error', models.TextField(blank=True)),
                ('sync_error_code', models.CharField(blank=True, max_length=64)),
                ('sync_failures', models.PositiveSmallIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField(blank=True, null=True)),
                ('synced_at', models.DateTimeField(blank=True, null=True)),
                ('create_started_at', models.DateTimeField(blank=True, null=True)),
                ('zoom_meeting_id', models.CharField(blank=True, max_length=32)),
                ('join_url', models.TextField(blank=True)),
                ('password', models.CharField(blank=True, max_length=32)),
                ('registration_url', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='meetings', to='groups.group')),
                ('seat', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to='meetings.hostseat')),
                ('teacher', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('taken_at', models.DateTimeField(primary_key=True, serialize=False)),
                ('pending', models.PositiveIntegerField()),
                ('failed', models.PositiveIntegerField()),
                ('changes', models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Refusal',
            fields=[
                ('kind', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('count', models.PositiveBigIntegerField()),
                ('latest_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SendSlot',
            fields=[
                ('key', models.CharField(max_length=120, primary_key=True, serialize=False)),
                ('next_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='ZoomAccount',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.CharField(max_length=64, unique=True)),
                ('hosts_read_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ZoomHealth',
            fields=[
                ('account_id', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('fingerprint', models.CharField(max_length=64)),
                ('checked_at', models.DateTimeField(null=True)),
                ('trouble', models.CharField(blank=True, choices=[('', 'None'), ('credentials', 'Zoom refuses the credentials'), ('scopes', 'The Zoom app lacks a permission'), ('unavailable', 'Zoom does not answer')], default='', max_length=16)),
                ('error', models.TextField(blank=True)),
                ('since', models.DateTimeField(null=True)),
                ('told_at', models.DateTimeField(null=True)),
                ('user_id', models.CharField(blank=True, max_length=64)),
                ('email', models.CharField(blank=True, max_length=254)),
                ('missing', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='ZoomToken',
            fields=[
                ('account_id', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('ciphertext', models.BinaryField()),
                ('expires_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='AttendanceCount',
            fields=[
                ('occurrence', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='attendance_count', serialize=False, to='meetings.occurrence')),
                ('present', models.IntegerField()),
                ('late', models.IntegerField()),
                ('partial', models.IntegerField()),
                ('absent', models.IntegerField()),
                ('unknown', models.IntegerField()),
                ('excused', models.IntegerField(db_default=0, default=0)),
            ],
        ),
        migrations.CreateModel(
            name='OccurrenceOutcome',
            fields=[
                ('occurrence', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='outcome', serialize=False, to='meetings.occurrence')),
                ('result', models.CharField(choices=[('held', 'Held'), ('void', 'Did not take place'), ('unknown', 'Not known')], max_length=16)),
                ('reasons', models.JSONField(default=list)),
                ('counted_from', models.DateTimeField(null=True)),
                ('counted_until', models.DateTimeField(null=True)),
                ('teacher_status', models.CharField(choices=[('present', 'Kept the hour'), ('late', 'Late'), ('left_early', 'Left early'), ('no_show', 'Did not come'), ('unknown', 'Not known')], max_length=16)),
                ('teacher_seconds', models.PositiveIntegerField(default=0)),
                ('teacher_late_seconds', models.PositiveIntegerField(default=0)),
                ('teacher_early_seconds', models.PositiveIntegerField(default=0)),
                ('teacher_first_joined_at', models.DateTimeField(null=True)),
                ('teacher_last_left_at', models.DateTimeField(null=True)),
                ('teacher_reasons', models.JSONField(default=list)),
                ('differences', models.JSONField(default=list)),
                ('policy', models.JSONField(default=dict)),
                ('computed_at', models.DateTimeField()),
                ('is_final', models.BooleanField(db_default=False, default=False)),
            ],
        ),
        migrations.CreateModel(
            name='ReportFetch',
            fields=[
                ('occurrence', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='report_fetch', serialize=False, to='meetings.occurrence')),
                ('asked_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(db_index=True, null=True)),
                ('fetched_at', models.DateTimeField(null=True)),
                ('error', models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name='Attendance',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('status', models.GeneratedField(db_persist=True, expression=models.Case(models.When(override_status='', then=models.F('computed_status')), default=models.F('override_status')), output_field=models.CharField(choices=[('present', 'Present'), ('late', 'Late'), ('partial', 'Partly there'), ('absent', 'Absent'), ('excused', 'Excused'), ('unknown', 'Not known')], max_length=16))),
                ('computed_status', models.CharField(choices=[('present', 'Present'), ('late', 'Late'), ('partial', 'Partly there'), ('absent', 'Absent'), ('excused', 'Excused'), ('unknown', 'Not known')], default='unknown', max_length=16)),
                ('seconds', models.PositiveIntegerField(default=0)),
                ('counted_seconds', models.PositiveIntegerField(default=0)),
                ('first_joined_at', models.DateTimeField(null=True)),
                ('last_left_at', models.DateTimeField(null=True)),
                ('source', models.CharField(blank=True, choices=[('webhook', 'Live events'), ('report', "Zoom's report"), ('manual', 'A person')], max_length=16)),
                ('reasons', models.JSONField(default=list)),
                ('override_status', models.CharField(blank=True, choices=[('present', 'Present'), ('late', 'Late'), ('partial', 'Partly there'), ('absent', 'Absent'), ('excused', 'Excused'), ('unknown', 'Not known')], max_length=16)),
                ('override_reason', models.TextField(blank=True)),
                ('overridden_at', models.DateTimeField(null=True)),
                ('objection', models.TextField(blank=True)),
                ('objected_at', models.DateTimeField(null=True)),
                ('objection_answer', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('occurrence_starts_at', models.DateTimeField(editable=False)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('overridden_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attendances', to=settings.AUTH_USER_MODEL)),
                ('occurrence', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attendances', to='meetings.occurrence')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('answered_at', None), ('objected_at__isnull', False)), fields=['objected_at'], name='attendance_open_objections'), models.Index(fields=['occurrence_starts_at'], include=('user', 'status'), name='attendance_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('override_status', ''), models.Q(('override_reason', ''), _negated=True), _connector='OR'), name='overrides_have_a_reason'), models.UniqueConstraint(fields=('occurrence', 'user'), name='one_attendance_per_person_and_occurrence')],
            },
        ),
        migrations.CreateModel(
            name='AttendanceEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('override_status', models.CharField(blank=True, choices=[('present', 'Present'), ('late', 'Late'), ('partial', 'Partly there'), ('absent', 'Absent'), ('excused', 'Excused'), ('unknown', 'Not known')], max_length=16)),
                ('override_reason', models.TextField(blank=True)),
                ('objection', models.TextField(blank=True)),
                ('objection_answer', models.TextField(blank=True)),
                ('occurrence', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='meetings.occurrence')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='meetings.attendance')),
                ('user', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(models.OrderBy(models.F('pgh_created_at'), descending=True), models.OrderBy(models.F('pgh_id'), descending=True), name='attendance_history'), models.Index(django.db.models.fields.json.KeyTextTransform('actor', 'pgh_context'), models.OrderBy(models.F('pgh_created_at'), descending=True), condition=models.Q(('pgh_context__isnull', False)), name='attendance_by')],
            },
        ),
        migrations.CreateModel(
            name='AttendancePolicy',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('late_after_minutes', models.PositiveSmallIntegerField(default=10)),
                ('present_percent', models.PositiveSmallIntegerField(default=75)),
                ('partial_percent', models.PositiveSmallIntegerField(default=25)),
                ('grace_before_minutes', models.PositiveSmallIntegerField(default=5)),
                ('grace_after_minutes', models.PositiveSmallIntegerField(default=5)),
                ('least_minutes', models.PositiveSmallIntegerField(default=5)),
                ('teacher_tolerance_minutes', models.PositiveSmallIntegerField(default=5)),
                ('void_when_host_never_came', models.BooleanField(default=True)),
                ('difference_minutes', models.PositiveSmallIntegerField(default=2)),
                ('in_force_from', models.DateTimeField()),
                ('set_at', models.DateTimeField()),
                ('follows_school', models.BooleanField(default=False)),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='attendance_policies', to='groups.group')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('partial_percent__lte', models.F('present_percent')), ('present_percent__lte', 100)), name='attendance_percentages_in_order'), models.UniqueConstraint(fields=('group', 'in_force_from'), name='one_attendance_policy_at_a_time', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('follows_school', False), ('group__isnull', False), _connector='OR'), name='the_school_follows_nobody')],
            },
        ),
        migrations.CreateModel(
            name='AttendancePolicyEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('in_force_from', models.DateTimeField()),
                ('follows_school', models.BooleanField(default=False)),
                ('late_after_minutes', models.PositiveSmallIntegerField(default=10)),
                ('present_percent', models.PositiveSmallIntegerField(default=75)),
                ('partial_percent', models.PositiveSmallIntegerField(default=25)),
                ('grace_before_minutes', models.PositiveSmallIntegerField(default=5)),
                ('grace_after_minutes', models.PositiveSmallIntegerField(default=5)),
                ('least_minutes', models.PositiveSmallIntegerField(default=5)),
                ('teacher_tolerance_minutes', models.PositiveSmallIntegerField(default=5)),
                ('void_when_host_never_came', models.BooleanField(default=True)),
                ('difference_minutes', models.PositiveSmallIntegerField(default=2)),
                ('group', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='groups.group')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='meetings.attendancepolicy')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(models.OrderBy(models.F('pgh_created_at'), descending=True), models.OrderBy(models.F('pgh_id'), descending=True), name='attendancepolicy_history'), models.Index(django.db.models.fields.json.KeyTextTransform('actor', 'pgh_context'), models.OrderBy(models.F('pgh_created_at'), descending=True), condition=models.Q(('pgh_context__isnull', False)), name='attendancepolicy_by')],
            },
        ),
        migrations.CreateModel(
            name='DailyBudget',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=120)),
                ('day', models.DateField()),
                ('used', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('key', 'day'), name='one_budget_per_day')],
            },
        ),
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('teacher', 'Teacher'), ('student', 'Student'), ('seat', 'Place at a Zoom host')], max_length=16)),
                ('resource_id', models.UUIDField()),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('shared', models.BooleanField(default=False)),
                ('held_by', models.UUIDField(null=True)),
                ('occurrence', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='claims', to='meetings.occurrence')),
                ('foreign_meeting', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='claims', to='meetings.foreignmeeting')),
            ],
            options={
                'indexes': [models.Index(models.F('resource_id'), django.db.models.functions.text.Lower('during'), name='claim_resource_and_start'), models.Index(condition=models.Q(('held_by__isnull', False)), fields=['held_by'], name='claim_held_by')],
                'constraints': [models.CheckConstraint(condition=models.Q(('shared', False), ('kind', 'teacher'), _connector='OR'), name='only_teachers_are_shared')],
            },
        ),
        migrations.CreateModel(
            name='KnownAlias',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('chosen_at', models.DateTimeField(auto_now=True)),
                ('alias', models.TextField()),
                ('chosen_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('group', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='groups.group')),
                ('teacher', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('group', 'alias'), name='one_person_per_alias_in_group'), models.UniqueConstraint(fields=('teacher', 'alias'), name='one_person_per_alias_at_teacher'), models.CheckConstraint(condition=models.Q(models.Q(('group', None), ('teacher__isnull', False)), models.Q(('group__isnull', False), ('teacher', None)), _connector='OR'), name='alias_counts_in_group_or_at_teacher')],
            },
        ),
        migrations.AddField(
            model_name='occurrence',
            name='meeting',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='occurrences', to='meetings.meeting'),
        ),
        migrations.CreateModel(
            name='JoinClick',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('action', models.CharField(max_length=8)),
                ('clicked_at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='join_clicks', to='meetings.meeting')),
            ],
            options={
                'ordering': ['clicked_at'],
            },
        ),
        migrations.CreateModel(
            name='ExcusedTime',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('group', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='groups.group')),
                ('occurrence', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='meetings.occurrence')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('meeting', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='meetings.meeting')),
            ],
            options={
                'indexes': [models.Index(fields=['user', 'ends_at'], name='excused_times_of_a_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='excused_time_in_order')],
            },
        ),
        migrations.CreateModel(
            name='MeetingEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('title', models.CharField(max_length=200)),
                ('description', models.TextField(blank=True)),
                ('starts_at', models.DateTimeField()),
                ('duration_minutes', models.PositiveSmallIntegerField()),
                ('timezone', models.CharField(max_length=64)),
                ('rule', models.CharField(blank=True, max_length=200)),
                ('audience', models.CharField(choices=[('class', 'The class'), ('students', 'All students'), ('teachers', 'All teachers'), ('all', 'Everyone'), ('invited', 'Invited people')], default='class', max_length=16)),
                ('registration', models.BooleanField(default=False)),
                ('zoom_settings', models.JSONField(blank=True, default=dict)),
                ('wanted', models.BooleanField(default=True)),
                ('group', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='groups.group')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='meetings.meeting')),
                ('seat', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='meetings.hostseat')),
                ('teacher', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(models.OrderBy(models.F('pgh_created_at'), descending=True), models.OrderBy(models.F('pgh_id'), descending=True), name='meeting_history'), models.Index(django.db.models.fields.json.KeyTextTransform('actor', 'pgh_context'), models.OrderBy(models.F('pgh_created_at'), descending=True), condition=models.Q(('pgh_context__isnull', False)), name='meeting_by')],
            },
        ),
        migrations.CreateModel(
            name='MeetingRun',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('zoom_instance_uuid', models.TextField(unique=True)),
                ('zoom_meeting_id', models.TextField(blank=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('seen_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('heard_until', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('occurrence', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='runs', to='meetings.occurrence')),
            ],
            options={
                'indexes': [models.Index(fields=['zoom_meeting_id'], name='meeting_run_of_meeting'), models.Index(fields=['started_at'], name='meeting_run_started_at')],
            },
        ),
        migrations.CreateModel(
            name='MeetingRunEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('zoom_meeting_id', models.TextField(blank=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('occurrence', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='meetings.occurrence')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='meetings.meetingrun')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(models.OrderBy(models.F('pgh_created_at'), descending=True), models.OrderBy(models.F('pgh_id'), descending=True), name='meetingrun_history'), models.Index(django.db.models.fields.json.KeyTextTransform('actor', 'pgh_context'), models.OrderBy(models.F('pgh_created_at'), descending=True), condition=models.Q(('pgh_context__isnull', False)), name='meetingrun_by')],
            },
        ),
        migrations.CreateModel(
            name='OccurrenceEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('status', models.CharField(choices=[('scheduled', 'Scheduled'), ('live', 'Live'), ('ended', 'Ended'), ('cancelled', 'Cancelled')], default='scheduled', max_length=16)),
                ('cancellation_reason', models.CharField(blank=True, max_length=200)),
                ('meeting', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='meetings.meeting')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='meetings.occurrence')),
                ('substitute', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(models.OrderBy(models.F('pgh_created_at'), descending=True), models.OrderBy(models.F('pgh_id'), descending=True), name='occurrence_history'), models.Index(django.db.models.fields.json.KeyTextTransform('actor', 'pgh_context'), models.OrderBy(models.F('pgh_created_at'), descending=True), condition=models.Q(('pgh_context__isnull', False)), name='occurrence_by')],
            },
        ),
        migrations.CreateModel(
            name='Participation',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('zoom_instance_uuid', models.TextField()),
                ('connection', models.TextField()),
                ('zoom_user_id', models.TextField(blank=True)),
                ('name', models.TextField(blank=True)),
                ('email', models.TextField(blank=True)),
                ('registrant_id', models.TextField(blank=True)),
                ('customer_key', models.TextField(blank=True)),
                ('phone', models.BooleanField(default=False)),
                ('joined_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('leave_reason', models.TextField(blank=True)),
                ('source', models.CharField(choices=[('webhook', 'Live events'), ('report', "Zoom's report")], default='webhook', max_length=16)),
                ('matched_by', models.CharField(blank=True, choices=[('manual', 'A person'), ('registrant', 'Personal link'), ('customer_key', 'Joined from our page'), ('host', 'Started the meeting'), ('email', 'E-mail'), ('remembered', 'Recognised from before'), ('nobody', 'Nobody of ours, said a person')], max_length=16)),
                ('occurrence', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='participations', to='meetings.occurrence')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='participations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['occurrence', 'user'], name='participation_of_person'), models.Index(condition=models.Q(('user', None)), fields=['joined_at'], name='participation_unmatched')],
                'constraints': [models.UniqueConstraint(fields=('zoom_instance_uuid', 'source', 'connection', 'joined_at'), name='one_row_per_stay_and_source'), models.CheckConstraint(condition=models.Q(('left_at', None), ('left_at__gte', models.F('joined_at')), _connector='OR'), name='nobody_leaves_before_they_join')],
            },
        ),
        migrations.CreateModel(
            name='Registrant',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('status', models.CharField(choices=[('invited', 'Invited'), ('pending', 'On its way to Zoom'), ('approved', 'Registered at Zoom'), ('cancelled', 'Cancelled'), ('failed', 'Refused by Zoom')], default='invited', max_length=16)),
                ('zoom_registrant_id', models.CharField(blank=True, max_length=64)),
                ('join_url', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('error', models.TextField(blank=True)),
                ('is_invited', models.BooleanField(default=True)),
                ('error_facts', models.JSONField(blank=True, null=True)),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='registrants', to='meetings.meeting')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='registrations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('meeting', 'user'), name='one_registrant_per_person')],
            },
        ),
        migrations.CreateModel(
            name='WebhookEvent',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('event', models.TextField()),
                ('digest', models.BinaryField(unique=True)),
                ('body', models.JSONField()),
                ('zoom_meeting_id', models.TextField(blank=True)),
                ('zoom_instance_uuid', models.TextField(blank=True)),
                ('connection', models.TextField(blank=True)),
                ('happened_at', models.DateTimeField()),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('processed_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveIntegerField(db_default=0)),
                ('error', models.TextField(blank=True, db_default='')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('processed_at', None)), fields=['happened_at'], name='webhook_event_unprocessed'), models.Index(fields=['zoom_instance_uuid', 'connection'], name='webhook_event_of_connection'), models.Index(fields=['zoom_meeting_id'], name='webhook_event_of_meeting')],
            },
        ),
        migrations.CreateModel(
            name='ZoomHost',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('zoom_user_id', models.CharField(max_length=64)),
                ('email', models.EmailField(max_length=254)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('is_licensed', models.BooleanField(default=True)),
                ('is_active', models.BooleanField(default=True)),
                ('in_pool', models.BooleanField(default=True)),
                ('swept_at', models.DateTimeField(blank=True, null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hosts', to='meetings.zoomaccount')),
            ],
            options={
                'ordering': ['email'],
                'constraints': [models.UniqueConstraint(fields=('account', 'zoom_user_id'), name='one_host_per_zoom_user')],
            },
        ),
        migrations.AddField(
            model_name='meeting',
            name='zoom_host',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='meetings.zoomhost'),
        ),
        migrations.AddField(
            model_name='hostseat',
            name='host',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='meetings.zoomhost'),
        ),
        migrations.AddField(
            model_name='foreignmeeting',
            name='host',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='foreign_meetings', to='meetings.zoomhost'),
        ),
        migrations.CreateModel(
            name='BackupRoom',
            fields=[
                ('occurrence', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='backup_room', serialize=False, to='meetings.occurrence')),
                ('token', models.CharField(max_length=64, unique=True)),
                ('url', models.CharField(max_length=500)),
                ('reason_code', models.CharField(blank=True, max_length=64)),
                ('given_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('used_at', None), ('withdrawn_at', None), _connector='OR'), name='used_backup_rooms_are_not_withdrawn')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attendance',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."objection" IS DISTINCT FROM (NEW."objection") OR OLD."objection_answer" IS DISTINCT FROM (NEW."objection_answer") OR OLD."override_reason" IS DISTINCT FROM (NEW."override_reason") OR OLD."override_status" IS DISTINCT FROM (NEW."override_status"))', func='INSERT INTO "meetings_attendanceevent" ("objection", "objection_answer", "occurrence_id", "override_reason", "override_status", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") VALUES (OLD."objection", OLD."objection_answer", OLD."occurrence_id", OLD."override_reason", OLD."override_status", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'changed\', OLD."id", OLD."user_id"); RETURN NULL;', hash='7c6de41a2bf957bdb2154a5a55b319443609c5e2', operation='UPDATE', pgid='pgtrigger_changed_update_90d39', table='meetings_attendance', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attendance',
            trigger=pgtrigger.compiler.Trigger(name='know_the_start', sql=pgtrigger.compiler.UpsertTriggerSql(func='SELECT starts_at INTO NEW.occurrence_starts_at FROM meetings_occurrence WHERE id = NEW.occurrence_id; RETURN NEW;', hash='91ed123306c6a5e7a46f11d67191a9343c8b6dff', operation='INSERT OR UPDATE OF "occurrence_id"', pgid='pgtrigger_know_the_start_2bd4a', table='meetings_attendance', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attendance',
            trigger=pgtrigger.compiler.Trigger(name='count_come', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO meetings_attendancecount AS kept (occurrence_id, present, late, partial, absent, excused, unknown) \nSELECT * FROM (SELECT occurrence_id, COALESCE(sum(sign) FILTER (WHERE status = 'present'), 0) AS present, COALESCE(sum(sign) FILTER (WHERE status = 'late'), 0) AS late, COALESCE(sum(sign) FILTER (WHERE status = 'partial'), 0) AS partial, COALESCE(sum(sign) FILTER (WHERE status = 'absent'), 0) AS absent, COALESCE(sum(sign) FILTER (WHERE status = 'excused'), 0) AS excused, COALESCE(sum(sign) FILTER (WHERE status = 'unknown'), 0) AS unknown FROM (SELECT occurrence_id, status, 1 AS sign FROM come) AS changed GROUP BY occurrence_id) AS change\nWHERE (present, late, partial, absent, excused, unknown) <> (0, 0, 0, 0, 0, 0) ORDER BY occurrence_id\n\nON CONFLICT (occurrence_id) DO UPDATE SET present = kept.present + excluded.present, late = kept.late + excluded.late, partial = kept.partial + excluded.partial, absent = kept.absent + excluded.absent, excused = kept.excused + excluded.excused, unknown = kept.unknown + excluded.unknown;\nRETURN NULL;\n", hash='395a6ede9f0f8a54eef66041220c2581439f6018', level='STATEMENT', operation='INSERT', pgid='pgtrigger_count_come_c1a3e', referencing='REFERENCING NEW TABLE AS come ', table='meetings_attendance', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attendance',
            trigger=pgtrigger.compiler.Trigger(name='count_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO meetings_attendancecount AS kept (occurrence_id, present, late, partial, absent, excused, unknown) \nSELECT * FROM (SELECT occurrence_id, COALESCE(sum(sign) FILTER (WHERE status = 'present'), 0) AS present, COALESCE(sum(sign) FILTER (WHERE status = 'late'), 0) AS late, COALESCE(sum(sign) FILTER (WHERE status = 'partial'), 0) AS partial, COALESCE(sum(sign) FILTER (WHERE status = 'absent'), 0) AS absent, COALESCE(sum(sign) FILTER (WHERE status = 'excused'), 0) AS excused, COALESCE(sum(sign) FILTER (WHERE status = 'unknown'), 0) AS unknown FROM (SELECT occurrence_id, status, -1 AS sign FROM gone UNION ALL SELECT occurrence_id, status, 1 AS sign FROM come) AS changed GROUP BY occurrence_id) AS change\nWHERE (present, late, partial, absent, excused, unknown) <> (0, 0, 0, 0, 0, 0) ORDER BY occurrence_id\n\nON CONFLICT (occurrence_id) DO UPDATE SET present = kept.present + excluded.present, late = kept.late + excluded.late, partial = kept.partial + excluded.partial, absent = kept.absent + excluded.absent, excused = kept.excused + excluded.excused, unknown = kept.unknown + excluded.unknown;\nRETURN NULL;\n", hash='a41098170d722ba78cd2dd7ada8f6acfa662f7f9', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_count_changed_081e6', referencing='REFERENCING OLD TABLE AS gone  NEW TABLE AS come ', table='meetings_attendance', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attendance',
            trigger=pgtrigger.compiler.Trigger(name='count_gone', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nUPDATE meetings_attendancecount AS kept SET present = kept.present + change.present, late = kept.late + change.late, partial = kept.partial + change.partial, absent = kept.absent + change.absent, excused = kept.excused + change.excused, unknown = kept.unknown + change.unknown\nFROM (\nSELECT * FROM (SELECT occurrence_id, COALESCE(sum(sign) FILTER (WHERE status = 'present'), 0) AS present, COALESCE(sum(sign) FILTER (WHERE status = 'late'), 0) AS late, COALESCE(sum(sign) FILTER (WHERE status = 'partial'), 0) AS partial, COALESCE(sum(sign) FILTER (WHERE status = 'absent'), 0) AS absent, COALESCE(sum(sign) FILTER (WHERE status = 'excused'), 0) AS excused, COALESCE(sum(sign) FILTER (WHERE status = 'unknown'), 0) AS unknown FROM (SELECT occurrence_id, status, -1 AS sign FROM gone) AS changed GROUP BY occurrence_id) AS change\nWHERE (present, late, partial, absent, excused, unknown) <> (0, 0, 0, 0, 0, 0) ORDER BY occurrence_id\n) AS change WHERE kept.occurrence_id = change.occurrence_id;\nRETURN NULL;\n", hash='008bbbf1db6c100d5cc780a8ee775e5ca4b5dd5a', level='STATEMENT', operation='DELETE', pgid='pgtrigger_count_gone_f5881', referencing='REFERENCING OLD TABLE AS gone ', table='meetings_attendance', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attendanceevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c4d0488822c783a9f4da7dadce2288f10bbaf0f8', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_ae376', table='meetings_attendanceevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attendancepolicy',
            trigger=pgtrigger.compiler.Trigger(name='made_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "meetings_attendancepolicyevent" ("difference_minutes", "follows_school", "grace_after_minutes", "grace_before_minutes", "group_id", "in_force_from", "late_after_minutes", "least_minutes", "partial_percent", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "present_percent", "teacher_tolerance_minutes", "void_when_host_never_came") VALUES (NEW."difference_minutes", NEW."follows_school", NEW."grace_after_minutes", NEW."grace_before_minutes", NEW."group_id", NEW."in_force_from", NEW."late_after_minutes", NEW."least_minutes", NEW."partial_percent", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'made\', NEW."id", NEW."present_percent", NEW."teacher_tolerance_minutes", NEW."void_when_host_never_came"); RETURN NULL;', hash='2a84a703765d2c34746a701df63b9b29a45215e4', operation='INSERT', pgid='pgtrigger_made_insert_6d40b', table='meetings_attendancepolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attendancepolicy',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."difference_minutes" IS DISTINCT FROM (NEW."difference_minutes") OR OLD."follows_school" IS DISTINCT FROM (NEW."follows_school") OR OLD."grace_after_minutes" IS DISTINCT FROM (NEW."grace_after_minutes") OR OLD."grace_before_minutes" IS DISTINCT FROM (NEW."grace_before_minutes") OR OLD."group_id" IS DISTINCT FROM (NEW."group_id") OR OLD."in_force_from" IS DISTINCT FROM (NEW."in_force_from") OR OLD."late_after_minutes" IS DISTINCT FROM (NEW."late_after_minutes") OR OLD."least_minutes" IS DISTINCT FROM (NEW."least_minutes") OR OLD."partial_percent" IS DISTINCT FROM (NEW."partial_percent") OR OLD."present_percent" IS DISTINCT FROM (NEW."present_percent") OR OLD."teacher_tolerance_minutes" IS DISTINCT FROM (NEW."teacher_tolerance_minutes") OR OLD."void_when_host_never_came" IS DISTINCT FROM (NEW."void_when_host_never_came"))', func='INSERT INTO "meetings_attendancepolicyevent" ("difference_minutes", "follows_school", "grace_after_minutes", "grace_before_minutes", "group_id", "in_force_from", "late_after_minutes", "least_minutes", "partial_percent", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "present_percent", "teacher_tolerance_minutes", "void_when_host_never_came") VALUES (OLD."difference_minutes", OLD."follows_school", OLD."grace_after_minutes", OLD."grace_before_minutes", OLD."group_id", OLD."in_force_from", OLD."late_after_minutes", OLD."least_minutes", OLD."partial_percent", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'changed\', OLD."id", OLD."present_percent", OLD."teacher_tolerance_minutes", OLD."void_when_host_never_came"); RETURN NULL;', hash='e61d64b7b32f35a9da358157358e0a1458697cb7', operation='UPDATE', pgid='pgtrigger_changed_update_e62c6', table='meetings_attendancepolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attendancepolicy',
            trigger=pgtrigger.compiler.Trigger(name='removed_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "meetings_attendancepolicyevent" ("difference_minutes", "follows_school", "grace_after_minutes", "grace_before_minutes", "group_id", "in_force_from", "late_after_minutes", "least_minutes", "partial_percent", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "present_percent", "teacher_tolerance_minutes", "void_when_host_never_came") VALUES (OLD."difference_minutes", OLD."follows_school", OLD."grace_after_minutes", OLD."grace_before_minutes", OLD."group_id", OLD."in_force_from", OLD."late_after_minutes", OLD."least_minutes", OLD."partial_percent", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'removed\', OLD."id", OLD."present_percent", OLD."teacher_tolerance_minutes", OLD."void_when_host_never_came"); RETURN NULL;', hash='b9aef687f0f3b554caf76b63417baa3b49facb82', operation='DELETE', pgid='pgtrigger_removed_delete_cd759', table='meetings_attendancepolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attendancepolicyevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='58b0dccab566760999ae4cdef7b82e75c97fe91f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_778cf', table='meetings_attendancepolicyevent', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='occurrence',
            index=models.Index(fields=['starts_at'], name='occurrence_starts_at'),
        ),
        migrations.AddConstraint(
            model_name='occurrence',
            constraint=models.UniqueConstraint(fields=('meeting', 'original_starts_at'), name='one_occurrence_per_slot_of_the_rule'),
        ),
        migrations.AddConstraint(
            model_name='occurrence',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='occurrence_ends_later'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='occurrence',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD."is_exception" OR NEW."is_exception") AND (OLD."starts_at" IS DISTINCT FROM (NEW."starts_at") OR OLD."ends_at" IS DISTINCT FROM (NEW."ends_at") OR OLD."substitute_id" IS DISTINCT FROM (NEW."substitute_id") OR (NEW."status" = \'cancelled\' AND NOT (OLD."status" = \'cancelled\')) OR (OLD."status" = \'cancelled\' AND NOT (NEW."status" = \'cancelled\'))))', func='INSERT INTO "meetings_occurrenceevent" ("cancellation_reason", "ends_at", "meeting_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_at", "status", "substitute_id") VALUES (OLD."cancellation_reason", OLD."ends_at", OLD."meeting_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'changed\', OLD."id", OLD."starts_at", OLD."status", OLD."substitute_id"); RETURN NULL;', hash='4f98f32f8b39d2a86af5608a2dddd39026e711c1', operation='UPDATE', pgid='pgtrigger_changed_update_eda4b', table='meetings_occurrence', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='occurrence',
            trigger=pgtrigger.compiler.Trigger(name='move_attendance', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."starts_at" IS DISTINCT FROM (NEW."starts_at"))', func='UPDATE meetings_attendance SET occurrence_starts_at = NEW.starts_at WHERE occurrence_id = NEW.id; RETURN NULL;', hash='e8ff672fa4e99cd057874975a7d4ec8165a1b2b9', operation='UPDATE', pgid='pgtrigger_move_attendance_89e9c', table='meetings_occurrence', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='meetingevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='161adc4dee7601797a02097cded16f6fce0bad5d', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_2b4ce', table='meetings_meetingevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='meetingrun',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."decided_at" IS DISTINCT FROM (NEW."decided_at") OR OLD."decided_by_id" IS DISTINCT FROM (NEW."decided_by_id"))', func='INSERT INTO "meetings_meetingrunevent" ("decided_at", "ended_at", "occurrence_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at", "zoom_meeting_id") VALUES (OLD."decided_at", OLD."ended_at", OLD."occurrence_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'changed\', OLD."id", OLD."started_at", OLD."zoom_meeting_id"); RETURN NULL;', hash='5900543235823f528d15f170954c1f84f7e7f3da', operation='UPDATE', pgid='pgtrigger_changed_update_07a1c', table='meetings_meetingrun', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='meetingrunevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ab8e081ffc5e3148313ca3c27fe88b30987df254', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b2850', table='meetings_meetingrunevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='occurrenceevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3441a31ae94ecd987079322c456a35be274f8c67', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_93b2f', table='meetings_occurrenceevent', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='meeting',
            index=models.Index(condition=models.Q(('sync_status', 'synced'), _negated=True), fields=['next_attempt_at'], name='meeting_unsynced'),
        ),
        migrations.AddIndex(
            model_name='meeting',
            index=models.Index(condition=models.Q(('audience', 'class'), _negated=True), fields=['audience'], name='meeting_for_many'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.UniqueConstraint(condition=models.Q(('zoom_meeting_id', ''), _negated=True), fields=('zoom_meeting_id',), name='one_meeting_per_zoom_meeting'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('duration_minutes__gte', 1), ('duration_minutes__lte', 1440)), name='meeting_lasts_a_minute_to_a_day'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='meeting',
            trigger=pgtrigger.compiler.Trigger(name='made_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "meetings_meetingevent" ("audience", "description", "duration_minutes", "group_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration", "rule", "seat_id", "starts_at", "teacher_id", "timezone", "title", "wanted", "zoom_settings") VALUES (NEW."audience", NEW."description", NEW."duration_minutes", NEW."group_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'made\', NEW."id", NEW."registration", NEW."rule", NEW."seat_id", NEW."starts_at", NEW."teacher_id", NEW."timezone", NEW."title", NEW."wanted", NEW."zoom_settings"); RETURN NULL;', hash='7ccaac5b84634ba74d09efe6c1eac96a95e9e725', operation='INSERT', pgid='pgtrigger_made_insert_58deb', table='meetings_meeting', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='meeting',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."audience" IS DISTINCT FROM (NEW."audience") OR OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."duration_minutes" IS DISTINCT FROM (NEW."duration_minutes") OR OLD."group_id" IS DISTINCT FROM (NEW."group_id") OR OLD."registration" IS DISTINCT FROM (NEW."registration") OR OLD."rule" IS DISTINCT FROM (NEW."rule") OR OLD."seat_id" IS DISTINCT FROM (NEW."seat_id") OR OLD."starts_at" IS DISTINCT FROM (NEW."starts_at") OR OLD."teacher_id" IS DISTINCT FROM (NEW."teacher_id") OR OLD."timezone" IS DISTINCT FROM (NEW."timezone") OR OLD."title" IS DISTINCT FROM (NEW."title") OR OLD."wanted" IS DISTINCT FROM (NEW."wanted") OR OLD."zoom_settings" IS DISTINCT FROM (NEW."zoom_settings"))', func='INSERT INTO "meetings_meetingevent" ("audience", "description", "duration_minutes", "group_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration", "rule", "seat_id", "starts_at", "teacher_id", "timezone", "title", "wanted", "zoom_settings") VALUES (OLD."audience", OLD."description", OLD."duration_minutes", OLD."group_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'changed\', OLD."id", OLD."registration", OLD."rule", OLD."seat_id", OLD."starts_at", OLD."teacher_id", OLD."timezone", OLD."title", OLD."wanted", OLD."zoom_settings"); RETURN NULL;', hash='bf5aa3ece623448968184c0fc2d117daa309b195', operation='UPDATE', pgid='pgtrigger_changed_update_40453', table='meetings_meeting', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='meeting',
            trigger=pgtrigger.compiler.Trigger(name='removed_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "meetings_meetingevent" ("audience", "description", "duration_minutes", "group_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration", "rule", "seat_id", "starts_at", "teacher_id", "timezone", "title", "wanted", "zoom_settings") VALUES (OLD."audience", OLD."description", OLD."duration_minutes", OLD."group_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'removed\', OLD."id", OLD."registration", OLD."rule", OLD."seat_id", OLD."starts_at", OLD."teacher_id", OLD."timezone", OLD."title", OLD."wanted", OLD."zoom_settings"); RETURN NULL;', hash='9c8eeca239dd1a599ff165120e0f619ed0d128b7', operation='DELETE', pgid='pgtrigger_removed_delete_582e2', table='meetings_meeting', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='hostseat',
            constraint=models.UniqueConstraint(fields=('host', 'number'), name='one_seat_per_number'),
        ),
        migrations.AddConstraint(
            model_name='foreignmeeting',
            constraint=models.UniqueConstraint(fields=('host', 'zoom_meeting_id'), name='foreign_meeting_seen_once'),
        ),
        migrations.RunSQL(CLAIMS, migrations.RunSQL.noop),
        migrations.RunSQL(EXPECTED, migrations.RunSQL.noop),
    ]
