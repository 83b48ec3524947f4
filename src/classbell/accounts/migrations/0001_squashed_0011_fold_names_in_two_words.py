"""The tables of 0001 to 0011 as they are in the end, for databases that have none of them yet."""

import classbell.ids
import classbell.zones
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


FOLDED = r"""
CREATE FUNCTION classbell_folded(typed text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(translate(
        regexp_replace(
            replace(replace(replace(replace(
                lower(normalize(typed, NFKD)), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
            '[''`\u2018\u2019\u02bc\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u200b-\u200f]',
            '', 'g'
        ),
        'ٱىیېةەہھکڪøłđıð٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', 'ايييههههككoldid01234567890123456789'
    ), '(?<!\\S)(عبد|ابو|ابا|ابي)\\s+', '\\1', 'g')
$$
"""


class Migration(migrations.Migration):

    replaces = [
        ('accounts', '0001_initial'),
        ('accounts', '0002_keep_first_answers'),
        ('accounts', '0003_refuse_unknown_timezones'),
        ('accounts', '0004_invite_people_and_ask_before_mail'),
        ('accounts', '0005_list_people_by_name'),
        ('accounts', '0006_choose_reminders'),
        ('accounts', '0007_end_sign_ins'),
        ('accounts', '0008_fold_what_is_searched'),
        ('accounts', '0009_keep_contact_addresses'),
        ('accounts', '0010_fold_ligatures_and_digits'),
        ('accounts', '0011_fold_names_in_two_words'),
    ]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                ('first_name', models.CharField(blank=True, max_length=64, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=64, verbose_name='last name')),
                ('role', models.CharField(choices=[('student', 'Student'), ('teacher', 'Teacher'), ('admin', 'Admin')], default='student', max_length=16)),
                ('timezone', models.CharField(default='UTC', max_length=64, validators=[classbell.zones.validate_timezone])),
                ('locale', models.CharField(default='en', max_length=8)),
                ('avatar', models.URLField(blank=True)),
                ('zoom_user', models.CharField(blank=True, max_length=128)),
                ('is_active', models.BooleanField(default=True)),
                ('is_staff', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('wants_mail', models.BooleanField(db_default=True, default=True)),
                ('reminder_minutes', models.PositiveSmallIntegerField(choices=[(0, 'Not at all'), (15, '15 minutes before'), (60, '1 hour before'), (1440, '1 day before')], db_default=0, default=0)),
                ('sign_ins_ended', models.PositiveIntegerField(db_default=0, default=0, editable=False)),
                ('contact_email', models.EmailField(blank=True, db_default='', default='', max_length=254, verbose_name='contact e-mail')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'ordering': ['last_name', 'first_name', 'email'],
                'indexes': [models.Index(fields=['last_name', 'first_name', 'email'], name='user_by_name')],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_is_unique_in_any_case')],
            },
        ),
        migrations.CreateModel(
            name='IdempotencyKey',
            fields=[
                ('id', models.UUIDField(default=classbell.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=255)),
                ('fingerprint', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('answer', models.BinaryField(default=bytes)),
                ('created_at', models.DateTimeField(db_index=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='idempotency_key_is_used_once_per_person')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='invitation', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('sent_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-sent_at', 'pk'],
            },
        ),
        migrations.RunSQL(FOLDED, migrations.RunSQL.noop),
    ]
