"""What notices say to a guardian, where they would say "you" to the student: of the child, by name."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

# By kind, subject and text, as in `texts.TEXTS`; `ward` is the child's name.
WARD_TEXTS: Final[Mapping[str, tuple[Promise, Promise]]] = {
    "lesson_booked_for_you": (
        gettext_lazy("%(ward)s has a lesson on %(when)s"),
        gettext_lazy(
            "%(by)s booked a lesson with %(teacher)s for %(ward)s on %(when)s. If it does not suit, move or "
            "cancel it on its page."
        ),
    ),
    "lesson_confirmed": (
        gettext_lazy("The lesson of %(ward)s on %(when)s is confirmed"),
        gettext_lazy("%(teacher)s expects %(ward)s on %(when)s. The link is on the lesson's page."),
    ),
    "lesson_declined": (
        gettext_lazy("%(teacher)s cannot give %(ward)s the lesson on %(when)s"),
        gettext_lazy("%(teacher)s declined the request of %(ward)s for %(when)s. Another time can be chosen."),
    ),
    "lesson_lapsed": (
        gettext_lazy("The request of %(ward)s for %(when)s was not answered"),
        gettext_lazy(
            "%(teacher)s did not answer the request of %(ward)s for %(when)s in time, so it was given up. "
            "Another time can be chosen."
        ),
    ),
    "lesson_completed": (
        gettext_lazy("How was the lesson of %(ward)s with %(teacher)s?"),
        gettext_lazy(
            "The lesson of %(ward)s with %(teacher)s on %(when)s is completed. Say how it was: it helps "
            "others to choose."
        ),
    ),
    "lesson_missed": (
        gettext_lazy("%(ward)s missed the lesson on %(when)s"),
        gettext_lazy("%(teacher)s waited for %(ward)s on %(when)s and noted that %(ward)s did not come."),
    ),
    "makeup_earned": (
        gettext_lazy("%(ward)s can make up for “%(title)s”"),
        gettext_lazy(
            "%(ward)s was excused from “%(title)s” on %(when)s. A lesson with %(teacher)s makes up for it; "
            "choose a time until %(until)s."
        ),
    ),
    "makeup_taken_back": (
        gettext_lazy("A make-up lesson of %(ward)s is taken back"),
        gettext_lazy("%(ward)s had one for “%(title)s” on %(when)s, and does not count as excused from it any more."),
    ),
    "makeup_corrected": (
        gettext_lazy("%(ward)s has another number of lessons left"),
        gettext_lazy("%(by)s entered it. How many %(ward)s has now: %(count)s."),
    ),
    "purchase_paid": (
        gettext_lazy("Paid for %(ward)s: %(title)s"),
        gettext_lazy("%(price)s came. The lessons are on the balance of %(ward)s."),
    ),
    "series_booked_for_you": (
        gettext_lazy("%(ward)s has lessons from %(when)s on"),
        gettext_lazy(
            "%(by)s booked these lessons with %(teacher)s for %(ward)s. If one does not suit, move or cancel "
            "it on its page."
        ),
    ),
    "series_confirmed": (
        gettext_lazy("The lessons of %(ward)s from %(when)s on are confirmed"),
        gettext_lazy("%(teacher)s expects %(ward)s at these times. All lessons have one link; it is on their pages."),
    ),
    "series_confirmed_in_part": (
        gettext_lazy("Some lessons of %(ward)s are confirmed, the first on %(when)s"),
        gettext_lazy("%(teacher)s expects %(ward)s at these times and declined the others that were asked for."),
    ),
    "series_declined": (
        gettext_lazy("%(teacher)s cannot give %(ward)s the lessons from %(when)s on"),
        gettext_lazy("%(teacher)s declined the request of %(ward)s for these lessons. Another time can be chosen."),
    ),
    "series_lapsed": (
        gettext_lazy("The request of %(ward)s for lessons from %(when)s on was not answered"),
        gettext_lazy(
            "%(teacher)s did not answer the request of %(ward)s for these lessons in time, so it was given "
            "up. Another time can be chosen."
        ),
    ),
    "session_coming": (
        gettext_lazy("Reminder for %(ward)s: “%(title)s”, %(when)s"),
        gettext_lazy("“%(title)s” begins on %(when)s and %(ward)s is expected. The way in is on its page."),
    ),
    "timetable_changed": (
        gettext_lazy("“%(title)s” of %(ward)s is held at other times"),
        gettext_lazy(
            "“%(title)s” has a new timetable. The next session of %(ward)s is on %(when)s; the others are in "
            "the calendar."
        ),
    ),
    "excuse_accepted": (
        gettext_lazy("The excuse of %(ward)s is accepted: %(when)s"),
        gettext_lazy(
            "From %(when)s until %(until)s %(ward)s is excused. Those sessions do not count in the attendance."
        ),
    ),
    "excuse_refused": (
        gettext_lazy("The excuse of %(ward)s is not accepted: %(when)s"),
        gettext_lazy(
            "It was asked that %(ward)s be excused from %(when)s until %(until)s. It is not accepted: "
            "%(ward)s is expected."
        ),
    ),
    "circle_place": (
        gettext_lazy("%(ward)s has a place in %(title)s"),
        gettext_lazy("A place in %(title)s became free; %(ward)s has it."),
    ),
}
