"""What people say of lessons, as the API takes and shows it."""

from datetime import datetime
from uuid import UUID

from classbell.bookings.schemas.fields import Rating
from classbell.wire import Input, Output, Remark


class FeedbackIn(Input):
    """A word on a completed booking."""

    booking_id: UUID
    rating: Rating
    comment: Remark = ""


class RatingIn(Input):
    """A word on the other one of a completed booking."""

    rating: Rating
    comment: Remark = ""


class FeedbackOut(Output):
    """What somebody said of a lesson."""

    id: UUID
    booking_id: UUID
    teacher_id: UUID
    author_name: str
    rating: int
    comment: str
    created_at: datetime


class FeedbackAnswer(Output):
    """A page of feedback, and what it comes to."""

    feedback: list[FeedbackOut]
    rating: float | None
    rating_count: int
    next_cursor: str | None
