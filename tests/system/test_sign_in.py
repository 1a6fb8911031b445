"""Real sign-in in a real browser: a link, a password, a code, a security key, and single sign-on with a real provider.

The installation here is no demonstration: nobody can choose who to be.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from system.browser import Someone

TESTS = Path(__file__).resolve().parents[1]
CONCORD = str(Path(sys.executable).with_name("concord"))
PASSWORD = "harbour lantern willow 42"
SECRET = "a secret that the two share"


@dataclass
class Site:
    address: str
    home: Path
    environment: dict[str, str]

    def concord(self, *arguments: str) -> str:
        done = subprocess.run(
            [CONCORD, *arguments, "--home", str(self.home)], env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def begun(command: list[str], environment: dict[str, str], until: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if until in line:
            return process
    raise AssertionError("".join(said))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation of its own, its first administrator made at the command line, and the organisation's provider."""
    home, provider_home = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("provider")
    port, provider_port = free_port(), free_port()
    # A security key is bound to a name, never to an address of numbers.
    address = f"http://localhost:{port}"
    (provider_home / "secret").write_text(SECRET)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CONCORD_", "DJANGO_", "DATABASE"))}
    environment = kept | {
        "CONCORD_OIDC_ISSUER": f"http://localhost:{provider_port}",
        "CONCORD_OIDC_CLIENT_ID": "concord",
        "CONCORD_OIDC_SECRET_FILE": str(provider_home / "secret"),
        "CONCORD_OIDC_NAME": "the council",
        "COLUMNS": "200",
    }
    made = Site(address, home, environment)
    made.concord("migrate")
    callback = f"{address}/account/oidc/organisation/login/callback/"
    runner = str(TESTS / "oidc_provider" / "run.py")
    provider = begun([sys.executable, runner, str(provider_home), str(provider_port), callback, SECRET], kept, "ready")
    said = made.concord("accounts", "first", "--username", "root", "--name", "Root Keeper SYN", "--agency", "cctv")
    made.environment["FIRST_LINK"] = re.search(r"/account/join/\S+", said)[0]  # type: ignore[index]
    serving = begun([CONCORD, "serve", "--home", str(home), "--port", str(port)], environment, "Concord is ready")
    try:
        yield made
    finally:
        serving.send_signal(signal.SIGINT)
        serving.wait(30)
        provider.kill()


@pytest.fixture
def somebody(site: Site, chromium) -> Iterator[Someone]:  # type: ignore[no-untyped-def]
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=site.address)
    someone = Someone(context.new_page())
    yield someone
    context.close()
    assert someone.complaints == [], "the browser complained"


