"""
One spelling for searching: a function of the database, so that what is kept and what is typed are folded by the same.

Compatibility forms and marks above and below letters go (é is e, أ is ا, tashkeel is nothing), the tatweel too; letters that
are typed one for the other become one: ى and Persian ی are ي, ة is ه, Persian ک is ك, ø is o.
"""

from django.db import migrations

FORWARDS = r"""
CREATE FUNCTION classbell_folded(typed text) RETURNS text
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
BACKWARDS = "DROP FUNCTION classbell_folded(text)"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_end_sign_ins")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
