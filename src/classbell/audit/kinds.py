"""What history is kept of, and what its columns are called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classbell.accounts.guardian_models import Guardianship
from classbell.accounts.models import ApiKey, User
from classbell.accounts.sign_in_models import SignInAttempt
from classbell.accounts.sign_up_models import SignUpRule
from classbell.bookings.models import Booking, LessonKind
from classbell.door.models import PublicSchool, PublicTeacher
from classbell.earnings.models import PayRules, TeacherRate
from classbell.excuses.models import Excuse, ExcuseRules
from classbell.groups.models import Membership
from classbell.halakat.models import Halaka
from classbell.holidays.models import Holiday
from classbell.hooks.models import Webhook
from classbell.meetings.models import Attendance, AttendancePolicy, Meeting, MeetingRun, Occurrence, SettingDefaults
from classbell.payments.models import Offer
from classbell.recordings.models import Recording, RecordingRules, WatchRule


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """
    One kind of thing. `about` are columns that say what it is and are no change by themselves; `parts` are the kinds whose
    history belongs to it, by the column of theirs that names it. What `comes_in_numbers` is made and ended by the hundred;
    what is shown `only_when_asked` for would hide all else. `words` are its columns' where others mean something else.
    """

    model: type[Model]
    word: Promise | str
    about: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    comes_in_numbers: bool = False
    only_when_asked: bool = False
    words: Mapping[str, Promise | str] = field(default_factory=dict)

    def word_of(self, column: str) -> str:
        """Return what a column is called in the reader's language, or as the database has it."""
        return str(self.words.get(column) or COLUMN_WORDS.get(column, column))

    def id_of(self, text: str) -> UUID | int | None:
        """Return an id of such a thing as its rows have it, None for what is none: what the school has once is numbered."""
        try:
            found: UUID | int | None = self.model._meta.pk.to_python(text)
        except ValidationError:
            return None
        return found

    @property
    def events(self) -> Any:
        """The model of its entries, which django-pghistory makes."""
        return self.model.pgh_event_model  # type: ignore[attr-defined]

    @property
    def columns(self) -> list[str]:
        """What an entry keeps of it."""
        return [
            column.name
            for column in self.events._meta.concrete_fields
            if not column.name.startswith("pgh_") and column.name not in self.about
        ]


KINDS: Final[Mapping[str, Kind]] = {
    "booking": Kind(model=Booking, word=_("Booking"), about=("student",)),
    "meeting": Kind(model=Meeting, word=_("Meeting"), parts={"occurrence": "meeting"}, comes_in_numbers=True),
    "occurrence": Kind(
        model=Occurrence,
        word=_("Session"),
        about=("meeting",),
        parts={"attendance": "occurrence"},
        comes_in_numbers=True,
    ),
    "attendance": Kind(model=Attendance, word=_("Attendance"), about=("occurrence", "user")),
    "run": Kind(model=MeetingRun, word=_("Time at Zoom"), about=("zoom_meeting_id", "started_at", "ended_at")),
    "rules": Kind(model=AttendancePolicy, word=_("Attendance rules"), about=("group",)),
    "meeting_settings": Kind(model=SettingDefaults, word=_("Zoom settings"), about=("scope", "group")),
    "excuse": Kind(model=Excuse, word=_("Excuse"), about=("student",)),
    "sign_up_rule": Kind(model=SignUpRule, word=_("Who may sign up"), about=("role",)),
    "excuse_rules": Kind(model=ExcuseRules, word=_("Rules for excuses")),
    "rate": Kind(
        model=TeacherRate,
        word=_("Rate of a teacher"),
        about=("teacher", "kind", "group"),
        words={"amount": _("Amount in the smallest unit"), "per": _("For")},
    ),
    "pay_rules": Kind(model=PayRules, word=_("Rules for pay")),
    "recording": Kind(model=Recording, word=_("Recording"), about=("kind", "starts_at")),
    "recording_rules": Kind(model=RecordingRules, word=_("Rules for recordings")),
    "watch_rule": Kind(model=WatchRule, word=_("Who may watch recordings"), about=("group", "meeting")),
    "public_school": Kind(model=PublicSchool, word=_("The school’s public page")),
    "public_teacher": Kind(model=PublicTeacher, word=_("Public page"), about=("teacher",)),
    "halaka": Kind(model=Halaka, word=_("Circle"), about=("group",)),
    "holiday": Kind(model=Holiday, word=_("Holiday"), about=("name",)),
    "person": Kind(model=User, word=_("Person"), parts={"sign_in": "user", "guardian": "student"}),
    "guardian": Kind(model=Guardianship, word=_("Guardian"), about=("guardian", "student")),
    "sign_in": Kind(
        model=SignInAttempt,
        word=_("Sign-in"),
        about=("user", "outcome"),
        only_when_asked=True,
        words={"address": _("Network address")},
    ),
    "membership": Kind(model=Membership, word=_("Member"), about=("group", "user"), comes_in_numbers=True),
    "key": Kind(model=ApiKey, word=_("API key")),
    "webhook": Kind(model=Webhook, word=_("Webhook")),
    "lesson_kind": Kind(
        model=LessonKind,
        word=_("Kind of lesson"),
        about=("name",),
        words={"is_active": _("Offered"), "minutes": _("Minutes")},
    ),
    "offer": Kind(
        model=Offer,
        word=_("Offer"),
        about=("name",),
        words={
            "is_on_sale": _("On sale"),
            "kind": _("Kind of lesson"),
            "lessons": _("How many lessons"),
            "price": _("Price in the smallest unit"),
            "valid_days": _("For how many days they can be used"),
        },
    ),
}

