"""Django's settings, built from the typed environment. Nothing else reads environment variables."""

from pathlib import Path
from zoneinfo import ZoneInfo

import django_stubs_ext
import pghistory
import structlog
from django.utils.translation import gettext_lazy as _

from classbell.config.environment import read_environment
from classbell.config.logging import logging_config
from classbell.config.static_version import version_of
from classbell.config.telemetry import start_telemetry
from classbell.postgres.address import database_settings, replica_settings
from classbell.postgres.reach import REPLICA
from classbell.secret_keys import VerifyingKeys
from classbell.tables.limits import BESIDE_FILES, LARGEST_FILE

# Lets Django's own generic classes be written with their parameter: ModelAdmin[User].
django_stubs_ext.monkeypatch()

ENVIRONMENT = read_environment()
PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY = ENVIRONMENT.secret_key.get_secret_value()
SECRET_KEY_FALLBACKS = VerifyingKeys(ENVIRONMENT.old_secret_keys, ZoneInfo(ENVIRONMENT.timezone))
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = [host.strip() for host in ENVIRONMENT.allowed_hosts.split(",")]
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.public_url]
ROOT_URLCONF = "classbell.config.urls"
WSGI_APPLICATION = "classbell.config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True
# E-mail is unique in any case, by a constraint over lower(email) that the check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

INSTALLED_APPS = [
    "procrastinate.contrib.django",
    "classbell.accounts",
    "classbell.groups",
    "classbell.holidays",
    "classbell.meetings",
    "classbell.notices",
    "classbell.bookings",
    "classbell.halakat",
    "classbell.courses",
    "classbell.excuses",
    "classbell.recordings",
    "classbell.door",
    "classbell.calendars",
    "classbell.earnings",
    "classbell.payments",
    "classbell.privacy",
    "classbell.hooks",
    "classbell.operation",
    "classbell.web",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "ninja",
    "pghistory",
    "pgtrigger",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "classbell.config.middleware.optional_trailing_slash",
    "classbell.config.middleware.request_log",
    "classbell.config.unavailable.asked_again",
    "classbell.config.middleware.refusals_counted",
    "classbell.config.middleware.no_null_characters",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "classbell.config.limits.limited_pages",
    "classbell.config.middleware.device_known",
    "classbell.config.middleware.sign_in_noted",
    "allauth.account.middleware.AccountMiddleware",
    "classbell.config.middleware.history",
    "classbell.web.middleware.personal_settings",
    "classbell.web.middleware.consent_asked",
    "classbell.web.middleware.refusals",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "classbell.web.middleware.content_security_policy",
    "django_htmx.middleware.HtmxMiddleware",
]

# What is too large is refused while it is read: bodies and the fields of forms, and the files in them.
DATA_UPLOAD_MAX_MEMORY_SIZE = LARGEST_FILE + BESIDE_FILES
FILE_UPLOAD_HANDLERS = [
    "classbell.tables.limits.BoundedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# The API's way is short: see classbell.config.wsgi. Sessions are read there for our own pages' calls only.
API_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "classbell.config.middleware.never_kept",
    "classbell.config.middleware.shown_nowhere_else",
    "classbell.config.middleware.head_as_get",
    "classbell.config.middleware.optional_trailing_slash",
    "classbell.config.middleware.request_log",
    "classbell.config.unavailable.asked_again",
    "classbell.config.middleware.refusals_counted",
    "classbell.config.middleware.no_null_characters",
    # Before the limits: who is told to wait has to be able to read it.
    "classbell.config.other_sites.other_sites",
    "django.middleware.locale.LocaleMiddleware",
    "classbell.config.limits.limited_api",
    "classbell.config.middleware.device_known",
    "classbell.config.middleware.session_of_pages",
    "classbell.config.middleware.history",
]

# Widgets of our own have templates beside the pages'.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": sorted((Path(__file__).parents[1] / "web").glob("*/templates")),
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database_settings(ENVIRONMENT.database_url)}
if ENVIRONMENT.database_replica_url:
    DATABASES[REPLICA] = replica_settings(ENVIRONMENT.database_replica_url)

