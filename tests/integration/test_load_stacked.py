"""A file of several tables, and codes of several editions: what is kept of it, again and again, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from load_support import a_file, incidents, receive, rows_of

from concord.evidence.datasets.store import Store
from concord.evidence.extracts import FilesRefused
from concord.evidence.extracts.receipts import receipts
from concord.kernel.errors import BadInput
from concord.strategy.shapes.feed import Feed

HEADER = "ref,happened_on,ward,knife,victims,note"
PLACE, KIND = "incidents", "incidents_kind"
STACKED = {"field": "ward", "into": {"SYN01": PLACE, "SYN02": KIND}, "only": {PLACE: ["note"], KIND: ["knife"]}}


def stacked(**changes: object) -> Feed:
    return incidents(stacked=STACKED, file_name=None, **changes)


PLACED, KINDLED = "A1,2026-10-05,SYN01,,2,here", "A2,2026-10-05,SYN02,Y,2,"


def test_each_row_is_in_exactly_one_dataset_and_each_has_its_own_columns(tmp_path: Path) -> None:
    (result,) = receive(tmp_path, stacked(), a_file(tmp_path, "x.csv", PLACED, KINDLED, header=HEADER))
    assert (result.rows, result.accepted, result.dataset) == (2, 2, PLACE)
    assert set(Store(tmp_path).latest(PLACE).columns) == {"ref", "happened_on", "victims", "note", "month"}
    assert set(Store(tmp_path).latest(KIND).columns) == {"ref", "happened_on", "victims", "knife", "month"}
    assert rows_of(tmp_path, PLACE, "ref") + rows_of(tmp_path, KIND, "ref") == [("A1",), ("A2",)]


def test_the_receipt_tells_of_every_dataset(tmp_path: Path) -> None:
    receive(tmp_path, stacked(), a_file(tmp_path, "x.csv", PLACED, KINDLED, header=HEADER))
    (receipt,) = receipts(tmp_path)
    assert (receipt.dataset, receipt.version, receipt.also) == (PLACE, 1, {KIND: 1})
    assert sorted(receipt.partitions) == [f"{PLACE}/month=2026-10", f"{KIND}/month=2026-10"]


def test_the_same_file_twice_changes_nothing_and_says_what_has_replaced_it(tmp_path: Path) -> None:
    first = a_file(tmp_path, "x.csv", PLACED, KINDLED, header=HEADER)
    receive(tmp_path, stacked(), first)
    receive(tmp_path, stacked(), a_file(tmp_path, "y.csv", PLACED.replace("A1", "B1"), header=HEADER))
    (again,) = receive(tmp_path, stacked(), first)
    assert again.status == "already received"
    assert any(f"A later file has since replaced {PLACE}/month=2026-10;" in note for note in again.notes)
    assert rows_of(tmp_path, PLACE, "ref") == [("B1",)]
    assert rows_of(tmp_path, KIND, "ref") == [("A2",)]


def test_two_files_of_one_run_may_not_both_fill_one_dataset(tmp_path: Path) -> None:
    one = a_file(tmp_path, "x.csv", PLACED, KINDLED, header=HEADER)
    two = a_file(tmp_path, "y.csv", KINDLED.replace("A2", "B2"), header=HEADER)
    with pytest.raises(FilesRefused, match=f"both hold month=2026-10 of {KIND}") as caught:
        receive(tmp_path, stacked(), one, two)
    assert sorted(result.status for result in caught.value.results) == ["loaded", "refused"]
    assert len(rows_of(tmp_path, KIND, "ref")) == 1
    left = [f for f in tmp_path.rglob("parts/*") if f.name.startswith(".")]
    assert left == []


VINTAGE = {"of": "Ward", "field": "ward", "otherwise": "2020", "marks": {"2021": "SYN02", "2022": "SYN03"}}


@pytest.mark.parametrize(
    ("wards", "edition"), [(["SYN01"], "Ward 2020"), (["SYN01", "SYN02"], "Ward 2021"), (["SYN03"], "Ward 2022")]
)
def test_one_telling_code_decides_for_its_partition(tmp_path: Path, wards: list[str], edition: str) -> None:
    rows = [f"A{i},2026-10-05,{ward},Y,2,x" for i, ward in enumerate(wards)]
    feed = incidents(vintage=VINTAGE)
    receive(tmp_path, feed, a_file(tmp_path, "incidents_2026-10.csv", *rows, header=HEADER))
    version = Store(tmp_path).latest("incidents")
    assert version.vintages == {"month=2026-10": edition}
    # The digest that figures pin covers it, and a part without one is written as before.
    assert Store(tmp_path).at([version.ref]).latest("incidents").vintages == version.vintages
    plain = tmp_path / "plain"
    receive(plain, incidents(), a_file(tmp_path, "incidents_2026-10.csv", *rows, header=HEADER))
    assert b"vintage" not in Store(plain).latest("incidents").manifest.to_bytes()


def test_codes_of_two_editions_in_one_partition_are_refused(tmp_path: Path) -> None:
    rows = ["A1,2026-10-05,SYN02,Y,2,x", "A2,2026-10-05,SYN03,Y,2,x"]
    with pytest.raises(BadInput, match="month=2026-10 mixes codes of Ward 2021 and 2022") as caught:
        receive(tmp_path, incidents(vintage=VINTAGE), a_file(tmp_path, "incidents_2026-10.csv", *rows, header=HEADER))
    assert "all its areas of one edition" in str(caught.value)
    assert not Store(tmp_path).has("incidents")
