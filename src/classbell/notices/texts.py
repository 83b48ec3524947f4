"""
What notices say: one entry for every kind, made of its facts when it is read or sent.

Facts are plain JSON under the names that the texts use. Moments among them are ISO 8601, and are said on the reader's clock
together with its place. A `reason`, as somebody typed it, follows the text.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from classbell import reasons
from classbell.bidi import isolated
from classbell.money import price_in_words
from classbell.notices.ward_texts import WARD_TEXTS
from classbell.zones import current_place

# A course of a term in one notice; who wants more looks into the calendar.
MOST_LISTED: Final = 20
MOST_NAMED: Final = 20
MOMENTS: Final = frozenset({"when", "old", "until"})
CLOCKS: Final = frozenset({"time"})
PRICES: Final = frozenset({"price", "agreed"})

# Of what a guardian is told: which student it is about, and what they are called.
WARD: Final = "ward"
WARDS_NAME: Final = "ward_name"

Facts = Mapping[str, Any]


class Kind(StrEnum):
    """What happened. Kept with every notice: a kind that is not told any more keeps its words."""

    GUARDIAN_ADDED = "guardian_added"
    LESSON_REQUESTED = "lesson_requested"
    LESSON_BOOKED = "lesson_booked"
    LESSON_BOOKED_FOR_YOU = "lesson_booked_for_you"
    LESSON_BOOKED_WITH_YOU = "lesson_booked_with_you"
    LESSON_CONFIRMED = "lesson_confirmed"
    GUEST_CONFIRMS = "guest_confirms"
    GUEST_ASKED = "guest_asked"
    GUEST_ACCOUNT = "guest_account"
    LESSON_DECLINED = "lesson_declined"
    LESSON_LAPSED = "lesson_lapsed"
    LESSON_MOVED = "lesson_moved"
    LESSON_CANCELLED = "lesson_cancelled"
    LESSON_CONFIRMED_BY_YOU = "lesson_confirmed_by_you"
    LESSON_MOVED_BY_YOU = "lesson_moved_by_you"
    LESSON_CANCELLED_BY_YOU = "lesson_cancelled_by_you"
    LESSON_COMPLETED = "lesson_completed"
    LESSON_MISSED = "lesson_missed"
    LESSON_NOT_HELD = "lesson_not_held"
    LESSON_NOT_HELD_CREDIT = "lesson_not_held_credit"
    MAKEUP_EARNED = "makeup_earned"
    MAKEUP_TAKEN_BACK = "makeup_taken_back"
    MAKEUP_CORRECTED = "makeup_corrected"
    PURCHASE_PAID = "purchase_paid"
    PURCHASE_REFUNDED = "purchase_refunded"
    PAYMENT_DIFFERS = "payment_differs"
    REFUND_FAILED = "refund_failed"
    REFUNDED_LESSONS_USED = "refunded_lessons_used"
    SERIES_REQUESTED = "series_requested"
    SERIES_BOOKED = "series_booked"
    SERIES_BOOKED_FOR_YOU = "series_booked_for_you"
    SERIES_BOOKED_WITH_YOU = "series_booked_with_you"
    SERIES_CONFIRMED = "series_confirmed"
    SERIES_CONFIRMED_IN_PART = "series_confirmed_in_part"
    SERIES_DECLINED = "series_declined"
    SERIES_LAPSED = "series_lapsed"
    SERIES_MOVED = "series_moved"
    SERIES_CANCELLED = "series_cancelled"
    SERIES_CONFIRMED_BY_YOU = "series_confirmed_by_you"
    SERIES_MOVED_BY_YOU = "series_moved_by_you"
    SERIES_CANCELLED_BY_YOU = "series_cancelled_by_you"
    SESSIONS_PLANNED = "sessions_planned"
    SESSION_MOVED = "session_moved"
    SESSIONS_CANCELLED = "sessions_cancelled"
    SESSION_HELD_AGAIN = "session_held_again"
    SESSION_SUBSTITUTED = "session_substituted"
    SESSION_BEGUN = "session_begun"
    SESSION_COMING = "session_coming"
    TIMETABLE_CHANGED = "timetable_changed"
    LOCATION_CHANGED = "location_changed"
    SESSION_PLACE_CHANGED = "session_place_changed"
    BACKUP_ROOM_GIVEN = "backup_room_given"
    BACKUP_ROOM_WITHDRAWN = "backup_room_withdrawn"
    STUDENTS_MISSING = "students_missing"
    STUDENT_CAME = "student_came"
    JOINED_BY_YOU = "joined_by_you"
    PLACE = "circle_place"  # of classes and courses too; clients know the name
    RECORDINGS_EXPIRE = "recordings_expire"
    CALENDAR_FAILING = "calendar_failing"
    CALENDAR_OVERLAPS = "calendar_overlaps"
    EXCUSE_ASKED = "excuse_asked"
    EXCUSE_TAKEN = "excuse_taken"
    EXCUSE_ACCEPTED = "excuse_accepted"
    EXCUSE_REFUSED = "excuse_refused"
    EXCUSE_WITHDRAWN = "excuse_withdrawn"
    ZOOM_CREDENTIALS = "zoom_credentials"
    ZOOM_SCOPES = "zoom_scopes"
    USER_APP_REFUSED = "user_app_refused"
    ZOOM_UNAVAILABLE = "zoom_unavailable"
    ZOOM_WELL_AGAIN = "zoom_well_again"
    OWN_ZOOM_LOST = "own_zoom_lost"
    TEACHERS_ZOOM_LOST = "teachers_zoom_lost"
    OWN_LICENCE_LOST = "own_licence_lost"
    HOST_IS_BASIC = "host_is_basic"
    WEBHOOK_PAUSED = "webhook_paused"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    BACKLOG = "backlog"
    BACKLOG_OVER = "backlog_over"
    INBOX_SILENT = "inbox_silent"
    INBOX_SILENT_OVER = "inbox_silent_over"
    LICENCE_LOST = "licence_lost"
    LICENCE_LOST_OVER = "licence_lost_over"
    MAIL_FAILING = "mail_failing"
    MAIL_FAILING_OVER = "mail_failing_over"
    ADDRESS_REFUSED = "address_refused"
    SIGN_UP_WAITS = "sign_up_waits"
    DISK_FULL = "disk_full"
    DISK_FULL_OVER = "disk_full_over"


class Words(NamedTuple):
    """A notice in words."""

    subject: str
    text: str


TEXTS: Final[Mapping[str, tuple[Promise, Promise]]] = {
    Kind.ZOOM_CREDENTIALS: (
        gettext_lazy("Zoom refuses the school’s credentials"),
        gettext_lazy(
            "No session can be prepared or started at Zoom until this is mended. Compare "
            "ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET with the app in the Zoom App "
            "Marketplace, see that it is activated, and restart Classbell."
        ),
    ),
    Kind.ZOOM_SCOPES: (
        gettext_lazy("The Zoom app lacks permissions"),
        gettext_lazy("Add these scopes to the app in the Zoom App Marketplace and activate it again: %(scopes)s"),
    ),
    Kind.ZOOM_UNAVAILABLE: (
        gettext_lazy("Zoom does not answer"),
        gettext_lazy("Nothing is lost, and nobody has to do anything: what waits goes out when Zoom is back."),
    ),
    Kind.ZOOM_WELL_AGAIN: (
        gettext_lazy("Zoom works again"),
        gettext_lazy("Zoom lets Classbell in and answers. What waited goes out by itself."),
    ),
    Kind.USER_APP_REFUSED: (
        gettext_lazy("Zoom refuses the app for teachers’ own Zoom"),
        gettext_lazy(
            "Its client ID or client secret is wrong. No teacher can connect their Zoom, and lessons held there cannot be "
            "prepared, until this is mended: compare both with the app in the Zoom App Marketplace."
        ),
    ),
    Kind.OWN_ZOOM_LOST: (
        gettext_lazy("Your Zoom is not connected any more"),
        gettext_lazy(
            "Your lessons are all kept. With another host, and another link: %(moved)s. Waiting for a host: %(waiting)s. "
            "Connect your Zoom again, and those that wait are held there."
        ),
    ),
    Kind.TEACHERS_ZOOM_LOST: (
        gettext_lazy("The own Zoom of %(teacher)s is not connected any more"),
        gettext_lazy(
            "The lessons are all kept. With another host of the school: %(moved)s. Waiting for a host: %(waiting)s. "
            "Those are held once %(teacher)s connects Zoom again, or a host of the school is free."
        ),
    ),
    Kind.OWN_LICENCE_LOST: (
        gettext_lazy("Your Zoom has no licence any more"),
        gettext_lazy(
            "Zoom ends what you hold there after 40 minutes. Get a licence at Zoom, or disconnect your Zoom, so that the "
            "school holds your lessons."
        ),
    ),
    Kind.HOST_IS_BASIC: (
        gettext_lazy("The Zoom host %(host)s has no licence any more"),
        gettext_lazy(
            "Zoom ends what is held there after 40 minutes. Give the licence back at Zoom, or plan longer meetings anew."
        ),
    ),
    Kind.BACKLOG: (
        gettext_lazy("Work has waited for more than 15 minutes"),
        gettext_lazy(
            "Zoom answers, and still things wait that should have been done. Meetings on their way to Zoom: "
            "%(meetings)s; jobs: %(jobs)s. See that a worker runs, and what its log says."
        ),
    ),
    Kind.BACKLOG_OVER: (
        gettext_lazy("What waited is done"),
        gettext_lazy("No meeting and no job waits longer than it should."),
    ),
    Kind.INBOX_SILENT: (
        gettext_lazy("Zoom’s messages do not arrive"),
        gettext_lazy(
            "Sessions that are over without a word from Zoom: %(count)s. Live boards stay empty; attendance comes from "
            "Zoom’s report all the same. Check the event subscription of the app in the Zoom App Marketplace."
        ),
    ),
    Kind.INBOX_SILENT_OVER: (
        gettext_lazy("Zoom’s messages arrive again"),
        gettext_lazy("Live boards show again who is there."),
    ),
    Kind.LICENCE_LOST: (
        gettext_lazy("A Zoom host has no licence any more"),
        gettext_lazy(
            "Zoom hosts without a licence, or that are gone: %(hosts)s; meetings to come there, which may not start: "
            "%(meetings)s. Give the licence back at Zoom, or plan these meetings anew."
        ),
    ),
    Kind.LICENCE_LOST_OVER: (
        gettext_lazy("All Zoom hosts have their licences"),
        gettext_lazy("Every meeting to come is with a host who may hold it."),
    ),
    Kind.MAIL_FAILING: (
        gettext_lazy("Mail does not go out"),
        gettext_lazy(
            "Mails that the mail server does not take: %(count)s. People find what they would have been sent under "
            "Notifications. Check the mail server and the EMAIL_ settings; what waits is tried again for some days."
        ),
    ),
    Kind.MAIL_FAILING_OVER: (
        gettext_lazy("Mail goes out again"),
        gettext_lazy("The mail server takes mail again. What waited is sent by itself."),
    ),
    Kind.ADDRESS_REFUSED: (
        gettext_lazy("Mail to %(person)s is refused"),
        gettext_lazy(
            "The mail server does not take mail to the address of %(person)s. Correct it on their page. What they were to be "
            "sent stands under Notifications. The server says: %(answer)s"
        ),
    ),
    Kind.SIGN_UP_WAITS: (
        gettext_lazy("%(person)s asks for an account"),
        gettext_lazy("%(person)s has proven their e-mail address and waits for your answer. Approve or refuse."),
    ),
    Kind.DISK_FULL: (
        gettext_lazy("The disk is almost full"),
        gettext_lazy(
            "%(megabytes)s MB (%(percent)s%%) are left where Classbell keeps its data. When nothing is left, nobody can "
            "change anything. Make room, or move the data to a larger disk."
        ),
    ),
    Kind.DISK_FULL_OVER: (
        gettext_lazy("There is room on the disk again"),
        gettext_lazy("Classbell has enough room for its data."),
    ),
    Kind.WEBHOOK_PAUSED: (
        gettext_lazy("The webhook %(webhook)s is paused"),
        gettext_lazy(
            "It takes nothing in any more, so it is left alone. What happens meanwhile is kept for 30 days. See that its "
            "receiver works, then resume it: it is sent all that waits."
        ),
    ),
    Kind.CONSENT_WITHDRAWN: (
        gettext_lazy("%(person)s has taken their consent back"),
        gettext_lazy("See on their page what they agreed to and when, and stop what needs it."),
    ),
    Kind.RECORDINGS_EXPIRE: (
        gettext_lazy("The recording of “%(title)s” will be deleted"),
        gettext_lazy(
            "What was recorded of “%(title)s” on %(when)s is deleted on %(until)s, here and at Zoom. If it is needed "
            "for longer, ask an admin to keep it, or download it before."
        ),
    ),
    Kind.CALENDAR_FAILING: (
        gettext_lazy("Your calendar “%(calendar)s” cannot be read"),
        gettext_lazy(
            "Until %(until)s what is known of it goes on counting; from then on you can be booked as if it were empty. Why "
            "it cannot be read, and what to do, stands under “Your calendars”."
        ),
    ),
    Kind.CALENDAR_OVERLAPS: (
        gettext_lazy("Your calendar says that you are busy on %(when)s"),
        gettext_lazy(
            "“%(title)s” is on %(when)s, and your calendar “%(calendar)s” says that you are busy then. The session stays: if "
            "you cannot come, move or cancel it. All such sessions stand under “Your calendars”."
        ),
    ),
    Kind.EXCUSE_ASKED: (
        gettext_lazy("%(student)s will be away: %(when)s"),
        gettext_lazy(
            "%(student)s asks to be excused from %(when)s until %(until)s. Why stands on its page; say yes or no there."
        ),
    ),
    Kind.EXCUSE_TAKEN: (
        gettext_lazy("%(student)s is excused: %(when)s"),
        gettext_lazy(
            "%(student)s is away from %(when)s until %(until)s. The school's rules accepted it; there is nothing to do."
        ),
    ),
    Kind.EXCUSE_ACCEPTED: (
        gettext_lazy("Your excuse is accepted: %(when)s"),
        gettext_lazy("From %(when)s until %(until)s you are excused. Those sessions do not count in your attendance."),
    ),
    Kind.EXCUSE_REFUSED: (
        gettext_lazy("Your excuse is not accepted: %(when)s"),
        gettext_lazy("You asked to be excused from %(when)s until %(until)s. It is not accepted: you are expected."),
    ),
    Kind.EXCUSE_WITHDRAWN: (
        gettext_lazy("The excuse of %(student)s is withdrawn: %(when)s"),
        gettext_lazy("%(student)s is expected from %(when)s until %(until)s as always."),
    ),
    Kind.LESSON_REQUESTED: (
        gettext_lazy("%(student)s asks for a lesson on %(when)s"),
        gettext_lazy(
            "%(student)s would like a lesson with you on %(when)s. Confirm or decline it; until then the time is held."
        ),
    ),
    Kind.LESSON_BOOKED: (
        gettext_lazy("%(student)s booked a lesson on %(when)s"),
        gettext_lazy(
            "%(student)s booked a lesson with you on %(when)s. It was confirmed at once, as set under My hours."
        ),
    ),
    Kind.LESSON_BOOKED_FOR_YOU: (
        gettext_lazy("You have a lesson on %(when)s"),
        gettext_lazy(
            "%(by)s booked a lesson with %(teacher)s for you on %(when)s. If you cannot come, move or cancel it on its page."
        ),
    ),
    Kind.LESSON_BOOKED_WITH_YOU: (
        gettext_lazy("%(student)s has a lesson with you on %(when)s"),
        gettext_lazy("%(by)s booked a lesson with you for %(student)s on %(when)s. It is confirmed already."),
    ),
    Kind.LESSON_CONFIRMED: (
        gettext_lazy("Your lesson on %(when)s is confirmed"),
        gettext_lazy("%(teacher)s expects you on %(when)s. The link is on the lesson's page."),
    ),
    Kind.GUEST_CONFIRMS: (
        gettext_lazy("Confirm your lesson on %(when)s"),
        gettext_lazy(
            "Somebody, probably you, asked for a lesson with %(teacher)s on %(when)s. The time is held until %(until)s: "
            "confirm it on its page before then. If it was not you, do nothing."
        ),
    ),
    Kind.GUEST_ASKED: (
        gettext_lazy("You asked for a lesson on %(when)s"),
        gettext_lazy(
            "%(teacher)s has your request for %(when)s and answers by mail. On its page you see how it stands, move it or "
            "cancel it."
        ),
    ),
    Kind.GUEST_ACCOUNT: (
        gettext_lazy("Keep your lessons in an account"),
        gettext_lazy(
            "You wanted to keep your lesson with %(teacher)s on %(when)s in an account. Go on there; the link works once "
            "and for a day. If it was not you, do nothing."
        ),
    ),
    Kind.LESSON_DECLINED: (
        gettext_lazy("%(teacher)s cannot give the lesson on %(when)s"),
        gettext_lazy("%(teacher)s declined your request for %(when)s. Choose another time."),
    ),
    Kind.LESSON_LAPSED: (
        gettext_lazy("Your request for %(when)s was not answered"),
        gettext_lazy(
            "%(teacher)s did not answer your request for %(when)s in time, so it was given up. Choose another time."
        ),
    ),
    Kind.LESSON_MOVED: (
        gettext_lazy("Lesson moved to %(when)s"),
        gettext_lazy("The lesson of %(student)s with %(teacher)s on %(old)s was moved to %(when)s."),
    ),
    Kind.LESSON_CANCELLED: (
        gettext_lazy("Lesson on %(when)s cancelled"),
        gettext_lazy("The lesson of %(student)s with %(teacher)s on %(when)s was cancelled."),
    ),
    Kind.LESSON_CONFIRMED_BY_YOU: (
        gettext_lazy("For your calendar: lesson on %(when)s"),
        gettext_lazy("The lesson of %(student)s with %(teacher)s on %(when)s is confirmed."),
    ),
    Kind.LESSON_MOVED_BY_YOU: (
        gettext_lazy("For your calendar: lesson moved to %(when)s"),
        gettext_lazy("You moved the lesson of %(student)s with %(teacher)s on %(old)s to %(when)s."),
    ),
    Kind.LESSON_CANCELLED_BY_YOU: (
        gettext_lazy("For your calendar: lesson on %(when)s cancelled"),
        gettext_lazy("You cancelled the lesson of %(student)s with %(teacher)s on %(when)s."),
    ),
    Kind.LESSON_COMPLETED: (
        gettext_lazy("How was your lesson with %(teacher)s?"),
        gettext_lazy(
            "Your lesson with %(teacher)s on %(when)s is completed. Say how it was: it helps others to choose."
        ),
    ),
    Kind.LESSON_MISSED: (
        gettext_lazy("You missed your lesson on %(when)s"),
        gettext_lazy("%(teacher)s waited for you on %(when)s and noted that you did not come."),
    ),
    Kind.LESSON_NOT_HELD: (
        gettext_lazy("The lesson on %(when)s did not take place"),
        gettext_lazy("%(teacher)s did not come on %(when)s."),
    ),
    Kind.LESSON_NOT_HELD_CREDIT: (
        gettext_lazy("The lesson on %(when)s did not take place"),
        gettext_lazy("%(teacher)s did not come on %(when)s. %(student)s may make up for it until %(until)s."),
    ),
    Kind.MAKEUP_EARNED: (
        gettext_lazy("You can make up for “%(title)s”"),
        gettext_lazy(
            "You were excused from “%(title)s” on %(when)s. A lesson with %(teacher)s makes up for it; choose a time until "
            "%(until)s."
        ),
    ),
    Kind.MAKEUP_TAKEN_BACK: (
        gettext_lazy("A make-up lesson is taken back"),
        gettext_lazy("You had one for “%(title)s” on %(when)s. You do not count as excused from it any more."),
    ),
    Kind.PURCHASE_PAID: (
        gettext_lazy("Paid: %(title)s"),
        gettext_lazy("%(price)s came. The lessons are on your balance; choose a teacher and a time."),
    ),
    Kind.PURCHASE_REFUNDED: (
        gettext_lazy("Refunded: %(title)s"),
        gettext_lazy("%(price)s goes back the way it was paid. A bank may take some days."),
    ),
    Kind.PAYMENT_DIFFERS: (
        gettext_lazy("Another amount was paid for %(title)s"),
        gettext_lazy(
            "%(student)s: %(agreed)s was agreed, and %(price)s came. No lessons were given. Give them by hand, or refund the "
            "payment at the provider."
        ),
    ),
    Kind.REFUND_FAILED: (
        gettext_lazy("A refund of %(title)s failed"),
        gettext_lazy(
            "%(student)s: the provider of payments did not give %(price)s back. The lessons are on the balance again. "
            "Look at the provider’s own page for why."
        ),
    ),
    Kind.REFUNDED_LESSONS_USED: (
        gettext_lazy("Refunded although used: %(title)s"),
        gettext_lazy(
            "%(student)s: %(price)s was refunded at the provider. Lessons of it that are used and could not be taken back: "
            "%(count)s."
        ),
    ),
    Kind.MAKEUP_CORRECTED: (
        gettext_lazy("You have another number of lessons left"),
        gettext_lazy("%(by)s entered it. How many you have now: %(count)s."),
    ),
    Kind.SERIES_REQUESTED: (
        gettext_lazy("%(student)s asks for lessons from %(when)s on"),
        gettext_lazy(
            "%(student)s would like a lesson with you at each of these times. Confirm all or some of them, or decline; until "
            "then the times are held."
        ),
    ),
    Kind.SERIES_BOOKED: (
        gettext_lazy("%(student)s booked lessons from %(when)s on"),
        gettext_lazy("%(student)s booked these lessons with you. They were confirmed at once, as set under My hours."),
    ),
    Kind.SERIES_BOOKED_FOR_YOU: (
        gettext_lazy("You have lessons from %(when)s on"),
        gettext_lazy(
            "%(by)s booked these lessons with %(teacher)s for you. If you cannot come to one, move or cancel it on its page."
        ),
    ),
    Kind.SERIES_BOOKED_WITH_YOU: (
        gettext_lazy("%(student)s has lessons with you from %(when)s on"),
        gettext_lazy("%(by)s booked these lessons with you for %(student)s. They are confirmed already."),
    ),
    Kind.SERIES_CONFIRMED: (
        gettext_lazy("Your lessons from %(when)s on are confirmed"),
        gettext_lazy("%(teacher)s expects you at these times. All lessons have one link; it is on their pages."),
    ),
    Kind.SERIES_CONFIRMED_IN_PART: (
        gettext_lazy("Some of your lessons are confirmed, the first on %(when)s"),
        gettext_lazy("%(teacher)s expects you at these times and declined the others that you asked for."),
    ),
    Kind.SERIES_DECLINED: (
        gettext_lazy("%(teacher)s cannot give the lessons from %(when)s on"),
        gettext_lazy("%(teacher)s declined your request for these lessons. Choose another time."),
    ),
    Kind.SERIES_LAPSED: (
        gettext_lazy("Your request for lessons from %(when)s on was not answered"),
        gettext_lazy(
            "%(teacher)s did not answer your request for these lessons in time, so it was given up. Choose another time."
        ),
    ),
    Kind.SERIES_MOVED: (
        gettext_lazy("Lessons moved, the first to %(when)s"),
        gettext_lazy("The lessons of %(student)s with %(teacher)s are at these times now. Their link stays."),
    ),
    Kind.SERIES_CANCELLED: (
        gettext_lazy("Lessons from %(when)s on cancelled"),
        gettext_lazy("These lessons of %(student)s with %(teacher)s were cancelled."),
    ),
    Kind.SERIES_CONFIRMED_BY_YOU: (
        gettext_lazy("For your calendar: lessons from %(when)s on"),
        gettext_lazy("The lessons of %(student)s with %(teacher)s at these times are confirmed."),
    ),
    Kind.SERIES_MOVED_BY_YOU: (
        gettext_lazy("For your calendar: lessons moved, the first to %(when)s"),
        gettext_lazy("You moved the lessons of %(student)s with %(teacher)s to these times."),
    ),
    Kind.SERIES_CANCELLED_BY_YOU: (
        gettext_lazy("For your calendar: lessons from %(when)s on cancelled"),
        gettext_lazy("You cancelled these lessons of %(student)s with %(teacher)s."),
    ),
    Kind.SESSION_MOVED: (
        gettext_lazy("“%(title)s” is moved to %(when)s"),
        gettext_lazy("The session of “%(title)s” is now on %(when)s. Join from its page, as always."),
    ),
    Kind.SESSION_HELD_AGAIN: (
        gettext_lazy("“%(title)s” on %(when)s is held after all"),
        gettext_lazy("The session of “%(title)s” on %(when)s had been cancelled; it is held after all."),
    ),
    Kind.SESSION_SUBSTITUTED: (
        gettext_lazy("You hold a session of %(title)s"),
        gettext_lazy("You hold %(title)s in place of its teacher: %(when)s."),
    ),
    Kind.SESSION_BEGUN: (
        gettext_lazy("Your session has begun: %(title)s"),
        gettext_lazy("%(title)s began at %(time)s and you are expected. Come in by this link."),
    ),
    Kind.SESSION_COMING: (
        gettext_lazy("Reminder: “%(title)s”, %(when)s"),
        gettext_lazy("“%(title)s” begins on %(when)s and you are expected. The way in is on its page."),
    ),
    Kind.TIMETABLE_CHANGED: (
        gettext_lazy("“%(title)s” is held at other times"),
        gettext_lazy(
            "“%(title)s” has a new timetable. The next session is on %(when)s; the others are in your calendar."
        ),
    ),
    Kind.LOCATION_CHANGED: (
        gettext_lazy("“%(title)s” is held in another place"),
        gettext_lazy("“%(title)s” is held in another place from %(when)s on. Its page says where, and leads there."),
    ),
    Kind.SESSION_PLACE_CHANGED: (
        gettext_lazy("“%(title)s” on %(when)s is held in another place"),
        gettext_lazy(
            "The session of “%(title)s” on %(when)s is held in another place. Its page says where, and leads there."
        ),
    ),
    Kind.BACKUP_ROOM_GIVEN: (
        gettext_lazy("“%(title)s” is held in a backup room"),
        gettext_lazy(
            "Zoom has no meeting for “%(title)s” at %(time)s. The session is held here instead; come in by this link."
        ),
    ),
    Kind.BACKUP_ROOM_WITHDRAWN: (
        gettext_lazy("“%(title)s” is at Zoom after all"),
        gettext_lazy("Zoom is back before anybody went into the backup room. “%(title)s” at %(time)s is held at Zoom."),
    ),
    Kind.STUDENTS_MISSING: (
        gettext_lazy("Not there yet: %(names)s (“%(title)s”)"),
        gettext_lazy(
            "“%(title)s” was to begin at %(time)s and is being held. Expected there and not seen so far: %(names)s. "
            "You hear of it if they come."
        ),
    ),
    Kind.STUDENT_CAME: (
        gettext_lazy("%(student)s came at %(time)s: “%(title)s”"),
        gettext_lazy("You were told that %(student)s was missing from “%(title)s”. %(student)s came at %(time)s."),
    ),
    Kind.JOINED_BY_YOU: (
        gettext_lazy("For your calendar: “%(title)s”"),
        gettext_lazy("You joined “%(title)s”. The next session is on %(when)s; the others are in your calendar."),
    ),
    Kind.PLACE: (
        gettext_lazy("You have a place in %(title)s"),
        gettext_lazy("A place in %(title)s became free and is yours."),
    ),
    Kind.GUARDIAN_ADDED: (
        gettext_lazy("You are a guardian of %(student)s"),
        gettext_lazy("You see from now on how it goes for %(student)s, and book and excuse for them."),
    ),
}


def in_words(kind: str, facts: Facts) -> Words:
    """Say what happened in the active language, and when on the clock of the current timezone."""
    if kind == Kind.SESSIONS_CANCELLED:
        subject, text = _sessions_cancelled(facts)
    elif kind == Kind.SESSIONS_PLANNED:
        subject, text = _sessions_planned(facts)
    elif kind in TEXTS:
        of_ward = WARDS_NAME in facts and kind in WARD_TEXTS
        said = {name: _said(name, value) for name, value in facts.items()}
        said["ward"] = isolated(facts.get(WARDS_NAME, ""))
        subject, text = (str(template) % said for template in (WARD_TEXTS if of_ward else TEXTS)[kind])
        text = "\n".join([text, *_times(facts.get("dates", ()))])
        if room := facts.get("room"):
            text = f"{text}\n" + _("Where: %(room)s") % {"room": isolated(room)}
    else:  # told by a newer Classbell, while this process still runs
        subject, text = _("There is something new"), _("Open its page to see what happened.")
    if WARDS_NAME in facts and kind not in WARD_TEXTS:
        subject = f"{isolated(facts[WARDS_NAME])}: {subject}"
    return Words(subject, f"{text}\n{reasons.told(facts.get('reason', ''))}".strip())


def _sessions_cancelled(facts: Facts) -> tuple[str, str]:
    """Return what is said of sessions that are not held: one with its time, several with how many, those of a group each."""
    count, listed = facts["count"], facts["listed"]
    names = {"title": facts["title"], "when": said_moment(facts["when"]), "count": count}
    text = ngettext(
        "The session of “%(title)s” on %(when)s is cancelled.",
        "%(count)s sessions of “%(title)s” are cancelled, the first on %(when)s.",
        count,
    )
    if count == 1:
        return _("“%(title)s” on %(when)s is cancelled") % names, text % names
    subject = ngettext(
        "%(count)s session of “%(title)s” is cancelled", "%(count)s sessions of “%(title)s” are cancelled", count
    )
    return subject % names, "\n".join([text % names, *_lines(listed, more=count - len(listed))])


def _sessions_planned(facts: Facts) -> tuple[str, str]:
    """Return what is said of new sessions: of one its time, of several how many and the first; those of a course each."""
    count, listed = facts["count"], facts["listed"]
    names = {"title": facts["title"], "when": said_moment(facts["when"]), "count": count}
    text = ngettext(
        "“%(title)s” is held on %(when)s.",
        "%(count)s sessions of “%(title)s” are planned, the first on %(when)s.",
        count,
    )
    if count == 1:
        return _("“%(title)s” is planned for %(when)s") % names, text % names
    subject = ngettext(
        "%(count)s session of “%(title)s” is planned", "%(count)s sessions of “%(title)s” are planned", count
    )
    return subject % names, "\n".join([text % names, *_lines(listed, more=count - len(listed))])


def _times(moments: Sequence[str]) -> list[str]:
    lines = [said_moment(moment) for moment in moments[:MOST_LISTED]]
    return lines + ([_more(len(moments) - MOST_LISTED)] if len(moments) > MOST_LISTED else [])


def _lines(listed: Sequence[Facts], *, more: int) -> list[str]:
    lines = [f"{said_moment(one['when'])} · {isolated(one['title'])}" for one in listed]
    if listed and more > 0:
        lines.append(_more(more))
    return lines


def _more(count: int) -> str:
    return ngettext("and %(n)s more", "and %(n)s more", count) % {"n": count}


def _said(name: str, value: Any) -> Any:
    if name in MOMENTS:
        return said_moment(value)
    if name == "names":
        return said_names(value)
    if name in PRICES:
        return isolated(price_in_words(value["amount"], value["currency"]))
    return said_clock(value) if name in CLOCKS else value


def said_names(names: Sequence[str]) -> str:
    """Return names one after the other; of very many the first."""
    said = [isolated(name) for name in names[:MOST_NAMED]]
    if (more := len(names) - MOST_NAMED) > 0:
        said.append(ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more})
    return pgettext("between names in a list", ", ").join(said)


def said_moment(moment: str) -> str:
    """Return a moment in words with the place of its clock: "Monday 30 November, 17:00 (Riyadh time)"."""
    local = timezone.localtime(datetime.fromisoformat(moment))
    return _("%(day)s, %(time)s (%(place)s time)") % {
        "day": date_format(local, "l j F"),
        "time": f"{local:%H:%M}",
        "place": current_place(),
    }


def said_clock(moment: str) -> str:
    """Return the time of a moment with the place of its clock: "17:00 (Riyadh time)"."""
    local = timezone.localtime(datetime.fromisoformat(moment))
    return _("%(time)s (%(place)s time)") % {"time": f"{local:%H:%M}", "place": current_place()}