# Shared by all processes, or limits on failed sign-ins would count per process.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"},
}

SESSION_ENGINE = "classbell.accounts.sessions"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "classbell.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "classbell.accounts.forms.SignInForm",
    "reset_password": "classbell.accounts.password_links.PasswordLinkForm",
}
# A whole school may sign in from one address when a day begins, so nothing that succeeds is counted by it. Passwords have
# limits of their own, in accounts.sign_ins.attempts; "login_failed" is for codes of the second step.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "5/300s/key", "reset_password_from_key": "200/m/ip"}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "classbell.accounts.password_tokens.PasswordTokens"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Whose identity providers there are, and who comes in by them: classbell.accounts.sso.
SOCIALACCOUNT_ADAPTER = "classbell.accounts.sso.adapter.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"provider_class": "classbell.accounts.sso.openid.OpenIDProvider"},
    "saml": {"provider_class": "classbell.accounts.sso.saml.SamlProvider"},
}
SOCIALACCOUNT_STORE_TOKENS = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_ADAPTER = "classbell.accounts.passkeys.MfaAdapter"
MFA_FORMS = {"add_webauthn": "classbell.accounts.passkeys.AddPasskeyForm"}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Classbell"
# Addresses are given by the school; nobody signs up with somebody else's.
MFA_ALLOW_UNVERIFIED_EMAIL = True
ALLAUTH_TRUSTED_PROXY_COUNT = ENVIRONMENT.trusted_proxies
HEADLESS_TOKEN_STRATEGY = "classbell.accounts.tokens.TokenStrategy"
HEADLESS_JWT_ALGORITHM = "HS256"
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 3600
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = 30 * 24 * 3600
HEADLESS_JWT_ROTATE_REFRESH_TOKEN = True
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.public_url.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
EMAIL_BACKEND = (
    "classbell.notices.mailbox.MailboxBackend"
    if ENVIRONMENT.mailbox
    else f"django.core.mail.backends.{'smtp' if ENVIRONMENT.email_host else 'dummy'}.EmailBackend"
)
# Whoever asks whether mail goes out asks for it; a folder takes mail in, too.
EMAIL_HOST = ENVIRONMENT.email_host or ("localhost" if ENVIRONMENT.mailbox else "")
EMAIL_PORT = ENVIRONMENT.email_port
EMAIL_HOST_USER = ENVIRONMENT.email_host_user
EMAIL_HOST_PASSWORD = ENVIRONMENT.email_host_password.get_secret_value()
EMAIL_USE_TLS = ENVIRONMENT.email_use_tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = ENVIRONMENT.default_from_email

USE_TZ = True
TIME_ZONE = ENVIRONMENT.timezone
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ar", _("Arabic"))]
LOCALE_PATHS = [PACKAGE / "locale"]

# Static files lie under a name that changes with any of them, to be kept by browsers for good.
STATIC_FOLDERS = sorted((PACKAGE / "web").glob("*/static"))
STATICFILES_DIRS = [("web", folder) for folder in STATIC_FOLDERS]
STATIC_VERSION = "changing" if DEBUG else version_of(STATIC_FOLDERS, "django", "django-htmx", "django-ninja")
STATIC_URL = f"/static/{STATIC_VERSION}/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
if not DEBUG:
    WHITENOISE_IMMUTABLE_FILE_TEST = f"^{STATIC_URL}"

# History (classbell.history). Who did it stands in each entry: nothing else to write, or to look up. Entries are final, and
# outlive what they are about.
PGHISTORY_APPEND_ONLY = True
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(related_name="history", db_index=True)

PROCRASTINATE_ON_APP_READY = "classbell.operation.origins.note_origins"
PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "successful"}

LOGGING_CONFIG = None
structlog.configure(
    **logging_config(level=ENVIRONMENT.log_level, style=ENVIRONMENT.log_format, secrets=ENVIRONMENT.secrets)
)
start_telemetry(ENVIRONMENT)
