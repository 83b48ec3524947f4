"""A circle's times between two dates: its sessions move at the same link and come back, and what was decided stays."""

from datetime import UTC, datetime, time, timedelta
from functools import partial

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.halakat import services
from classbell.halakat.models import Halaka
from classbell.halakat.periods import Period
from classbell.halakat.queries import circle_occurrences
from classbell.meetings import occurrences
from classbell.meetings.errors import TeacherBusy
from classbell.meetings.models import Claim, Meeting, Occurrence
from tests.at_once import at_once
from tests.factories import make_teacher
from tests.factories_halakat import created, next_sunday
from tests.halakat.test_preview import bring_to_zoom
from tests.halakat.test_schedule_changes import chain, change, make_halaka, on, pattern, plan_of
from tests.holidays.factories import make_holiday

pytestmark = pytest.mark.usefixtures("zoom_hosts")


def ramadan(weeks: int = 2, until: int = 4, hour: int = 21, minutes: int = 30) -> Period:
    """From the second Sunday on to the fourth by default: five sessions of a circle on Sundays and Tuesdays."""
    return Period(
        name="Ramadan",
        first_day=on(weeks).date(),
        last_day=on(until).date(),
        start_time=time(hour),
        duration_minutes=minutes,
    )


def keep(halaka: Halaka, *periods: Period, now: datetime | None = None) -> Halaka:
    return services.change_halaka(halaka_id=halaka.pk, schedule={"periods": periods}, now=now or datetime.now(UTC))


def times(halaka: Halaka) -> list[str]:
    """Return day and hours of what is held, such as "2 Sun 17:00-17:45" for the second week's Sunday."""
    first = datetime.combine(next_sunday(), time(), tzinfo=UTC)
    return [
        f"{(row.starts_at - first).days // 7} {row.starts_at:%a %H:%M}-{row.ends_at:%H:%M}"
        for row in circle_occurrences(halaka)
        if not row.is_cancelled
    ]


def in_period(halaka: Halaka) -> list[str]:
    return [line for line in times(halaka) if line.startswith(("2 ", "3 ", "4 Sun"))]


AT_NIGHT = ["2 Sun 21:00-21:30", "2 Tue 21:00-21:30", "3 Sun 21:00-21:30", "3 Tue 21:00-21:30", "4 Sun 21:00-21:30"]


def test_its_sessions_move_and_are_back_afterwards_and_each_stays_the_session_it_was() -> None:
    halaka = make_halaka()
    before = [row.pk for row in circle_occurrences(halaka)]
    usual, meetings = times(halaka), chain(halaka)

    keep(halaka, ramadan())

    assert in_period(halaka) == AT_NIGHT
    assert [line for line in times(halaka) if line not in AT_NIGHT] == [*usual[:4], *usual[9:]]
    assert [row.pk for row in circle_occurrences(halaka)] == before
    assert [meeting for meeting, _revision, _count in chain(halaka)] == [meeting for meeting, _r, _c in meetings]
    claims = Claim.objects.filter(kind="teacher", occurrence__meeting__halaka_part__halaka=halaka)
    assert sorted(claim.during.lower for claim in claims) == sorted(row.starts_at for row in circle_occurrences(halaka))


def test_taken_back_changed_and_repeated_it_is_as_if_it_had_never_been() -> None:
    halaka = make_halaka()
    usual = times(halaka)

    keep(halaka, ramadan())
    keep(halaka, ramadan())
    keep(halaka, ramadan(hour=22))
    assert [line.replace("22:", "21:") for line in in_period(halaka)] == AT_NIGHT
    keep(halaka)

    assert times(halaka) == usual
    assert not Occurrence.objects.filter(is_exception=True).exists()
    assert Claim.objects.filter(kind="teacher").count() == len(usual)


def test_the_same_again_changes_nothing_at_zoom() -> None:
    halaka = keep(make_halaka(), ramadan())
    before = chain(halaka)

    keep(halaka, ramadan())

    assert chain(halaka) == before


