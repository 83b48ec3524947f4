"""The list of calls that are served and that are not."""

import re
from pathlib import Path

import pytest

from zoomsim.api.endpoints import ENDPOINTS
from zoomsim.api.router import Router
from zoomsim.api.served import NOT_SERVED, table

DOCUMENT = Path(__file__).parents[2] / "docs" / "zoomsim-calls.md"


def test_list_in_the_documents_is_that_of_the_code():
    assert DOCUMENT.read_text(encoding="utf-8") == table(), "zoomsim calls > docs/zoomsim-calls.md"


@pytest.mark.parametrize("call", [call for _what, calls in NOT_SERVED for call in calls])
def test_what_is_said_to_be_missing_is_missing(call):
    method, path = re.sub(r"\{\w+\}", "1", call).split()

    assert Router(ENDPOINTS).find(method, path) is None
