"""All settings, read from the environment. With no DATABASE_URL the project's own server is used."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf.locale import LANG_INFO

from karmayogi.institutions.reach import recovering
from karmayogi.registry import wrapping
from karmayogi.registry.rows import ACTOR, EVERYONE, NOBODY, PRESENTED, Rows, any_of
from karmayogi.web.accounts import sign_on_file
from karmayogi.web.languages import OWN_NAMES, RIGHT_TO_LEFT

PACKAGE = Path(__file__).parent
DATA = Path(os.environ.get("KARMAYOGI_DATA", ".data")).resolve()


def _flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "").lower() in {"1", "true", "yes", "on"}


DEMO = _flag("KARMAYOGI_DEMO")
DEBUG = _flag("KARMAYOGI_DEBUG")
SECRET_KEY = os.environ.get("KARMAYOGI_SECRET_KEY", "demo-only-not-a-secret" if DEMO else "")
if not SECRET_KEY:
    _stored = DATA / "secret_key"
    if not _stored.exists():
        import secrets

        DATA.mkdir(parents=True, exist_ok=True)
        _stored.touch(mode=0o600)
        _stored.write_text(secrets.token_urlsafe(48))
    SECRET_KEY = _stored.read_text()
ALLOWED_HOSTS = os.environ.get("KARMAYOGI_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
SIGN_ON_FILE = os.environ.get("KARMAYOGI_SIGN_ON", "")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("KARMAYOGI_ORIGINS", "").split(",") if o]
PUBLIC_URL = os.environ.get("KARMAYOGI_PUBLIC_URL", "http://localhost:8000")

# --- Rooms ---------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "procrastinate.contrib.django",
    "karmayogi.registry",
    "karmayogi.institutions",
    "karmayogi.policy",
    "karmayogi.competency",
    "karmayogi.credentials",
    "karmayogi.assessment",
    "karmayogi.learning",
    "karmayogi.ehrms",
    "karmayogi.planning",
    "karmayogi.monitoring",
    "karmayogi.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "karmayogi.web.gate.Gate",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "karmayogi.web.urls"
WSGI_APPLICATION = "karmayogi.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "karmayogi.web.shell.shell",
            ],
        },
    }
]

# --- Database ------------------------------------------------------------------------------------------------------


def database(url: str) -> dict[str, object]:
    """Django's settings for a postgresql:// address."""
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "karmayogi",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": int(os.environ.get("KARMAYOGI_CONN_MAX_AGE", "60")),
        "CONN_HEALTH_CHECKS": True,
        # On a disk without moving parts a page out of order costs about as much as the next one; PostgreSQL's own
        # figure is 4, and a ministry's officials would be sought through those of the whole service.
        "OPTIONS": {"options": "-c jit=off -c lock_timeout=20s -c random_page_cost=1.1"},
    }


