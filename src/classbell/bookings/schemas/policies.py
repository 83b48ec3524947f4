"""The rules for bookings, as the API takes and shows them."""

from uuid import UUID

from ninja import Field

from classbell.wire import Input, Output


class PolicyIn(Input):
    """An academy's rules; null means no such rule. What is left out becomes the default."""

    cancel_notice_hours: int | None = Field(None, ge=0, le=24 * 60)
    reschedule_notice_hours: int | None = Field(None, ge=0, le=24 * 60)
    reschedules_per_month: int | None = Field(None, ge=0, le=1000)
    open_requests_with_teacher: int | None = Field(
        10,
        ge=1,
        le=1000,
        description="How many lessons a student may have with one teacher that nobody has said yes to: requests that wait, "
        "and lessons ahead that were confirmed automatically.",
    )
    open_requests_in_all: int | None = Field(
        30, ge=1, le=1000, description="The same with all teachers together, for whoever asks this one."
    )
    request_lapses_after_hours: int = Field(48, ge=1, le=24 * 60)
    no_show_after_minutes: int = Field(15, ge=0, le=240)
    makeup_credit_days: int | None = Field(30, ge=1, le=3660)
    late_cancellation_takes_lesson: bool = Field(
        False,
        description="Students may cancel later than cancel_notice_hours what was booked with a lesson of their balance; that "
        "lesson is then lost.",
    )
    no_show_returns_lesson: bool = Field(
        False, description="A lesson of the balance comes back when the student did not come; otherwise it is lost."
    )


class PolicyOut(PolicyIn):
    """Rules for one teacher's bookings, or for all (`teacher_id` null)."""

    teacher_id: UUID | None


class PoliciesAnswer(Output):
    """All rules: those for everybody first."""

    policies: list[PolicyOut]
