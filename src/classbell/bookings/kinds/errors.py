"""What kinds of lessons say no to, each with its sentence."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from classbell.errors import DomainError, NotThere


class NoSuchKind(NotThere):
    """There is no such kind of lesson, or it is not offered any more."""

    def __init__(self) -> None:
        super().__init__(_("There is no such kind of lesson. Choose another one."))


class KindRefused(DomainError):
    """A kind of lesson cannot be like that; `refused` says of each field what to do."""

    code = "invalid_input"

    def __init__(self, refused: Mapping[str, str]) -> None:
        self.refused = dict(refused)
        details = [{"field": name, "message": message} for name, message in refused.items()]
        super().__init__(" ".join(f"{name}: {message}" for name, message in refused.items()), details=details)


class AnswersRefused(KindRefused):
    """A question is not answered, or not by one of its answers; `refused` is by the question's key."""

    def __init__(self, refused: Mapping[str, str]) -> None:
        super().__init__({f"answers.{key}": message for key, message in refused.items()})


class KindNotOpen(DomainError):
    """The school does not let this person book such a lesson by themselves."""

    code = "kind_not_open"

    def __init__(self) -> None:
        super().__init__(_("This kind of lesson is booked by the school. Ask your teacher."))


class LengthNotOffered(DomainError):
    """A kind of lesson is as long as the school says."""

    code = "invalid_duration"

    def __init__(self, offered: Sequence[int]) -> None:
        listed = pgettext("between names in a list", ", ").join(str(one) for one in offered)
        super().__init__(
            _("Such a lesson lasts %(minutes)s minutes. Choose that length.") % {"minutes": listed}
            if len(offered) == 1
            else _("Such a lesson lasts one of these numbers of minutes: %(minutes)s.") % {"minutes": listed},
            details=[{"field": "duration", "offered": list(offered)}],
        )


class TrialTaken(DomainError):
    """A trial is once per person."""

    code = "trial_taken"

    def __init__(self) -> None:
        super().__init__(_("A trial lesson is booked once, and this one has been. Choose another kind of lesson."))


class NotTaughtBy(DomainError):
    """The teacher does not teach this kind of lesson."""

    code = "not_taught_by_teacher"

    def __init__(self) -> None:
        super().__init__(
            _("This teacher does not teach that kind of lesson. Choose another teacher, or another kind."),
            details=[{"field": "teacher_id"}],
        )


class NoSuchGroupLesson(NotThere):
    """There is no such group lesson."""

    def __init__(self) -> None:
        super().__init__(_("There is no such group lesson."))


class SeatTakersBusy(DomainError):
    """Some who have a seat cannot come at another time."""

    code = "students_busy"

    def __init__(self, names: Sequence[str]) -> None:
        listed = pgettext("between names in a list", ", ").join(names)
        super().__init__(
            _(
                "At that time these students have something else: %(names)s. Choose another time, or cancel their places."
            )
            % {"names": listed},
            details=[{"names": list(names)}],
        )
