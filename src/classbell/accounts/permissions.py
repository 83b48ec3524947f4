"""
Who may do what: every endpoint and page names one rule.

A rule is a predicate: a function of the person, and of as many of the view's own arguments as it names. `@allowed` asks it
before the view runs:

    @router.post("/{class_id}/students")
    @allowed(teaches_class)  # def teaches_class(user: User, class_id: UUID) -> bool
    def enrol(request: ApiRequest, class_id: UUID, body: StudentsIn) -> ...

A predicate may raise NotThere for what the person must not know of. Rules about one module's things live in that module's
`permissions.py`; those about people alone are here.
"""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme

from classbell.accounts.acting import as_ward, doer, guardian_of, ward_meant
from classbell.accounts.models import ApiKey, User
from classbell.accounts.reader import read_by
from classbell.errors import NotAllowed
from classbell.history import acts

Rule = Callable[..., bool]
View = TypeVar("View", bound=Callable[..., Any])


def anyone(user: User) -> bool:
    """Everybody, signed in or not: for signing in, and for callers who prove themselves in another way."""
    return True


def signed_in(user: User) -> bool:
    """Everybody with an account; what they see is decided by the query."""
    return True


def is_admin(user: User) -> bool:
    """Admins."""
    return user.is_admin


def is_teacher_or_admin(user: User) -> bool:
    """Who teaches, and admins."""
    return user.is_teacher or user.is_admin


def is_student(user: User) -> bool:
    """Who learns here, teachers and admins who also do among them: for what is about one's own learning."""
    return user.is_student


def allowed(rule: Rule, *, otherwise: str | Promise = "", for_wards: bool = False) -> Callable[[View], View]:
    """
    Let only those through of whom `rule` is true; others get NotAllowed, with `otherwise` as its sentence. With `for_wards`
    it is a student's own, which guardians may ask for as for themselves (`accounts.acting`).

    Works for the API, whose operations sign people in before, and for pages, which send visitors to sign in. Stands below
    the router's decorator and above all others.
    """

    def decorate(view: View) -> View:
        names = list(signature(rule).parameters)[1:]
        missing = set(names) - set(signature(view).parameters)
        if missing:
            raise TypeError(f"{rule.__name__} asks for {sorted(missing)}, which {view.__name__} does not take")

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if rule is not anyone and not request.user.is_authenticated:
                return redirect_to_login(_after_signing_in(request))
            ward = ward_meant(request) if for_wards and request.user.is_authenticated else None
            with as_ward(request, ward):
                if rule is not anyone:
                    if not rule(request.user, **{name: kwargs[name] for name in names}):
                        raise NotAllowed(str(otherwise))
                    for_id = request.user.pk if guardian_of(request) else None
                    acts(doer(request).pk, by_key=_name_of_key(request), for_id=for_id)
                with read_by(getattr(request, "user", AnonymousUser()), guardian=guardian_of(request)):
                    return view(request, *args, **kwargs)

        guarded.rule, guarded.for_wards = rule, for_wards  # type: ignore[attr-defined]  # read by rule_of and takes_wards
        return cast("View", guarded)

    return decorate


def _name_of_key(request: HttpRequest) -> str:
    """Return which program acts for the request's person, "" for none."""
    key: ApiKey | None = getattr(request, "api_key", None)
    return key.name if key else ""


def _after_signing_in(request: HttpRequest) -> str:
    """Return where signing in leads: to what was asked for, or to the page from which something was sent."""
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    if request.method in {"GET", "HEAD"} or not is_ours:
        return request.get_full_path()
    page = urlsplit(came_from)
    return urlunsplit(("", "", page.path or "/", page.query, ""))


def takes_wards(view: Callable[..., Any]) -> bool:
    """Say whether guardians may ask for a view as for themselves."""
    return getattr(view, "for_wards", False)


def rule_of(view: Callable[..., Any]) -> Rule | None:
    """Return the rule that a view states, None when it states none."""
    return getattr(view, "rule", None)