@pytest.mark.parametrize("back_to_the_usual", [False, True])
def test_zoom_shows_it_in_the_same_meeting(api, zoom, simulator, back_to_the_usual: bool) -> None:
    teacher = make_teacher()
    made = created(api, teacher, timezone="UTC")
    bring_to_zoom(zoom)
    halaka = Halaka.objects.get(pk=made["id"])
    (meeting,) = Meeting.objects.all()

    keep(halaka, ramadan())
    bring_to_zoom(zoom)
    if back_to_the_usual:
        keep(halaka)
        bring_to_zoom(zoom)

    number = meeting.zoom_meeting_id
    meeting.refresh_from_db()
    assert (meeting.zoom_meeting_id, meeting.sync_status) == (number, "synced")
    shown = zoom.get_meeting(number)
    held = [(one.start_time, one.duration) for one in shown.occurrences if one.status == "available"]
    assert sorted(held) == [
        (row.starts_at, (row.ends_at - row.starts_at) / timedelta(minutes=1)) for row in circle_occurrences(halaka)
    ]


def test_what_was_decided_about_single_sessions_stays_and_is_still_there_afterwards() -> None:
    halaka, substitute = make_halaka(), make_teacher()
    rows, now = circle_occurrences(halaka), datetime.now(UTC)
    occurrences.move_occurrence(occurrence_id=rows[4].pk, starts_at=on(2, 19), now=now)
    occurrences.cancel_occurrence(occurrence_id=rows[5].pk, reason="Travel", now=now)
    occurrences.let_substitute(occurrence_id=rows[6].pk, teacher=substitute, now=now)
    before = plan_of(halaka)

    keep(halaka, ramadan())

    moved, cancelled, given = (Occurrence.objects.get(pk=rows[index].pk) for index in (4, 5, 6))
    assert moved.starts_at == on(2, 19)
    assert (cancelled.status, cancelled.cancellation_reason) == ("cancelled", "Travel")
    assert (given.substitute, given.starts_at) == (substitute, on(3, 21))
    assert given.claims.get(kind="teacher").resource_id == substitute.pk
    keep(halaka)
    assert plan_of(halaka) == before


def test_a_session_that_is_held_again_in_the_period_is_held_at_its_time() -> None:
    halaka, now = make_halaka(), datetime.now(UTC)
    (row,) = [row for row in circle_occurrences(halaka) if row.starts_at == on(3)]
    occurrences.cancel_occurrence(occurrence_id=row.pk, reason="Travel", now=now)
    keep(halaka, ramadan())

    occurrences.hold_again(occurrence_id=row.pk, now=now)

    assert in_period(halaka) == AT_NIGHT


@pytest.mark.parametrize(
    "later",
    [
        {"start_time": time(16)},
        {"duration_minutes": 60},
        {"weeks": 12},
        {"weekdays": (1, 6, 3)},
        {"excluded": ()},
    ],
    ids=["another time", "longer", "more weeks", "one more day", "nothing"],
)
def test_later_changes_of_the_schedule_keep_it(later: dict[str, object]) -> None:
    halaka = keep(make_halaka(), ramadan())
    if "weeks" in later:
        later = {"end_date": on(12).date()}

    services.change_halaka(halaka_id=halaka.pk, schedule=later, now=datetime.now(UTC))

    kept = [line for line in in_period(halaka) if "Thu" not in line]
    assert kept == AT_NIGHT
    assert all(line.endswith("21:00-21:30") for line in in_period(halaka))
    outside = {line[-11:] for line in times(halaka) if line not in in_period(halaka)}
    assert outside == {
        "16:00-16:45" if "start_time" in later else "17:00-18:00" if "duration_minutes" in later else "17:00-17:45"
    }


def test_a_schedule_from_a_date_within_it_on_keeps_it_before_and_after() -> None:
    halaka = keep(make_halaka(), ramadan())

    change(halaka, pattern(start_time=time(16), periods=()), valid_from=on(3).date())
    without = in_period(halaka)
    services.change_halaka(halaka_id=halaka.pk, schedule={"periods": (ramadan(),)}, now=datetime.now(UTC))

    assert without[:2] == AT_NIGHT[:2]
    assert {line[-11:] for line in without[2:]} == {"16:00-16:45"}
    assert in_period(halaka) == AT_NIGHT


def test_a_clash_is_named_and_nothing_has_changed() -> None:
    halaka = make_halaka()
    make_halaka(pattern(start_time=time(21, 15), days=(6,)), teacher=halaka.teacher)
    before = [(row.pk, row.starts_at, row.is_exception) for row in circle_occurrences(halaka)]
    claims = Claim.objects.count()

    with pytest.raises(TeacherBusy):
        keep(halaka, ramadan())

    assert [(row.pk, row.starts_at, row.is_exception) for row in circle_occurrences(halaka)] == before
    assert Claim.objects.count() == claims


