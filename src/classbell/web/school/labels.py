"""The installation's settings as an admin reads them: what each is for, what it is, what it would be by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from classbell.privacy.classification import Kept

Words = Mapping[str, Promise]

HERE: Final[Words] = {
    "public_url": gettext_lazy("The address people use. With https, sign-in cookies are sent over https only."),
    "allowed_hosts": gettext_lazy("The host names that are served, with commas between them."),
    "timezone": gettext_lazy("The clock of everybody whose own is not known."),
    "database_url": gettext_lazy("A PostgreSQL server. Without one Classbell runs its own in the data folder."),
    "database_replica_url": gettext_lazy(
        "A replica of the database, for reports, calendar feeds and free times more than a week ahead."
    ),
    "replica_lag": gettext_lazy("How far behind the replica may be; when it is further, the database itself is asked."),
    "data": gettext_lazy("The data folder: Classbell’s own database, its key and the file classbell.env."),
    "secret_key": gettext_lazy(
        "Signs sign-ins and links. The same on every machine; kept in the data folder unless set."
    ),
    "secret_key_old": gettext_lazy(
        "Keys before this one: what they signed stays good until their day, if they have one."
    ),
    "trusted_proxies": gettext_lazy(
        "How many proxies stand before the server, so that failed sign-ins count against people."
    ),
    "request_timeout": gettext_lazy("How long a request may take to arrive before its sender is let go."),
    "statement_timeout": gettext_lazy("How long a request may ask the database for one thing."),
    "page_timeout": gettext_lazy("The same for pages that are only read. Not set: as above."),
    "api_read_timeout": gettext_lazy("The same for what programs only read. Not set: as above."),
    "report_timeout": gettext_lazy("The same for reports."),
    "export_timeout": gettext_lazy("The same for files of reports and of all that is kept of somebody."),
    "report_days": gettext_lazy("How many days a report covers at most."),
    "sentry_dsn": gettext_lazy("Where errors are reported, at Sentry. Not set: nowhere."),
    "otlp_endpoint": gettext_lazy("Where traces go, to a collector of OpenTelemetry. Not set: nowhere."),
    "stop_notice": gettext_lazy("How long a server that is about to stop says so before it takes in nothing more."),
    "stop_timeout": gettext_lazy("How long requests and jobs in hand may take when a process is told to stop."),
    "requests_per_key": gettext_lazy(
        "How many requests a program may send in a minute, by its API key. 0: any number."
    ),
    "requests_per_person": gettext_lazy(
        "How many requests somebody who is signed in may send in a minute. 0: any number."
    ),
    "requests_per_address": gettext_lazy(
        "How many requests may come from one address in a minute, of visitors who are not signed in. 0: any number."
    ),
    "webhook_ports": gettext_lazy("The ports to which webhooks may go."),
    "webhook_private_hosts": gettext_lazy("Hosts inside the school’s network to which webhooks may go."),
    "webhook_allow_http": gettext_lazy("Webhooks may go to addresses without encryption; for trials."),
    "google_calendar_client_id": gettext_lazy("By which Google knows this installation when it reads calendars."),
    "google_calendar_client_secret": gettext_lazy("The secret of that at Google."),
    "microsoft_calendar_client_id": gettext_lazy("By which Microsoft knows this installation when it reads calendars."),
    "microsoft_calendar_client_secret": gettext_lazy("The secret of that at Microsoft."),
    "calendar_hold_hours": gettext_lazy(
        "For how many hours what is known of a teacher’s own calendar holds when it can no longer be read."
    ),
    "log_level": gettext_lazy("How much is logged."),
    "log_format": gettext_lazy("text for people, json for machines."),
    "metrics_token": gettext_lazy(
        "What /metrics asks for. Without it, the figures are read on the server itself only."
    ),
    "debug": gettext_lazy("Error pages with details. Never on a public server."),
}
ZOOM: Final[Words] = {
    "zoom_account_id": gettext_lazy("From the Server-to-Server OAuth app: Account ID."),
    "zoom_client_id": gettext_lazy("From the same app: Client ID."),
    "zoom_client_secret": gettext_lazy("From the same app: Client Secret."),
    "zoom_plan": gettext_lazy(
        "Whose limits are kept: free, pro or business, which stands for Education and Enterprise too."
    ),
    "zoom_seats_per_host": gettext_lazy(
        "How many meetings one licence may run at a time: 2 on Business, Education and Enterprise, if Zoom allows."
    ),
    "zoom_user_app_client_id": gettext_lazy("From the app that teachers consent to for their own Zoom: Client ID."),
    "zoom_user_app_client_secret": gettext_lazy("From the same app: Client Secret."),
    "zoom_user_app_webhook_secret": gettext_lazy("From the same app: Secret Token, another than the school’s."),
    "zoom_user_app_api_url": gettext_lazy("Where teachers’ own Zoom is asked. Not set: where the school’s is."),
    "zoom_user_app_oauth_url": gettext_lazy("Where its tokens come from. Not set: where the school’s do."),
    "zoom_webhook_secret": gettext_lazy(
        "The app’s Secret Token. Without it nobody tells who came, and attendance waits for Zoom’s reports."
    ),
    "zoom_webhook_secret_old": gettext_lazy("The Secret Token before it, while Zoom still signs with that one."),
    "zoom_webhook_max_age": gettext_lazy(
        "How old a message from Zoom may be. Zoom repeats what failed for up to 85 minutes."
    ),
    "zoom_inline_timeout": gettext_lazy(
        "How long somebody who waits for a link waits for Zoom; after that it follows by itself."
    ),
    "zoom_request_timeout": gettext_lazy("How long one question to Zoom may take."),
    "zoom_sdk_key": gettext_lazy("From the Meeting SDK app, for joining inside the page."),
    "zoom_sdk_secret": gettext_lazy("From the same app."),
    "zoom_sdk_url": gettext_lazy("Where browsers load the Meeting SDK from. The demo points to its simulator."),
    "zoom_api_url": gettext_lazy("Where Zoom’s API is. The demo points to its simulator."),
    "zoom_oauth_url": gettext_lazy("Where Zoom gives out tokens. The demo points to its simulator."),
}
JOINING: Final[Words] = {
    "student_email_domains": gettext_lazy(
        "Students with other e-mail domains can neither join nor be registered. Empty: any."
    ),
    "join_early_minutes": gettext_lazy(
        "How many minutes before a session its door opens for those who do not teach it. Empty: at any time."
    ),
    "guest_hold_minutes": gettext_lazy(
        "How many minutes a time is held for a guest who has yet to follow the mailed link."
    ),
    "door_grace_minutes": gettext_lazy("How many minutes after its planned end the door of a session stays open."),
    "run_early_minutes": gettext_lazy(
        "How many minutes before its planned start a meeting that somebody opens at Zoom may already be the session."
    ),
    "run_late_minutes": gettext_lazy(
        "How many minutes after its planned end a meeting that somebody opens at Zoom may still be the session."
    ),
    "backup_room_url": gettext_lazy(
        "Where a session is held while Zoom has no meeting for it: a Jitsi or BigBlueButton address with {token} in it."
    ),
    "backup_room_minutes": gettext_lazy("How many minutes before a session its backup room is given out."),
}
MAIL: Final[Words] = {
    "email_host": gettext_lazy(
        "The SMTP server. Without one, notifications are shown on pages only, and you pass invitations on yourself."
    ),
    "email_port": gettext_lazy("Its port."),
    "email_host_user": gettext_lazy("The name to sign in with there."),
    "email_host_password": gettext_lazy("The password to sign in with there."),
    "email_use_tls": gettext_lazy("Whether the connection is encrypted (STARTTLS)."),
    "mailbox": gettext_lazy(
        "A folder in which mails are kept instead of being sent, for trials; admins read them on a page."
    ),
    "default_from_email": gettext_lazy("Whom mails come from."),
}
PAYING: Final[Words] = {
    "stripe_secret_key": gettext_lazy("From Stripe: the secret key. Without it nobody can pay online."),
    "stripe_webhook_secret": gettext_lazy(
        "From Stripe: what its webhooks are signed with. Without it payments are asked about every few minutes."
    ),
    "stripe_automatic_tax": gettext_lazy("Whether Stripe works out taxes, once they are set up there."),
    "stripe_api_url": gettext_lazy("Where Stripe’s API is."),
}
KEEPING: Final[Words] = {
    "keep_stays_days": gettext_lazy(
        "How many days the times in meetings that Zoom told stay, with names and addresses. Attendance stays."
    ),
    "keep_aliases_days": gettext_lazy("How many days it is remembered who comes under another name."),
    "keep_inbox_days": gettext_lazy("How many days the messages from Zoom stay."),
    "keep_history_days": gettext_lazy("How many days it is kept who changed what."),
    "keep_notices_days": gettext_lazy("How many days notifications stay."),
    "keep_guests_days": gettext_lazy("How many days guests are kept who never confirmed a lesson."),
    "keep_documents_days": gettext_lazy("How many days documents stay that came with excuses."),
    "largest_document": gettext_lazy("How many bytes a document with an excuse may have."),
    "keep_jobs_days": gettext_lazy("How many days failed background jobs stay."),
    "teachers_emails": gettext_lazy(
        "How teachers read students’ e-mail addresses, on pages and in files: whole, masked or none. Admins read them whole."
    ),
    "students_names": gettext_lazy(
        "How students read the names of other students: whole, initial (the first name and a letter) or none."
    ),
    "guardians_join": gettext_lazy(
        "Whether guardians see the links to sessions of their children and may join by them."
    ),
}
SIGN_IN: Final[Words] = {
    "sign_in_providers": gettext_lazy(
        "Where people sign in with their school account, as JSON. Easier under “Sign-in” in the account menu."
    ),
    "jwt_issuer": gettext_lazy("Accept tokens of this issuer, such as Supabase or any OpenID provider."),
    "jwt_audience": gettext_lazy("The audience its tokens must be for."),
    "jwt_secret": gettext_lazy("How to check them: a shared secret."),
    "jwt_jwks_url": gettext_lazy("Or the address of the issuer’s published keys."),
    "jwt_role_claim": gettext_lazy(
        "The claim that says student, teacher or admin. It must not be one that people can edit."
    ),
}
GROUPS: Final = (
    ("here", gettext_lazy("This installation"), HERE),
    ("zoom", gettext_lazy("Zoom"), ZOOM),
    ("joining", gettext_lazy("Joining"), JOINING),
    ("mail", gettext_lazy("Mail"), MAIL),
    ("paying", gettext_lazy("Paying"), PAYING),
    ("keeping", gettext_lazy("Data protection"), KEEPING),
    ("sign-in", gettext_lazy("Sign-in from outside"), SIGN_IN),
)
# Addresses of servers may hold passwords, lists of providers hold secrets.
NEVER_SHOWN: Final = frozenset({"database_url", "database_replica_url", "sign_in_providers"})


# What the nightly job forgets, by how long it is kept.
LEFT_AFTER: Final[Mapping[Kept, Promise | str]] = {
    Kept.STAYS: gettext_lazy("Times in meetings, with the names and addresses that Zoom told"),
    Kept.ALIASES: gettext_lazy("Names under which people come to meetings"),
    Kept.INBOX: gettext_lazy("Messages from Zoom"),
    Kept.HISTORY: gettext_lazy("Who changed what"),
    Kept.NOTICES: gettext_lazy("Notifications and reminders"),
    Kept.DOCUMENTS: gettext_lazy("Documents with excuses"),
    Kept.JOBS: gettext_lazy("Background jobs that failed"),
    Kept.EXPORTS: gettext_lazy("Files that people took along what is kept of them with"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One setting. `default` is empty where there is none to speak of; secrets only say whether they are set."""

    variable: str
    explanation: str
    value: str
    default: str
    is_default: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingGroup:
    """Settings that belong together."""

    key: str
    title: str
    settings: list[Setting]


def settings_in_words(environment: BaseModel) -> list[SettingGroup]:
    """Return every setting, in groups, in the reader's language. No secret is in it."""
    return [
        SettingGroup(
            key=key, title=str(title), settings=[_setting(environment, name, str(why)) for name, why in words.items()]
        )
        for key, title, words in GROUPS
    ]


def _setting(environment: BaseModel, name: str, explanation: str) -> Setting:
    field, value = type(environment).model_fields[name], getattr(environment, name)
    default = None if field.default is PydanticUndefined else field.default
    hidden = name in NEVER_SHOWN or isinstance(value, SecretStr)
    return Setting(
        variable=field.alias or name.upper(),
        explanation=explanation,
        value=_whether_set(value) if hidden else _said(value),
        default="" if hidden or default in (None, "") else _said(default),
        is_default=value == default,
    )


def _whether_set(value: object) -> str:
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return _("Set") if plain else _("Not set")


def _said(value: object) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    return _("Not set") if value in (None, "") else str(value)