def code(secret: str, steps: int = 0) -> str:
    """The authenticator app's code now, or so many steps from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def password(someone: Someone, username: str, typed: str) -> None:
    someone.go("/sign-in/")
    someone.writes("Username", username)
    someone.writes("Password", typed)
    someone.clicks("Continue")


def again(someone: Someone) -> None:
    """What changes how somebody signs in asks for the password again."""
    someone.sees("Confirm Access")
    someone.looks()
    someone.writes("Password", PASSWORD)
    someone.clicks("Confirm")


KEPT: dict[str, str] = {}


def test_1_a_link_a_password_and_an_app_make_an_account_usable(site: Site, somebody: Someone) -> None:
    somebody.go(site.environment["FIRST_LINK"])
    somebody.sees("Choose your password, Root Keeper SYN")
    somebody.looks()
    somebody.writes("Password", "short")
    somebody.writes("The same again", "short")
    somebody.clicks("Set the password")
    somebody.sees("There is a problem", "at least 12 characters")
    somebody.writes("Password", PASSWORD)
    somebody.writes("The same again", PASSWORD)
    somebody.clicks("Set the password")
    somebody.sees("Your password is set.")
    # The link works once.
    assert somebody.go(site.environment["FIRST_LINK"]) == 404
    somebody.sees("This link does not work")
    password(somebody, "root", PASSWORD)
    somebody.sees("Set up a second factor")
    somebody.looks()
    for address in ("/today/", "/accounts/", "/strategy/"):
        somebody.go(address)
        assert somebody.heading == "Set up a second factor", address
    somebody.clicks("Use an app")
    KEPT["totp"] = somebody.page.locator("#authenticator_secret").input_value()
    somebody.looks()
    somebody.page.locator("input[name=code]").fill("000000")
    somebody.page.get_by_role("button", name="Activate").click()
    somebody.sees("Incorrect code.")
    somebody.page.locator("input[name=code]").fill(code(KEPT["totp"]))
    somebody.page.get_by_role("button", name="Activate").click()
    again(somebody)
    somebody.sees("Recovery Codes", "10 recovery codes available")
    somebody.looks()
    somebody.go("/today/")
    somebody.sees("Signed in as", "Root Keeper SYN")
    # A signed-in administrator reads no case.
    assert somebody.go("/contacts/") == 404 and somebody.go("/forums/marac/") == 404


def test_2_the_password_alone_opens_nothing(somebody: Someone) -> None:
    password(somebody, "root", PASSWORD)
    somebody.sees("authenticator code")
    somebody.looks()
    somebody.go("/today/")
    assert somebody.heading == "Two-Factor Authentication"
    somebody.page.locator("input[name=code]").fill("123456")
    somebody.page.get_by_role("button", name="Sign In").click()
    somebody.sees("Incorrect code.")
    # One step on, because a code is good once.
    somebody.page.locator("input[name=code]").fill(code(KEPT["totp"], 1))
    somebody.page.get_by_role("button", name="Sign In").click()
    somebody.sees("Signed in as", "Root Keeper SYN")
    somebody.clicks("Sign out")
    somebody.go("/today/")
    assert somebody.heading == "Sign in"


def test_3_a_security_key_is_added_and_signs_in(somebody: Someone) -> None:
    devtools = somebody.page.context.new_cdp_session(somebody.page)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**key, "automaticPresenceSimulation": True}})
    password(somebody, "root", PASSWORD)
    time.sleep(30 - time.time() % 30 + 1)  # the code used above must pass
    somebody.page.locator("input[name=code]").fill(code(KEPT["totp"], 1))
    somebody.page.get_by_role("button", name="Sign In").click()
    somebody.sees("Signed in as")
    somebody.go("/account/2fa/webauthn/add/")
    again(somebody)
    somebody.looks()
    somebody.page.get_by_label("Name").fill("Blue key")
    somebody.page.locator("#mfa_webauthn_add").click()
    somebody.page.wait_for_url(re.compile(r"/account/2fa/(?!webauthn/add)"))
    somebody.clicks("Sign out")
    password(somebody, "root", PASSWORD)
    somebody.page.locator("#mfa_webauthn_authenticate").click()
    somebody.sees("Signed in as", "Root Keeper SYN")


def test_4_whoever_guesses_is_stopped_alike_for_names_that_exist_and_not(somebody: Someone) -> None:
    said = []
    for name in ("root", "nobody-of-that-name"):
        for _ in range(5):
            password(somebody, name, "wrong password here")
        password(somebody, name, PASSWORD)
        said.append(somebody.page.locator(".govuk-error-summary").inner_text())
        assert somebody.heading == "Sign in"
    assert said[0] == said[1] and "Too many" in said[0]


def through_the_council(someone: Someone, username: str) -> None:
    someone.go("/sign-in/")
    someone.clicks("Sign in with the council")
    someone.page.get_by_label("Username").fill(username)
    someone.page.get_by_label("Password").fill("the organisation knows me")
    someone.page.get_by_role("button", name="Log in").click()


def test_5_single_sign_on_lets_in_whoever_has_an_account(site: Site, somebody: Someone) -> None:
    made = "from concord.desk.accounts import operations as o, queries as q; from django.utils import timezone as t; "
    made += "[o.add_user(viewer=q.service('installation'), username=name, display_name=known, agency='mash', "
    made += "roles=['duty_mash_worker'], at=t.now()) for name, known in "
    made += "(('worker', 'Wren Dock SYN'), ('second', 'Sol Second SYN'))]"
    in_process = "import sys; from pathlib import Path; from concord.cli.database import django\n"
    in_process += "with django(Path(sys.argv[1]), Path(sys.argv[2])):\n    exec(sys.argv[3])"
    harbourside = str(TESTS.parent / "partnerships" / "harbourside")
    subprocess.run(
        [sys.executable, "-c", in_process, str(site.home), harbourside, made], env=site.environment, check=True
    )
    through_the_council(somebody, "worker-mfa")
    somebody.sees("Signed in as", "Wren Dock SYN")
    somebody.go("/contacts/")
    assert somebody.heading == "MASH queue"


def test_6_a_provider_that_asked_for_a_password_alone_leaves_the_second_factor_to_us(somebody: Someone) -> None:
    through_the_council(somebody, "second")
    somebody.go("/contacts/")
    assert somebody.heading == "Set up a second factor"


def test_6b_somebody_else_of_the_same_name_does_not_get_in(somebody: Someone) -> None:
    """The provider names “worker” again, and means another person than the one who came first."""
    through_the_council(somebody, "worker")
    somebody.sees("You were not signed in")
    somebody.go("/today/")
    assert somebody.heading == "Sign in"


def test_7_single_sign_on_makes_no_account(somebody: Someone) -> None:
    through_the_council(somebody, "stranger")
    somebody.sees("You were not signed in", "you have no account here")
    somebody.go("/today/")
    assert somebody.heading == "Sign in"


def test_8_coming_and_going_and_being_refused_are_in_the_trail(site: Site) -> None:
    assert "The audit trail is whole" in site.concord("audit", "verify")
