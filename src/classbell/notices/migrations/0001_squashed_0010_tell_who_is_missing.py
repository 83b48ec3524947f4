"""The tables of 0001 to 0010 as they are in the end, for databases that have none of them yet."""

import classbell.ids
import django.db.models.deletion
import django.db.models.functions.comparison
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('notices', '0001_initial'),
        ('notices', '0002_calendar_feed'),
        ('notices', '0003_note_nudges'),
        ('notices', '0004_remind_before_sittings'),
        ('notices', '0005_words_are_made_when_read'),
        ('notices', '0006_keep_when_a_feed_changed'),
        ('notices', '0007_keep_a_ledger_of_what_goes_out'),
        ('notices', '0008_choose_how_to_be_told'),
        ('notices', '0009_encrypt_calendar_addresses'),
        ('notices', '0010_tell_who_is_missing'),
    ]

    initial = True

    dependencies = [
        ('accounts', '0003_refuse_unknown_timezones'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('meetings', '0026_excuse_absences'),
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='calendar_feed', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField(null=True)),
                ('digest', models.CharField(blank=True, default='', max_length=64)),
                ('plain_token', models.CharField(db_column='token', max_length=64, null=True, unique=True)),
                ('token_digest', models.CharField(max_length=64, null=True, unique=True)),
                ('sealed', models.BinaryField(db_default=b'', default=b'')),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('text', models.TextField(blank=True)),
                ('path', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField()),
                ('mailed_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('stale_at', models.DateTimeField(blank=True, null=True)),
                ('facts', models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                ('kind', models.CharField(blank=True, db_default='', max_length=40)),
                ('on_page', models.BooleanField(db_default=True, default=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
                'indexes': [models.Index(fields=['user', '-created_at'], name='notice_of_person')],
            },
        ),
        migrations.CreateModel(
            name='Dispatch',
            fields=[
                ('pk', models.CompositePrimaryKey('notice', 'channel', blank=True, editable=False, primary_key=True, serialize=False)),
                ('channel', models.CharField(choices=[('mail', 'Mail'), ('digest', 'Digest')], max_length=16)),
                ('status', models.CharField(choices=[('waiting', 'Waiting'), ('claimed', 'Claimed'), ('sent', 'Sent'), ('refused', 'Refused'), ('failed', 'Failed'), ('dropped', 'Dropped')], max_length=16)),
                ('tries', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('failed_at', models.DateTimeField(null=True)),
                ('error', models.CharField(blank=True, db_default='', default='', max_length=300)),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dispatches', to='notices.notice')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'sent'), _negated=True), fields=['status', 'failed_at'], name='dispatch_not_out')],
            },
        ),
        migrations.CreateModel(
            name='NotificationChoices',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('choices', models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                ('user', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notification_choices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.comparison.Coalesce('user', models.Value(uuid.UUID('00000000-0000-0000-0000-000000000000'))), name='notification_choices_of_one')],
            },
        ),
        migrations.CreateModel(
            name='Nudge',
            fields=[
                ('pk', models.CompositePrimaryKey('occurrence', 'user', blank=True, editable=False, primary_key=True, serialize=False)),
                ('nudged_at', models.DateTimeField()),
                ('occurrence', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='nudges', to='meetings.occurrence')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('pk', models.CompositePrimaryKey('meeting', 'user', 'starts_at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('starts_at', models.DateTimeField()),
                ('reminded_at', models.DateTimeField()),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='meetings.meeting')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='AbsenceAlert',
            fields=[
                ('pk', models.CompositePrimaryKey('occurrence', 'student', 'reader', blank=True, editable=False, primary_key=True, serialize=False)),
                ('alerted_at', models.DateTimeField()),
                ('taken_back_at', models.DateTimeField(null=True)),
                ('occurrence', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absence_alerts', to='meetings.occurrence')),
                ('reader', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('taken_back_at', None)), fields=['alerted_at'], name='absence_alert_not_taken_back')],
            },
        ),
    ]
