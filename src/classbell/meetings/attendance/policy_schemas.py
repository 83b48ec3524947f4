"""What the API of attendance rules takes and answers."""

from datetime import datetime
from typing import Annotated

from ninja import Field
from pydantic import ConfigDict

from classbell.wire import Day, Input, Output

LONGEST_MINUTES = 240

Minutes = Annotated[int, Field(ge=0, le=LONGEST_MINUTES)]
Percent = Annotated[int, Field(ge=0, le=100)]


class AttendancePolicyPatch(Input):
    """
    Rules to change; what is left out stays as it is now. `since` is the first day whose sessions they hold for, in the
    class's timezone; without it they hold for the sessions that begin from now on.
    """

    model_config = ConfigDict(extra="forbid")

    late_after_minutes: Minutes | None = None
    present_percent: Percent | None = None
    partial_percent: Percent | None = None
    grace_before_minutes: Minutes | None = None
    grace_after_minutes: Minutes | None = None
    least_minutes: Minutes | None = None
    teacher_tolerance_minutes: Minutes | None = None
    void_when_host_never_came: bool | None = None
    difference_minutes: Minutes | None = None
    since: Day | None = None

    def changes(self) -> dict[str, int | bool]:
        """Return the rules that are given."""
        return self.model_dump(exclude={"since"}, exclude_none=True)


class SinceQuery(Input):
    """From which day on; without it from now on."""

    since: Day | None = None


class RecalculationOut(Output):
    """How many sessions are to be judged again, and how many of them are."""

    total: int
    done: int


class AttendancePolicyOut(Output):
    """
    The rules that hold now. `source` is `class`, `school`, or `built_in` while nobody has set any; `recalculation` is null
    unless the latest change reached back.
    """

    late_after_minutes: int
    present_percent: int
    partial_percent: int
    grace_before_minutes: int
    grace_after_minutes: int
    least_minutes: int
    teacher_tolerance_minutes: int
    void_when_host_never_came: bool
    difference_minutes: int
    source: str
    in_force_from: datetime | None
    recalculation: RecalculationOut | None
