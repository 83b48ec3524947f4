"""Bookings: asked for, answered, moved, cancelled, held."""

from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query, Router

from classbell.accounts.acting import doer, for_ward_named, guardian_of
from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, signed_in
from classbell.bookings import outcomes, services
from classbell.bookings.api.answers import (
    answer_change,
    answer_list,
    describe,
    describe_credit,
    describe_meeting,
    get_booking,
    sync,
)
from classbell.bookings.errors import NoMeeting, NoSuchStudent
from classbell.bookings.kinds.errors import KindRefused
from classbell.bookings.kinds.queries import kind_named
from classbell.bookings.models import Booking, LessonKind, MakeUpCredit, NoShow
from classbell.bookings.models.booking import BookingQuerySet
from classbell.bookings.permissions import books_lessons, may_be_booked, takes_part, teaches_booking
from classbell.bookings.queries import people_who_may_teach, students_to_book_for, zoom_info
from classbell.bookings.schemas.bookings import (
    BookingChanged,
    BookingIn,
    BookingMoved,
    BookingOut,
    BookingsAnswer,
    Changes,
    CreditsAnswer,
    MeetingCreated,
    MeetingInfo,
    NoShowIn,
    ReasonIn,
    RescheduleIn,
)
from classbell.bookings.schemas.fields import RoleFilter, StatusFilter
from classbell.bookings.slots import TeacherNotFound
from classbell.bookings.staff_bookings import book_for_student
from classbell.errors import NotAllowed, ZoomFailed
from classbell.meetings.models import SyncStatus
from classbell.meetings.sync.gateway import is_configured
from classbell.paging import PageQuery, paginate
from classbell.zoom.errors import ZoomNotConfigured

router = Router()
ONLY_STUDENTS = gettext_lazy("Only students can request bookings")
ONLY_STAFF_FOR_OTHERS = gettext_lazy("Only teachers and admins can book lessons for others")
ONLY_OWN_LESSONS = gettext_lazy("Teachers book lessons with themselves; only admins book with any teacher")
ONLY_PARTICIPANTS = gettext_lazy("Only the teacher or student can see or change this booking")
ONLY_TEACHERS_CONFIRM = gettext_lazy("Only teachers can confirm bookings")
ONLY_TEACHERS_DECLINE = gettext_lazy("Only teachers can decline bookings")
ONLY_TEACHERS_COMPLETE = gettext_lazy("Only teachers can complete bookings")
ONLY_PARTICIPANTS_CREATE = gettext_lazy("Only the teacher or student can create meeting links for this booking")


@router.post("/bookings", response={201: BookingOut})
@allowed(books_lessons, otherwise=ONLY_STUDENTS, for_wards=True)
@idempotent
def request_booking(request: ApiRequest, body: BookingIn) -> BookingOut:
    """
    Ask a teacher for a lesson; it holds the time until it is answered or lapses. 400 `slot_unavailable` when that time is
    taken, outside the teacher's availability, past, too soon or too far ahead; `overlaps_own_sessions` when you are expected
    elsewhere then and do not say `despite_overlap`; `too_many_open_requests` when the rules allow no more that nobody has
    said yes to. 404 `Teacher not found`.

    With `student_id` teachers book lessons with themselves for students of their groups and those whom they have taught, and
    admins for anybody with any teacher. It is CONFIRMED at once; hours, notice and the students' rules do not bind them. 400
    `slot_unavailable` when the teacher is taken then, `student_busy` or `student_teaches` when the student is,
    `overlaps_own_sessions` when the student is expected elsewhere and `despite_overlap` is not said. With a `kind` they book
    one that nobody books by themselves, too, and may leave its questions open; its length, who teaches it and that a trial is
    booked once hold.

    With a ward's `student_id`, here or in the query, guardians ask as the student would.

    With a `kind` of lesson its length, questions and who may book it are asked: 400 `invalid_duration`, `invalid_input` with
    the question, `kind_not_open`, `trial_taken`, `not_taught_by_teacher`, and `slot_unavailable` with what is `nearest`.
    Without `teacher_id` one of those who teach it is chosen by the kind's rule.
    """
    with for_ward_named(request, body.student_id if body.teacher_id != request.user.pk else None) as user:
        if body.student_id is None or body.student_id == user.pk:
            return _request(request, body)
        if body.teacher_id is None:
            raise KindRefused({"teacher_id": _("name who teaches it: only students leave that open")})
        return _book_for_student(request, body, body.student_id, body.teacher_id)


def _request(request: ApiRequest, body: BookingIn) -> BookingOut:
    if not request.user.is_student:
        raise NotAllowed(str(ONLY_STUDENTS))
    kind = kind_named(LessonKind.objects.all(), body.kind) if body.kind is not None else None
    booking = services.request_booking(
        student=request.user,
        teacher_id=body.teacher_id,
        starts_at=body.start_time,
        ends_at=body.ends_after(kind.minutes[0] if kind else 60),
        kind=kind,
        answers=body.answers,
        notes=body.notes,
        use_credit=body.use_credit,
        despite_overlap=body.despite_overlap,
        guardian=guardian_of(request),
        now=timezone.now(),
    )
    sync(booking)
    return describe(get_booking(booking.pk), request.user)


