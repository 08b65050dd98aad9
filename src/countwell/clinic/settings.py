"""What the clinic runs on, from the environment: by itself on SQLite in one folder, as a service on PostgreSQL.

COUNTWELL_DATA      the folder for database, key and backups (default: `countwell-data` in the working folder)
COUNTWELL_DATABASE  `postgresql://user:password@host:port/name`; left out: SQLite in that folder
COUNTWELL_DATABASE_OWNER  the same database by the role that owns its tables: for `countwell upgrade` and `move`, never `serve`
COUNTWELL_PACK_KEYS public keys, with commas: only packs that one of them has signed are used; left out: all that are proven
COUNTWELL_HOSTS     host names it answers to, with commas; left out: this machine alone
COUNTWELL_HTTPS     `no` only for this machine alone: cookies then travel without encryption
COUNTWELL_OIDC      the address, id and secret of the hospital's sign-in, with spaces, or @ and a file that holds them; left
                    out: passwords alone
COUNTWELL_MAIL      `smtp://user:password@host:port`; left out: letters are written as files into the data folder
COUNTWELL_BREACHED  a file with the hashes of passwords that were found in breaches; left out: none is asked
COUNTWELL_ENCRYPT_TO an `age` recipient: backups and the files for a breakdown are encrypted to it; left out: they are not
COUNTWELL_DEMO      `yes` for a demonstration: every page says so; set by `countwell demo`
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from countwell.clinic.breached import breached
from countwell.clinic.oidc import providers
from countwell.clinic.secret import secret_key

HERE = Path(__file__).parent
DATA = Path(os.environ.get("COUNTWELL_DATA", "countwell-data")).absolute()
LOCAL = ("127.0.0.1", "localhost", "[::1]")
ENCRYPT_TO = os.environ.get("COUNTWELL_ENCRYPT_TO", "")
DEMONSTRATION = os.environ.get("COUNTWELL_DEMO") == "yes"


def _database(url: str | None) -> dict[str, object]:
    if not url:
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA / "clinic.sqlite3", "OPTIONS": options}
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
    }


# An acknowledged write outlives a power cut: SQLite waits for the disk at every commit.
SQLITE = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
DATABASES = {"default": {**_database(os.environ.get("COUNTWELL_DATABASE")), "ATOMIC_REQUESTS": False}}
DATABASE_OWNER = _database(url) if (url := os.environ.get("COUNTWELL_DATABASE_OWNER")) else None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PACK_KEYS = frozenset(filter(None, os.environ.get("COUNTWELL_PACK_KEYS", "").replace(" ", "").split(",")))

SECRET_KEY = secret_key(DATA)
DEBUG = False
ALLOWED_HOSTS = [*filter(None, os.environ.get("COUNTWELL_HOSTS", "").split(","))] or [*LOCAL]
HTTPS = os.environ.get("COUNTWELL_HTTPS", "no" if set(ALLOWED_HOSTS) <= set(LOCAL) else "yes") != "no"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if HTTPS]

INSTALLED_APPS = [
    "countwell.clinic.apps.ClinicConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "countwell.clinic.guard.Headers",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "countwell.clinic.guard.Guard",
]
ROOT_URLCONF = "countwell.clinic.urls"
WSGI_APPLICATION = "countwell.clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["countwell.clinic.templatetags.printed"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "countwell.clinic.frame.frame",
                "countwell.clinic.demo.loud.loud",
            ],
        },
    }
]
STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_ROOT = HERE / "root"  # what browsers ask for by themselves, wherever they are
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

AUTH_USER_MODEL = "clinic.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"countwell.clinic.passwords.{name}"}
    for name in ("Long", "WithoutNames", "HardToGuess", "NeverFound", "Another")
]
BREACHED = breached(os.environ.get("COUNTWELL_BREACHED", ""))
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "countwell.clinic.signing_in.Accounts"
SOCIALACCOUNT_ADAPTER = "countwell.clinic.hospital.Hospital"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,8/5m/key", "login": "60/m/ip", "change_password": "10/m/user"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "countwell.clinic.signing_in.SecondStep"
MFA_TOTP_TOLERANCE = 1  # the code before is accepted
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

SESSION_COOKIE_AGE = 15 * 60
SESSION_LONGEST = timedelta(hours=12)  # however much it is used
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
# Not `no-referrer`: a browser then sends `Origin: null` with every form, and each would be refused.
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "countwell.clinic.pages.refusals.no_token"

# Rate limits are shared by all workers, so they live in the database.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "clinic_cache"}}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

MAIL = urlsplit(os.environ.get("COUNTWELL_MAIL", ""))
EMAIL_HOST, EMAIL_PORT = MAIL.hostname or "", MAIL.port or 587
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(MAIL.username or ""), unquote(MAIL.password or "")
EMAIL_USE_TLS = bool(MAIL.hostname)

SOCIALACCOUNT_PROVIDERS = providers(os.environ.get("COUNTWELL_OIDC", ""))
SOCIALACCOUNT_LOGIN_ON_GET = True  # a link: a form may lead to this site alone
SOCIALACCOUNT_ONLY = False

# Log lines carry a route's name and a request's number, never an address, a name or a value.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"plain": {"()": "countwell.clinic.logs.WithoutPatients"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["plain"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
