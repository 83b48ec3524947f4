"""Fold for searching also what is two letters in another spelling (ß is ss, æ is ae), apostrophes, and digits of Arabic."""

from django.db import migrations

FORWARDS = r"""
CREATE OR REPLACE FUNCTION classbell_folded(typed text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(
        regexp_replace(
            replace(replace(replace(replace(
                lower(normalize(typed, NFKD)), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
            '[''`\u2018\u2019\u02bc\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u200b-\u200f]',
            '', 'g'
        ),
        'ٱىیېةەہھکڪøłđıð٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', 'ايييههههككoldid01234567890123456789'
    )
$$
"""  # noqa: E501 -- one class of characters
BACKWARDS = r"""
CREATE OR REPLACE FUNCTION classbell_folded(typed text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(
        regexp_replace(
            lower(normalize(typed, NFKD)),
            '[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u200b-\u200f]', '', 'g'
        ),
        'ٱىیېةەہھکڪøłđıæ', 'ايييههههككoldia'
    )
$$
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_keep_contact_addresses")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
