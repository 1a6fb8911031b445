"""May this viewer do this, with this, for this purpose: each reason for no, one row each, and the yes they surround."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from concord.desk.accounts.rules import Viewer
from concord.desk.sharing.rules import Resource, Share, decide
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.agreement import Agreement
from concord.strategy.shapes.role import Role

NOW = datetime(2026, 6, 1, 10, tzinfo=LONDON)
CASE, OTHER, ME = UUID(int=1), UUID(int=2), UUID(int=9)
ROLES = {
    "worker": Role(key="worker", name="W", does="d", sees="s", never_sees="n", may=("item.read",), teams=("t",)),
    "chair": Role(key="chair", name="C", does="d", sees="s", never_sees="n", may=("item.decide",), from_part="chair"),
    "idle": Role(key="idle", name="I", does="d", sees="s", never_sees="n"),
}
AGREEMENTS = {
    "isa": Agreement(
        key="isa",
        name="The agreement",
        parties=(),
        purposes=("care",),
        gateways=("g",),
        information=("personal",),
        starts_on=date(2026, 1, 1),
        expires_on=date(2026, 12, 31),
        lawful_basis="law",
        retention="1 year",
    )
}
VIEWER = Viewer(
    user_id=ME,
    username="me",
    display_name="Me",
    agency="a",
    roles=frozenset({"worker"}),
    forums=frozenset({"mace:chair"}),
    partnership="p",
    purposes=frozenset({"care"}),
    teams=frozenset({"t"}),
)
SHARE = Share("item", CASE, "team:t", "full", "care", "g", "isa", NOW - timedelta(days=1))
READ = Resource("item", CASE)

# name, verb, resource, changes to the share, changes to the viewer, excluded, at, allowed, words
TABLE = [
    ("shared", "item.read", READ, {}, {}, False, NOW, True, "Shared with t"),
    ("no role lists it", "item.burn", READ, {}, {}, False, NOW, False, "No role of yours lists “item.burn”"),
    ("idle role", "item.read", READ, {}, {"roles": frozenset({"idle"})}, False, NOW, False, "No role of yours"),
    ("unknown role", "item.read", READ, {}, {"roles": frozenset({"boss"})}, False, NOW, False, "No role of yours"),
    ("a part, here", "item.decide", replace(READ, forum="mace"), {}, {}, False, NOW, True, "Shared"),
    ("a part, elsewhere", "item.decide", replace(READ, forum="marac"), {}, {}, False, NOW, False, "No role"),
    ("another record", "item.read", Resource("item", OTHER), {}, {}, False, NOW, False, "not shared with you"),
    ("another kind", "item.read", Resource("person", CASE), {}, {}, False, NOW, False, "not shared with you"),
    ("another team", "item.read", READ, {"holder": "team:x"}, {}, False, NOW, False, "not shared with you"),
    ("me by name", "item.read", READ, {"holder": f"user:{ME}"}, {}, False, NOW, True, "Shared"),
    ("my forum", "item.read", READ, {"holder": "forum:mace"}, {}, False, NOW, True, "Shared with mace"),
    ("my part", "item.read", READ, {"holder": "forum:mace:chair"}, {}, False, NOW, True, "Shared"),
    ("not my part", "item.read", READ, {"holder": "forum:mace:coordinator"}, {}, False, NOW, False, "not shared"),
    ("kept out", "item.read", READ, {}, {}, True, NOW, False, "kept out"),
    ("too early", "item.read", READ, {"starts_at": NOW + timedelta(1)}, {}, False, NOW, False, "has not begun"),
    ("from this moment", "item.read", READ, {"starts_at": NOW}, {}, False, NOW, True, "Shared"),
    ("over", "item.read", READ, {"ends_at": NOW}, {}, False, NOW, False, "shared with you is over"),
    ("not over yet", "item.read", READ, {"ends_at": NOW + timedelta(1)}, {}, False, NOW, True, "Shared"),
    ("a pointer", "item.read", READ, {"level": "pointer"}, {}, False, NOW, False, "as a pointer only"),
    ("is enough", "item.read", replace(READ, level="status"), {"level": "full"}, {}, False, NOW, True, "Shared"),
    ("another purpose", "item.read", READ, {"purpose": "debt"}, {}, False, NOW, False, "not the purpose you act for"),
    ("stated purpose", "item.read", READ, {}, {"purpose": "debt"}, False, NOW, False, "not the purpose you act for"),
    ("no such agreement", "item.read", READ, {"agreement": "x"}, {}, False, NOW, False, "does not have"),
    ("last day", "item.read", READ, {}, {}, False, datetime(2026, 12, 31, 23, 59, tzinfo=LONDON), True, "Shared"),
    ("day after", "item.read", READ, {}, {}, False, datetime(2027, 1, 1, 0, 0, tzinfo=LONDON), False, "not in force"),
    ("no record named", "item.read", Resource("item"), {}, {}, False, NOW, True, "Your role lists"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("verb", "resource", "share", "viewer", "excluded", "at", "allowed", "words"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_decide(verb, resource, share, viewer, excluded, at, allowed, words):
    said = decide(
        replace(VIEWER, **viewer),
        verb,
        resource,
        roles=ROLES,
        agreements=AGREEMENTS,
        shares=[replace(SHARE, **share)],
        excluded=excluded,
        at=at,
    )
    assert said.allow is allowed, said.reason
    assert words in said.reason
    assert bool(said.agreement) is (allowed and resource.id is not None)


def test_nothing_shared_is_nothing_allowed():
    said = decide(VIEWER, "item.read", READ, roles=ROLES, agreements=AGREEMENTS, shares=[], at=NOW)
    assert (said.allow, said.reason) == (False, "It was not shared with you.")


def test_one_good_share_among_bad_ones_is_enough_and_its_ground_is_named():
    shares = [replace(SHARE, level="pointer"), replace(SHARE, ends_at=NOW), SHARE, replace(SHARE, purpose="debt")]
    said = decide(VIEWER, "item.read", READ, roles=ROLES, agreements=AGREEMENTS, shares=shares, at=NOW)
    assert (said.allow, said.gateway, said.agreement) == (True, "g", "isa")
