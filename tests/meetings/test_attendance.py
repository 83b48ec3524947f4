"""Verdicts: the rules by example, then what must hold for any stays at all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from classbell.meetings.attendance.reasons import SENTENCES, sentence
from classbell.meetings.judging.inputs import JudgedOccurrence, Policy
from classbell.meetings.judging.judge import judge
from classbell.meetings.periods import Difference, Period, Stay, StaySource, cut, merged, presence, whole_seconds
from classbell.meetings.verdicts import AttendanceStatus, Judgement, OccurrenceResult, Reason, TeacherStatus, Verdict

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
EXACT = Policy(grace_before_minutes=0, grace_after_minutes=0)
# A busy machine is no reason to fail.
CALM = hypothesis_settings(deadline=None)
WORST_FIRST = [AttendanceStatus.ABSENT, AttendanceStatus.PARTIAL, AttendanceStatus.LATE, AttendanceStatus.PRESENT]


def at(minute: float) -> datetime:
    return NINE + timedelta(minutes=minute)


def stay(joined: float, left: float | None, source: StaySource = StaySource.WEBHOOK) -> Stay:
    return Stay(joined_at=at(joined), left_at=None if left is None else at(left), source=source)


def occurrence(started: float | None = 0, ended: float | None = 60, **fields) -> JudgedOccurrence:
    return JudgedOccurrence(
        starts_at=NINE,
        ends_at=NINE + timedelta(hours=1),
        started_at=None if started is None else at(started),
        ended_at=None if ended is None else at(ended),
        **fields,
    )


def judged(*stays: Stay, policy: Policy = EXACT, **fields) -> Judgement[str]:
    values: dict[str, Any] = {"occurrence": occurrence(), "people": {"Ana": stays}, "heard": True} | fields
    return judge(policy=policy, **values)


def verdict(*stays: Stay, **fields) -> Verdict:
    return judged(*stays, **fields).people["Ana"]


def codes(reasons: Sequence[Reason]) -> list[str]:
    return [reason.code for reason in reasons]


@pytest.mark.parametrize(
    ("stays", "status", "minutes", "reasons"),
    [
        pytest.param([stay(0, 60)], "present", 60, ["there_enough"], id="whole"),
        pytest.param([stay(-8, 75)], "present", 60, ["there_enough"], id="early-and-overtime-earn-nothing"),
        pytest.param([stay(10, 60)], "present", 50, ["there_enough"], id="ten-minutes-are-not-late"),
        pytest.param([stay(10.02, 60)], "late", 49, ["came_late", "there_enough"], id="a-second-more-is"),
        pytest.param([stay(0, 45)], "present", 45, ["there_enough", "left_early"], id="exactly-enough"),
        pytest.param([stay(0, 44.9)], "partial", 44, ["there_in_part", "left_early"], id="a-little-less"),
        pytest.param([stay(20, 60)], "partial", 40, ["came_late", "there_in_part"], id="late-and-partial"),
        pytest.param([stay(0, 15)], "partial", 15, ["there_in_part", "left_early"], id="exactly-partial"),
        pytest.param([stay(0, 14)], "absent", 14, ["hardly_there", "left_early"], id="hardly"),
        pytest.param([stay(0, 14.95)], "absent", 14, ["hardly_there", "left_early"], id="a-little-less-than-partial"),
        pytest.param([], "absent", 0, ["never_came"], id="never"),
        pytest.param([stay(-20, -5)], "absent", 0, ["never_came"], id="only-before"),
        pytest.param([stay(60, 70)], "absent", 0, ["never_came"], id="only-after"),
        pytest.param([stay(0, 30), stay(20, 50)], "present", 50, ["there_enough", "left_early"], id="two-devices"),
        pytest.param(
            [stay(0, 20), stay(24, 60)], "present", 56, ["there_enough", "away_between"], id="away-in-between"
        ),
        pytest.param([stay(0, 20), stay(20.9, 60)], "present", 59, ["there_enough"], id="a-blink"),
        pytest.param([stay(0, None)], "present", 60, ["there_enough"], id="no-leave-heard"),
        pytest.param([stay(30, 10)], "absent", 0, ["never_came"], id="leaves-before-it-joins"),
    ],
)
def test_verdict_follows_from_the_time_there(stays, status, minutes, reasons):
    found = verdict(*stays)

    assert (found.status, found.seconds // 60, codes(found.reasons)) == (status, minutes, reasons)


def test_verdict_tells_the_first_arrival_and_the_last_leaving_as_they_happened():
    found = verdict(stay(-30, -20), stay(-8, 12), stay(30, 66))

    assert (found.first_joined_at, found.last_left_at) == (at(-8), at(66))


@pytest.mark.parametrize(
    ("stays", "grace", "reasons"),
    [
        pytest.param(
            [stay(20, 40)],
            (0, 0),
            {
                "came_late": {"minutes": 20, "allowed": 10},
                "there_in_part": {"minutes": 20, "of": 60, "percent": 33, "threshold": 75},
                "left_early": {"minutes": 20},
            },
            id="in-part",
        ),
        pytest.param(
            [stay(0, 14)],
            (0, 0),
            {
                "hardly_there": {"minutes": 14, "of": 60, "percent": 23, "threshold": 25},
                "left_early": {"minutes": 46},
            },
            id="hardly",
        ),
        pytest.param(
            [stay(5, 55)],
            (5, 5),
            {
                "there_enough": {"minutes": 50, "of": 60, "percent": 83},
                "counted_with_grace": {"minutes": 10, "counts": 60, "percent": 100},
            },
            id="with-grace-at-both-ends",
        ),
        pytest.param(
            [stay(10, 50)],
            (10, 0),
            {
                "there_enough": {"minutes": 40, "of": 60, "percent": 66},
                "left_early": {"minutes": 10},
                "counted_with_grace": {"minutes": 10, "counts": 50, "percent": 83},
            },
            id="with-grace-at-the-beginning",
        ),
        pytest.param(
            [stay(0, 54.9)],
            (0, 5),
            {
                "there_enough": {"minutes": 54, "of": 60, "percent": 91},
                "left_early": {"minutes": 6},
                "counted_with_grace": {"minutes": 5, "counts": 59, "percent": 99},
            },
            id="with-grace-at-the-end",
        ),
        pytest.param(
            [stay(0, 30), stay(31, 60)],
            (0, 0),
            {"there_enough": {"minutes": 59, "of": 60, "percent": 98}, "away_between": {"minutes": 1}},
            id="away-for-a-minute",
        ),
        pytest.param(
            [stay(0, 30), stay(30.95, 60)],
            (0, 0),
            {"there_enough": {"minutes": 59, "of": 60, "percent": 98}},
            id="away-for-less",
        ),
    ],
)
def test_reasons_have_the_figures_that_the_verdict_rests_on(stays, grace, reasons):
    policy = Policy(grace_before_minutes=grace[0], grace_after_minutes=grace[1])

    found = verdict(*stays, policy=policy).reasons

    assert {reason.code: dict(reason.figures) for reason in found} == reasons


def test_stay_that_only_touches_the_session_is_neither_its_first_nor_its_last():
    found = verdict(stay(-20, 0), stay(5, 50), stay(60, 70))

    assert (found.first_joined_at, found.last_left_at) == (at(5), at(50))


def test_share_is_of_the_counted_time():
    assert verdict(stay(0, 30)).share == 0.5


@pytest.mark.parametrize(
    ("stays", "status", "reasons"),
    [
        pytest.param(
            [stay(4, 45)], "present", ["there_enough", "left_early", "counted_with_grace"], id="first-minutes"
        ),
        pytest.param(
            [stay(22, 57)], "partial", ["came_late", "there_in_part", "counted_with_grace"], id="not-the-middle"
        ),
        pytest.param([stay(0, 56)], "present", ["there_enough", "counted_with_grace"], id="not-called-early"),
        pytest.param([], "absent", ["never_came"], id="nothing-for-who-never-came"),
    ],
)
def test_grace_forgives_but_adds_no_time(stays, status, reasons):
    policy = Policy(grace_before_minutes=5, grace_after_minutes=5)

    found, exact = verdict(*stays, policy=policy), verdict(*stays)

    assert (found.status, codes(found.reasons)) == (status, reasons)
    assert found.seconds == exact.seconds


@pytest.mark.parametrize(
    ("what", "status", "counted", "reasons"),
    [
        pytest.param(occurrence(12, 60), "present", (12, 60), ["started_late"], id="teacher-late"),
        pytest.param(occurrence(0, 40), "present", (0, 40), ["ended_early"], id="ended-early"),
        pytest.param(occurrence(-10, 90), "present", (0, 60), [], id="longer-than-planned"),
        pytest.param(occurrence(180, 260), "absent", (180, 240), ["held_at_another_time"], id="another-time"),
        pytest.param(occurrence(58, 118), "absent", (58, 118), ["started_late"], id="moved-by-an-hour"),
        pytest.param(occurrence(-60, 0), "absent", (-60, 0), ["held_at_another_time"], id="just-before"),
        pytest.param(occurrence(60, 120), "absent", (60, 120), ["held_at_another_time"], id="just-after"),
        pytest.param(occurrence(55, 60), "present", (55, 60), ["started_late"], id="as-much-as-it-takes"),
        pytest.param(occurrence(65, 70), "absent", (65, 70), ["held_at_another_time"], id="as-much-at-another-time"),
    ],
)
def test_only_the_time_the_meeting_ran_counts(what, status, counted, reasons):
    found = judged(stay(-10, 60), occurrence=what)

    assert found.counted == Period(starts_at=at(counted[0]), ends_at=at(counted[1]))
    assert (found.people["Ana"].status, codes(found.reasons)) == (status, reasons)


@pytest.mark.parametrize(
    ("fields", "reason", "teacher"),
    [
        pytest.param({"occurrence": occurrence(cancelled=True)}, Reason(code="cancelled"), "unknown", id="cancelled"),
        pytest.param(
            {"occurrence": occurrence(None, None)}, Reason(code="never_started"), "no_show", id="never-started"
        ),
        pytest.param(
            {"occurrence": occurrence(0, 3)},
            Reason(code="too_short", figures={"minutes": 3, "least": 5}),
            "left_early",
            id="too-short",
        ),
        pytest.param(
            {"occurrence": occurrence(opens_without_host=True), "people": {"Ana": [stay(0, 60)]}},
            Reason(code="host_never_came"),
            "no_show",
            id="host-never-came",
        ),
        pytest.param(
            {"occurrence": occurrence(70, 120), "teacher": [stay(70, 120)]},
            Reason(code="teacher_alone_afterwards"),
            "late",
            id="teacher-alone-after-the-time",
        ),
    ],
)
def test_an_occurrence_that_never_happened_makes_nobody_absent(fields, reason, teacher):
    found = judged(**fields)

    assert (found.result, found.reasons, found.people) == (OccurrenceResult.VOID, (reason,), {})
    assert found.teacher.status == teacher


def test_meeting_that_nobody_said_ended_ran_until_the_last_one_left():
    found = judged(stay(0, 50), occurrence=occurrence(None, None))

    assert found.counted == Period(starts_at=at(0), ends_at=at(50))
    assert found.reasons == (Reason(code="ended_early", figures={"minutes": 10}),)


@pytest.mark.parametrize(("ran", "result"), [(3, OccurrenceResult.HELD), (2.9, OccurrenceResult.VOID)])
def test_short_session_took_place_when_it_ran_for_half_of_its_length(ran, result):
    short = JudgedOccurrence(starts_at=NINE, ends_at=at(6), started_at=NINE, ended_at=at(ran))

    assert judged(stay(0, ran), occurrence=short).result == result


def test_school_that_says_nothing_judges_as_the_contract_has_it():
    said = Policy()

    assert (said.late_after_minutes, said.present_percent, said.partial_percent) == (10, 75, 25)
    assert (said.grace_before_minutes, said.grace_after_minutes, said.least_minutes) == (5, 5, 5)
    assert (said.teacher_tolerance_minutes, said.difference_minutes) == (5, 2)
    assert said.void_when_host_never_came


def test_five_minutes_in_time_are_enough_to_measure_and_the_rest_is_overtime():
    found = judged(stay(0, 60), occurrence=occurrence(55, 90))

    assert found.counted == Period(starts_at=at(55), ends_at=at(60))


def test_teacher_who_never_came_is_told_so_and_one_who_may_be_a_stranger_that_too():
    opened = occurrence(opens_without_host=True)

    never = judged(stay(0, 60), occurrence=opened)
    perhaps = judged(stay(0, 60), occurrence=opened, strangers=[stay(0, 60)])

    assert codes(never.teacher.reasons) == ["teacher_never_came"]
    assert codes(perhaps.teacher.reasons) == ["teacher_never_came", "may_be_a_stranger"]


def test_teacher_who_opens_alone_just_when_the_time_is_over_held_nothing():
    found = judged(teacher=[stay(60, 120)], occurrence=occurrence(60, 120))

    assert found.reasons == (Reason(code="teacher_alone_afterwards"),)


def test_what_was_held_elsewhere_too_leaves_those_unknown_whom_zoom_did_not_see():
    people = {"Ana": [stay(0, 60)], "Ben": []}

    found = judged(people=people, occurrence=occurrence(elsewhere="held_in_backup_room"))
    cancelled = judged(people=people, occurrence=occurrence(elsewhere="held_in_backup_room", cancelled=True))

    assert {person: one.status for person, one in found.people.items()} == {"Ana": "present", "Ben": "unknown"}
    assert (cancelled.result, codes(cancelled.reasons)) == (OccurrenceResult.VOID, ["cancelled"])


def test_study_without_the_teacher_counts_where_the_policy_says_so():
    policy = Policy(void_when_host_never_came=False)

    found = judged(stay(0, 60), policy=policy, occurrence=occurrence(opens_without_host=True))

    assert found.people["Ana"].status == AttendanceStatus.PRESENT
    assert found.teacher.status == TeacherStatus.NO_SHOW


@pytest.mark.parametrize(
    ("what", "result"),
    [
        pytest.param(occurrence(None, None), OccurrenceResult.UNKNOWN, id="nothing-at-all"),
        pytest.param(occurrence(), OccurrenceResult.HELD, id="only-that-it-ran"),
    ],
)
def test_without_evidence_nobody_is_absent(what, result):
    found = judged(occurrence=what, heard=False)

    assert found.result == result
    assert found.people == {"Ana": Verdict(status=AttendanceStatus.UNKNOWN, reasons=(Reason(code="nothing_heard"),))}


@pytest.mark.parametrize(
    ("stays", "what", "status", "late", "early", "reasons"),
    [
        pytest.param([stay(0, 60)], occurrence(), "present", 0, 0, [], id="kept"),
        pytest.param([stay(5, 55)], occurrence(5, 55), "present", 5, 5, [], id="within-tolerance"),
        pytest.param([stay(7, 60)], occurrence(7), "late", 7, 0, ["teacher_late"], id="late"),
        pytest.param([stay(0, 50)], occurrence(), "left_early", 0, 10, ["teacher_left_early"], id="left-early"),
        pytest.param([stay(7, 50)], occurrence(7), "late", 7, 10, ["teacher_late", "teacher_left_early"], id="both"),
        pytest.param([], occurrence(), "present", 0, 0, ["teacher_from_meeting"], id="arrival-not-reported"),
        pytest.param([stay(31, 60)], occurrence(), "present", 0, 0, [], id="only-the-return-reported"),
        pytest.param(
            [stay(31, 60)], occurrence(opens_without_host=True), "late", 31, 0, ["teacher_late"], id="others-opened"
        ),
    ],
)
def test_teacher_is_measured_against_the_timetable(stays, what, status, late, early, reasons):
    teacher = judged(teacher=stays, occurrence=what).teacher

    assert (teacher.status, teacher.late_seconds, teacher.early_seconds) == (status, late * 60, early * 60)
    assert codes(teacher.reasons) == reasons


def test_both_sources_together_count_what_either_told():
    found = judged(stay(0, 20), stay(30, 60, StaySource.REPORT))

    assert found.people["Ana"].seconds == 50 * 60
    assert found.people["Ana"].source == StaySource.REPORT


def test_a_stay_without_an_end_ends_where_the_report_says():
    found = verdict(stay(0, None), stay(0.5, 20, StaySource.REPORT))

    assert found.seconds == 20 * 60


def test_differences_beyond_the_tolerance_name_who_and_by_how_much():
    people = {
        "Ana": [stay(0, 60), stay(1, 60, StaySource.REPORT)],
        "Ben": [stay(0, 60), stay(0, 40, StaySource.REPORT)],
        "Cid": [stay(0, 30)],
        "Dia": [],
    }

    found = judged(people=people)

    assert found.differences == (
        Difference(person="Ben", webhook_seconds=3600, report_seconds=2400),
        Difference(person="Cid", webhook_seconds=1800, report_seconds=0),
    )


def test_a_report_that_has_not_come_contradicts_nothing():
    assert judged(stay(0, 60)).differences == ()


@pytest.mark.parametrize(
    ("reason", "english"),
    [
        pytest.param(
            Reason(code="came_late", figures={"minutes": 12, "allowed": 10}),
            "Came 12 minutes after the start; late begins after 10.",
            id="late",
        ),
        pytest.param(
            Reason(code="there_in_part", figures={"minutes": 31, "of": 60, "percent": 52, "threshold": 75}),
            "Was there 31 of 60 minutes (52 %); present begins at 75 %.",
            id="partial",
        ),
        pytest.param(Reason(code="left_early", figures={"minutes": 1}), "Left 1 minute before the end.", id="singular"),
    ],
)
def test_reasons_are_sentences(reason, english):
    with translation.override("en"):
        assert sentence(reason.as_json()) == english


def test_every_reason_that_can_be_given_has_a_sentence():
    figures = dict.fromkeys(["minutes", "of", "percent", "threshold", "allowed", "least", "counts"], 7)

    said = [sentence({"code": code, **figures}) for code in SENTENCES]

    assert all("%(" not in text for text in said)


# -- what must hold for any stays

MINUTES = st.integers(-900, 4500)


@st.composite
def closed_stays(draw: st.DrawFn, *, least: int = 0) -> list[Stay]:
    """Stays in whole seconds around the hour, some of them empty."""
    ends = draw(st.lists(st.tuples(MINUTES, MINUTES), min_size=least, max_size=8))
    return [stay(min(pair) / 60, max(pair) / 60) for pair in ends]


@CALM
@given(stays=closed_stays(), data=st.data())
def test_order_repetition_and_splitting_change_nothing(stays, data):
    pieces = []
    for whole in stays:
        seconds = int((whole.left_at - whole.joined_at).total_seconds())
        cuts = sorted(data.draw(st.lists(st.integers(0, seconds), max_size=3)))
        moments = [whole.joined_at, *(whole.joined_at + timedelta(seconds=c) for c in cuts), whole.left_at]
        pieces += [Stay(joined_at=a, left_at=b) for a, b in pairwise(moments)]
    shuffled = data.draw(st.permutations(pieces + pieces[: len(pieces) // 2]))

    assert judged(*shuffled) == judged(*stays)


@CALM
@given(stays=closed_stays(), more=closed_stays(least=1), grace=st.integers(0, 20))
def test_more_presence_never_makes_it_worse(stays, more, grace):
    policy = Policy(grace_before_minutes=grace, grace_after_minutes=grace)

    before, after = verdict(*stays, policy=policy), verdict(*stays, *more, policy=policy)

    assert WORST_FIRST.index(after.status) >= WORST_FIRST.index(before.status)
    assert after.seconds >= before.seconds


@CALM
@given(stays=closed_stays(), started=st.integers(-10, 50), ran=st.integers(5, 100))
def test_nobody_was_there_longer_than_it_lasted(stays, started, ran):
    found = judged(*stays, occurrence=occurrence(started, started + ran))

    assert 0 <= found.people["Ana"].seconds <= found.people["Ana"].counted_seconds <= 3600
    assert found.counted
    assert found.people["Ana"].counted_seconds == whole_seconds([found.counted])


@CALM
@given(stays=closed_stays())
def test_union_agrees_with_counting_every_second(stays):
    hour = Period(starts_at=NINE, ends_at=NINE + timedelta(hours=1))
    there = {
        second
        for one in stays
        for second in range(int((one.joined_at - NINE).total_seconds()), int((one.left_at - NINE).total_seconds()))
        if 0 <= second < 3600
    }

    assert whole_seconds(cut(presence(stays, until=hour.ends_at), hour)) == len(there)


@CALM
@given(stays=closed_stays())
def test_union_neither_overlaps_nor_touches(stays):
    union = merged(Period(starts_at=one.joined_at, ends_at=one.left_at) for one in stays)

    assert all(a.ends_at < b.starts_at for a, b in pairwise(union))


@CALM
@given(stays=closed_stays(least=1))
def test_events_and_report_alone_give_the_same_verdict(stays):
    reported = [Stay(joined_at=s.joined_at, left_at=s.left_at, source=StaySource.REPORT) for s in stays]
    host = stay(0, 60)
    host_reported = stay(0, 60, StaySource.REPORT)

    live = judged(*stays, teacher=[host], occurrence=occurrence(-15, 75))
    later = judged(
        *reported, teacher=[host_reported, stay(-15, 75, StaySource.REPORT)], occurrence=occurrence(None, None)
    )

    alike = [
        (v.status, v.seconds, v.first_joined_at, v.last_left_at, v.reasons)
        for v in (live.people["Ana"], later.people["Ana"])
    ]
    assert alike[0] == alike[1]
    assert live.counted == later.counted


@CALM
@given(stays=closed_stays(least=1), jitter=st.lists(st.integers(-1, 1), min_size=16, max_size=16))
def test_a_seconds_difference_between_sources_moves_the_time_by_seconds(stays, jitter):
    moved = [
        Stay(
            joined_at=s.joined_at + timedelta(seconds=jitter[2 * i]),
            left_at=s.left_at + timedelta(seconds=jitter[2 * i + 1]),
            source=StaySource.REPORT,
        )
        for i, s in enumerate(stays)
    ]

    assert abs(verdict(*stays).seconds - verdict(*moved).seconds) <= 2 * len(stays)


# Strangers: who could be anybody of those who are missing.


def with_strangers(*strangers: Stay, people: Sequence[Stay] = ()) -> Judgement[str]:
    three = {"Ana": people, "Ben": (), "Cem": ()}
    return judge(
        occurrence=occurrence(), policy=EXACT, people=three, teacher=[stay(0, 60)], strangers=strangers, heard=True
    )


@pytest.mark.parametrize(
    ("strangers", "status"),
    [
        pytest.param([stay(0, 60), stay(0, 60)], "unknown", id="two-for-the-whole-hour-three-missing"),
        pytest.param([stay(0, 15)], "unknown", id="just-long-enough-to-be-partly-there"),
        pytest.param([stay(0, 1)], "absent", id="a-minute-makes-nobody-present"),
        pytest.param([stay(0, 8), stay(20, 28)], "unknown", id="one-who-dropped-out-and-came-back"),
        pytest.param([stay(-20, -1)], "absent", id="only-before"),
        pytest.param([], "absent", id="none"),
    ],
)
def test_nobody_is_absent_whom_a_stranger_could_be(strangers, status):
    found = with_strangers(*strangers)

    assert {verdict.status for verdict in found.people.values()} == {status}


def test_who_was_seen_keeps_their_verdict_beside_strangers():
    found = with_strangers(stay(0, 60), people=[stay(30, 60)])

    assert [found.people[name].status for name in ("Ana", "Ben")] == ["partial", "unknown"]
    assert codes(found.people["Ben"].reasons) == ["never_came", "may_be_a_stranger"]


def test_stranger_of_the_events_whom_the_report_knows_is_no_stranger():
    known = stay(0, 60, StaySource.REPORT)

    found = with_strangers(stay(0, 60), people=[known])

    assert [found.people[name].status for name in ("Ana", "Ben")] == ["present", "absent"]


@pytest.mark.parametrize(
    ("strangers", "status", "result"),
    [
        pytest.param([stay(0, 60)], "unknown", "held", id="somebody-unknown"),
        pytest.param([], "no_show", "void", id="nobody"),
        pytest.param([stay(-20, -10)], "no_show", "void", id="somebody-before-it-ran"),
    ],
)
def test_teacher_whom_a_stranger_could_be_is_no_no_show(strangers, status, result):
    found = judged(stay(0, 60), occurrence=occurrence(opens_without_host=True), strangers=strangers)

    assert (found.teacher.status, found.result) == (status, result)


@CALM
@given(
    strangers=st.lists(st.tuples(st.integers(-10, 60), st.integers(0, 70)), max_size=5),
    seen=st.lists(st.tuples(st.integers(-10, 60), st.integers(0, 70)), max_size=3),
    data=st.data(),
)
def test_strangers_take_blame_and_never_give_any_in_whatever_order(strangers, seen, data):
    there = [stay(joined, joined + length) for joined, length in strangers]
    own = [stay(joined, joined + length) for joined, length in seen]
    alone, beside = with_strangers(people=own).people, with_strangers(*there, people=own).people

    assert with_strangers(*data.draw(st.permutations(there)), people=own).people == beside
    for person, verdict in alone.items():
        assert beside[person].status in ((verdict.status,) if verdict.status != "absent" else ("absent", "unknown"))
        assert with_strangers(*there, stay(0, 60), people=own).people[person].status != "absent"


def shifted(one: Stay, *, gap: tuple[int, int]) -> Stay:
    """Return a stay as it would have been had the room not been closed from `gap[0]` to `gap[1]`."""
    begin, end = gap

    def moved(moment: datetime) -> datetime:
        return moment + timedelta(minutes=end - begin) if moment > at(begin) else moment

    assert one.left_at is not None
    joined = one.joined_at + timedelta(minutes=end - begin) if one.joined_at >= at(begin) else one.joined_at
    return replace(one, joined_at=joined, left_at=moved(one.left_at))


@CALM
@given(stays=closed_stays(), closed=st.tuples(st.integers(1, 59), st.integers(1, 60)), policy=st.booleans())
def test_time_between_two_runs_is_as_if_it_had_not_been(stays, closed, policy):
    """A session of an hour, closed for some minutes in between, is judged as one without those minutes."""
    begin, length = closed
    gap = (begin, begin + length)
    rules = Policy() if policy else EXACT
    whole = judge(occurrence=occurrence(), policy=rules, people={"s": stays}, heard=True)
    runs = [Period(starts_at=at(0), ends_at=at(begin)), Period(starts_at=at(gap[1]), ends_at=at(60 + length))]
    planned = replace(occurrence(0, 60 + length), ends_at=at(60 + length), runs=runs)

    parted = judge(occurrence=planned, policy=rules, people={"s": [shifted(one, gap=gap) for one in stays]}, heard=True)

    told = [replace(one.people["s"], first_joined_at=None, last_left_at=None) for one in (whole, parted)]
    assert told[0] == told[1]
    assert parted.teacher.status == whole.teacher.status


def test_room_that_was_closed_for_a_quarter_of_an_hour_makes_nobody_partly_there():
    """The room closed at 20 minutes past and opened again at 35: 45 minutes count, and who was there for all was present."""
    runs = [Period(starts_at=at(0), ends_at=at(20)), Period(starts_at=at(35), ends_at=at(60))]
    people = {"stayed": [stay(0, 20), stay(35, 60)], "no leave told": [stay(0, None)], "only first": [stay(0, 20)]}

    done = judge(occurrence=occurrence(runs=runs), policy=Policy(), people=people, heard=True)

    found = {name: (one.status, one.seconds // 60, one.counted_seconds // 60) for name, one in done.people.items()}
    assert found == {
        "stayed": (AttendanceStatus.PRESENT, 45, 45),
        "no leave told": (AttendanceStatus.PRESENT, 45, 45),
        "only first": (AttendanceStatus.PARTIAL, 20, 45),
    }
    assert codes(done.reasons) == ["closed_between"]
    assert "away_between" not in codes(done.people["stayed"].reasons)