DATABASES = {"default": database(os.environ.get("DATABASE_URL", "postgresql:///karmayogi"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_ACCOUNT = f"user_id = {ACTOR}"
_SIGNING_IN = f"(user_id = {ACTOR} or user_id::text = {PRESENTED})"
FOREIGN_ROWS = {
    "django_content_type": Rows(read=EVERYONE),
    "auth_permission": Rows(read=EVERYONE),
    "auth_group": Rows(read=NOBODY),
    "auth_group_permissions": Rows(read=NOBODY),
    "account_emailaddress": Rows(
        read=_ACCOUNT, insert=_ACCOUNT, update=_ACCOUNT, delete=_ACCOUNT, monitored=False
    ),
    "account_emailconfirmation": Rows(monitored=False),
    "mfa_authenticator": Rows(
        read=any_of(_SIGNING_IN, recovering("user_id")),
        insert=_ACCOUNT,
        update=_SIGNING_IN,
        delete=any_of(_ACCOUNT, recovering("user_id")),
        monitored=False,
    ),
    "socialaccount_socialaccount": Rows(
        read=f"({_SIGNING_IN} or uid = {PRESENTED})",
        insert=_SIGNING_IN,
        update=_SIGNING_IN,
        delete=_ACCOUNT,
        monitored=False,
    ),
    "socialaccount_socialapp": Rows(read=NOBODY),
    "socialaccount_socialtoken": Rows(monitored=False),
    "procrastinate_jobs": Rows(read="status = 'todo'", insert="status = 'todo'"),
    "procrastinate_events": Rows(insert=EVERYONE),
    "procrastinate_periodic_defers": Rows(),
    "procrastinate_workers": Rows(),
}
"""Tables of libraries. Job arguments hold ids only, never names or marks."""

# --- Who signs in --------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "institutions.Account"
AUTHENTICATION_BACKENDS = ["karmayogi.web.accounts.adapter.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_LOGIN_METHODS = {"username", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "phone", "password1*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 180
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_PHONE_VERIFICATION_CODE_FORMAT = ACCOUNT_LOGIN_BY_CODE_FORMAT
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
# Attempts are counted in a table all workers share (web.accounts, registry.limits), not in each one's memory.
ACCOUNT_RATE_LIMITS = False
ACCOUNT_TRUSTED_PROXY_COUNT = int(os.environ.get("KARMAYOGI_PROXIES", "0"))
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
ACCOUNT_ADAPTER = "karmayogi.web.accounts.adapter.Accounts"
MFA_ADAPTER = "karmayogi.web.accounts.factors.Factors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RATE_LIMITS = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO
MFA_FORMS = {
    "authenticate": "karmayogi.web.accounts.factors.Authenticate",
    "reauthenticate": "karmayogi.web.accounts.factors.Reauthenticate",
    "login_webauthn": "karmayogi.web.accounts.factors.SignInByPasskey",
}
SOCIALACCOUNT_ADAPTER = "karmayogi.web.accounts.sign_on.SignOn"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = sign_on_file.read(SIGN_ON_FILE)
"""Government sign-on: for each of openid_connect and saml the APPS that django-allauth describes, from a file."""
SIGN_ON_WITH_TWO_FACTORS = sign_on_file.with_two_factors(SOCIALACCOUNT_PROVIDERS)
KEEPER = os.environ.get("KARMAYOGI_KEEPER", "")
CUSTODY = wrapping.read(os.environ)
"""Who wraps the root keys in the file: nobody, a hardware module, or a key service."""
CUSTODY_FILE = Path(os.environ.get("KARMAYOGI_CUSTODY_FILE", DATA / "custody.keys"))
SMS = {
    "address": os.environ.get("KARMAYOGI_SMS", ""),
    "folder": DATA / "texts",
    "token": os.environ.get("KARMAYOGI_SMS_TOKEN", ""),
    "sender": os.environ.get("KARMAYOGI_SMS_SENDER", "KARMYG"),
    "template": os.environ.get("KARMAYOGI_SMS_TEMPLATE", ""),
}
COUNTRY_CODE = os.environ.get("KARMAYOGI_COUNTRY_CODE", "91")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
SESSION_ENGINE = "karmayogi.institutions.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _flag("KARMAYOGI_HTTPS")
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# --- Languages -----------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = list(OWN_NAMES.items())
LANGUAGES_BIDI = list(RIGHT_TO_LEFT)
# Django knows only some of the scheduled languages; the others are made known to it here.
for _code, _name in LANGUAGES:
    LANG_INFO.setdefault(
        _code, {"bidi": _code in LANGUAGES_BIDI, "code": _code, "name": _name, "name_local": _name}
    )
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
LANGUAGE_COOKIE_NAME = "language"
TIME_ZONE = os.environ.get("KARMAYOGI_TIME_ZONE", "Asia/Kolkata")
USE_TZ = True

# --- Files, mail, security -----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA / "files"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
EMAIL_BACKEND = os.environ.get("KARMAYOGI_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
DEFAULT_FROM_EMAIL = os.environ.get("KARMAYOGI_EMAIL_FROM", "karmayogi@localhost")
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; media-src 'self';"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)
CSRF_FAILURE_VIEW = "karmayogi.web.errors.forged"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("KARMAYOGI_LOG", "WARNING")},
}
