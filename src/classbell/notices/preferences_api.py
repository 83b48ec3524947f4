"""How people are told: `/api/me/notifications`, `/api/school/notifications`."""

from datetime import timedelta
from typing import Final

from ninja import Router

from classbell.accounts.acting import NotTheirGuardian
from classbell.accounts.auth import ApiRequest
from classbell.accounts.disclosure import name_of
from classbell.accounts.guardians.queries import wardships_of
from classbell.accounts.models import Role, User
from classbell.accounts.permissions import allowed, is_admin, signed_in
from classbell.accounts.services import change_profile
from classbell.notices.preferences import (
    AbsenceAlerts,
    PreferenceChanges,
    Preferences,
    QuietHours,
    Way,
    absence_alerts,
    change_preferences,
    choose_as_school,
    preferences_of,
    school_preferences,
)
from classbell.notices.schemas import (
    AbsencesOut,
    ChannelsOut,
    ChildOut,
    ForAllIn,
    ForAllOut,
    KindOut,
    NotificationsAnswer,
    NotificationsIn,
    NotificationsOut,
    QuietHoursOut,
    SchoolNotificationsAnswer,
    SchoolNotificationsIn,
    SchoolNotificationsOut,
)
from classbell.notices.topics import ALWAYS_ON_PAGE, BY_CHILD, TITLES, topics_for

TAGS: Final[list[str]] = ["Notifications"]
mine_router = Router(tags=TAGS)
school_router = Router(tags=TAGS)


@mine_router.get("/notifications", response=NotificationsAnswer, by_alias=True)
@allowed(signed_in)
def show_mine(request: ApiRequest) -> NotificationsAnswer:
    """How you are told of what happens: where, when, and how long before a session."""
    return _mine(request.user)


@mine_router.patch("/notifications", response=NotificationsAnswer, by_alias=True)
@allowed(signed_in)
def change_mine(request: ApiRequest, body: NotificationsIn) -> NotificationsAnswer:
    """Change how you are told; what you do not name stays. 400 `quiet_hours_empty`, 403 `not_their_guardian`."""
    wards = {one.student.pk for one in wardships_of(request.user)} if body.children else set()
    if not body.children.keys() <= wards:
        raise NotTheirGuardian
    if body.as_school:
        choose_as_school(request.user)
    changes = _changes(body)
    changes["children"] = {
        str(student): {topic.value: told for topic, told in kinds.items()} for student, kinds in body.children.items()
    }
    change_preferences(request.user, changes)
    if body.mail is not None:
        change_profile(user_id=request.user.pk, changes={"wants_mail": body.mail})
    return _mine(User.objects.get(pk=request.user.pk))


@school_router.get("/notifications", response=SchoolNotificationsAnswer, by_alias=True)
@allowed(is_admin)
def show_schools(request: ApiRequest) -> SchoolNotificationsAnswer:
    """How people are told who have chosen nothing themselves."""
    return _schools()


@school_router.patch("/notifications", response=SchoolNotificationsAnswer, by_alias=True)
@allowed(is_admin)
def change_schools(request: ApiRequest, body: ForAllIn) -> SchoolNotificationsAnswer:
    """Change how people are told who have chosen nothing themselves; what is not named stays. 400 `quiet_hours_empty`."""
    changes = _changes(body)
    if body.absences is not None:
        minutes = body.absences.minutes
        after = None if minutes is None else timedelta(minutes=minutes)
        changes["absences"] = AbsenceAlerts(after=after, tells=frozenset(body.absences.tells))
    change_preferences(None, changes)
    return _schools()


def _changes(body: SchoolNotificationsIn) -> PreferenceChanges:
    changes: PreferenceChanges = {
        "channels": {topic: ways.model_dump(exclude_none=True) for topic, ways in body.kinds.items()}
    }
    if "quiet_hours" in body.model_fields_set:
        quiet = body.quiet_hours
        changes["quiet_hours"] = None if quiet is None else QuietHours(begin=quiet.begin, end=quiet.until)
    if "digest_at" in body.model_fields_set:
        changes["digest_at"] = body.digest_at
    if body.reminder_minutes is not None:
        changes["reminder_minutes"] = body.reminder_minutes
    return changes


def _mine(user: User) -> NotificationsAnswer:
    preferences = preferences_of(user)
    said = _said(preferences, user.role)
    children = [
        ChildOut(
            student_id=one.student.pk,
            name=name_of(one.student),
            kinds={topic: preferences.wants_of(one.student.pk, topic) for topic in BY_CHILD},
        )
        for one in wardships_of(user)
    ]
    return NotificationsAnswer(
        notifications=NotificationsOut(
            **said.model_dump(), mail=user.wants_mail, timezone=user.timezone, children=children
        )
    )


def _schools() -> SchoolNotificationsAnswer:
    said, alerts = _said(school_preferences(), Role.ADMIN), absence_alerts()
    absences = AbsencesOut(
        minutes=None if alerts.after is None else alerts.after // timedelta(minutes=1), tells=sorted(alerts.tells)
    )
    return SchoolNotificationsAnswer(notifications=ForAllOut(**said.model_dump(), absences=absences))


def _said(preferences: Preferences, role: str) -> SchoolNotificationsOut:
    quiet, digest = preferences.quiet_hours, preferences.digest_at
    return SchoolNotificationsOut(
        kinds=[
            KindOut(
                kind=topic,
                title=str(TITLES[topic]),
                channels=ChannelsOut(**{way.value: preferences.wants(topic, way) for way in Way}),
                always=["page"] if topic in ALWAYS_ON_PAGE else [],
            )
            for topic in topics_for(role)
        ],
        quiet_hours=None if quiet is None else QuietHoursOut(begin=f"{quiet.begin:%H:%M}", until=f"{quiet.end:%H:%M}"),
        digest_at=None if digest is None else f"{digest:%H:%M}",
        reminder_minutes=preferences.reminder_minutes,
    )
