"""The pages: every name in the web's urls, what it is sent, and what it answers to each role."""

from dataclasses import dataclass, field
from typing import Final

from django.urls import reverse

from tests.roles.row import NAMED, status_of
from tests.roles.world import World

# In the order of NAMED_ROLES: anonymous, other student, member, other teacher, class teacher, host, admin. Who is not signed
# in is sent to sign in (302).
EVERYBODY: Final = (200, 200, 200, 200, 200, 200, 200)
EVERYBODY_DONE: Final = (302, 302, 302, 302, 302, 302, 302)
SIGNED_IN_DONE: Final = EVERYBODY_DONE
SIGNED_IN: Final = (302, 200, 200, 200, 200, 200, 200)
TEACHERS: Final = (302, 403, 403, 200, 200, 200, 200)
TEACHERS_DONE: Final = (302, 403, 403, 302, 302, 302, 302)
TEACHERS_WRONG: Final = (302, 403, 403, 400, 400, 400, 400)
ADMINS: Final = (302, 403, 403, 403, 403, 403, 200)
ADMINS_DONE: Final = (302, 403, 403, 403, 403, 403, 302)
ADMINS_WRONG: Final = (302, 403, 403, 403, 403, 403, 400)
SIGNED_IN_WRONG: Final = (302, 400, 400, 400, 400, 400, 400)
SIGNED_IN_NOTHING: Final = (302, 404, 404, 404, 404, 404, 404)
ADMINS_NOTHING: Final = (302, 403, 403, 403, 403, 403, 404)
OF_THE_CLASS: Final = (302, 404, 403, 404, 200, 404, 200)
OF_THE_CLASS_DONE: Final = (302, 404, 403, 404, 302, 404, 302)
ATTENDING: Final = (302, 404, 200, 404, 200, 200, 200)
ATTENDING_DONE: Final = (302, 404, 302, 404, 302, 302, 302)
HOLDING: Final = (302, 404, 403, 404, 403, 200, 200)
HOLDING_DONE: Final = (302, 404, 403, 404, 403, 302, 302)
KEEPING: Final = (302, 404, 403, 404, 200, 200, 200)
KEEPING_DONE: Final = (302, 404, 403, 404, 302, 302, 302)
TEACHING: Final = (302, 404, 403, 404, 404, 200, 200)
TEACHING_DONE: Final = (302, 404, 403, 404, 404, 302, 302)
TAKING_PART: Final = (302, 404, 200, 404, 404, 200, 200)
PARTICIPANTS: Final = (302, 403, 200, 403, 403, 200, 200)
PARTICIPANTS_DONE: Final = (302, 403, 302, 403, 403, 302, 302)
ITS_TEACHER: Final = (302, 403, 403, 403, 403, 200, 200)
ITS_TEACHER_DONE: Final = (302, 403, 403, 403, 403, 302, 302)
ITS_OWNER: Final = (302, 404, 404, 404, 404, 200, 404)
ITS_OWNER_DONE: Final = (302, 404, 404, 404, 404, 302, 404)
KEEPING_HOLIDAY: Final = (302, 404, 404, 404, 404, 200, 200)
KEEPING_HOLIDAY_DONE: Final = (302, 404, 404, 404, 404, 302, 302)
STUDENTS: Final = (302, 200, 200, 403, 403, 403, 403)
STUDENTS_DONE: Final = (302, 302, 302, 403, 403, 403, 403)
FORGED: Final = (404,) * 7
OF_NO_GUEST: Final = {"token": "forged"}
NO_MAIL: Final = "00000000-0000-7000-8000-000000000000"
IDLE: Final = {"class_id": "idle_class"}
HELD: Final = {"meeting_id": "held"}
CONFIRMED: Final = {"booking_id": "confirmed"}
BEGUN: Final = {"booking_id": "begun"}
COMPLETED: Final = {"booking_id": "completed"}


