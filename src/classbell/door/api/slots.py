"""When a kind of lesson is free, for whoever has no account."""

from django.http import HttpRequest
from ninja import Field, Query, Router

from classbell.accounts.permissions import allowed, anyone
from classbell.bookings.api.kinds import find_kind_slots
from classbell.bookings.kinds import rules
from classbell.bookings.kinds.choosing import teachers_of
from classbell.bookings.kinds.queries import kind_named
from classbell.bookings.models import LessonKind
from classbell.bookings.schemas.fields import Minutes
from classbell.bookings.schemas.kinds import Address, KindNamed, KindSlotsAnswer
from classbell.bookings.slots import MOST_DAYS
from classbell.door import queries
from classbell.door.models import PublicTeacher
from classbell.wire import Day, Input, Timezone

router = Router()


class PublicSlotsQuery(Input):
    """
    Which slots of a kind, by its id or address: a day, or `days` days from it, in `timezone`; with the teacher whose page has
    this address, or any whose page is shown.
    """

    kind: KindNamed
    date: Day
    teacher: Address | None = None
    duration: Minutes | None = Field(None, description="One of the kind's lengths; its shortest if none is given.")
    timezone: Timezone | None = Field(None, description="The school's if none is given.")
    days: int = Field(1, ge=1, le=MOST_DAYS)


@router.get("/slots", auth=None, response=KindSlotsAnswer, exclude_none=True)
@allowed(anyone)
def public_slots(request: HttpRequest, asked: Query[PublicSlotsQuery]) -> KindSlotsAnswer:
    """
    When lessons of a kind that is open to everybody are free: with one teacher, or with any, each time with how many. No more
    is said of teachers than that. 404 while the school, the kind or the teacher's page is not open to everybody.
    """
    queries.open_school()
    kind = kind_named(LessonKind.objects.offered_to_guests(), asked.kind)
    if asked.teacher is not None:
        teacher = queries.shown_teacher(asked.teacher)
        rules.check_taught(kind, teacher.pk)
        return find_kind_slots(kind, [teacher.pk], asked, shows_seats=False)
    shown = set(PublicTeacher.objects.shown().values_list("pk", flat=True))
    teaching = [one for one in teachers_of(kind) if one in shown]
    return find_kind_slots(kind, teaching, asked, shows_seats=False)
