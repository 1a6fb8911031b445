"""An edition from its figures to its readers, and back: real findings, real suppression, real files, real search."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import editions_home
import editions_support as support
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from editions_home import SHORT
from editions_support import MONDAY, later

from concord.desk.accounts.rules import Viewer
from concord.desk.editions import operations, queries
from concord.desk.editions.rules import NotReady, OwnRequest
from concord.evidence.datasets.store import Store
from concord.evidence.disclosure import Ledger, queue
from concord.evidence.publications import headlines, leaks, prose
from concord.jobs import drafting, editions, settling
from concord.kernel.errors import Refused, Where
from concord.strategy import Partnership, passages

pytestmark = pytest.mark.django_db

SECRET = "Women fleeing violence are met on Thursdays behind the old customs house by two workers."


@pytest.fixture
def place(short_borough, settings, tmp_path) -> Iterator[Path]:
    home, folder = short_borough
    here = tmp_path / "home"
    shutil.copytree(home, here)
    settings.CONCORD_HOME, settings.CONCORD_PARTNERSHIP = here, folder
    yield here


@pytest.fixture
def people(place) -> dict[str, Viewer]:
    return support.cast()


@pytest.fixture
def partnership(place) -> Partnership:
    from concord.desk.accounts import queries as accounts

    return accounts.partnership()


def begun(people, place, partnership, name="2026", at=MONDAY) -> UUID:
    edition_id = operations.begin(viewer=people["analyst"], publication=SHORT, name=name, at=at)
    editions.make_figures(
        place, partnership, viewer=people["analyst"], edition_id=edition_id, clock=lambda: at, say=support.quiet
    )
    return edition_id


def settle(people, place, partnership, edition_id, at=MONDAY, by="analyst") -> None:
    viewer = people[by]
    page = queries.edition(viewer, edition_id, at=at)
    support.go_through(viewer, edition_id, editions.standing(place, partnership, page), at)
    version = queries.edition(viewer, edition_id, at=at).line.version
    operations.send_for_review(viewer=viewer, edition_id=edition_id, version=version, at=at)
    editions.freeze(
        place,
        partnership,
        viewer=viewer,
        edition_id=edition_id,
        reason="Annual.",
        version=version + 1,
        clock=lambda: at,
    )


def give(people, place, partnership, edition_id, at=MONDAY, by="approver") -> Path:
    viewer = people[by]
    version = queries.edition(viewer, edition_id, at=at).line.version
    editions.approve(place, viewer=viewer, edition_id=edition_id, reason="Read it.", version=version, clock=lambda: at)
    return editions.give_out(
        place, partnership, viewer=viewer, edition_id=edition_id, version=version + 1, clock=lambda: at,
        say=support.quiet,
    )  # fmt: skip


def keep_back(people, edition_id, section, text, ground="safety") -> None:
    page = queries.edition(people["editor"], edition_id, at=MONDAY)
    block = page.blocks.get(section)
    operations.write(
        viewer=people["editor"], edition_id=edition_id, section=section, text=text,
        base=block.number if block else 0, cited=(), at=MONDAY,
    )  # fmt: skip
    for passage in passages.passages(text, {"safety", "crime", "institution"}, file="t"):
        if passage.ground:
            operations.keep_back(
                viewer=people["editor"], edition_id=edition_id, section=section, ground=ground,
                subject=f"passage:{passage.digest}", reason="They could be found.", at=MONDAY,
            )  # fmt: skip


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_from_draft_to_readers(people, place, partnership):
    edition_id = begun(people, place, partnership)
    waiting = queue.pending(place)
    assert {each.bundle for each in waiting} == {f"{edition_id}/1"} and len(waiting) >= 2
    assert not list((place / "figures").glob("*.json")) if (place / "figures").exists() else True
    page = queries.edition(people["analyst"], edition_id, at=MONDAY)
    (cited,) = page.blocks["how_much"].cited
    assert re.fullmatch(r"[\d,]+", cited.words) and cited.code
    settle(people, place, partnership, edition_id)
    out = give(people, place, partnership, edition_id)
    assert not queue.pending(place)
    site = (place / "site" / SHORT / "index.html").read_text("utf-8")
    assert cited.words in site and cited.code in site
    assert (place / "site" / SHORT / f"{SHORT}.pdf").read_bytes().startswith(b"%PDF")
    index = (place / "site" / "index.html").read_text("utf-8")
    assert "Short assessment, 2026" in index
    assert not (out / "restricted").exists()
    released = [each for each in Ledger(place).entries() if each.event == "approved"]
    assert {each.approved_by for each in released} == {people["approver"].display_name}
    assert {each.requested_by for each in released} == {people["analyst"].display_name}


def test_made_again_a_year_later_it_is_the_same_to_the_byte(people, place, partnership):
    edition_id = begun(people, place, partnership)
    settle(people, place, partnership, edition_id)
    out = give(people, place, partnership, edition_id)
    before = digests(out)
    line = queries.edition(people["analyst"], edition_id, at=MONDAY).line
    # A year on: more data, and a folder that says something else.
    loop = editions_home.Loop(place, partnership, lambda: later(60 * 24 * 365))
    loop.classify(support.quiet)
    changed = replace(partnership, publications={}, prose={}, name="Elsewhere")
    result = editions.make_again(place, changed, line, support.quiet)
    assert result.same, result
    assert result.figures >= 3 and result.files == len(before) - 1
    assert digests(out) == before
    # It would notice: one file touched, one figure's release file could not be altered unseen at all.
    (out / "public" / SHORT / "index.html").write_text("other", "utf-8")
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["files"][f"public/{SHORT}/index.html"] = "0" * 64
    (out / "manifest.json").write_text(json.dumps(manifest))
    again = editions.make_again(place, partnership, line, support.quiet)
    assert again.other_files == (f"public/{SHORT}/index.html",) and not again.same


def test_what_is_kept_back_is_in_no_byte_of_the_public_edition(people, place, partnership):
    edition_id = operations.begin(viewer=people["analyst"], publication=SHORT, name="2026", at=MONDAY)
    keep_back(people, edition_id, "where", f"Everybody may read this.\n\n::: restricted safety\n{SECRET}\n:::\n")
    operations.keep_back(
        viewer=people["editor"], edition_id=edition_id, section="where", subject="figure:wards", ground="crime",
        reason="It would show where officers wait.", at=MONDAY,
    )  # fmt: skip
    editions.make_figures(
        place, partnership, viewer=people["analyst"], edition_id=edition_id, clock=lambda: MONDAY, say=support.quiet
    )
    asked = {each.release.lineage.finding: each.release.audience for each in queue.pending(place)}
    assert asked["places"] == "board" and asked["serious_violence_rate"] == "public"
    settle(people, place, partnership, edition_id)
    out = give(people, place, partnership, edition_id)
    made = drafting.figures_of(
        place, edition_id, queries.edition(people["analyst"], edition_id, at=MONDAY).line.figures
    )
    code = drafting.prepared(place, made)["wards"].tables[0].code
    wanted = leaks.signs(
        passages.passages(f"::: restricted safety\n{SECRET}\n:::", {"safety"}, file="t"), ["Everybody may read this."]
    )
    assert leaks.search(out / "public", wanted, [code]) == ()
    assert leaks.search(place / "site", wanted, [code]) == ()
    # The search finds what is there: the restricted edition holds all of it, in its page and its PDF.
    held = {leak.file.split(" ")[0] for leak in leaks.search(out / "restricted", wanted, [code])}
    assert {f"{SHORT}/index.html", f"{SHORT}/{SHORT}.pdf"} <= held
    page = (out / "restricted" / SHORT / "index.html").read_text("utf-8")
    assert "Restricted: It might put somebody" in page and "(restricted edition)" in page
    assert (place / "papers" / "board" / SHORT / "index.html").is_file()
    public = (place / "site" / SHORT / "index.html").read_text("utf-8")
    assert "Everybody may read this." in public and "Thursdays" not in public


def test_a_secret_that_stands_in_the_public_text_as_well_stops_everything(people, place, partnership):
    edition_id = operations.begin(viewer=people["analyst"], publication=SHORT, name="2026", at=MONDAY)
    keep_back(people, edition_id, "where", f"::: restricted safety\n{SECRET}\n:::\n")
    editions.make_figures(
        place, partnership, viewer=people["analyst"], edition_id=edition_id, clock=lambda: MONDAY, say=support.quiet
    )
    out = place / "editions" / "x"
    (out / "deep").mkdir(parents=True)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("word/document.xml", f"<w:t>{SECRET[:40]}</w:t><w:t>{SECRET[40:]}</w:t>")
    with zipfile.ZipFile(out / "deep" / "tables.zip", "w") as archive:
        archive.writestr("inside.docx", inner.getvalue())
    wanted = leaks.signs(passages.passages(f"::: restricted safety\n{SECRET}\n:::", {"safety"}, file="t"), [])
    with pytest.raises(Refused) as refused:
        leaks.require_none(out, wanted)
    assert "not published" in refused.value.what
    assert str(refused.value.where) == "deep/tables.zip/inside.docx/word/document.xml"


def test_a_typed_number_and_a_broken_citation_are_refused_with_what_to_cite(people, place, partnership):
    edition_id = begun(people, place, partnership)
    page = queries.edition(people["analyst"], edition_id, at=MONDAY)
    words = page.blocks["how_much"].cited[0].words
    operations.write(
        viewer=people["analyst"], edition_id=edition_id, section="how_much",
        text=f"There were {words} of them.\n\nAnd {{{{figure:bound}}}}.", base=page.blocks["how_much"].number, cited=(),
        at=MONDAY,
    )  # fmt: skip
    page = queries.edition(people["analyst"], edition_id, at=MONDAY)
    faults = editions.standing(place, partnership, page).faults
    assert f"“{words}” is typed by hand (the text of “How much is recorded”, line 1)." in faults[0]
    instead = re.search(r"Cite it as \{\{figure:(\S+)\}\}", faults[0])
    assert instead is not None
    releases = drafting.prepared(place, drafting.figures_of(place, edition_id, page.line.figures))
    assert prose.cite(instead[1], releases, Where("t")).text == words
    assert "This publication has no figure “bound”" in faults[1] and "Did you mean “bounds”?" in faults[1]
    with pytest.raises(NotReady):
        settle(people, place, partnership, edition_id)
    assert queries.edition(people["analyst"], edition_id, at=MONDAY).line.state == "in_review"


def test_a_citation_of_what_is_kept_back_may_only_stand_where_it_is_kept_back(people, place, partnership):
    edition_id = operations.begin(viewer=people["analyst"], publication=SHORT, name="2026", at=MONDAY)
    operations.keep_back(
        viewer=people["editor"], edition_id=edition_id, section="how_much", subject="figure:kinds", ground="crime",
        reason="r", at=MONDAY,
    )  # fmt: skip
    editions.make_figures(
        place, partnership, viewer=people["analyst"], edition_id=edition_id, clock=lambda: MONDAY, say=support.quiet
    )
    for text, wrong in (
        ("So {{figure:kinds}} it is.", True),
        ("::: restricted crime\nSo {{figure:kinds}} it is.\n:::", False),
    ):
        number = queries.edition(people["editor"], edition_id, at=MONDAY).blocks["how_much"].number
        operations.write(
            viewer=people["editor"], edition_id=edition_id, section="how_much", text=text, base=number, cited=(),
            at=MONDAY,
        )  # fmt: skip
        page = queries.edition(people["editor"], edition_id, at=MONDAY)
        faults = [each for each in editions.standing(place, partnership, page).faults if "kept back" in each]
        assert bool(faults) is wrong, faults


def test_headlines_appear_whatever_their_direction(people, place, partnership):
    edition_id = begun(people, place, partnership)
    page = queries.edition(people["analyst"], edition_id, at=MONDAY)
    assert editions.standing(place, partnership, page).faults == ()
    made = drafting.figures_of(place, edition_id, page.line.figures)
    owed = {key for key, each in partnership.indicators.items() if each.headline}
    assert owed and owed <= set(made.readings)
    assert all(each.get("value") or each.get("why_not") for each in made.readings.values())
    less = {key: each for key, each in made.readings.items() if key != "h_homicides"}
    with pytest.raises(Refused) as refused:
        headlines.require_all(replace(made.publication, sections=()), partnership.indicators, less)
    assert refused.value.what == "“Short assessment” leaves out H2 Homicides in the definition"


def test_new_data_flags_what_was_cited_until_somebody_reads_it_again(people, place, partnership):
    edition_id = begun(people, place, partnership)
    kept = place / "editions" / str(edition_id)
    page = queries.edition(people["analyst"], edition_id, at=MONDAY)
    was = page.blocks["how_much"].cited[0].words
    _revise(place, partnership)
    editions.make_figures(
        place, partnership, viewer=people["analyst"], edition_id=edition_id, clock=lambda: later(60), say=support.quiet
    )
    assert len(list(kept.glob("figures-*.json"))) == 2
    page = queries.edition(people["analyst"], edition_id, at=later(61))
    (changed,) = settling_changes(place, partnership, page)
    assert changed.was == was and changed.becomes != was
    with pytest.raises(NotReady) as refused:
        settle(people, place, partnership, edition_id, at=later(62))
    assert f"printed “{was}” and now prints “{changed.becomes}”" in refused.value.what
    operations.look(
        viewer=people["analyst"], edition_id=edition_id, section="how_much", citation=changed.citation,
        words=changed.becomes, at=later(63),
    )  # fmt: skip
    page = queries.edition(people["analyst"], edition_id, at=later(64))
    assert settling_changes(place, partnership, page) == ()
    # Only the newest making waits: the first was withdrawn, and says why.
    states = {each.bundle: each.state for each in queue.requests(place)}
    assert states == {f"{edition_id}/1": "withdrawn", f"{edition_id}/2": "pending"}


def settling_changes(place, partnership, page):
    from concord.desk.editions.rules import changed_figures

    return changed_figures(page.blocks, page.seen, editions.standing(place, partnership, page).sections)


def _revise(place: Path, partnership: Partnership) -> None:
    """A third of what was decided to be serious violence turns out not to be: a new version of the decisions."""
    store = Store(place)
    found = store.latest("definition_results")
    parts: dict[str, pa.Table] = {}
    for part, path in zip(found.manifest.parts, found.files, strict=True):
        rows = pq.read_table(path)
        verdicts = [
            "out" if verdict == "in" and number % 3 == 0 else verdict
            for number, verdict in enumerate(rows.column("verdict").to_pylist())
        ]
        field = rows.schema.field("verdict")
        position = rows.schema.get_field_index("verdict")
        parts[part.partition] = rows.set_column(position, field, pa.array(verdicts).cast(field.type))
    store.write("definition_results", parts, source="test", synthetic=True, clock=lambda: later(30))


def test_approving_ones_own_is_refused_and_nothing_leaves(people, place, partnership):
    edition_id = operations.begin(viewer=people["both"], publication=SHORT, name="2026", at=MONDAY)
    editions.make_figures(
        place, partnership, viewer=people["both"], edition_id=edition_id, clock=lambda: MONDAY, say=support.quiet
    )
    settle(people, place, partnership, edition_id, by="both")
    version = queries.edition(people["both"], edition_id, at=MONDAY).line.version
    with pytest.raises(OwnRequest):
        editions.approve(
            place, viewer=people["both"], edition_id=edition_id, reason="Fine.", version=version, clock=lambda: MONDAY
        )
    assert {each.state for each in queue.requests(place)} == {"pending"}
    assert not (place / "site").exists()


def test_who_made_the_figures_does_not_approve_them_either(people, place, partnership):
    """Another person asked for the edition, but the figures are this one's own: the queue refuses, nothing is half."""
    edition_id = operations.begin(viewer=people["both"], publication=SHORT, name="2026", at=MONDAY)
    editions.make_figures(
        place, partnership, viewer=people["both"], edition_id=edition_id, clock=lambda: MONDAY, say=support.quiet
    )
    settle(people, place, partnership, edition_id, by="analyst")
    version = queries.edition(people["both"], edition_id, at=MONDAY).line.version
    with pytest.raises(Refused, match="cannot approve their own release"):
        editions.approve(
            place, viewer=people["both"], edition_id=edition_id, reason="Fine.", version=version, clock=lambda: MONDAY
        )
    assert queries.edition(people["both"], edition_id, at=MONDAY).line.state == "frozen"
    assert {each.state for each in queue.requests(place)} == {"pending"}