@dataclass(frozen=True, kw_only=True)
class Page:
    """
    What one page answers to each of `NAMED_ROLES`; posted where there are `fields`, even none.

    `about` names other things of the world than `NAMED` for the address's parameters; `words` are parameters given as such.
    `guardian` is what the member's guardian is answered, where that differs from what another student is.
    """

    statuses: tuple[int, ...]
    fields: dict[str, str] | None = None
    about: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    guardian: int | None = None

    def status(self, role: str) -> int:
        """Return what it answers to a role."""
        return status_of(self.statuses, role, self.guardian)

    def address(self, name: str, parameters: list[str], world: World) -> str:
        """Return where the page of this name is in a world."""
        named = {
            word: world.ids[self.about.get(word, NAMED.get(word, ""))] for word in parameters if word not in self.words
        }
        return reverse(name, kwargs=named | self.words)


OF_THE_GUARDIAN: Final = (302, 403, 403, 403, 403, 403, 403)
MEMBERS: Final = {"student_id": "member"}


ACTION: Final[dict[str, str]] = {}

PAGES: Final = {
    "home": Page(statuses=SIGNED_IN),
    "week": Page(statuses=SIGNED_IN),
    "children": Page(statuses=SIGNED_IN),
    # Only below the address of a child.
    "child-banner": Page(statuses=SIGNED_IN_NOTHING),
    "child": Page(statuses=OF_THE_GUARDIAN, about=MEMBERS, guardian=200),
    "child-page": Page(statuses=OF_THE_GUARDIAN, about=MEMBERS, words={"rest": "attendance/"}, guardian=200),
    "calendar": Page(statuses=SIGNED_IN),
    "calendar-school": Page(statuses=ADMINS),
    "external-calendars": Page(statuses=TEACHERS),
    "external-calendar-new": Page(statuses=TEACHERS),
    "external-calendars-school": Page(statuses=ADMINS),
    # Nothing is configured at Google here.
    "external-calendar-connect": Page(
        statuses=(302, 403, 403, 404, 404, 404, 404), fields=ACTION, words={"kind": "google"}
    ),
    "external-calendar-connected": Page(statuses=(302, 403, 403, 404, 404, 404, 404), words={"kind": "google"}),
    "external-calendar": Page(statuses=(302, 404, 404, 404, 404, 200, 404)),
    "external-calendar-remove": Page(statuses=(302, 404, 404, 404, 404, 302, 404), fields=ACTION),
    "occurrence-move": Page(statuses=HOLDING, about={"occurrence_id": "lesson_occurrence"}),
    "meetings": Page(statuses=SIGNED_IN),
    "meeting-new": Page(statuses=TEACHERS),
    "meeting": Page(statuses=ATTENDING),
    "meeting-edit": Page(statuses=HOLDING),
    "meeting-cancel": Page(statuses=HOLDING),
    "meeting-location": Page(statuses=HOLDING),
    "meeting-occurrence": Page(statuses=HOLDING, about={"occurrence_id": "lesson_occurrence"}),
    "meeting-occurrence-cancel": Page(
        statuses=HOLDING_DONE, fields=ACTION, about={"occurrence_id": "lesson_occurrence"}
    ),
    "meeting-occurrence-return": Page(
        statuses=HOLDING_DONE, fields=ACTION, about={"occurrence_id": "lesson_occurrence"}
    ),
    "meeting-file": Page(statuses=ATTENDING),
    "group-file": Page(statuses=(302, 404, 200, 404, 200, 404, 200), about={"group_id": "class"}),
    "session-file": Page(statuses=ATTENDING, about={"occurrence_id": "lesson_occurrence"}),
    "meeting-join": Page(statuses=ATTENDING_DONE),
    "meeting-backup": Page(statuses=ATTENDING_DONE),
    "meeting-room": Page(statuses=ATTENDING),
    "meeting-start": Page(statuses=HOLDING_DONE),
    "meeting-retry": Page(statuses=HOLDING_DONE, fields=ACTION),
    "meeting-register": Page(statuses=HOLDING_DONE, fields=ACTION),
    "meeting-board": Page(statuses=KEEPING, about=HELD),
    "meeting-nudge": Page(statuses=KEEPING_DONE, fields=ACTION, about=HELD),
    "meeting-match": Page(statuses=KEEPING_DONE, fields=ACTION, about=HELD),
    "meeting-unmatch": Page(statuses=KEEPING_DONE, fields=ACTION, about=HELD),
    "meeting-runs": Page(statuses=KEEPING, about=HELD),
    "meeting-run": Page(statuses=KEEPING_DONE, fields={"session": "none"}, about=HELD),
    "meeting-attendance": Page(statuses=KEEPING, about=HELD),
    "meeting-override": Page(statuses=KEEPING_DONE, fields={"status": "late", "reason": "Bus"}, about=HELD),
    "meeting-recordings": Page(statuses=ATTENDING, about=HELD),
    "recording": Page(statuses=ATTENDING),
    "recording-download": Page(statuses=(302, 404, 403, 404, 302, 302, 302)),
    "open-school": Page(statuses=EVERYBODY),
    "open-sitemap": Page(statuses=EVERYBODY),
    "open-teacher": Page(statuses=EVERYBODY, words={"address": "host"}),
    "open-kind": Page(statuses=EVERYBODY, words={"address": "trial"}),
    "open-booked": Page(statuses=(404,) * 7, words={"ticket": "made-up"}),
    "embed-script": Page(statuses=EVERYBODY),
    "robots": Page(statuses=EVERYBODY),
    "public-page": Page(statuses=TEACHERS),
    "public-page-school": Page(statuses=ADMINS),
    "public-page-take-down": Page(statuses=ADMINS_DONE, fields=ACTION),
    "recording-delete": Page(statuses=HOLDING),
    "recording-keep": Page(statuses=ADMINS_DONE, fields={"kept_until": "2040-01-31"}),
    # Signed for whoever opened it, and asked again what they may.
    "recording-file": Page(statuses=(410, 410, 410, 410, 410, 410, 410), words={"ticket": "made-up"}),
    "recording-consent": Page(statuses=SIGNED_IN_DONE),
    "recording-text": Page(statuses=ADMINS),
    "recording-rules": Page(statuses=ADMINS),
    "recording-rule-class": Page(statuses=ADMINS),
    "recording-rule-class-drop": Page(statuses=ADMINS_DONE, fields=ACTION),
    "recording-rule-meeting": Page(statuses=ADMINS),
    "recording-rule-meeting-drop": Page(statuses=ADMINS_DONE, fields=ACTION),
    "my-attendance": Page(statuses=SIGNED_IN),
    # It is about oneself: who was not expected there is told so on the page that follows.
    "attendance-objection": Page(statuses=SIGNED_IN_DONE, fields=ACTION, about={"occurrence_id": "held_occurrence"}),
    "excuses": Page(statuses=SIGNED_IN),
    "excuse-new": Page(statuses=SIGNED_IN),
    "excuse": Page(statuses=ATTENDING, guardian=200),
    "excuse-decide": Page(statuses=KEEPING_DONE, fields={"answer": "yes"}, guardian=403),
    "excuse-withdraw": Page(statuses=ATTENDING_DONE, fields=ACTION, guardian=302),
    "excuse-document": Page(statuses=ATTENDING, guardian=200),
    "excuse-rules": Page(statuses=ADMINS),
    "makeups": Page(statuses=SIGNED_IN),
    "person-makeups": Page(statuses=(302, 403, 200, 403, 200, 200, 200)),
    "attendance-rules": Page(statuses=TEACHERS),
    "attendance-rules-school": Page(statuses=ADMINS),
    "attendance-rules-choose": Page(statuses=TEACHERS_DONE),
    "attendance-rules-class": Page(statuses=OF_THE_CLASS),
    "attendance-rules-drop": Page(statuses=OF_THE_CLASS_DONE, fields=ACTION),
    "meeting-settings": Page(statuses=ADMINS),
    "meeting-settings-lessons": Page(statuses=ADMINS),
    "meeting-settings-group": Page(statuses=OF_THE_CLASS),
    "meeting-settings-own": Page(statuses=HOLDING),
    "reports": Page(statuses=TEACHERS),
    "audit": Page(statuses=ADMINS),
    "zoom": Page(statuses=ADMINS),
    "zoom-accounts": Page(statuses=ADMINS),
    "zoom-account-new": Page(statuses=ADMINS),
    "zoom-account": Page(statuses=ADMINS),
    "zoom-account-check": Page(statuses=ADMINS_DONE, fields=ACTION),
    "zoom-account-remove": Page(statuses=ADMINS),
    "zoom-account-group": Page(statuses=ADMINS, about={"group_id": "class"}),
    "zoom-account-teacher": Page(statuses=ADMINS),
    "zoom-user-app": Page(statuses=ADMINS),
    "own-zoom": Page(statuses=TEACHERS),
    # Without an app there is nowhere to go, and nothing to end.
    "own-zoom-connect": Page(statuses=TEACHERS_DONE),
    "own-zoom-back": Page(statuses=TEACHERS_DONE),
    "own-zoom-disconnect": Page(statuses=TEACHERS_DONE),
    "zoom-inbox": Page(statuses=ADMINS),
    "zoom-inbox-replay-failed": Page(statuses=ADMINS_DONE, fields=ACTION),
    "zoom-inbox-replay": Page(statuses=ADMINS_DONE, fields=ACTION),
    "zoom-retry-all": Page(statuses=ADMINS_DONE, fields=ACTION),
    "zoom-retry-one": Page(statuses=ADMINS_DONE, fields=ACTION),
    "teachers": Page(statuses=EVERYBODY),
    "teacher": Page(statuses=EVERYBODY),
    "teacher-book": Page(statuses=STUDENTS_DONE, guardian=403),
    "buy": Page(statuses=STUDENTS, guardian=403),
    # Nobody can pay here.
    "buy-offer": Page(
        statuses=(302, 400, 400, 403, 403, 403, 403), fields={"price": "10000", "currency": "EUR"}, guardian=403
    ),
    "purchase": Page(statuses=(302, 404, 200, 404, 404, 404, 200), guardian=200),
    "purchases": Page(statuses=ADMINS),
    "purchase-refund": Page(statuses=ADMINS),
    "offers": Page(statuses=ADMINS),
    "offer-new": Page(statuses=ADMINS),
    "offer": Page(statuses=ADMINS),
    "kinds": Page(statuses=ADMINS),
    "kind-new": Page(statuses=ADMINS),
    "kind": Page(statuses=ADMINS),
    "kind-remove": Page(statuses=ADMINS),
    "kind-book": Page(statuses=STUDENTS, words={"address": "beginners"}, guardian=403),
    "kind-book-with": Page(statuses=STUDENTS, words={"address": "beginners"}, guardian=403),
    "group-lesson": Page(statuses=ITS_TEACHER),
    "group-lesson-move": Page(statuses=ITS_TEACHER),
    "group-lesson-cancel": Page(statuses=ITS_TEACHER),
    "bookings": Page(statuses=SIGNED_IN),
    "booking": Page(statuses=PARTICIPANTS, about=CONFIRMED),
    "booking-confirm": Page(statuses=ITS_TEACHER_DONE, fields=ACTION),
    "booking-decline": Page(statuses=ITS_TEACHER),
    "booking-move": Page(statuses=PARTICIPANTS),
    "booking-cancel": Page(statuses=PARTICIPANTS),
    "booking-complete": Page(statuses=ITS_TEACHER_DONE, fields=ACTION, about=BEGUN),
    "booking-no-show": Page(statuses=PARTICIPANTS, about=BEGUN),
    "booking-meeting": Page(statuses=PARTICIPANTS_DONE, fields=ACTION, about=CONFIRMED),
    "booking-rate": Page(statuses=(302, 403, 302, 403, 403, 302, 403), fields={"rating": "5"}, about=COMPLETED),
    "availability": Page(statuses=TEACHERS),
    "availability-preview": Page(statuses=TEACHERS, fields=ACTION),
    "availability-settings": Page(statuses=TEACHERS_WRONG, fields=ACTION),
    "availability-dates": Page(statuses=TEACHERS_WRONG, fields=ACTION),
    "availability-date-remove": Page(statuses=ITS_OWNER_DONE, fields=ACTION),
    "hours-period-new": Page(statuses=TEACHERS),
    "hours-period": Page(statuses=ITS_OWNER),
    "hours-period-remove": Page(statuses=ITS_OWNER_DONE, fields=ACTION),
    "time-off": Page(statuses=TEACHERS_WRONG, fields=ACTION),
    "time-off-remove": Page(statuses=ITS_OWNER_DONE, fields=ACTION),
    "hours-taught": Page(statuses=TEACHERS),
    "hours-of": Page(statuses=ITS_TEACHER),
    "rates": Page(statuses=ADMINS),
    "rate-remove": Page(statuses=ADMINS_DONE, fields=ACTION),
    "pay-rules": Page(statuses=ADMINS),
    "policies": Page(statuses=ADMINS),
    "policy-for-all": Page(statuses=ADMINS),
    "policy-new": Page(statuses=ADMINS_DONE),
    "policy": Page(statuses=ADMINS),
    "policy-drop": Page(statuses=ADMINS_DONE, fields=ACTION),
    "classes": Page(statuses=SIGNED_IN),
    "term-new": Page(statuses=ADMINS),
    "term": Page(statuses=ADMINS),
    "class-new": Page(statuses=TEACHERS),
    "class": Page(statuses=(302, 404, 200, 404, 200, 404, 200)),
    "class-edit": Page(statuses=OF_THE_CLASS),
    "class-close": Page(statuses=OF_THE_CLASS, about={"pk": "class"}),
    "class-reopen": Page(statuses=OF_THE_CLASS_DONE, fields=ACTION, about={"pk": "class"}),
    "class-teacher-add": Page(statuses=ADMINS_DONE, fields=ACTION),
    "class-teacher-remove": Page(statuses=ADMINS_DONE, fields=ACTION),
    "class-people": Page(statuses=OF_THE_CLASS, about={"pk": "class"}),
    "class-person-remove": Page(statuses=OF_THE_CLASS_DONE, fields=ACTION, about={"pk": "class"}),
    # Without what was: it says that it is too late.
    "class-person-return": Page(statuses=OF_THE_CLASS_DONE, fields=ACTION, about={"pk": "class"}),
    "class-plan": Page(statuses=OF_THE_CLASS),
    "class-registration": Page(statuses=OF_THE_CLASS),
    # Of a class without meetings: registering has connections of its own, which wait for the test's transaction.
    "class-register-all": Page(statuses=ADMINS_DONE, fields=ACTION, about=IDLE),
    "class-register": Page(statuses=ADMINS_DONE, fields=ACTION, about=IDLE),
    "courses": Page(statuses=SIGNED_IN),
    "course-new": Page(statuses=TEACHERS),
    "course": Page(statuses=TAKING_PART),
    "course-edit": Page(statuses=TEACHING),
    "course-end": Page(statuses=TEACHING, about={"pk": "course"}),
    "course-reopen": Page(statuses=TEACHING_DONE, fields=ACTION, about={"pk": "course"}),
    "course-plan": Page(statuses=TEACHING),
    "course-people": Page(statuses=TEACHING, about={"pk": "course"}),
    "course-person-remove": Page(statuses=TEACHING_DONE, fields=ACTION, about={"pk": "course", "student_id": "pupil"}),
    "course-person-return": Page(statuses=TEACHING_DONE, fields=ACTION, about={"pk": "course", "student_id": "pupil"}),
    "course-session": Page(statuses=TEACHING),
    "course-session-cancel": Page(statuses=TEACHING_DONE, fields=ACTION),
    "halakat": Page(statuses=SIGNED_IN),
    "halaka-new": Page(statuses=TEACHERS),
    # Every student finds a circle that goes on.
    "halaka": Page(statuses=(302, 200, 200, 404, 404, 200, 200), guardian=404),
    "place-join": Page(statuses=STUDENTS_DONE, fields=ACTION, guardian=403),
    "place-leave": Page(statuses=STUDENTS_DONE, fields=ACTION, guardian=403),
    "place-open": Page(statuses=(302, 404, 403, 404, 302, 404, 302), fields=ACTION, about={"group_id": "class"}),
    "halaka-join": Page(statuses=STUDENTS_DONE, fields=ACTION, guardian=403),
    "halaka-leave": Page(statuses=STUDENTS_DONE, fields=ACTION, guardian=403),
    "halaka-edit": Page(statuses=TEACHING),
    "halaka-end": Page(statuses=TEACHING, about={"pk": "halaka"}),
    "halaka-reopen": Page(statuses=TEACHING_DONE, fields=ACTION, about={"pk": "halaka"}),
    "halaka-people": Page(statuses=TEACHING, about={"pk": "halaka"}),
    "halaka-person-remove": Page(statuses=TEACHING_DONE, fields=ACTION, about={"pk": "halaka", "student_id": "pupil"}),
    "halaka-person-return": Page(statuses=TEACHING_DONE, fields=ACTION, about={"pk": "halaka", "student_id": "pupil"}),
    "halaka-periods": Page(statuses=TEACHING),
    "halaka-period-remove": Page(statuses=TEACHING_DONE, fields=ACTION),
    "halaka-occurrence": Page(statuses=TEACHING),
    "halaka-occurrence-cancel": Page(statuses=TEACHING_DONE, fields=ACTION),
    "notices": Page(statuses=SIGNED_IN),
    "notices-unread": Page(statuses=SIGNED_IN),
    "people": Page(statuses=TEACHERS),
    "person": Page(statuses=(302, 404, 404, 404, 200, 200, 200)),
    "guardian-add": Page(statuses=ADMINS_DONE, fields={"guardian-email": "huda@home.example"}),
    "guardian-remove": Page(statuses=ADMINS_DONE, fields=ACTION),
    "person-change": Page(statuses=ADMINS_WRONG, fields=ACTION),
    # Of somebody with an address there is no card.
    "person-new-card": Page(statuses=ADMINS_NOTHING, fields=ACTION),
    "person-lock-out": Page(statuses=ADMINS_DONE, fields=ACTION),
    # The link is in the answer.
    "person-password-link": Page(statuses=ADMINS, fields=ACTION),
    "person-let-in": Page(statuses=ADMINS_DONE, fields=ACTION),
    "setup": Page(statuses=ADMINS),
    "setup-check": Page(statuses=ADMINS_DONE, fields=ACTION),
    "sign-in": Page(statuses=ADMINS),
    "guest-lesson": Page(statuses=FORGED, words=OF_NO_GUEST),
    "guest-confirm": Page(statuses=FORGED, fields=ACTION, words=OF_NO_GUEST),
    "guest-join": Page(statuses=FORGED, words=OF_NO_GUEST),
    "guest-calendar": Page(statuses=FORGED, words=OF_NO_GUEST),
    "guest-move": Page(statuses=FORGED, words=OF_NO_GUEST),
    "guest-cancel": Page(statuses=FORGED, words=OF_NO_GUEST),
    "guest-keep": Page(statuses=FORGED, fields=ACTION, words=OF_NO_GUEST),
    "guest-account": Page(statuses=FORGED, words=OF_NO_GUEST),
    "sign-up": Page(statuses=EVERYBODY),
    "sign-up-sent": Page(statuses=EVERYBODY),
    "sign-up-waits": Page(statuses=EVERYBODY),
    "sign-up-confirm": Page(statuses=(410,) * 7, words={"token": "forged"}),
    "sign-ups": Page(statuses=ADMINS),
    "sign-up-approve": Page(statuses=ADMINS_NOTHING, fields=ACTION, words={"request_id": NO_MAIL}),
    "sign-up-refuse": Page(statuses=ADMINS_NOTHING, fields=ACTION, words={"request_id": NO_MAIL}),
    "sign-in-policy": Page(statuses=ADMINS_DONE, fields=ACTION),
    "sign-in-new": Page(statuses=ADMINS, words={"kind": "openid"}),
    "sign-in-provider": Page(statuses=ADMINS_NOTHING, words={"slug": "nowhere"}),
    "sign-in-test": Page(statuses=ADMINS_NOTHING, fields={"claims": "{}"}, words={"slug": "nowhere"}),
    "sign-in-remove": Page(statuses=ADMINS_NOTHING, fields=ACTION, words={"slug": "nowhere"}),
    "setup-settings": Page(statuses=ADMINS),
    "setup-hosts": Page(statuses=ADMINS_DONE, fields=ACTION),
    "setup-skip": Page(statuses=ADMINS_DONE, fields=ACTION, words={"name": "mail"}),
    "keys": Page(statuses=ADMINS),
    "key-new": Page(statuses=ADMINS),
    # The secret is in the answer.
    "key-rotate": Page(statuses=ADMINS, fields=ACTION),
    "key-end": Page(statuses=ADMINS_DONE, fields=ACTION),
    "holidays": Page(statuses=TEACHERS),
    "holiday-new": Page(statuses=TEACHERS),
    "holiday-import": Page(statuses=TEACHERS),
    "holiday": Page(statuses=KEEPING_HOLIDAY),
    "holiday-change": Page(statuses=KEEPING_HOLIDAY),
    "holiday-cancel": Page(statuses=KEEPING_HOLIDAY_DONE, fields=ACTION),
    "holiday-remove": Page(statuses=KEEPING_HOLIDAY_DONE, fields=ACTION),
    "webhooks": Page(statuses=ADMINS),
    "webhook-new": Page(statuses=ADMINS),
    "webhook": Page(statuses=ADMINS),
    "webhook-change": Page(statuses=ADMINS),
    "webhook-test": Page(statuses=ADMINS_DONE, fields=ACTION),
    # The secret is in the answer.
    "webhook-rotate": Page(statuses=ADMINS, fields=ACTION),
    "webhook-pause": Page(statuses=ADMINS_DONE, fields=ACTION),
    "webhook-resume": Page(statuses=ADMINS_DONE, fields=ACTION),
    "webhook-remove": Page(statuses=ADMINS_DONE, fields=ACTION),
    "webhook-replay": Page(statuses=ADMINS_DONE, fields=ACTION),
    "search": Page(statuses=SIGNED_IN),
    "teachers-suggested": Page(statuses=TEACHERS),
    "students-suggested": Page(statuses=TEACHERS),
    "groups-suggested": Page(statuses=TEACHERS),
    "booking-new": Page(statuses=TEACHERS),
    "booking-series-new": Page(statuses=TEACHERS),
    "teacher-series": Page(statuses=(302, 200, 200, 403, 403, 403, 403), guardian=403),
    "booking-series": Page(statuses=PARTICIPANTS),
    # Without a tick: what is wrong is said.
    "booking-series-confirm": Page(statuses=(302, 403, 403, 403, 403, 400, 400), fields=ACTION),
    "booking-series-decline": Page(statuses=ITS_TEACHER),
    "booking-series-cancel": Page(statuses=PARTICIPANTS),
    "booking-series-move": Page(statuses=PARTICIPANTS),
    "people-invite": Page(statuses=ADMINS),
    "people-import": Page(statuses=ADMINS),
    "people-links": Page(statuses=ADMINS),
    # The link is the proof.
    "card": Page(statuses=EVERYBODY, about={"token": "card"}),
    "welcome": Page(statuses=EVERYBODY, about={"token": "invitation"}),
    "me-forget-link": Page(statuses=SIGNED_IN_NOTHING, fields=ACTION, words={"link_id": "0"}),
    "me": Page(statuses=SIGNED_IN),
    "my-notifications": Page(statuses=SIGNED_IN),
    "my-notifications-as-school": Page(statuses=SIGNED_IN_DONE, fields=ACTION),
    "my-phone": Page(statuses=SIGNED_IN_WRONG, fields=ACTION),
    "my-phone-code": Page(statuses=SIGNED_IN_WRONG, fields=ACTION),
    "my-phone-forget": Page(statuses=SIGNED_IN_DONE, fields=ACTION),
    "push-worker": Page(statuses=EVERYBODY),
    "school-notifications": Page(statuses=ADMINS),
    # Mails are sent here.
    "mailbox": Page(statuses=ADMINS_NOTHING),
    "mailbox-mail": Page(statuses=ADMINS_NOTHING, words={"mail_id": NO_MAIL}),
    "mailbox-file": Page(statuses=ADMINS_NOTHING, words={"mail_id": NO_MAIL, "number": "0"}),
    "notice-previews": Page(statuses=ADMINS),
    "gateways": Page(statuses=ADMINS),
    "gateway": Page(statuses=ADMINS, words={"name": "sms"}),
    "gateway-test": Page(statuses=ADMINS_NOTHING, fields=ACTION, words={"name": "sms"}),
    "gateway-remove": Page(statuses=ADMINS_DONE, fields=ACTION, words={"name": "sms"}),
    "my-sessions": Page(statuses=SIGNED_IN),
    "my-session-end": Page(statuses=(302, 404, 302, 404, 404, 404, 404), fields=ACTION),
    "my-sessions-end-others": Page(statuses=SIGNED_IN_DONE, fields=ACTION),
    "my-data": Page(statuses=SIGNED_IN),
    # The file is the answer.
    "my-data-export": Page(statuses=SIGNED_IN, fields=ACTION),
    # Nobody is asked anything.
    "consent": Page(statuses=SIGNED_IN_DONE),
    "consent-withdraw": Page(statuses=SIGNED_IN_DONE, fields=ACTION),
    "consent-text": Page(statuses=ADMINS),
    "privacy": Page(statuses=EVERYBODY),
    "person-data": Page(statuses=ADMINS),
    "person-data-export": Page(statuses=ADMINS, fields=ACTION),
    "person-erase": Page(statuses=ADMINS_WRONG, fields=ACTION),
    "retention": Page(statuses=ADMINS),
    "calendar-feed-open": Page(statuses=SIGNED_IN_DONE, fields=ACTION),
    "calendar-feed-close": Page(statuses=SIGNED_IN_DONE, fields=ACTION),
    "styleguide": Page(statuses=ADMINS),
    "asset": Page(statuses=EVERYBODY, words={"version": "today", "name": "app.js"}),
    "static-file": Page(statuses=EVERYBODY, words={"version": "today", "path": "web/icons.svg"}),
    "language": Page(statuses=EVERYBODY_DONE, fields={"language": "ar"}),
    "timezone": Page(statuses=EVERYBODY_DONE, fields={"timezone": "UTC"}),
    "theme": Page(statuses=EVERYBODY_DONE, fields={"theme": "dark"}),
}