@router.get("/bookings", response=BookingsAnswer)
@allowed(signed_in, for_wards=True)
def list_bookings(request: ApiRequest, page: Query[PageQuery], status: StatusFilter = None) -> BookingsAnswer:
    """The bookings you may see, the latest first: your own; all of them for admins."""
    return _page(request, Booking.objects.visible_to(request.user), page, status)


@router.get("/bookings/my", response=BookingsAnswer)
@allowed(signed_in, for_wards=True)
def my_bookings(
    request: ApiRequest, page: Query[PageQuery], status: StatusFilter = None, role: RoleFilter = ""
) -> BookingsAnswer:
    """Your own bookings, the latest first; with `role` only those in which you are the student or the teacher."""
    mine = {
        "student": Booking.objects.filter(student=request.user),
        "teacher": Booking.objects.filter(teacher=request.user, is_held=False),
        "": Booking.objects.filter(Q(student=request.user) | Q(teacher=request.user, is_held=False)),
    }
    return _page(request, mine[role], page, status)


@router.get("/bookings/credits", response=CreditsAnswer)
@allowed(signed_in, for_wards=True)
def my_credits(request: ApiRequest) -> CreditsAnswer:
    """Make-up lessons that you can still use, the first to expire first."""
    usable = MakeUpCredit.objects.usable(timezone.now()).filter(student=request.user).select_related("teacher")
    return CreditsAnswer(credits=[describe_credit(credit) for credit in usable])


@router.get("/bookings/{uuid:booking_id}", response=BookingOut)
@allowed(takes_part, otherwise=ONLY_PARTICIPANTS, for_wards=True)
def one_booking(request: ApiRequest, booking_id: UUID) -> BookingOut:
    """One booking."""
    return describe(get_booking(booking_id), request.user)


@router.post("/bookings/{uuid:booking_id}/confirm", response=BookingChanged)
@allowed(teaches_booking, otherwise=ONLY_TEACHERS_CONFIRM)
def confirm(request: ApiRequest, booking_id: UUID) -> BookingChanged:
    """
    Say yes; the Zoom meeting is made within this request if Zoom answers in time, else soon after: then `zoom_info.status`
    is `pending`. 400 unless PENDING.
    """
    sync(services.confirm_booking(booking_id=booking_id, now=timezone.now()))
    answer = answer_change("", booking_id, request.user, with_start_url=True)
    answer.message = (
        _("Booking confirmed and Zoom meeting created")
        if answer.zoom_info.has_meeting
        else _("Booking confirmed successfully")
    )
    return answer


@router.post("/bookings/{uuid:booking_id}/decline", response=BookingChanged)
@allowed(teaches_booking, otherwise=ONLY_TEACHERS_DECLINE)
def decline(request: ApiRequest, booking_id: UUID, body: ReasonIn) -> BookingChanged:
    """Say no; the time is free again. 400 unless PENDING."""
    services.decline_booking(booking_id=booking_id, by=request.user, reason=body.reason, now=timezone.now())
    return answer_change(_("Booking declined"), booking_id, request.user)


@router.post("/bookings/{uuid:booking_id}/reschedule", response=BookingMoved)
@allowed(takes_part, otherwise=ONLY_PARTICIPANTS, for_wards=True)
def reschedule(request: ApiRequest, booking_id: UUID, body: RescheduleIn) -> BookingMoved:
    """
    Hold it at another time; the Zoom meeting follows and keeps its links. Without an end it keeps its length. 400
    `overlaps_own_sessions` when you are its student, expected elsewhere then, and do not say `despite_overlap`.
    """
    starts_at, ends_at = body.period(get_booking(booking_id).duration_minutes)
    move = services.reschedule_booking(
        booking_id=booking_id,
        by=request.user,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=body.reason,
        despite_overlap=body.despite_overlap,
        guardian=guardian_of(request),
        now=timezone.now(),
    )
    sync(move.booking)
    booking = describe(get_booking(booking_id), request.user)
    return BookingMoved(
        message=_("Booking rescheduled successfully"),
        booking=booking,
        zoom_info=booking.zoom_info,
        changes=Changes(
            old_start_time=move.old_starts_at,
            old_end_time=move.old_ends_at,
            new_start_time=move.new_starts_at,
            new_end_time=move.new_ends_at,
            reason=move.reason,
        ),
    )


@router.post("/bookings/{uuid:booking_id}/cancel", response=BookingChanged)
@allowed(takes_part, otherwise=ONLY_PARTICIPANTS, for_wards=True)
def cancel(request: ApiRequest, booking_id: UUID, body: ReasonIn) -> BookingChanged:
    """Cancel it; the Zoom meeting is deleted."""
    sync(
        services.cancel_booking(
            booking_id=booking_id,
            by=request.user,
            reason=body.reason,
            guardian=guardian_of(request),
            now=timezone.now(),
        )
    )
    return answer_change(_("Booking cancelled successfully"), booking_id, request.user)


