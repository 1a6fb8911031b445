"""What an installation is told from outside, read once, in one place."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """An organisation's OpenID Connect provider. `claim` names the claim that holds the account's username."""

    issuer: str
    client_id: str
    secret: str
    name: str
    claim: str


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation: where it keeps things, whose partnership it serves, how it reaches its database.

    `app_url` signs in as the role that pages and jobs use (no superuser, no BYPASSRLS);
    `owner_url` as the role that owns the tables and runs migrations.
    """

    home: Path
    partnership: Path
    demo: bool
    debug: bool
    app_url: str
    owner_url: str
    hosts: tuple[str, ...]
    single_sign_on: SingleSignOn | None = None

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it: then there is no TLS to insist on."""
        return set(self.hosts) <= {"localhost", "127.0.0.1", "[::1]"}

    @property
    def secret_key(self) -> str:
        """Django's signing key: made on first use, readable by this account only."""
        return secret(self.home, "django.key")


def partnerships() -> Path:
    """The folder of partnership folders: beside the source, unless CONCORD_PARTNERSHIPS names another."""
    return Path(os.environ.get("CONCORD_PARTNERSHIPS", REPOSITORY / "partnerships"))


def read(environ: dict[str, str] | None = None) -> Installation:
    env = os.environ if environ is None else environ
    home = Path(env.get("CONCORD_HOME", ".concord")).resolve()
    return Installation(
        home=home,
        partnership=Path(env.get("CONCORD_PARTNERSHIP", partnerships() / "harbourside")),
        demo=env.get("CONCORD_DEMO") == "1",
        debug=env.get("CONCORD_DEBUG") == "1",
        app_url=env.get("DATABASE_URL", ""),
        owner_url=env.get("DATABASE_OWNER_URL", ""),
        hosts=tuple(env.get("CONCORD_HOSTS", "localhost,127.0.0.1,[::1]").split(",")),
        single_sign_on=_single_sign_on(env),
    )


def _single_sign_on(env: Mapping[str, str]) -> SingleSignOn | None:
    """The provider named by CONCORD_OIDC_ISSUER; its secret is read from the file CONCORD_OIDC_SECRET_FILE."""
    issuer = env.get("CONCORD_OIDC_ISSUER", "")
    if not issuer:
        return None
    secret_file = env.get("CONCORD_OIDC_SECRET_FILE", "")
    return SingleSignOn(
        issuer=issuer.rstrip("/"),
        client_id=env.get("CONCORD_OIDC_CLIENT_ID", "concord"),
        secret=Path(secret_file).read_text().strip() if secret_file else "",
        name=env.get("CONCORD_OIDC_NAME", "your organisation"),
        claim=env.get("CONCORD_OIDC_CLAIM", "preferred_username"),
    )


def secret(home: Path, name: str) -> str:
    """A random secret kept under `home/secrets`, made the first time it is asked for.

    Two processes that ask at once get the same one: the file is created exclusively.
    """
    folder = home / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        value = secrets.token_urlsafe(48)
        file.write(value + "\n")
    return value
