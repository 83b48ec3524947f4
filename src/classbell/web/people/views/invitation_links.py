"""The links of everybody who has not come in yet, at once: as cards to print, or as a file."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classbell.accounts.cards import card_link
from classbell.accounts.invitations import VALID_FOR, invitation_link, without_password
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_admin
from classbell.errors import NotThere
from classbell.groups.models import Group
from classbell.sheets import Table, as_file
from classbell.web.kit.charts.qr import code_of
from classbell.web.kit.requests import PersonRequest

MOST_LINKS = 2000
# Of which that many are drawn; the file has them all.
MOST_CARDS = 200


@never_cache
@require_safe
@allowed(is_admin)
def invitation_links(request: PersonRequest) -> HttpResponse:
    """
    Admins: a card for each person without a password and each who comes in by one, of the school or of one `group`;
    `format=csv` for a file.
    """
    group = _group(request)
    people = without_password(group.members.all() if group is not None else User.objects.all())[:MOST_LINKS]
    links = [(user, invitation_link(user) if user.has_address else card_link(user)) for user in people]
    if request.GET.get("format") == "csv":
        head = [_("Name"), _("E-mail"), _("Link")]
        return as_file(
            Table(name="links", head=head, rows=[[user.name, user.written_to, link] for user, link in links]), "csv"
        )
    cards = [(user, link, code_of(link)) for user, link in links[:MOST_CARDS]]
    by_password = sum(user.has_address for user, _link in links)
    context = {
        "group": group,
        "cards": cards,
        "count": len(links),
        "by_password": by_password,
        "by_card": len(links) - by_password,
        "until": timezone.now() + VALID_FOR,
    }
    return render(request, "people/links.html", context)


def _group(request: HttpRequest) -> Group | None:
    asked = request.GET.get("group", "")
    if not asked:
        return None
    try:
        return get_object_or_404(Group, pk=UUID(asked))
    except ValueError as error:
        raise NotThere from error
