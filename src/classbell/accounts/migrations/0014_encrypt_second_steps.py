"""Encrypt the secrets of second steps and recovery codes, which were kept as they are."""

from django.db import migrations

from classbell.accounts.passkeys import data_anew


def encrypt_them(apps, schema_editor):  # noqa: ARG001 -- what Django hands in
    Authenticator = apps.get_model("mfa", "Authenticator")
    for key in list(Authenticator.objects.exclude(type="webauthn").order_by("pk").values_list("pk", flat=True)):
        row = Authenticator.objects.select_for_update().filter(pk=key).first()
        if row is not None:
            row.data = data_anew(row.data, lambda kept: kept)
            row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_give_keys_to_programs"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [migrations.RunPython(encrypt_them, migrations.RunPython.noop)]
