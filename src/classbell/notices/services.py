"""Telling people."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import get_script_prefix

from classbell.accounts.guardians.queries import guardians_of
from classbell.accounts.models import Role, User
from classbell.accounts.reader import reading_guardian
from classbell.jobs import defer
from classbell.notices.dispatching import collect
from classbell.notices.models import TEXT_CHANNELS, Channel, Notice, Phone, PushSubscription
from classbell.notices.preferences import Preferences, Way, forget_child, next_at, preferences_of
from classbell.notices.texts import WARD, WARDS_NAME, Facts, Kind
from classbell.notices.topics import AT_ONCE, NEVER_COLLECTED, OF_WARDS, Topic, topic_of


def tell(
    user: User,
    kind: Kind,
    facts: Facts,
    *,
    path: str = "",
    stale_at: datetime | None = None,
    by_mail: bool = True,
    now: datetime,
) -> Notice:
    """
    Tell one person something, on their pages, by mail and on whatever else they have, as they want to be told; unless
    `by_mail` by no mail. It is sent once the caller's transaction has committed: at once, after their quiet hours or with
    others of a day, and not from `stale_at` on. What a student is told of their own, their guardians are told too, but for
    the one who did it and those who want to hear nothing of the kind about this child.

    `facts` are what `notices.texts` says of this kind.
    """
    path = _from_the_root(path)
    with transaction.atomic():
        told = _tell_one(user, kind, facts, path=path, stale_at=stale_at, by_mail=by_mail, now=now)
        for guardian in _guardians_told(user, kind):
            tell_of_ward(guardian, user, kind, facts, path=path, stale_at=stale_at, by_mail=by_mail, now=now)
    return told


def tell_of_ward(
    guardian: User,
    ward: User,
    kind: Kind,
    facts: Facts,
    *,
    path: str = "",
    stale_at: datetime | None = None,
    by_mail: bool = True,
    now: datetime,
) -> Notice:
    """Tell a guardian of a student's own, by the student's name and with the child's page; as `tell` else."""
    of_ward = {**facts, WARD: str(ward.pk), WARDS_NAME: ward.name}
    below = f"/children/{ward.pk}{_from_the_root(path)}" if path else ""
    return _tell_one(guardian, kind, of_ward, path=below, stale_at=stale_at, by_mail=by_mail, now=now)


def _tell_one(
    user: User, kind: Kind, facts: Facts, *, path: str, stale_at: datetime | None, by_mail: bool, now: datetime
) -> Notice:
    preferences, topic = preferences_of(user), topic_of(kind)
    on_page = preferences.wants(topic, Way.PAGE)
    notice = Notice.objects.create(
        user=user, kind=kind, facts=facts, path=path, on_page=on_page, stale_at=stale_at, created_at=now
    )
    if user.is_guest:
        # There is no other way to them, and nothing that they could choose.
        if by_mail:
            defer("notices.mail_notice", notice_id=str(notice.pk))
        return notice
    if by_mail and preferences.wants(topic, Way.MAIL):
        _mail_in_time(notice, preferences, topic, now)
    _send_in_time(notice, preferences, topic, now)
    return notice


def _guardians_told(student: User, kind: Kind) -> list[User]:
    """Return who is told beside a student; nobody for what is not a student's own. A query for each where it is."""
    if student.role != Role.STUDENT or topic_of(kind) not in OF_WARDS:
        return []
    by = reading_guardian()
    others = (guardian for guardian in guardians_of(student.pk) if by is None or guardian.pk != by.pk)
    return [guardian for guardian in others if preferences_of(guardian).wants_of(student.pk, topic_of(kind))]


def forget_ward(*, guardian_id: UUID, student_id: UUID) -> None:
    """Take away what a guardian was told of a student, and what they chose about them: they are the guardian no more."""
    forget_child(guardian_id=guardian_id, student_id=student_id)
    Notice.objects.filter(user=guardian_id, facts__contains={WARD: str(student_id)}).delete()


def _from_the_root(path: str) -> str:
    """Return where a page is for whoever is told of it; a guardian who asks has it below an address of the child's."""
    prefix = get_script_prefix()
    return "/" + path.removeprefix(prefix) if path.startswith(prefix) else path


def _mail_in_time(notice: Notice, preferences: Preferences, topic: Topic, now: datetime) -> None:
    """Have a notice mailed when its reader wants mail."""
    user = notice.user
    if preferences.digest_at is not None and topic not in NEVER_COLLECTED:
        collect(notice, at=next_at(preferences.digest_at, user.zone, now))
        return
    defer("notices.mail_notice", at=_not_before(user, preferences, topic, now), notice_id=str(notice.pk))


def _send_in_time(notice: Notice, preferences: Preferences, topic: Topic, now: datetime) -> None:
    """Have a notice sent to the phone and the browsers of its reader, where they want it and have any."""
    user = notice.user
    channels = [channel for channel in TEXT_CHANNELS if preferences.wants(topic, Way(channel))]
    if channels and not Phone.objects.filter(user=user, confirmed_at__isnull=False).exists():
        channels = []
    tasks = [("notices.send_text", channel) for channel in channels]
    if preferences.wants(topic, Way.PUSH) and PushSubscription.objects.filter(user=user).exists():
        tasks.append(("notices.push", Channel.PUSH))
    at = _not_before(user, preferences, topic, now) if tasks else None
    for task, channel in tasks:
        defer(task, at=at, notice_id=str(notice.pk), channel=channel.value)


def _not_before(user: User, preferences: Preferences, topic: Topic, now: datetime) -> datetime | None:
    """Return when somebody's quiet hours end, if they are now and hold this back."""
    quiet = None if topic in AT_ONCE else preferences.quiet_hours
    return quiet.until(now, user.zone) if quiet else None


def mark_read(notice_ids: Collection[UUID], *, now: datetime) -> None:
    """Note that their reader has seen these; those read before keep their time. One statement, none without notices."""
    if notice_ids:
        Notice.objects.filter(pk__in=notice_ids, read_at=None).update(read_at=now)
