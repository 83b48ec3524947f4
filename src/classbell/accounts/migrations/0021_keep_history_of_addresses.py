"""Keep in the history of people which e-mail they had, too."""

import pgtrigger
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models



def write_what_they_have(apps, schema_editor):  # noqa: ARG001 -- what Django hands in
    """Until now nobody's address was kept: as far as the entries know it was always the one of today."""
    UserEvent, User = apps.get_model("accounts", "UserEvent"), apps.get_model("accounts", "User")
    today = User.objects.filter(pk=models.OuterRef("pgh_obj")).values("email")
    with pgtrigger.ignore():
        UserEvent.objects.update(email=models.Subquery(today))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0020_show_hijri_dates'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='user',
            name='changed_update',
        ),
        migrations.AddField(
            model_name='userevent',
            name='email',
            field=models.EmailField(default='', max_length=254, verbose_name='e-mail'),
            preserve_default=False,
        ),
        migrations.RunPython(write_what_they_have, migrations.RunPython.noop),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."learns" IS DISTINCT FROM (NEW."learns") OR OLD."role" IS DISTINCT FROM (NEW."role"))', func='INSERT INTO "accounts_userevent" ("email", "is_active", "learns", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role") VALUES (OLD."email", OLD."is_active", OLD."learns", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'changed\', OLD."id", OLD."role"); RETURN NULL;', hash='dc1bc047d1f002635b9fe57a6f77cb87611a7228', operation='UPDATE', pgid='pgtrigger_changed_update_1bd15', table='accounts_user', when='AFTER')),
        ),
    ]