def test_a_machine_that_stops_after_the_figures_are_out_goes_on(people, place, partnership):
    edition_id = begun(people, place, partnership)
    settle(people, place, partnership, edition_id)
    made = drafting.figures_of(
        place, edition_id, queries.edition(people["analyst"], edition_id, at=MONDAY).line.figures
    )
    queue.approve_bundle(
        place, made.bundle, by=people["approver"].display_name, reason="Read it.", clock=lambda: MONDAY
    )
    give(people, place, partnership, edition_id)
    assert queries.edition(people["analyst"], edition_id, at=MONDAY).line.state == "published"


def test_a_disk_that_fills_leaves_what_was_there(people, place, partnership, monkeypatch):
    first = begun(people, place, partnership, name="2025")
    settle(people, place, partnership, first)
    give(people, place, partnership, first)
    before = digests(place / "site")
    second = begun(people, place, partnership, name="2026", at=later(10))
    settle(people, place, partnership, second, at=later(11))

    def full(*_given, **_named):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(settling.site, "write", full)
        with pytest.raises(Exception, match="could not be written"):
            give(people, place, partnership, second, at=later(12))
    assert digests(place / "site") == before
    line = queries.edition(people["analyst"], second, at=later(13)).line
    assert line.state == "approved"
    editions.give_out(
        place, partnership, viewer=people["approver"], edition_id=second, version=line.version,
        clock=lambda: later(14), say=support.quiet,
    )  # fmt: skip
    assert "Short assessment, 2026" in (place / "site" / "index.html").read_text("utf-8")


