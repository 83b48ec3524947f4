"""
Fold for searching also hamzas without a seat, letters of Persian and Urdu that Arabic keyboards lack, names that end in الدين or
الله, which many write as one word, and letters that some write twice: داوود is داود.
"""

from django.db import migrations

FORWARDS = r"""
CREATE OR REPLACE FUNCTION classbell_folded(typed text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT replace(replace(regexp_replace(translate(
        regexp_replace(
            replace(replace(replace(replace(
                lower(normalize(typed, NFKD)), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
            '[''`\u2018\u2019\u02b9-\u02bf\u0300-\u036f\u0610-\u061a\u0621\u0640\u064b-\u065f\u0670\u0674\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u200b-\u200f]',
            '', 'g'
        ),
        'ٱٲٳىیېےةەہھۃکڪگپچڤøłđıðς٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', 'اااييييهههههكككبجفoldidσ01234567890123456789'
    ), '(?<!\S)(عبد|ابو|ابا|ابي|ام)\s+|\s+(الدين|الله)(?!\S)', '\1\2', 'g'), 'وو', 'و'), 'يي', 'ي')
$$
"""  # noqa: E501 -- one class of characters
BACKWARDS = r"""
CREATE OR REPLACE FUNCTION classbell_folded(typed text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(translate(
        regexp_replace(
            replace(replace(replace(replace(
                lower(normalize(typed, NFKD)), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
            '[''`\u2018\u2019\u02bc\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u200b-\u200f]',
            '', 'g'
        ),
        'ٱىیېةەہھکڪøłđıð٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', 'ايييههههككoldid01234567890123456789'
    ), '(?<!\S)(عبد|ابو|ابا|ابي)\s+', '\1', 'g')
$$
"""  # noqa: E501 -- one class of characters


class Migration(migrations.Migration):
    dependencies = [("accounts", "0017_say_who_is_refused")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