@router.post("/bookings/{uuid:booking_id}/create_meeting", response=MeetingCreated)
@allowed(takes_part, otherwise=ONLY_PARTICIPANTS_CREATE, for_wards=True)
@idempotent
def create_meeting(request: ApiRequest, booking_id: UUID) -> MeetingCreated:
    """
    Make the Zoom meeting of a confirmed booking, again if it got lost; one that is there stays, and `message` says so.
    While Zoom is slow or down the answer says so and the meeting follows. 400 unless CONFIRMED, 503 when Zoom is not
    configured, 500 when Zoom refuses.
    """
    before = get_booking(booking_id).held_in
    known = before.zoom_meeting_id if before else ""
    meeting = services.want_meeting_again(booking_id=booking_id, now=timezone.now())
    if not is_configured():
        raise ZoomNotConfigured
    sync(get_booking(booking_id))
    meeting.refresh_from_db()
    if meeting.sync_status == SyncStatus.FAILED and not meeting.zoom_meeting_id:
        raise ZoomFailed("create Zoom meeting", meeting.sync_error_in_words)
    if not meeting.zoom_meeting_id:
        message = _("Zoom is slow just now; the meeting will be here soon")
    elif meeting.zoom_meeting_id == known:
        message = _("The Zoom meeting is there already")
    else:
        message = _("Zoom meeting created successfully")
    booking = get_booking(booking_id)
    described = describe(booking, request.user, with_start_url=True)
    return MeetingCreated(
        message=message,
        booking=described,
        zoom_info=described.zoom_info,
        meeting_details=describe_meeting(booking, described),
    )


@router.get("/bookings/{uuid:booking_id}/meeting_info", response=MeetingInfo)
@allowed(takes_part, otherwise=ONLY_PARTICIPANTS, for_wards=True)
def meeting_info(request: ApiRequest, booking_id: UUID) -> MeetingInfo:
    """The Zoom meeting of a booking. 404 while there is none."""
    booking = get_booking(booking_id)
    if zoom_info(booking).meeting is None:
        raise NoMeeting
    described = describe(booking, request.user, with_start_url=True)
    return MeetingInfo(meeting_details=describe_meeting(booking, described))


@router.post("/bookings/{uuid:booking_id}/complete", response=BookingChanged)
@allowed(teaches_booking, otherwise=ONLY_TEACHERS_COMPLETE)
def complete(request: ApiRequest, booking_id: UUID) -> BookingChanged:
    """Say that it took place: a confirmed booking, not before its start."""
    outcomes.complete_booking(booking_id=booking_id, now=timezone.now())
    return answer_change(_("Booking completed"), booking_id, request.user)


@router.post("/bookings/{uuid:booking_id}/no_show", response=BookingChanged)
@allowed(takes_part, otherwise=ONLY_PARTICIPANTS, for_wards=True)
def no_show(request: ApiRequest, booking_id: UUID, body: NoShowIn) -> BookingChanged:
    """Say that the other one did not come, once the time that the policy gives has passed."""
    booking = get_booking(booking_id)
    mine = {booking.student_id: "teacher", booking.teacher_id: "student"}
    if not request.user.is_admin and mine[request.user.pk] != body.who:
        raise NotAllowed(_("You can only report that the other one did not come."))
    outcomes.report_no_show(booking_id=booking_id, who=NoShow(body.who), by=doer(request), now=timezone.now())
    return answer_change(_("Noted"), booking_id, request.user)


def whom_to_book_for(by: User, student_id: UUID, teacher_id: UUID) -> tuple[User, User]:
    """Return the student and the teacher for whom staff books. Raises NotAllowed, NoSuchStudent, TeacherNotFound."""
    if not may_be_booked(by):
        raise NotAllowed(str(ONLY_STAFF_FOR_OTHERS))
    student = students_to_book_for(by).filter(pk=student_id).first()
    if student is None:
        raise NoSuchStudent
    if not by.is_admin and teacher_id != by.pk:
        raise NotAllowed(str(ONLY_OWN_LESSONS))
    teacher = people_who_may_teach().filter(pk=teacher_id).first()
    if teacher is None:
        raise TeacherNotFound
    return student, teacher


def _book_for_student(request: ApiRequest, body: BookingIn, student_id: UUID, teacher_id: UUID) -> BookingOut:
    by = request.user
    student, teacher = whom_to_book_for(by, student_id, teacher_id)
    kind = kind_named(LessonKind.objects.all(), body.kind) if body.kind is not None else None
    booking = book_for_student(
        by=by,
        student=student,
        teacher=teacher,
        starts_at=body.start_time,
        ends_at=body.ends_after(kind.minutes[0] if kind else 60),
        kind=kind,
        answers=body.answers,
        notes=body.notes,
        use_credit=body.use_credit,
        despite_overlap=body.despite_overlap,
        now=timezone.now(),
    )
    sync(booking)
    return describe(get_booking(booking.pk), by)


def _page(request: ApiRequest, bookings: BookingQuerySet, page: PageQuery, status: str | None) -> BookingsAnswer:
    found = paginate((bookings.filter(status=status) if status else bookings).with_people(), page, by="-starts_at")
    return BookingsAnswer(bookings=answer_list(found.items, request.user), next_cursor=found.next_cursor)
