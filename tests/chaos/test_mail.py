"""
The worker is killed while mails go out: every mail arrives, and what was in hand at the kill comes again under its own
Message-ID at most. A thousand and twenty kills: `./run bench notices`.
"""

import os
from pathlib import Path

import pytest

from tests.notices.many import CONCURRENCY, deliver

NOTICES = int(os.environ.get("CHAOS_NOTICES", "60"))
KILLS = int(os.environ.get("CHAOS_KILLS", "3"))


@pytest.mark.chaos
def test_every_mail_arrives_though_the_worker_is_killed(tmp_path: Path) -> None:
    delivered = deliver(tmp_path, notices=NOTICES, kills=KILLS)

    repeated = sum(times - 1 for times in delivered.times.values())
    assert set(delivered.times) == delivered.wanted
    assert delivered.sent == NOTICES
    assert repeated <= KILLS * CONCURRENCY
