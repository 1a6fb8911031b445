"""Who may publish, over which months, and how a site takes the place of the one before."""

from __future__ import annotations

import errno
from concurrent.futures import Future
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from concord.jobs import ahead, folders, releasing
from concord.kernel.errors import BadInput, Environment, Refused
from concord.kernel.periods import Period

ROLES = SimpleNamespace(
    role=(
        SimpleNamespace(key="analyst", may=("release.request",)),
        SimpleNamespace(key="approver", may=("release.approve",)),
    )
)
PEOPLE = SimpleNamespace(
    person=(
        SimpleNamespace(name="Asha SYN", roles=("analyst",)),
        SimpleNamespace(name="Tom SYN", roles=("approver",)),
    )
)


def place(**changes: Any) -> Any:
    given = {"synthetic": True, "roles": ROLES, "demo_people": PEOPLE, "name": "Harbourside"}
    return SimpleNamespace(**{**given, **changes})


def test_demo_people_stand_in_for_an_invented_borough() -> None:
    assert releasing.people(place(), None, None) == ("Asha SYN", "Tom SYN")
    assert releasing.people(place(), "Me", None) == ("Me", "Tom SYN")


@pytest.mark.parametrize("changes", [{"synthetic": False}, {"demo_people": None}])
def test_a_real_partnership_must_name_both(changes: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        releasing.people(place(**changes), "Me", None)
    assert caught.value.next_step == "Say who: --requested-by NAME --approved-by NAME, two different people."


def store(*partitions: str) -> Any:
    parts = tuple(SimpleNamespace(partition=f"month={name}") for name in partitions)
    return SimpleNamespace(latest=lambda _name: SimpleNamespace(manifest=SimpleNamespace(parts=parts)))


def test_the_period_is_whole_months_of_what_is_loaded() -> None:
    loaded = store("2026-08", "2026-09", "2026-10", "2026-11")
    assert releasing.whole_months(loaded, "recorded_crime", 2, date(2026, 11, 22)) == Period(
        date(2026, 9, 1), date(2026, 10, 31)
    )
    assert releasing.whole_months(loaded, "recorded_crime", 1, date(2027, 3, 1)) == Period.month(2026, 11)


def test_a_period_does_not_claim_months_before_the_first() -> None:
    loaded = store("2026-09", "2026-10", "2026-11")
    assert releasing.whole_months(loaded, "desk_actions", 24, date(2026, 11, 22)) == Period(
        date(2026, 9, 1), date(2026, 10, 31)
    )


def test_a_month_still_running_is_not_enough() -> None:
    with pytest.raises(BadInput) as caught:
        releasing.whole_months(store("2026-11"), "recorded_crime", 12, date(2026, 11, 30))
    assert caught.value.next_step == "Load more: concord load recorded_crime FILE..."


def test_a_dataset_that_speaks_of_no_months_is_asked_over_those_before_today() -> None:
    whole = SimpleNamespace(manifest=SimpleNamespace(parts=(SimpleNamespace(partition="all"),)))
    found = releasing.whole_months(SimpleNamespace(latest=lambda _name: whole), "iod_2025", 3, date(2026, 1, 9))
    assert found == Period(date(2025, 10, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("loaded", "first", "dataset"),
    [
        ({"recorded_crime"}, (), "recorded_crime"),
        ({"stop_search", "recorded_crime"}, (), "stop_search"),
        ({"desk_actions", "stop_search"}, ("desk_actions",), "desk_actions"),
        (set(), (), "stop_search"),
    ],
)
def test_months_are_those_of_a_finding_s_own_data(loaded: set[str], first: tuple[str, ...], dataset: str) -> None:
    finding = "stop_search" if dataset != "recorded_crime" else "places"
    here = SimpleNamespace(has=loaded.__contains__)
    assert releasing.dating(here, finding, first) == dataset


def test_what_a_partnership_has_no_feed_for_is_nobody_s_fault() -> None:
    real = place(feeds={"mps": SimpleNamespace(datasets={"mps_borough_counts": None})})
    assert releasing.not_received(real, "recorded_crime")
    assert not releasing.not_received(real, "mps_borough_counts")
    assert not releasing.not_received(real, "definition_results"), "it is made here, not received"


def publish(target: Path, text: str, *, keep: bool = True) -> None:
    with folders.new_folder(target, keep=keep) as folder:
        (folder / "index.html").write_text(text)
        (folder / "site.json").write_text("{}")


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_site_takes_the_place_of_the_old(tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(site, "one")
    publish(site, "two")
    assert (site / "index.html").read_text() == "two"
    assert left(tmp_path) == ["site"]


def test_a_failure_leaves_the_old_site_and_nothing_else(tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(site, "one")
    with pytest.raises(ZeroDivisionError), folders.new_folder(site, keep=True) as folder:
        (folder / "index.html").write_text("half")
        raise ZeroDivisionError
    assert (site / "index.html").read_text() == "one"
    assert left(tmp_path) == ["site"]


def test_a_full_disk_is_said_in_words(tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(site, "one")
    with pytest.raises(Environment) as caught, folders.new_folder(site, keep=True):
        raise OSError(errno.ENOSPC, "No space left on device", str(site / "x.pdf"))
    assert caught.value.what == "The publication could not be written; what was there before is still there"
    assert caught.value.why == "No space left on device"
    assert left(tmp_path) == ["site"]


@pytest.mark.parametrize("between", ["before the swap", "in the swap"])
def test_what_a_killed_run_left_is_put_right(tmp_path: Path, between: str) -> None:
    site = tmp_path / "site"
    publish(site, "one")
    (tmp_path / ".site.new-aaaa").mkdir()
    if between == "in the swap":
        site.rename(tmp_path / ".site.old-aaaa")
    with pytest.raises(ZeroDivisionError), folders.new_folder(site, keep=True):
        raise ZeroDivisionError
    assert (site / "index.html").read_text() == "one"
    assert left(tmp_path) == ["site"]


def test_somebody_elses_folder_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "documents"
    target.mkdir()
    (target / "thesis.txt").write_text("mine")
    with pytest.raises(BadInput) as caught:
        publish(target, "one", keep=False)
    assert caught.value.next_step == "Name an empty or a new folder with --to."
    assert left(target) == ["thesis.txt"]


def test_what_the_second_process_has_not_begun_is_made_by_whoever_asks_for_it(tmp_path: Path) -> None:
    looking = ahead.Ahead(tmp_path, place(), {})
    waiting, under_way = Future[Any](), Future[Any]()
    assert under_way.set_running_or_notify_cancel()
    under_way.set_result(BadInput("its dataset is not there"))
    looking._under_way.update(first=waiting, last=under_way)
    assert looking.take("first") is None, "it would only stand in the queue"
    assert waiting.cancelled()
    assert str(looking.take("last")) == "its dataset is not there"
    assert looking.take("last") is None, "a finding is taken once"


def test_what_is_asked_for_after_letting_go_is_made_where_it_is_asked_for(tmp_path: Path) -> None:
    looking = ahead.Ahead(tmp_path, place(), {})
    dropped: Future[Any] = Future()
    dropped.cancel()
    looking._under_way["stop_search"] = dropped
    looking.close()
    assert looking.take("stop_search") is None, "an indicator read at the end must not fail for it"
