"""What people agree to before they join, and the rules for recordings, by API: `/api/recordings`."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from ninja import Router

from classbell.accounts.acting import doer
from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, is_admin, signed_in
from classbell.accounts.schemas import Done
from classbell.groups.models import Group
from classbell.meetings.models import Meeting
from classbell.recordings.consent import agree, text_to_ask
from classbell.recordings.models import WatchRule
from classbell.recordings.rules import change_rules, drop_watch_rule, own_rule_of, rules_in_force, set_watch_rule
from classbell.recordings.schemas import (
    ConsentAnswer,
    ConsentIn,
    ConsentText,
    RulesAnswer,
    RulesOut,
    RulesPatch,
    WatchRuleAnswer,
    WatchRuleIn,
    WatchRuleOut,
)

router = Router(tags=["Recordings"])


@router.get("/consent", response=ConsentAnswer)
@allowed(signed_in, for_wards=True)
def get_consent(request: ApiRequest) -> ConsentAnswer:
    """What the school asks before you join, unless you agreed to it. Until then no answer has a link by which you attend."""
    text = text_to_ask(request.user)
    if text is None:
        return ConsentAnswer(consent=None)
    words, language = text.said_in(get_language() or "en")
    return ConsentAnswer(consent=ConsentText(version=text.version, text=words, language=language))


@router.post("/consent", response=Done)
@allowed(signed_in, for_wards=True)
def give_consent(request: ApiRequest, body: ConsentIn) -> Done:
    """Agree to the text that is asked now; a guardian for a child. Safe to repeat. 400 `text_changed` for another version."""
    agree(request.user, version=body.version, by=doer(request), now=timezone.now())
    return Done()


@router.get("/rules", response=RulesAnswer)
@allowed(is_admin)
def get_rules(request: ApiRequest) -> RulesAnswer:
    """Who may watch, who may keep a copy, and how long recordings are kept. Admins."""
    return _rules()


@router.patch("/rules", response=RulesAnswer)
@allowed(is_admin)
def patch_rules(request: ApiRequest, body: RulesPatch) -> RulesAnswer:
    """Change the school's rules; what is not named stays. Admins."""
    given = body.model_dump(exclude_unset=True)
    change_rules({name: value for name, value in given.items() if value is not None or name == "keep_days"})
    return _rules()


@router.get("/rules/groups/{uuid:group_id}", response=WatchRuleAnswer)
@allowed(is_admin)
def get_group_rule(request: ApiRequest, group_id: UUID) -> WatchRuleAnswer:
    """The rule of a class, a course or a circle. Admins."""
    return _rule_of(get_object_or_404(Group, pk=group_id))


@router.put("/rules/groups/{uuid:group_id}", response=WatchRuleAnswer)
@allowed(is_admin)
def set_group_rule(request: ApiRequest, group_id: UUID, body: WatchRuleIn) -> WatchRuleAnswer:
    """Give a class, a course or a circle a rule of its own. Admins. Safe to repeat."""
    return _set(get_object_or_404(Group, pk=group_id), body)


@router.delete("/rules/groups/{uuid:group_id}", response=Done)
@allowed(is_admin)
def drop_group_rule(request: ApiRequest, group_id: UUID) -> Done:
    """Let the school's rule count again. Admins. Safe to repeat."""
    drop_watch_rule(get_object_or_404(Group, pk=group_id))
    return Done()


@router.get("/rules/meetings/{uuid:meeting_id}", response=WatchRuleAnswer)
@allowed(is_admin)
def get_meeting_rule(request: ApiRequest, meeting_id: UUID) -> WatchRuleAnswer:
    """The rule of one meeting. Admins."""
    return _rule_of(get_object_or_404(Meeting, pk=meeting_id))


@router.put("/rules/meetings/{uuid:meeting_id}", response=WatchRuleAnswer)
@allowed(is_admin)
def set_meeting_rule(request: ApiRequest, meeting_id: UUID, body: WatchRuleIn) -> WatchRuleAnswer:
    """Give one meeting a rule of its own, which goes before its class's. Admins. Safe to repeat."""
    return _set(get_object_or_404(Meeting, pk=meeting_id), body)


@router.delete("/rules/meetings/{uuid:meeting_id}", response=Done)
@allowed(is_admin)
def drop_meeting_rule(request: ApiRequest, meeting_id: UUID) -> Done:
    """Let the rule above count again. Admins. Safe to repeat."""
    drop_watch_rule(get_object_or_404(Meeting, pk=meeting_id))
    return Done()


def _rules() -> RulesAnswer:
    rules = rules_in_force()
    own = WatchRule.objects.select_related("group", "meeting").order_by("group__name", "meeting__title", "pk")
    return RulesAnswer(
        rules=RulesOut(
            watchers=rules.watchers,
            may_download=rules.may_download,
            keep_days=rules.keep_days,
            notice_days=rules.notice_days,
            erases_lessons=rules.erases_lessons,
            own=[_described(rule) for rule in own],
        )
    )


def _set(of: Group | Meeting, body: WatchRuleIn) -> WatchRuleAnswer:
    set_watch_rule(of, watchers=body.watchers, may_download=body.may_download)
    return _rule_of(of)


def _rule_of(of: Group | Meeting) -> WatchRuleAnswer:
    rule = own_rule_of(of)
    return WatchRuleAnswer(rule=_described(rule) if rule is not None else None)


def _described(rule: WatchRule) -> WatchRuleOut:
    name = rule.group.name if rule.group is not None else rule.meeting.title if rule.meeting is not None else ""
    return WatchRuleOut(
        group_id=rule.group_id,
        meeting_id=rule.meeting_id,
        name=name,
        watchers=rule.watchers,
        may_download=rule.may_download,
    )
