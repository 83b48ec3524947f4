"""A session drawn as one strip a person."""

import pytest

from classbell.meetings.periods import Period
from classbell.web.kit.charts.timeline import bars_for, scale_for
from tests.factories_attendance import minute

# An hour that counts, drawn with five minutes on either side: a strip of seventy minutes.
OCCURRENCE = Period(starts_at=minute(0), ends_at=minute(60))


def period(start: float, end: float) -> Period:
    return Period(starts_at=minute(start), ends_at=minute(end))


@pytest.mark.parametrize(
    ("stretches", "absent", "bars"),
    [
        pytest.param([(0, 60)], False, [("there", 0, 60)], id="all-of-it"),
        pytest.param([(12, 60)], False, [("late", 0, 12), ("there", 12, 60)], id="late"),
        pytest.param([(0, 40)], False, [("early", 40, 60), ("there", 0, 40)], id="gone-early"),
        pytest.param([(0, 20), (25, 60)], False, [("away", 20, 25), ("there", 0, 20), ("there", 25, 60)], id="away"),
        pytest.param([(-3, 63)], False, [("outside", -3, 0), ("outside", 60, 63), ("there", 0, 60)], id="longer"),
        pytest.param([(-30, 60)], False, [("outside", -5, 0), ("there", 0, 60)], id="beyond-the-edge"),
        pytest.param([(-5, -2)], True, [("missed", 0, 60), ("outside", -5, -2)], id="only-before"),
        pytest.param([], True, [("missed", 0, 60)], id="absent"),
        pytest.param([], False, [], id="nothing-known"),
    ],
)
def test_strip_shows_what_was_missed_and_when_somebody_was_there(
    stretches: list[tuple[float, float]], absent: bool, bars: list[tuple[str, float, float]]
) -> None:
    drawn = bars_for(
        [period(*one) for one in stretches], occurrence=OCCURRENCE, scale=scale_for(OCCURRENCE), absent=absent
    )

    share = 70 / 100
    assert [(bar.kind, round(bar.at * share - 5), round((bar.at + bar.size) * share - 5)) for bar in drawn] == bars


def test_strip_leaves_nothing_too_narrow_to_be_seen() -> None:
    (late, there) = bars_for([period(0.01, 60)], occurrence=OCCURRENCE, scale=scale_for(OCCURRENCE))

    assert (late.size, there.kind) == (0.6, "there")
