"""Links between machines are lost while people book: nothing that was acknowledged is lost or done twice, all goes on."""

from collections.abc import Iterator

import pytest

from tests.networks.campus import Campus, campus, tracebacks
from tests.networks.losses import LOSSES, lose
from tests.networks.machines import why_not
from tests.patroni import MISSING, WHY_NOT

REASON = why_not() or (WHY_NOT if MISSING else "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.chaos,
    pytest.mark.xdist_group("failover"),
    pytest.mark.skipif(bool(REASON), reason=REASON),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    with campus(tmp_path_factory.mktemp("campus")) as made:
        yield made


@pytest.mark.parametrize("loss", LOSSES)
def test_what_was_acknowledged_is_there_once(built: Campus, loss: str) -> None:
    with built.network["desk"].inside():
        with built.people.at_work() as journal:
            lose(built, journal, loss)

        assert built.problems() == []
    assert {one.status for one in journal.asked} <= {0, 200, 201, 400, 409, 503}  # 400: confirmed already
    assert [one for app in built.apps.values() for one in tracebacks(app.log.read_text())] == []
