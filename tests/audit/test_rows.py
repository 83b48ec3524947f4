"""Reading entries of all kinds at once: what stands in them, and how many statements that takes."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbell.audit.kinds import KINDS
from classbell.audit.rows import read
from classbell.history import CHANGED, MADE
from tests.audit.entries import a_value_of, make_entry
from tests.factories import make_admin
from tests.factories_meetings import make_meeting
from tests.query_plans import plan_of_one, rows_read

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", KINDS)
def test_entries_of_all_kinds_are_read_as_they_were_written(name):
    events = KINDS[name].events
    columns = [column for column in events._meta.concrete_fields if not column.name.startswith("pgh_")]
    filled: dict[str, Any] = {column.attname: a_value_of(column) for column in columns}
    before = make_entry(name, CHANGED, pgh_context={"actor": "somebody"}, **filled)
    after = make_entry(name, CHANGED, pgh_obj_id=before.pgh_obj_id)

    found = read({name: [before.pgh_id, after.pgh_id]})

    for entry in (before, after):
        for column in events._meta.concrete_fields:
            kept = getattr(events.objects.get(pk=entry.pk), column.attname)
            assert getattr(found[name, entry.pgh_id].event, column.attname) == kept, column.name
    made = found[name, before.pgh_id].after
    assert made is not None
    assert made == {column: getattr(events.objects.get(pk=after.pk), column) for column in made}
    assert found[name, after.pgh_id].after is None, "there is no such thing"


# Session, person; entries, their rows, crowds; people, classes, sessions, hosts.
MOST_STATEMENTS = 12


def test_the_page_takes_as_many_statements_for_a_few_entries_of_all_kinds_as_for_many(client):
    client.force_login(make_admin(), backend="django.contrib.auth.backends.ModelBackend")
    counts = []
    for entries in (1, 20):
        for _ in range(entries):
            for name in KINDS:
                make_entry(name, MADE)
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/audit/")
        counts.append(len(queries))
        told = {line.said.entry.kind for line in page.context["lines"]}
        assert told == {name for name, kind in KINDS.items() if not kind.only_when_asked}

    assert counts[0] == counts[1] <= MOST_STATEMENTS


def test_what_a_change_has_made_is_found_among_the_entries_of_the_thing():
    meeting = make_meeting()
    for _ in range(3):
        make_entry("meeting", CHANGED, pgh_obj_id=meeting.pk)
    for _ in range(300):
        make_entry("meeting", MADE)
    first = KINDS["meeting"].events.objects.filter(pgh_obj=meeting.pk).earliest("pgh_id")

    with CaptureQueriesContext(connection) as queries:
        read({"meeting": [first.pgh_id]})

    assert rows_read(plan_of_one(queries, with_text="to_json"), "meetings_meetingevent") < 10, "of 304"
