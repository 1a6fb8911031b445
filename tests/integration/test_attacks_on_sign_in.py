"""Somebody who wants to be somebody else: codes and names used again, factors taken off, an administrator alone."""

from __future__ import annotations

import re
import time
from importlib import import_module

import desk_story as story
import pytest
import time_machine
from allauth.core.context import request_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.test import Client, RequestFactory

from concord.config.environment import SingleSignOn
from concord.desk.accounts import operations as accounts_operations
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.session import forget
from concord.desk.audit import queries as audit
from concord.desk.sharing import queries as sharing
from concord.web.shared import connection
from concord.web.signin import second_factor
from concord.web.signin.adapters import SingleSignOnAdapter
from concord.web.signin.forms import SecondFactorForm

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(scope="module")
def cast(django_db_setup, django_db_blocker):
    from django.db import transaction

    with django_db_blocker.unblock():
        undo = transaction.atomic()
        undo.__enter__()
        try:
            yield story.people()
        finally:
            transaction.set_rollback(True)
            undo.__exit__(None, None, None)


def asked(user=None):
    request = RequestFactory().get("/sign-in/", headers={"host": "localhost"})
    request.session = import_module("django.contrib.sessions.backends.db").SessionStore()
    request.user = user or AnonymousUser()
    return request


# --- codes of an app --------------------------------------------------------------------------------------------


def code_now():
    return format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))


def opens(user, code):
    # Each process of the site has a cache of its own: an attacker asks another one.
    cache.clear()
    with request_context(asked(user)):
        return SecondFactorForm({"code": code}, user=user).is_valid()


def test_a_code_opens_once_on_whichever_process_and_as_long_as_it_holds(cast):
    with time_machine.travel(story.NOW, tick=False) as clock:
        user = accounts.user_named("mash")
        TOTP.activate(user, SECRET)
        code = code_now()
        assert opens(user, code)
        assert not opens(user, code), "the same code, asked of another process"
        assert not opens(user, f"{code[:3]} {code[3:]}")
        clock.shift(31)
        assert not opens(user, code), "a minute late it would still hold"
        clock.shift(30)
        assert opens(user, code_now())


def test_wrong_codes_stop_the_second_factor_for_a_while(cast):
    with time_machine.travel(story.NOW, tick=False) as clock:
        user = accounts.user_named("mash")
        TOTP.activate(user, SECRET)
        for _ in range(5):
            assert not opens(user, "000000")
        assert not opens(user, code_now()), "guessing has stopped, however many processes are asked"
        clock.shift(3600)
        assert opens(user, code_now())


# --- single sign-on ---------------------------------------------------------------------------------------------


def comes(settings, uid, **claims):
    """Somebody whom the organisation's provider names; the request they came with."""
    settings.CONCORD_SINGLE_SIGN_ON = SingleSignOn("https://id.example", "c", "s", "Org", "preferred_username")
    app = {
        "provider_id": "organisation",
        "name": "Org",
        "client_id": "c",
        "secret": "s",
        "settings": {"server_url": "x"},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    request = asked()
    said = {"preferred_username": "mash", **claims}
    account = SocialAccount(provider="organisation", uid=uid, extra_data={"id_token": said})
    login = SocialLogin(account=account)
    login.lookup()
    with request_context(request):
        SingleSignOnAdapter().pre_social_login(request, login)
    return request


def test_a_name_given_to_somebody_new_does_not_open_the_account_of_whoever_had_it(cast, settings):
    comes(settings, "subject-1")
    comes(settings, "subject-1")
    with pytest.raises(ImmediateHttpResponse) as refused:
        comes(settings, "subject-2")
    assert refused.value.response.status_code == 403
    user = accounts.user_named("mash")
    assert [each.uid for each in SocialAccount.objects.filter(user=user)] == ["subject-1"]
    # An administrator takes the tie away, on record; then the next to come under the name is tied.
    accounts_operations.forget_second_factor(viewer=cast["admin"], user_id=user.id, at=story.NOW)
    comes(settings, "subject-2")


def test_the_factor_a_provider_asked_for_counts_for_that_account_alone(cast, settings):
    request = comes(settings, "subject-1", amr=["pwd", "mfa"])
    settings.CONCORD_DEMO = False
    request.user = accounts.user_named("mash")
    assert second_factor.asked_for(request) is False
    request.user = accounts.user_named("gp")
    assert second_factor.asked_for(request) is True, "the same browser, somebody else's password"


# --- from where somebody comes ------------------------------------------------------------------------------------


def come_from(near, told=None):
    more = {"HTTP_X_FORWARDED_FOR": told} if told else {}
    return connection.of(RequestFactory().get("/", REMOTE_ADDR=near, **more))


def test_one_who_reports_too_often_stops_nobody_else_and_cannot_look_like_others():
    """Behind the web server that speaks TLS everybody comes from this machine: its word of who they are counts."""
    assert come_from("127.0.0.1", "192.0.2.7") == "192.0.2.7" != come_from("127.0.0.1", "192.0.2.8")
    assert come_from("127.0.0.1", "198.51.100.1, 192.0.2.7") == "192.0.2.7", "what they wrote themselves does not count"
    assert come_from("203.0.113.5", "192.0.2.7") == "203.0.113.5", "nor from anywhere but this machine"
    assert come_from("127.0.0.1", "nonsense") == "127.0.0.1"
    assert come_from("2001:db8:1:2::1") == come_from("2001:db8:1:2:ffff::9") != come_from("2001:db8:1:3::1")
    assert come_from("::ffff:192.0.2.7") == "192.0.2.7"


# --- an administrator alone ---------------------------------------------------------------------------------------


def test_whoever_lost_their_factor_is_signed_out_with_it(cast):
    with time_machine.travel(story.NOW, tick=False):
        thief = Client(headers={"host": "localhost"})
        thief.post("/sign-in/", {"person": "mash"})
        assert thief.get("/contacts/").status_code == 200
        user = accounts.user_named("mash")
        accounts_operations.forget_second_factor(viewer=cast["admin"], user_id=user.id, at=story.NOW)
        assert thief.get("/contacts/").status_code == 302


def test_an_administrator_who_could_become_somebody_is_on_record_and_shown(cast):
    admin, mash = cast["admin"], cast["mash"]
    forget()
    with time_machine.travel(story.NOW, tick=False):
        TOTP.activate(accounts.user_named("mash"), SECRET)
    accounts_operations.forget_second_factor(viewer=admin, user_id=mash.user_id, at=story.NOW)
    accounts_operations.invite(viewer=admin, user_id=mash.user_id, at=story.NOW)
    lines = audit.who_looked(cast["dpo"], "account", mash.user_id, at=story.NOW)
    assert {(line.action, line.username) for line in lines} >= {
        ("account.factor.made", "mash"),
        ("account.factor.gone", "admin"),
        ("account.link.made", "admin"),
    }
    assert not re.search(SECRET, str([line.detail for line in lines]))
    rule = sharing.oversight()
    (odd,) = audit.odd(
        cast["dpo"],
        [each for each in rule.pattern if each.sign == "reset"],
        since=story.MONDAY,
        day=(7, 21),
        at=story.NOW,
    )
    assert (odd.username, odd.object_type, odd.object_id) == ("admin", "account", str(mash.user_id))
    assert Authenticator.objects.filter(user_id=mash.user_id).count() == 0
    assert audit.verify() is None
