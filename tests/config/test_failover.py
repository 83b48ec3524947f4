"""A Patroni cluster gets another leader while people book: nothing that was acknowledged is lost, and everything goes on."""

from pathlib import Path

import pytest

from tests.failover import LOSSES, lose_the_leader, lost, stage
from tests.patroni import MISSING, WHY_NOT
from tests.system import difference

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("failover"),
    pytest.mark.skipif(bool(MISSING), reason=WHY_NOT),
]


@pytest.mark.parametrize("loss", LOSSES)
def test_nothing_acknowledged_is_lost_and_everything_goes_on(tmp_path: Path, loss: str) -> None:
    with stage(tmp_path) as installed:
        with installed.people.at_work() as journal:
            failover = lose_the_leader(installed, journal, LOSSES[loss])

        assert lost(installed) == []
        assert failover.successor != failover.leader
        assert difference(installed.system, installed.simulator) == []
        # What is only read comes from a standby meanwhile, but for who was reading when it happened.
        assert len([one for one in failover.asked["page"] if not one.is_done]) <= 2
        assert {one.status for one in journal.asked} <= {200, 201, 503}
        assert "Traceback" not in installed.system.log.read_text()
