"""Django settings. Nothing here is secret and nothing here is a rule of practice."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from concord.config.database import django_database
from concord.config.environment import read

INSTALLATION = read()
CONCORD_HOME = INSTALLATION.home
CONCORD_PARTNERSHIP = INSTALLATION.partnership
CONCORD_DEMO = INSTALLATION.demo
"""Sign-in as any demo role. Never set it where real records are kept."""

CONCORD_RECOMPUTE = "concord.jobs.figures.recompute"
"""What the figure page calls: screens and jobs stand side by side, so the roof introduces them."""

CONCORD_EDITIONS = "concord.jobs.editions"
"""What the editions' screens call to make a draft, show it, and give it to its readers."""

CONCORD_OUTLINES = "concord.jobs.outlines"
"""Where the outlines under a small map come from."""

CONCORD_PACKS = "concord.jobs.packs"
"""What makes the pack of a meeting from what is loaded, once somebody approved it."""

CONCORD_RECEIVE = "concord.jobs.uploads"
"""The module that receives what was sent through the upload page, started as a process of its own."""

DEBUG = INSTALLATION.debug
SECRET_KEY = INSTALLATION.secret_key
ALLOWED_HOSTS = list(INSTALLATION.hosts)
ROOT_URLCONF = "concord.config.urls"
WSGI_APPLICATION = "concord.config.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "concord.desk.accounts",
    "concord.desk.audit",
    "concord.desk.sharing",
    "concord.desk.editions",
    "concord.desk.people",
    "concord.desk.referrals",
    "concord.desk.instruments",
    "concord.desk.registers",
    "concord.desk.panels",
    "concord.desk.records",
    "concord.web",
    # Sign-in: passwords with a second factor, and an organisation's own. Our templates come first.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Gives every request its viewer, and the database the same viewer for row-level security.
    "concord.web.shared.middleware.ViewerMiddleware",
    # A form that is sent twice is done once; what was written when a session ended is kept.
    "concord.web.shared.once.OnceMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "concord.web.shared.context.page",
            ],
            # `{% csrf_token %}` of every form, allauth's too, writes our token beside Django's.
            "builtins": ["concord.web.templatetags.once"],
        },
    }
]

# Migrations sign in as the tables' owner; everything else as the role under row-level security.
AS_OWNER = os.environ.get("CONCORD_DATABASE_ROLE") == "owner"
DATABASES = {"default": django_database(INSTALLATION.owner_url if AS_OWNER else INSTALLATION.app_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "/sign-in/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# The longest that signin.toml can say; it ends earlier there (see concord.web.shared.middleware).
SESSION_COOKIE_AGE = 60 * 60 * 24
CSRF_COOKIE_SAMESITE = "Lax"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "concord.desk.accounts.passwords.AsTheFolderSays"}]
ACCOUNT_ADAPTER = "concord.web.signin.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_LOGOUT_ON_GET = False
LOGIN_REDIRECT_URL = "/today/"
MFA_ADAPTER = "concord.web.signin.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "concord.web.signin.forms.SecondFactorForm",
    "reauthenticate": "concord.web.signin.forms.SecondFactorAgainForm",
}
MFA_TOTP_ISSUER = "Concord"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = INSTALLATION.loopback
SOCIALACCOUNT_ADAPTER = "concord.web.signin.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, object]] = {}
CONCORD_SINGLE_SIGN_ON = INSTALLATION.single_sign_on
if CONCORD_SINGLE_SIGN_ON is not None:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "organisation",
                "name": CONCORD_SINGLE_SIGN_ON.name,
                "client_id": CONCORD_SINGLE_SIGN_ON.client_id,
                "secret": CONCORD_SINGLE_SIGN_ON.secret,
                "settings": {"server_url": CONCORD_SINGLE_SIGN_ON.issuer},
            }
        ],
    }
if not DEBUG and not CONCORD_DEMO and not INSTALLATION.loopback:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        # A form that begins single sign-on is answered by a redirect to the provider.
        "form-action": ["'self'", *([CONCORD_SINGLE_SIGN_ON.issuer] if CONCORD_SINGLE_SIGN_ON else [])],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = CONCORD_HOME / "static"
# The package's own files are few and versioned with it: serving them from where they stand saves a set-up step.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG or "pytest" in sys.modules
WHITENOISE_MAX_AGE = 60 * 60

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
LOCALE_PATHS: list[Path] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
