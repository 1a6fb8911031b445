"""A PostgreSQL address as Django wants it, and the two roles an installation needs."""

from __future__ import annotations

from typing import Any

OWNER = "concord_owner"
"""Owns the tables and runs migrations. May create databases (tests), is no superuser, obeys row-level security."""

APP = "concord_app"
"""What pages and jobs sign in as: reads and writes rows its policies allow, and cannot alter a table."""


def django_database(url: str) -> dict[str, Any]:
    """Django's settings for a libpq address (`postgresql://user:password@host:port/name`, or a socket folder).

    An empty address gives settings that fail on first use, so that `check` and `makemigrations` can run without one.
    """
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(url) if url else {}
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {key: value for key, value in parts.items() if key not in known},
    }
    for name, setting in known.items():
        settings[setting] = str(parts.get(name) or "")
    settings["NAME"] = settings["NAME"] or "concord"  # Django will not even look for a server without a name
    return settings


def create_roles_sql(owner_password: str, app_password: str) -> str:
    """SQL a superuser runs once: the two roles, and the extensions migrations rely on being allowed.

    Safe to run again: it alters what is there.
    """
    from psycopg import sql

    statements = [
        sql.SQL(
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {name_text}) THEN "
            "CREATE ROLE {name}; END IF; END $$;"
            "ALTER ROLE {name} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE {createdb} PASSWORD {password};"
        ).format(
            name_text=sql.Literal(name),
            name=sql.Identifier(name),
            createdb=sql.SQL(createdb),
            password=sql.Literal(password),
        )
        for name, password, createdb in ((OWNER, owner_password, "CREATEDB"), (APP, app_password, "NOCREATEDB"))
    ]
    return "".join(statement.as_string(None) for statement in statements)
