"""The tables of 0001 to 0005 as they are in the end, for databases that have none of them yet."""

import classbell.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('courses', '0001_initial'),
        ('courses', '0002_initial'),
        ('courses', '0003_hold_courses_and_sessions'),
        ('courses', '0004_hold_term_drafts'),
        ('courses', '0005_join_times_of_a_section_and_remember_terms'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('groups', '0003_keep_history'),
        ('meetings', '0016_read_how_far_behind'),
    ]

    operations = [
        migrations.CreateModel(
            name='Course',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('start_date', models.DateField(blank=True, null=True)),
                ('end_date', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('group', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='course', to='groups.group')),
                ('teacher', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='courses', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['created_at'],
                'indexes': [models.Index(fields=['created_at', 'id'], name='course_created_at')],
                'constraints': [models.CheckConstraint(condition=models.Q(('end_date__gte', models.F('start_date'))), name='course_ends_after_it_starts')],
            },
        ),
        migrations.CreateModel(
            name='Section',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=100)),
                ('imported_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('part', models.PositiveSmallIntegerField(default=1)),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sections', to='groups.group')),
                ('meeting', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='section', to='meetings.meeting')),
            ],
            options={
                'ordering': ['code', 'part'],
                'constraints': [models.UniqueConstraint(fields=('code', 'part'), name='one_section_per_code_and_part')],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='courses.course')),
                ('meeting', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='session', to='meetings.meeting')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('course', 'number'), name='one_session_per_number')],
            },
        ),
        migrations.CreateModel(
            name='TermDraft',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('made_at', models.DateTimeField()),
                ('timetable', models.TextField()),
                ('enrolments', models.TextField()),
                ('holidays', models.JSONField(default=list)),
                ('starts_on', models.DateField()),
                ('weeks', models.PositiveSmallIntegerField()),
                ('timezone', models.CharField(max_length=64)),
                ('gap_minutes', models.PositiveSmallIntegerField()),
                ('prune', models.BooleanField()),
                ('foreseen', models.JSONField()),
                ('people', models.TextField(blank=True, db_default='', default='')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='TermImport',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('made_at', models.DateTimeField()),
                ('holidays', models.JSONField(default=list)),
                ('starts_on', models.DateField()),
                ('weeks', models.PositiveSmallIntegerField()),
                ('timezone', models.CharField(max_length=64)),
                ('gap_minutes', models.PositiveSmallIntegerField()),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-made_at', '-pk'],
            },
        ),
    ]
