"""What a guest's link refuses, each with a sentence that says what to do."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from classbell.errors import DomainError
from classbell.moments import moment_in_words


class GuestLinkUnusable(DomainError):
    """The link is forged, or was replaced by the one of a later mail; nothing more is said of it."""

    code = "link_unusable"
    status = 404

    def __init__(self) -> None:
        text = _("This link cannot be used. Open the one in the latest mail about your lesson, or book anew.")
        super().__init__(text)


class GuestLinkExpired(DomainError):
    """Its lesson is long over, or what it was for had to be done sooner."""

    code = "link_expired"
    status = 410

    def __init__(self) -> None:
        super().__init__(_("This link has run out. Write to the school if you still need something."))


class GuestLinkUsed(DomainError):
    """It did what it is for."""

    code = "link_used"

    def __init__(self) -> None:
        super().__init__(_("This link was used already. Sign in, or ask for a new one on the page of your lesson."))


class AlreadyConfirmed(DomainError):
    """Following the link again changes nothing."""

    code = "already_confirmed"

    def __init__(self) -> None:
        super().__init__(_("You have confirmed this lesson already. Nothing more is to be done."))


class HoldOver(DomainError):
    """The link was not followed in time."""

    code = "hold_over"

    def __init__(self) -> None:
        text = _("The time was held for you for %(minutes)s min, and is free again. Choose a time anew.")
        super().__init__(text % {"minutes": settings.ENVIRONMENT.guest_hold_minutes})


class LessonGone(DomainError):
    """It was cancelled."""

    code = "lesson_cancelled"

    def __init__(self) -> None:
        super().__init__(_("This lesson was cancelled, so nothing about it can be changed. Choose a time anew."))


class NotTheMailedLink(DomainError):
    """Only the link in the mail proves the address."""

    code = "not_the_mailed_link"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("Confirm with the link in the mail that we sent you."))


class NotConfirmedYet(DomainError):
    """First the address is proven, then the lesson is seen to."""

    code = "not_confirmed_yet"

    def __init__(self) -> None:
        super().__init__(_("Confirm your lesson first, with the link in the mail that we sent you."))


class LessonsClash(DomainError):
    """Two lessons of one person cannot be at the same time."""

    code = "lessons_clash"

    def __init__(self, at: datetime) -> None:
        text = _(
            "You have something else at that time already: %(when)s. Move or cancel one of the two, then try again."
        )
        super().__init__(text % {"when": moment_in_words(at)}, details=[{"start_time": at.isoformat()}])
