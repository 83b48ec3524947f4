"""What people say of lessons."""

from uuid import UUID

from django.db.models import Avg, Count
from django.utils.translation import gettext_lazy
from ninja import Query, Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.disclosure import name_of, names_of
from classbell.accounts.idempotency import idempotent
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, signed_in
from classbell.accounts.wall import past_the_wall
from classbell.bookings import feedback
from classbell.bookings.errors import NoSuchBooking
from classbell.bookings.models import Booking, Feedback
from classbell.bookings.permissions import takes_part
from classbell.bookings.queries import feedback_about
from classbell.bookings.schemas.feedback import FeedbackAnswer, FeedbackIn, FeedbackOut, RatingIn
from classbell.errors import NotAllowed
from classbell.paging import PageQuery, paginate

router = Router()
ONLY_ITS_STUDENT = gettext_lazy("Only the student of a booking can rate its teacher")


@router.post("/feedback", response={201: FeedbackOut})
@allowed(signed_in, for_wards=True)
@idempotent
def rate_teacher(request: ApiRequest, body: FeedbackIn) -> FeedbackOut:
    """The student of a completed booking says how it was, once."""
    _check_student(body.booking_id, request.user)
    given = feedback.give_feedback(
        booking_id=body.booking_id, author=request.user, rating=body.rating, comment=body.comment
    )
    return _describe(given, given.booking.teacher_id)


@router.get("/feedback", response=FeedbackAnswer)
@allowed(signed_in)
def list_feedback(request: ApiRequest, page: Query[PageQuery], teacher_id: UUID) -> FeedbackAnswer:
    """What students said of a teacher, the latest first."""
    about = feedback_about(teacher_id)
    with past_the_wall():
        found = paginate(about, page, by="-created_at")
    total = about.aggregate(rating=Avg("rating"), rating_count=Count("pk"))
    return FeedbackAnswer(
        feedback=[_describe(given, teacher_id) for given in found.items],
        rating=None if total["rating"] is None else round(total["rating"], 2),
        rating_count=total["rating_count"],
        next_cursor=found.next_cursor,
    )


@router.post("/bookings/{uuid:booking_id}/feedback", response={201: FeedbackOut})
@allowed(takes_part, for_wards=True)
@idempotent
def rate_the_other(request: ApiRequest, booking_id: UUID, body: RatingIn) -> FeedbackOut:
    """Either participant of a completed booking says how it was with the other, once."""
    booking = Booking.objects.only("student_id", "teacher_id").get(pk=booking_id)
    if request.user.pk not in (booking.student_id, booking.teacher_id):
        raise NotAllowed
    given = feedback.give_feedback(booking_id=booking_id, author=request.user, rating=body.rating, comment=body.comment)
    return _describe(given, booking.teacher_id)


def _check_student(booking_id: UUID, user: User) -> None:
    student_id = Booking.objects.filter(pk=booking_id).values_list("student_id", flat=True).first()
    if student_id is None:
        raise NoSuchBooking
    if student_id != user.pk:
        raise NotAllowed(str(ONLY_ITS_STUDENT))


def _describe(given: Feedback, teacher_id: UUID) -> FeedbackOut:
    return FeedbackOut(
        id=given.pk,
        booking_id=given.booking_id,
        teacher_id=teacher_id,
        author_name=names_of(given.author)[0] or name_of(given.author),
        rating=given.rating,
        comment=given.comment,
        created_at=given.created_at,
    )