def test_days_that_are_left_out_stay_out_and_are_not_held_by_it() -> None:
    make_holiday(on(3).date())
    halaka = make_halaka(pattern(excluded=(on(2).date(),)))

    keep(halaka, ramadan())

    assert in_period(halaka) == [AT_NIGHT[1], *AT_NIGHT[3:]]
    keep(halaka)
    assert len(times(halaka)) == 15


def test_what_was_left_in_a_holiday_moves_too() -> None:
    halaka = make_halaka()
    make_holiday(on(3).date())

    keep(halaka, ramadan())

    assert in_period(halaka) == AT_NIGHT


def test_a_new_circle_may_have_it_from_the_beginning() -> None:
    assert in_period(make_halaka(pattern(periods=(ramadan(),)))) == AT_NIGHT


def test_today_s_session_is_not_moved_into_the_past_nor_held_twice() -> None:
    halaka = make_halaka()
    early = ramadan(hour=6)

    keep(halaka, early, now=on(2, 12))
    assert in_period(halaka)[0] == "2 Sun 17:00-17:45"
    assert in_period(halaka)[1] == "2 Tue 06:00-06:30"

    # On Tuesday at noon, the session of six in the morning is over, and its usual time is still ahead.
    services.change_halaka(halaka_id=halaka.pk, schedule={"start_time": time(18)}, now=on(2, 12) + timedelta(days=2))

    assert [line for line in times(halaka) if line.startswith("2 Tue")] == ["2 Tue 06:00-06:30"]


def test_a_long_circle_has_it_in_each_of_its_meetings() -> None:
    halaka = make_halaka(pattern(weeks=30, days=(6, 0, 1, 2, 3)))
    meetings = [meeting for meeting, _revision, _count in chain(halaka)]

    keep(halaka, ramadan(weeks=8, until=12))

    at_night = [row for row in circle_occurrences(halaka) if row.starts_at.hour == 21]
    assert (len(at_night), len({row.meeting_id for row in at_night})) == (21, 2)
    assert [meeting for meeting, _revision, _count in chain(halaka)] == meetings


def test_who_is_in_it_hears_once_that_there_is_a_new_timetable() -> None:
    halaka = make_halaka()

    keep(halaka, ramadan())

    jobs = ProcrastinateJob.objects.filter(task_name="notices.tell_timetable")
    assert [job.args["meeting_id"] for job in jobs] == [str(meeting) for meeting, _revision, _count in chain(halaka)]


def test_two_periods_at_once_leave_one_of_them_whole() -> None:
    halaka = make_halaka()

    at_once([partial(keep, halaka, ramadan(hour=21)), partial(keep, halaka, ramadan(hour=22))])

    kept = Halaka.objects.get(pk=halaka.pk).pattern.periods[0].start_time.hour
    assert {line[6:8] for line in in_period(halaka)} == {f"{kept}"}


class TestByApi:
    PERIOD = {"name": "Ramadan", "startTime": "21:00"}

    def _body(self, **more: object) -> dict[str, object]:
        return self.PERIOD | {"from": f"{on(2).date()}", "until": f"{on(4).date()}"} | more

    def test_it_is_shown_as_it_was_given_and_lasts_as_long_as_always(self, api) -> None:
        teacher = make_teacher()
        made = created(api, teacher, periods=[self._body()])

        assert made["periods"] == [self._body(duration=45)]
        kept = api(teacher).patch(f"/api/v1/halaka/{made['id']}", {"title": "Other"}).json()["data"]["halaka"]
        assert kept["periods"] == made["periods"]
        back = api(teacher).patch(f"/api/v1/halaka/{made['id']}", {"periods": []}).json()["data"]["halaka"]
        assert back["periods"] == []

    @pytest.mark.parametrize(
        ("wrong", "named"),
        [
            ({"until": "2020-01-01"}, "periods"),
            ({"startTime": "25:00"}, "startTime"),
            ({"duration": 1}, "duration"),
            ({"from": "1 Ramadan"}, "from"),
            ({"name": ""}, "name"),
        ],
    )
    def test_bad_input_names_its_field_and_changes_nothing(self, api, wrong: dict[str, object], named: str) -> None:
        teacher = make_teacher()
        made = created(api, teacher)

        answer = api(teacher).patch(f"/api/v1/halaka/{made['id']}", {"periods": [self._body(**wrong)]})

        assert answer.status_code == 400
        assert named in str(answer.json()["details"])
        assert Halaka.objects.get().periods == []