def test_the_edition_before_stays_readable_and_a_withdrawn_one_says_so(people, place, partnership):
    first = begun(people, place, partnership, name="2025")
    settle(people, place, partnership, first)
    give(people, place, partnership, first)
    second = begun(people, place, partnership, name="2026", at=later(10))
    settle(people, place, partnership, second, at=later(11))
    give(people, place, partnership, second, at=later(12))
    site = place / "site"
    assert (site / f"{SHORT}-2025" / "index.html").is_file() and (site / f"{SHORT}-2026" / "index.html").is_file()
    index = (site / "index.html").read_text("utf-8")
    assert f"{SHORT}-2025/index.html" in index and f"{SHORT}/index.html" in index
    version = queries.edition(people["approver"], second, at=later(13)).line.version
    editions.withdraw(
        place, partnership, viewer=people["approver"], edition_id=second, reason="The map has the wrong wards.",
        version=version, clock=lambda: later(14),
    )  # fmt: skip
    notice = (site / SHORT / "index.html").read_text("utf-8")
    assert "Withdrawn on 23 November 2026: The map has the wrong wards." in notice
    assert not list((site / SHORT).glob("*.pdf"))
    assert (site / f"{SHORT}-2025" / "index.html").read_text("utf-8").count("<figure ")


def test_a_draft_given_up_leaves_nothing_waiting(people, place, partnership):
    edition_id = begun(people, place, partnership)
    version = queries.edition(people["analyst"], edition_id, at=MONDAY).line.version
    editions.withdraw(
        place, partnership, viewer=people["analyst"], edition_id=edition_id, reason="Begun twice.", version=version,
        clock=lambda: later(1),
    )  # fmt: skip
    assert {each.state for each in queue.requests(place)} == {"withdrawn"}


def test_a_settled_file_that_is_touched_is_not_published(people, place, partnership):
    edition_id = begun(people, place, partnership)
    settle(people, place, partnership, edition_id)
    (kept,) = (place / "editions" / str(edition_id)).glob("frozen-*.json")
    kept.write_text(kept.read_text("utf-8").replace("recorded offences", "recorded crimes"), "utf-8")
    with pytest.raises(Refused, match="not as it was settled"):
        give(people, place, partnership, edition_id)
    assert queries.edition(people["analyst"], edition_id, at=MONDAY).line.state == "frozen"
