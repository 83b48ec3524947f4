"""Booking without an account: a kind of lesson, a time, a name and an e-mail address."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.core import signing
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from classbell.accounts.permissions import allowed, anyone
from classbell.bookings.kinds.errors import AnswersRefused
from classbell.bookings.models import LessonKind
from classbell.bookings.queries import RatedTeacher
from classbell.door import queries
from classbell.door.errors import DoorClosed
from classbell.errors import DomainError
from classbell.money import price_in_words
from classbell.payments.lessons import is_paid_when_booked
from classbell.web.door.booking import Booked, book_as_guest
from classbell.web.door.forms.book import GuestForm
from classbell.web.door.presenters.pages import head_of, kind_card, teacher_card
from classbell.web.door.presenters.times import times_of
from classbell.web.door.views.pages import show
from classbell.web.door.visits import Visit, visited
from classbell.web.kit.requests import VisitorRequest
from classbell.web.tutoring.presenters.slot_picker import Picker, nearest_of

SALT: Final = "open-booked"
MOMENTS: Final = ("starts_at", "ends_at", "held_until")
# How long the page after booking can be read again.
SHOWN_SECONDS: Final = 24 * 3600


# In another site's page a browser sends no cookie, and so no token of ours. Nobody is somebody here: whatever is sent books
# in the name that is typed, for whoever sends it, as anybody may.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(anyone)
@visited
def kind(request: VisitorRequest, visit: Visit, address: str) -> HttpResponse:
    """Everybody, while the kind is open to everybody: its free times with one teacher or any, and booking one."""
    found, teachers = queries.shown_kind(address)
    asked_teacher = request.POST.get("teacher") or request.GET.get("teacher", "")
    chosen = next((one for one in teachers if one.public_page.address == asked_teacher), None)
    if request.method == "POST":
        return _book(request, visit, found, teachers, chosen)
    times = _times(visit, found, teachers, chosen, request.GET.dict())
    form = None
    if times.chosen is not None and times.chosen_is_free:
        form = GuestForm(kind=found, initial={"slot": times.chosen.value, "length": times.minutes})
    return _page(request, visit, found, teachers, chosen, times, form=form)


@require_safe
@allowed(anyone)
@visited
def booked(request: VisitorRequest, visit: Visit, ticket: str) -> HttpResponse:
    """Who has just booked: what is booked, and that a mail is on its way."""
    try:
        said = signing.loads(ticket, salt=SALT, max_age=SHOWN_SECONDS)
    except signing.BadSignature as error:
        raise DoorClosed from error
    context: dict[str, Any] = said | {name: datetime.fromisoformat(said[name]) for name in MOMENTS if said[name]}
    head = head_of(title=said["kind"], words="", picture="", is_indexable=False)
    return show(request, visit, "door/booked.html", context, head=head, address=reverse("open-booked", args=[ticket]))


def _book(
    request: VisitorRequest,
    visit: Visit,
    found: LessonKind,
    teachers: Sequence[RatedTeacher],
    chosen: RatedTeacher | None,
) -> HttpResponse:
    form = GuestForm(request.POST, kind=found)
    if form.is_valid():
        try:
            done = book_as_guest(request, visit, found, chosen, form)
        except AnswersRefused as error:
            form.refuse_answers(error.refused)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _done(visit, found, done)
    times = _times(visit, found, teachers, chosen, request.POST.dict())
    return _page(request, visit, found, teachers, chosen, times, form=form, status=400)


def _done(visit: Visit, found: LessonKind, done: Booked) -> HttpResponse:
    """Lead on to a page that can be read again and sends nothing twice; all that it says stands in its address, signed."""
    said = {
        "kind": found.name,
        "kind_address": found.address,
        "teacher": done.teacher,
        "starts_at": done.starts_at.isoformat(),
        "ends_at": done.ends_at.isoformat(),
        "email": done.email,
        "waits_for": done.waits_for,
        "pay_url": done.pay_url,
        "price": price_in_words(found.price, found.currency) if found.price and done.pay_url else "",
        "held_until": done.held_until.isoformat() if done.held_until else "",
        "minutes": int((done.ends_at - done.starts_at) / timedelta(minutes=1)),
    }
    return HttpResponseRedirect(reverse("open-booked", args=[signing.dumps(said, salt=SALT)]) + visit.query)


def _times(
    visit: Visit,
    found: LessonKind,
    teachers: Sequence[RatedTeacher],
    chosen: RatedTeacher | None,
    query: dict[str, Any],
) -> Picker:
    return times_of(found, [chosen] if chosen else teachers, query, zone=visit.zone, now=timezone.now())


def _page(
    request: VisitorRequest,
    visit: Visit,
    found: LessonKind,
    teachers: Sequence[RatedTeacher],
    chosen: RatedTeacher | None,
    times: Picker,
    *,
    form: GuestForm | None,
    status: int = 200,
) -> HttpResponse:
    path = reverse("open-kind", args=[found.address])
    with_whom = f"&teacher={chosen.public_page.address}" if chosen else ""
    card = kind_card(found)
    context: dict[str, object] = {
        "card": card,
        "kind": found,
        "price": price_in_words(found.price, found.currency) if found.price and is_paid_when_booked(found) else "",
        "teachers": [teacher_card(one, visit.school, visit.language) for one in teachers],
        "chosen_teacher": teacher_card(chosen, visit.school, visit.language) if chosen else None,
        "times": times,
        "nearest": nearest_of(times.strip, times.chosen.starts_at if times.chosen else timezone.now()),
        "form": form,
        "path": path,
        # To be added to an address with a query: what any link of the picker carries on.
        "carried": with_whom + visit.more,
    }
    head = head_of(
        title=card.name, words=card.description, picture=visit.school.picture, is_indexable=visit.school.indexable
    )
    template = "door/kind.html#picker" if request.htmx.target == "picker" else "door/kind.html"
    return show(request, visit, template, context, head=head, address=path, status=status)
