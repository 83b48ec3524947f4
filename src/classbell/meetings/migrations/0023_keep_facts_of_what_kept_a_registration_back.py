"""Why somebody is not registered, and what is wrong with a meeting: our own sentences in English, their facts beside them."""

from django.db import migrations, models

# English, as it is kept from now on; English and Arabic, as it was kept before, with the place of the fact.
OF_REGISTRATIONS = [
    (
        "The school lets in only its own e-mail addresses, and they have none.",
        r"^The school lets in only its own e-mail addresses, and they have none\.$",
        r"^لا تقبل المدرسة إلا عناوين بريدها، وليس لهذا الطالب عنوان\.$",
    ),
    (
        "The e-mail address %(email)s is not of the school.",
        r"^The e-mail address (\S+) is not of the school\.$",
        r"^البريد (\S+) ليس من بريد المدرسة\.$",
    ),
    (
        "They have no e-mail address, and Zoom registers nobody without one.",
        r"^They have no e-mail address, and Zoom registers nobody without one\.$",
        r"^ليس لهذا الطالب عنوان بريد إلكتروني، وزووم لا يسجّل أحدًا من دونه\.$",
    ),
    (
        "Others of this meeting have %(email)s too, and Zoom registers each address once.",
        r"^Others of this meeting have (\S+) too, and Zoom registers each address once\.$",
        r"^يستعمل غيره في هذا الاجتماع العنوان (\S+) أيضًا، وزووم يسجّل كل عنوان مرة واحدة\.$",
    ),
]
OF_MEETINGS = [
    (
        "Zoom has no room for all sessions of this meeting: all licences are in use at these times.",
        "No Zoom host is free for all s%ings of this meeting.",
    ),
    (
        "Zoom has no room for all sessions of this meeting: all licences are in use at these times.",
        "No Zoom host is free for all sessions of this meeting.",
    ),
    (
        "Zoom has no room for all sessions of this meeting: all licences are in use at these times.",
        "لا يوجد مضيف Zoom متفرغ لجميع حصص هذا الاجتماع.",
    ),
    (
        "Zoom accepted the new times but still shows others.",
        "قبِل Zoom المواعيد الجديدة لكنه ما زال يعرض غيرها.",
    ),
    (
        "Zoom takes no more changes of this meeting today; the latest is sent after midnight UTC on %(day)s.",
        "Zoom's daily limit of this host; goes out after 00:00 UTC on %",
    ),
    (
        "Zoom takes no more changes of this meeting today; the latest is sent after midnight UTC on %(day)s.",
        "حدّ Zoom اليومي لهذا المضيف؛ يخرج بعد 00:00 بالتوقيت العالمي يوم %",
    ),
]


def keep_in_english(apps, schema_editor):
    """Write sentences of ours as they are kept now; what Zoom said stays."""
    with schema_editor.connection.cursor() as cursor:
        for kept, *was in OF_REGISTRATIONS:
            for pattern in was:
                facts = "jsonb_build_object('email', substring(error from %s))" if "(" in pattern else "'{}'::jsonb"
                known = [pattern] if "(" in pattern else []
                cursor.execute(
                    f"UPDATE meetings_registrant SET error_facts = {facts}, error = %s WHERE error ~ %s",
                    [*known, kept, pattern],
                )
        for kept, was in OF_MEETINGS:
            cursor.execute("UPDATE meetings_meeting SET sync_error = %s WHERE sync_error LIKE %s", [kept, was])


class Migration(migrations.Migration):

    dependencies = [("meetings", "0022_rename_to_the_words_of_the_field")]

    operations = [
        migrations.AddField(
            model_name="registrant",
            name="error_facts",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.RunPython(keep_in_english, migrations.RunPython.noop, elidable=True),
    ]
