"""Planning data in memory keep their types and the places of their rows."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from data_samples import read_csv
from hypothesis import given, settings
from hypothesis import strategies as st

from firmdate.data.keys import match_rows, positions, row_keys
from firmdate.data.planning_data import PlanningData, concat_typed, empty_frame
from firmdate.data.read import read_frames, read_planning_data
from firmdate.data.tables import TABLE

DEMANDS = pd.DataFrame(columns=["order", "line", "item", "location", "quantity", "requested_date"])


@pytest.fixture
def data(tmp_path: Path) -> PlanningData:
    return read_csv(tmp_path)


def receipts(*rows: tuple[str, str]) -> pd.DataFrame:
    cells = pd.DataFrame(rows, columns=["receipt", "quantity"])
    cells = cells.assign(type="purchase", item="COMP", location="P1", date="2021-01-04")
    return read_frames({"demands": DEMANDS, "scheduled_receipts": cells})["scheduled_receipts"]


def test_added_rows_have_a_place(data: PlanningData, tmp_path: Path) -> None:
    changed = data.with_added_rows(
        "scheduled_receipts", receipts(("X1", "50"), ("X2", "5")), ["a.yaml:17", "a.yaml:18"]
    )
    frame = changed["scheduled_receipts"]
    assert frame.index.tolist() == [2, 3, 4, 5]
    assert frame["receipt"].tolist() == ["R1", "R2", "X1", "X2"]
    assert frame["supplier"].isna().tolist() == [False, True, True, True]
    assert [changed.where("scheduled_receipts", label) for label in (3, 4, 5)] == [
        f"{tmp_path}/scheduled_receipts.csv:3",
        "a.yaml:17",
        "a.yaml:18",
    ]
    pd.testing.assert_series_equal(frame.dtypes.astype("str"), data["scheduled_receipts"].dtypes.astype("str"))
    again = changed.with_added_rows("scheduled_receipts", receipts(("X3", "1")), ["b.yaml:3"])
    assert again.where("scheduled_receipts", 4) == "a.yaml:17"
    assert again.where("scheduled_receipts", 6) == "b.yaml:3"
    assert len(data["scheduled_receipts"]) == 2


def test_rows_added_to_a_table_that_is_missing(tmp_path: Path) -> None:
    demands = "order,line,item,location,quantity,requested_date\n1,1,A,L,1,2021-01-01\n"
    data = read_csv(tmp_path, {"demands": demands})
    changed = data.with_added_rows("scheduled_receipts", receipts(("X1", "50")), ["a.yaml:17"])
    assert changed["scheduled_receipts"].index.tolist() == [1]
    assert changed.where("scheduled_receipts", 1) == "a.yaml:17"
    assert not changed.given("scheduled_receipts")
    assert changed.file("scheduled_receipts") == "scheduled_receipts"
    assert changed.file("demands") == f"{tmp_path}/demands.csv"
    assert changed.where("lanes", 7) == "lanes:7"


def test_an_added_row_may_lack_the_users_own_columns(data: PlanningData) -> None:
    rows = data["demands"].drop(columns="x_channel").iloc[:1]
    frame = data.with_added_rows("demands", rows, ["a.yaml:1"])["demands"]
    assert frame["x_channel"].isna().tolist() == [False, True, True, False, False, True]
    assert frame["x_channel"].cat.categories.tolist() == ["-", "NaN", "web"]


def test_another_frame_for_a_table(data: PlanningData, tmp_path: Path) -> None:
    fewer = data.with_table("demands", data["demands"].iloc[3:])
    assert len(fewer["demands"]) == 2
    assert fewer.where("demands", 5) == f"{tmp_path}/demands.csv:5"
    assert len(data["demands"]) == 5


def test_planning_data_can_be_sent_to_another_process(data: PlanningData) -> None:
    there = pickle.loads(pickle.dumps(data))
    pd.testing.assert_frame_equal(there["demands"], data["demands"])
    assert there.where("demands", 3) == data.where("demands", 3)


def test_places_begin_at_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_csv(tmp_path / "plan" / "data")
    monkeypatch.chdir(tmp_path / "plan")
    data = read_planning_data(tmp_path / "plan" / "data")
    assert data.source == "data"
    assert data.where("demands", 3) == "data/demands.csv:3"


TEXTS = st.lists(st.sampled_from(["a", "b", "c", None]))


@settings(deadline=None, max_examples=40)
@given(TEXTS, TEXTS)
def test_texts_under_each_other(above: list[str | None], below: list[str | None]) -> None:
    def frame(texts: list[str | None]) -> pd.DataFrame:
        cells = pd.DataFrame({"receipt": "R", "type": "make", "item": texts, "location": "L"}, dtype=object)
        cells = cells.assign(item="A", date="2021-01-04", quantity=1, origin=texts)
        return read_frames({"demands": DEMANDS, "scheduled_receipts": cells})["scheduled_receipts"]

    kept = [text for text in [*above, *below] if text is not None]
    table = TABLE["scheduled_receipts"]
    joined = concat_typed(table, [frame(above), frame(below), empty_frame(table)])
    assert joined["origin"].isna().tolist() == [text is None for text in [*above, *below]]
    assert joined["origin"].dropna().tolist() == kept
    assert joined["origin"].cat.categories.tolist() == sorted(set(kept))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["x", "y", "z", None]))), st.data())
def test_rows_are_matched_by_all_their_ids(rows: list[tuple[str | None, str | None]], draw: st.DataObject) -> None:
    others = draw.draw(st.lists(st.tuples(st.sampled_from(["b", "c", None]), st.sampled_from(["y", "q", None]))))

    def frame(pairs: list[tuple[str | None, str | None]]) -> pd.DataFrame:
        columns = list(zip(*pairs, strict=True)) or [(), ()]
        return pd.DataFrame({name: pd.Categorical(cells) for name, cells in zip("pq", columns, strict=True)}).astype(
            {
                name: pd.CategoricalDtype(pd.Index(sorted({c for c in cells if c}), dtype="str"))
                for name, cells in zip("pq", columns, strict=True)
            }
        )

    left, right = frame(rows), frame(others)
    found = match_rows(left, ("p", "q"), right, ("p", "q"))
    assert found.tolist() == [others.index(row) if row in others else -1 for row in rows]
    keys = row_keys(left, ("p", "q"))
    assert [rows.index(row) for row in rows] == [keys.tolist().index(key) for key in keys.tolist()]


def test_ids_are_looked_up_by_category() -> None:
    values = pd.Series(pd.Categorical(["b", None, "a", "c"]))
    assert positions(values, pd.Index(["c", "b"])).tolist() == [1, -1, -1, 0]


def test_keys_of_many_columns_do_not_overflow() -> None:
    rows = 3000
    texts = pd.Series(pd.Categorical([f"{number}" for number in range(rows)]))
    frame = pd.DataFrame({f"c{place}": texts for place in range(8)})
    frame.loc[rows - 1] = frame.loc[0]
    keys = row_keys(frame, list(frame.columns))
    assert len(np.unique(keys)) == rows - 1
    assert keys[0] == keys[-1]
    assert match_rows(frame, list(frame.columns), frame, list(frame.columns)).tolist() == [*range(rows - 1), 0]
