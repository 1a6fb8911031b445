"""The evidence side of the loop on Harbourside: extracts to published figures, and each figure computed again."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from linkage_support import good_links

from concord.evidence.disclosure import figure
from concord.evidence.publications import Published
from concord.jobs import assessment, desk_extract, figures
from concord.jobs.pipeline import Loop
from concord.kernel.errors import BadInput, Refused
from concord.strategy import Partnership, load

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 11, 22, 9, tzinfo=ZoneInfo("Europe/London"))


def clock() -> datetime:
    return AT


def quiet(_message: str) -> None:
    pass


@pytest.fixture(scope="module")
def harbourside() -> Partnership:
    return load(ROOT / "partnerships" / "harbourside")


def _prepared(home: Path, partnership: Partnership, size: float) -> Loop:
    loop = Loop(home, partnership, clock)
    loop.generate(size, 1, quiet)
    loop.load(quiet)
    loop.classify(quiet)
    # Linkage has tests of its own; here everybody stands alone.
    nobody = pa.table({"feed": ["crime_persons"], "person_ref": ["-"], "linked_ref": ["-"], "match_probability": [1.0]})
    loop.store.write("person_links", {"all": nobody}, source="test", synthetic=True, clock=clock)
    good_links(loop.store)
    return loop


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory, harbourside_loaded: Loop, harbourside: Partnership) -> Loop:
    home = tmp_path_factory.mktemp("loop") / "home"
    shutil.copytree(harbourside_loaded.home, home)
    return Loop(home, harbourside, clock)


@pytest.fixture(scope="module")
def published(loop: Loop) -> Published:
    started = time.process_time()
    made = loop.publish(quiet)
    assert time.process_time() - started < 60, "some 20 s alone on two cores; this may share them"
    return made


def test_every_figure_of_the_publication_is_there(published: Published, loop: Loop, harbourside: Partnership) -> None:
    publication = assessment.for_here(harbourside.publications[assessment.ASSESSMENT], loop.store)
    wanted = [spec for spec in assessment.figures_of(publication) if all(map(loop.store.has, spec.when_loaded))]
    page = published.html.read_text("utf-8")
    assert page.count("<figure ") == len(wanted)
    assert published.pdf.read_bytes().startswith(b"%PDF-1.7")
    assert all(path.is_file() for path in published.figures.values())
    assert "Synthetic data." in page
    assert "desk actions had not been loaded when this was published." in page


def test_each_figure_computes_to_the_same_values(published: Published, loop: Loop, harbourside: Partnership) -> None:
    one_each = {figure(loop.home, code)[0].id: code for code in published.figures}
    for code in one_each.values():  # a release is computed whole, whichever of its figures is asked for
        again = figures.recompute(loop.home, code, harbourside)
        assert again.matches, again.story()
        assert again.same_finding
        assert again.compared + again.hidden > 0
        assert "It computes to the same values" in again.story()
        assert json.loads(json.dumps(again.as_dict(), default=str))["matches"] is True


def test_a_code_can_be_typed_as_people_type(published: Published, loop: Loop, harbourside: Partnership) -> None:
    code = next(iter(published.figures))
    assert figures.recompute(loop.home, f" {code.lower().replace('-', ' ')} ", harbourside).code == code


def test_an_unknown_code_is_refused_in_words(published: Published, loop: Loop, harbourside: Partnership) -> None:
    with pytest.raises(BadInput) as caught:
        figures.recompute(loop.home, "ZZ-0000-00", harbourside)
    assert caught.value.next_step


def test_a_published_value_that_differs_is_named(published: Published, loop: Loop, harbourside: Partnership) -> None:
    release, table = figure(loop.home, next(iter(published.figures)))
    place = next(i for i, cell in enumerate(table.cells) if cell.hidden is None and cell.count is not None)
    cell = table.cells[place]
    forged = replace(
        table, cells=(*table.cells[:place], replace(cell, count=(cell.count or 0) + 1), *table.cells[place + 1 :])
    )
    store = loop.store.at(release.lineage.datasets)
    found = figures.find(release.finding, store, harbourside, release.period, **release.lineage.parameters)
    again = next(one for one in found.tables if one.name == table.name)
    rule = harbourside.disclosure.rule("public").of(found.source_class)  # type: ignore[union-attr]
    differences, compared, _ = figures._compare(forged, again, rule)
    assert [difference.cell for difference in differences] == [", ".join(cell.key)]
    assert compared > 0


def test_newer_data_does_not_change_an_older_figure(
    published: Published, loop: Loop, harbourside: Partnership, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(loop.home, home)
    elsewhere = Loop(home, harbourside, clock)
    rows = pq.read_table(elsewhere.store.latest("population").files[0])
    elsewhere.store.write("population", {"all": rows}, source="again", synthetic=True, clock=clock)
    code = next(iter(published.figures))
    assert figures.recompute(home, code, harbourside).matches


def test_data_that_was_changed_on_the_disk_is_found_out(
    published: Published, loop: Loop, harbourside: Partnership, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(loop.home, home)
    part = Loop(home, harbourside, clock).store.latest("recorded_crime").files[0]
    part.chmod(0o644)
    part.write_bytes(part.read_bytes()[:-1] + b"X")
    with pytest.raises(BadInput) as caught:
        figures.recompute(home, next(code for code in published.figures if code.startswith("SV-")), harbourside)
    assert "has changed since it was written" in caught.value.what


def test_the_same_again_is_the_same_bytes(
    published: Published, loop: Loop, harbourside: Partnership, tmp_path: Path
) -> None:
    to = tmp_path / "copy"
    again = assessment.assess(loop.home, harbourside, clock=clock, to=to)
    assert again.folder == to
    first = {p.relative_to(published.folder): p.read_bytes() for p in published.folder.rglob("*") if p.is_file()}
    second = {p.relative_to(to): p.read_bytes() for p in to.rglob("*") if p.is_file()}
    assert first == second


def test_indicators_have_readings_or_a_reason(published: Published, harbourside: Partnership) -> None:
    readings = json.loads((published.folder / "indicators.json").read_text("utf-8"))["readings"]
    assert set(readings) == {key for key, one in harbourside.indicators.items() if one.finding}
    told = readings["h_serious_violence_rate"]
    assert told["value"].endswith("per 1,000 residents")
    assert told["interval"].startswith("between ")
    assert told["code"] in published.figures
    assert readings["t4_4_mash_within_one_working_day"] == {"why_not": "Dataset “desk_contacts” has not been loaded."}


def test_nobody_approves_their_own_request(published: Published, loop: Loop, harbourside: Partnership) -> None:
    before = published.html.read_bytes()
    with pytest.raises(Refused) as caught:
        assessment.assess(loop.home, harbourside, clock=clock, requested_by="Asha SYN", approved_by="asha syn ")
    assert "cannot approve their own release" in caught.value.what
    assert published.html.read_bytes() == before


def test_what_is_not_for_the_public_never_reaches_the_site(loop: Loop, harbourside: Partnership) -> None:
    public = harbourside.publications[assessment.ASSESSMENT]
    board = replace(public, audience="board", rule="board", sections=public.sections[:1])
    for_board = replace(harbourside, publications=MappingProxyType({board.key: board}))
    made = assessment.assess(loop.home, for_board, clock=clock)
    assert made.folder == loop.home / "papers" / "board"
    assert made.html.is_file()


def test_an_empty_home_says_what_to_load(tmp_path: Path, harbourside: Partnership) -> None:
    with pytest.raises(BadInput) as caught:
        assessment.assess(tmp_path, harbourside, clock=clock)
    assert caught.value.what == "Nothing that “strategic_needs_assessment” shows has been loaded"
    assert caught.value.next_step
    assert not (tmp_path / "site").exists()


def test_an_unknown_publication_is_named_with_the_nearest(tmp_path: Path, harbourside: Partnership) -> None:
    with pytest.raises(BadInput) as caught:
        assessment.assess(tmp_path, harbourside, clock=clock, publication="strategic_need_assessment")
    assert caught.value.next_step == "Did you mean “strategic_needs_assessment”?"


def test_a_borough_too_small_for_most_figures_still_publishes(tmp_path: Path, harbourside: Partnership) -> None:
    made = _prepared(tmp_path, harbourside, 0.02).publish(quiet)
    page = made.html.read_text("utf-8")
    assert "[c]" in page
    for word in ("None", "nan", "inf "):
        assert f">{word}</td>" not in page
    assert made.pdf.stat().st_size > 50_000


def _desk_rows() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    contacts, actions = [], []
    for n in range(60):
        received = datetime(2026, 9, 1 + n % 28, 10, 0, tzinfo=ZoneInfo("Europe/London"))
        decided = received.replace(hour=15) if n % 4 else None
        contacts.append(
            {
                "contact_ref": f"desk-{n}", "received_at": received, "decided_at": decided, "due_at": received,
                "rag": "amber", "route": "mash_contact", "referrer_kind": "school", "age_band": "10-17",
            }
        )  # fmt: skip
        day = received.date()
        actions.append(
            {
                "action_ref": f"desk-{n}", "forum": "mace", "agency": "mash", "raised_on": day, "due_on": day,
                "completed_on": day if n % 3 else None, "status": "done" if n % 3 else "open",
            }
        )  # fmt: skip
    return contacts, actions


def test_the_desk_is_a_partner_too(published: Published, loop: Loop, harbourside: Partnership, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(loop.home, home)
    returned = Loop(home, harbourside, clock)
    contacts, actions = _desk_rows()
    for feed, columns, by, rows in (
        ("desk_contacts", desk_extract.CONTACTS, "received_at", contacts),
        ("desk_actions", desk_extract.ACTIONS, "raised_on", actions),
    ):
        results = returned.receive(feed, desk_extract.write_months(home, feed, columns, by, rows), quiet)
        assert [(result.status, result.quarantined) for result in results] == [("loaded", 0)]
    made = returned.publish(quiet)
    page = made.html.read_text("utf-8")
    assert "67% of actions that fell due were done by their due date" in page
    assert "75% of contacts with the safeguarding hub were decided within one working day" in page
    readings = json.loads((made.folder / "indicators.json").read_text("utf-8"))["readings"]
    assert readings["t5_3_mace_actions_on_time"]["sentence"] == (
        "MACE actions completed on time: 40 of 60 actions, or 67% (between 54% and 77%)."
    )
    assert readings["t4_4_mash_within_one_working_day"]["value"] == "75%"
    assert figures.recompute(home, readings["t5_3_mace_actions_on_time"]["code"], harbourside).matches
