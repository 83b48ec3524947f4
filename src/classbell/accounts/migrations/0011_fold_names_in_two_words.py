"""Fold for searching also the space in Arabic names such as عبد الله, which many write as one word."""

from django.db import migrations

FOLDED = r"""
CREATE OR REPLACE FUNCTION classbell_folded(typed text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT {begin}translate(
        regexp_replace(
            replace(replace(replace(replace(
                lower(normalize(typed, NFKD)), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
            '[''`\u2018\u2019\u02bc\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u200b-\u200f]',
            '', 'g'
        ),
        'ٱىیېةەہھکڪøłđıð٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', 'ايييههههككoldid01234567890123456789'
    ){end}
$$
"""  # noqa: E501 -- one class of characters


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_fold_ligatures_and_digits")]

    operations = [
        migrations.RunSQL(
            FOLDED.replace("{begin}", "regexp_replace(").replace(
                "{end}", r", '(?<!\S)(عبد|ابو|ابا|ابي)\s+', '\1', 'g')"
            ),
            FOLDED.replace("{begin}", "").replace("{end}", ""),
        )
    ]