COLUMN_WORDS: Final[Mapping[str, Promise | str]] = {
    "accepts_at_once": _("Accepts by rule"),
    "address": _("Address"),
    "agent": _("Device"),
    "allowed_origins": _("Sites that may show it"),
    "audience": _("Who may attend"),
    "buffer_minutes": _("Minutes kept free before and after"),
    "cancellation_reason": _("Reason for cancelling"),
    "chosen_by": _("How a teacher is chosen"),
    "takes_a_lesson": _("Takes a lesson left"),
    "confirms_guests_by": _("A guest’s booking counts"),
    "currency": _("Currency"),
    "decided_at": _("Said at"),
    "domains": _("Only with addresses of"),
    "delete_asked_at": _("Deletion asked at"),
    "description": _("Description"),
    "difference_minutes": _("Minutes by which the sources may differ"),
    "duration_minutes": _("Minutes"),
    "erases_lessons": _("Erasing deletes lessons"),
    "end_date": _("Last day"),
    "email": _("E-mail"),
    "effect": _("What it does to new dates"),
    "ended_at": _("Ended at"),
    "ends_at": _("Ends"),
    "events": _("Events"),
    "except_dates": _("Days left out"),
    "expires_at": _("Expires"),
    "first_day": _("First day"),
    "follows_school": _("Follows the school"),
    "frequency": _("How often"),
    "grace_after_minutes": _("Minutes forgiven at the end"),
    "grace_before_minutes": _("Minutes forgiven at the beginning"),
    "group": _("Class"),
    "guardian": _("Guardian"),
    "is_active": _("May sign in"),
    "hours_ahead": _("Hours ahead"),
    "indexable": _("Search engines may list it"),
    "in_force_from": _("In force from"),
    "is_open": _("Open to everybody"),
    "is_public": _("Shown to everybody"),
    "is_taken_down": _("Taken down"),
    "is_for_good": _("Out of the trash too"),
    "keep_days": _("Kept for days"),
    "kept_until": _("Kept until"),
    "kinds_at_once": _("Kinds accepted by rule"),
    "kinds_decided": _("Kinds that are decided"),
    "makeup_days": _("Make-up lessons: days"),
    "makeup_hours_ahead": _("Make-up lessons: hours ahead"),
    "makeup_kinds": _("Make-up lessons: kinds of reason"),
    "makeup_monthly_quota": _("Make-up lessons: a month"),
    "makeup_term_quota": _("Make-up lessons: a term"),
    "learns": _("Also learns here"),
    "last_day": _("Last day"),
    "late_cancellation_percent": _("Paid when cancelled too late, per cent"),
    "late_after_minutes": _("Late after minutes"),
    "least_minutes": _("Fewest minutes of a session"),
    "location": _("Held elsewhere"),
    "may_download": _("Copies for students"),
    "meeting_settings": _("Zoom settings"),
    "min_notice_minutes": _("Minutes of notice"),
    "mode": _("Signing up"),
    "monthly_quota": _("Times a month"),
    "name": _("Name"),
    "note": _("Note"),
    "no_show": _("Who did not come"),
    "notes": _("Notes"),
    "notice_days": _("Days of notice"),
    "objection": _("Objection"),
    "objection_answer": _("Answer to the objection"),
    "occurrence": _("Session"),
    "open_to": _("Who may book"),
    "override_reason": _("Reason"),
    "override_status": _("Corrected to"),
    "owner": _("Acts for"),
    "paused_because": _("Paused"),
    "pays_unknown": _("Pays what is not known"),
    "periods": _("Times between two dates"),
    "partial_percent": _("Partly there from per cent"),
    "prefix": _("Begins with"),
    "present_percent": _("Present from per cent"),
    "price": _("Price"),
    "questions": _("Questions"),
    "registration": _("Registration"),
    "relation": _("What they are to the student"),
    "role": _("Role"),
    "rule": _("Repetition"),
    "scopes": _("What it may"),
    "seat": _("Zoom host"),
    "seats": _("Places"),
    "shows_ratings": _("Shows ratings"),
    "start_date": _("First day"),
    "scope": _("For"),
    "settings": _("Zoom settings"),
    "start_time": _("Time"),
    "starts_at": _("Starts"),
    "status": _("Status"),
    "student": _("Student"),
    "student_away_percent": _("Paid when no student came, per cent"),
    "substitute": _("Substitute"),
    "teacher": _("Teacher"),
    "teacher_tolerance_minutes": _("Minutes a teacher may miss"),
    "timezone": _("Timezone"),
    "title": _("Title"),
    "trial": _("Trial, once per person"),
    "url": _("Address"),
    "user": _("Person"),
    "void_when_host_never_came": _("Void without the teacher"),
    "wanted": _("Takes place"),
    "watchers": _("Who may watch"),
    "weekdays": _("Weekdays"),
    "zoom_settings": _("Zoom settings"),
}
