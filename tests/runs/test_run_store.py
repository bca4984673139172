from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmdate.errors import InputError
from firmdate.plan.result import PLAN_TABLES, Plan
from firmdate.runs import store
from firmdate.runs.store import latest_run, read_run, resolve_run, write_run
from firmdate.runs.table_files import format_number, read_table, write_table
from runs.hand_plan import frame, hand_plan

PROMISES_CSV = """\
order,line,item,location,quantity,requested_date,promise_date,days_late,promised_quantity,status,tier,gating_kind,\
gating_name,gating_date,reason
0012,1,PUMP,DC,60,2021-01-05,2021-01-05,0,60,on_time,1,,,,
0012,2,PUMP,DC,40,2021-01-05,2021-01-12,7,40,late,2,resource,RES_1,2021-01-04,waits for RES_1 \
until 2021-01-11
0013,1,"VALVE, 1/2""\",DC,10,2021-01-06,,,4,partial,2,supplier,S1,2021-01-06,only 4 of 10 can be bought from S1
NO,1,"VALVE, 1/2""\",DC,5,2021-01-07,,,0,unpromised,3,item,SEAL,,no supply of <SEAL> & co inside the horizon
"""


def test_run_folder_holds_every_file(tmp_path: Path) -> None:
    run = write_run(hand_plan(), tmp_path, extra_files={"report.html": "<p>page</p>"})
    tables = {f"{name}.csv" for name in PLAN_TABLES}
    others = {"kpis.json", "run.json", "scenario.yaml", "highs.log", "report.html"}
    assert {file.name for file in run.iterdir()} == tables | others
    assert run.parent == tmp_path / "hand-made"
    assert run.name.endswith("Z-01234567")
    assert [child.name for child in run.parent.iterdir()] == [run.name]
    assert (run / "report.html").read_text() == "<p>page</p>"


def test_csv_is_exact(tmp_path: Path) -> None:
    run = write_run(hand_plan(), tmp_path)
    assert (run / "promises.csv").read_text() == PROMISES_CSV
    deliveries = (run / "deliveries.csv").read_text().splitlines()
    assert deliveries[1:3] == ["0012,1,2021-01-05,60", "0012,2,2021-01-08,0.333333"]
    assert (run / "stock.csv").read_text().splitlines()[2] == "PUMP,DC,2021-01-05,0"
    kpis = json.loads((run / "kpis.json").read_text())
    assert kpis["lines"] == 4
    assert isinstance(kpis["lines"], int)
    assert kpis["total_cost"] == 1234.5


def test_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write_run(hand_plan(), tmp_path) for _ in range(2))
    for file in first.iterdir():
        assert file.read_bytes() == (second / file.name).read_bytes()


def assert_same_plan(got: Plan, wanted: Plan) -> None:
    for name in PLAN_TABLES:
        pd.testing.assert_frame_equal(getattr(got, name), getattr(wanted, name), atol=1e-6, obj=name)
    assert got.kpis == pytest.approx(dict(wanted.kpis), abs=1e-6)
    assert got.scenario == wanted.scenario
    assert dict(got.run) == dict(wanted.run)
    assert got.log == wanted.log


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_run_reads_back(tmp_path: Path, file_format: str) -> None:
    if file_format == "parquet":
        pytest.importorskip("pyarrow")
    plan = hand_plan(expect={"late_lines": 1, "promises": {"0012/1": "2021-01-05", "NO/1": "unpromised"}})
    assert_same_plan(read_run(write_run(plan, tmp_path, file_format=file_format)), plan)


def test_empty_tables_read_back_with_their_types(tmp_path: Path) -> None:
    plan = hand_plan(promises=frame("promises", ""), resource_load=frame("resource_load", ""), kpis={"lines": 0.0})
    got = read_run(write_run(plan, tmp_path))
    assert len(got.promises) == 0
    assert list(got.promises.dtypes.astype(str)) == list(plan.promises.dtypes.astype(str))


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1)


@settings(deadline=None)  # how long a case takes says nothing about it
@given(rows=st.lists(st.tuples(st.just("") | texts, st.floats(-1e9, 1e9), st.dates()), min_size=1))
def test_any_text_number_and_date_reads_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, float, object]]
) -> None:
    folder = tmp_path_factory.mktemp("table")
    item, quantity, date = zip(*rows, strict=True)
    wanted = pd.DataFrame(
        {
            "item": pd.Series(item, dtype="str"),
            "quantity": pd.Series(quantity, dtype="float64"),
            "date": pd.to_datetime(pd.Series(date, dtype=object)).astype("datetime64[s]"),
        }
    )
    write_table(wanted, folder, "any", "csv")
    got = read_table(folder, "any")
    assert got["item"].tolist() == list(item)
    assert got["quantity"].to_numpy() == pytest.approx(quantity, abs=5.1e-7, rel=1e-15)
    assert got["date"].tolist() == wanted["date"].tolist()


@given(value=st.floats(-1e12, 1e12))
def test_numbers_are_written_without_noise(value: float) -> None:
    text = format_number(value)
    assert float(text) == pytest.approx(value, abs=5.1e-7, rel=1e-15)
    assert "e" not in text
    assert text != "-0"
    assert not (("." in text) and text.endswith(("0", ".")))


def test_run_ids_sort_by_time(tmp_path: Path) -> None:
    runs = [write_run(hand_plan(), tmp_path) for _ in range(5)]
    assert len(set(runs)) == 5
    assert sorted(runs) == runs
    assert latest_run(tmp_path, "hand-made") == runs[-1]


KILLED = """
import sys, time
from runs.hand_plan import hand_plan
from firmdate.runs import store

def hang(*_):
    print("half way", flush=True)
    time.sleep(60)

store.write_kpis = hang
store.write_run(hand_plan(), sys.argv[1])
"""


def python(*args: str, **environment: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **environment}
    return subprocess.Popen([sys.executable, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)


def test_killed_writer_publishes_nothing_and_is_cleaned_up_later(tmp_path: Path) -> None:
    writer = python("-c", KILLED, str(tmp_path))
    assert writer.stdout is not None
    assert writer.stdout.readline() == "half way\n"
    writer.kill()
    writer.communicate()
    assert writer.returncode == -signal.SIGKILL
    (leftover,) = (tmp_path / "hand-made").iterdir()
    assert leftover.name.startswith(".writing-")
    assert (leftover / "promises.csv").exists()
    with pytest.raises(InputError, match="no such run"):
        latest_run(tmp_path, "hand-made")

    young = write_run(hand_plan(), tmp_path)
    assert leftover.exists()
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(leftover, (two_days_ago, two_days_ago))
    old = write_run(hand_plan(), tmp_path)
    assert sorted((tmp_path / "hand-made").iterdir()) == [young, old]


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "the disk is full; free some space or choose another folder with --runs; nothing was written"),
        (errno.EACCES, "no permission to write here; choose another folder"),
        (errno.EIO, "cannot be written"),
    ],
)
def test_failed_writer_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, message: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(store, "write_kpis", fail)
    with pytest.raises(InputError, match=message):
        write_run(hand_plan(), tmp_path)
    assert list((tmp_path / "hand-made").iterdir()) == []


def test_interrupted_writer_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "write_kpis", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_run(hand_plan(), tmp_path)
    assert list((tmp_path / "hand-made").iterdir()) == []


def test_runs_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(InputError, match="runs is a file where a folder is needed; move it or"):
        write_run(hand_plan(), tmp_path / "runs")


def test_folder_without_permission_is_refused_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="no permission to write here"):
        store.check_store(tmp_path / "new", "tutorial")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("scenario", "file_format", "message"),
    [("baselines", "csv", "choose another name"), ("tutorial", "json", "unknown file format \\(got 'json'\\)")],
)
def test_what_the_store_refuses(tmp_path: Path, scenario: str, file_format: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        store.check_store(tmp_path, scenario, file_format)


def of_an_earlier_version(run: Path) -> Path:
    """A run without the digests of its files."""
    record = json.loads((run / "run.json").read_text())
    del record["files"]
    (run / "run.json").write_text(json.dumps(record))
    return run


def test_files_that_were_cut_off_or_edited_are_named(tmp_path: Path) -> None:
    run = write_run(hand_plan(), tmp_path)
    deliveries = (run / "deliveries.csv").read_bytes()
    (run / "deliveries.csv").write_bytes(deliveries[: len(deliveries) // 2])
    (run / "stock.csv").unlink()
    with pytest.raises(InputError) as refused:
        read_run(run)
    assert [str(problem).removeprefix(f"{run}/").partition(";")[0] for problem in refused.value.problems] == [
        "deliveries.csv: is not as it was written: it is damaged, or was edited",
        "stock.csv: is missing: the run is damaged",
    ]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("run.json", None, "is not the folder of a run"),
        ("run.json", "{", "is not valid JSON"),
        ("kpis.json", "[1]", "is not a JSON object"),
        ("kpis.json", '{"lines": "4"}', "is not a number"),
        ("promises.csv", None, "promises.csv: cannot be read"),
        ("promises.csv", "order,quantity\nA,abc\n", "promises.csv: cannot be read"),
        ("highs.log", None, "highs.log: cannot be read"),
    ],
)
def test_broken_run_is_refused(tmp_path: Path, file: str, content: str | None, message: str) -> None:
    run = of_an_earlier_version(write_run(hand_plan(), tmp_path))
    if content is None:
        (run / file).unlink()
    else:
        (run / file).write_text(content)
    with pytest.raises(InputError, match=message):
        read_run(run)


def test_run_is_found_by_folder_scenario_and_id(tmp_path: Path) -> None:
    first, second = (write_run(hand_plan(), tmp_path) for _ in range(2))
    write_run(hand_plan("other"), tmp_path)
    assert resolve_run(str(first), tmp_path) == first
    assert resolve_run("hand-made", tmp_path) == second
    assert resolve_run(f"hand-made/{first.name}", tmp_path) == first
    assert resolve_run(str(tmp_path / "hand-made"), "elsewhere") == second


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hand-maid", "no such run \\(got 'hand-maid'\\); did you mean 'hand-made'\\?"),
        ("scenarios/hand-made.yaml", "did you mean 'hand-made'\\?"),
        ("hand-made/2021", "there are: hand-made/2"),
        ("zzz", "there are: hand-made"),
        ("baselines", "there are: hand-made"),
    ],
)
def test_unknown_run_names_what_there_is(tmp_path: Path, text: str, message: str) -> None:
    write_run(hand_plan(), tmp_path)
    (tmp_path / "baselines" / "x").mkdir(parents=True)
    with pytest.raises(InputError, match=message):
        resolve_run(text, tmp_path)


def test_empty_store_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="make one with: firmdate solve"):
        resolve_run("tutorial", tmp_path / "none")


def test_run_of_an_earlier_version_reads_with_blanks(tmp_path: Path) -> None:
    run = of_an_earlier_version(write_run(hand_plan(), tmp_path))
    for name in ("explanations", "chains", "releases", "causes"):
        (run / f"{name}.csv").unlink()
    assert read_run(run).explain("0012", "2").chain == ()
    lines = pd.read_csv(run / "lines.csv", dtype=object, keep_default_na=False)
    lines.drop(columns=["customer", "value", "late_unit_days"]).to_csv(run / "lines.csv", index=False)
    read = read_run(run).order_lines
    assert read["customer"].tolist() == [""] * 4
    assert read[["value", "late_unit_days"]].isna().to_numpy().all()
    (run / "lines.csv").unlink()
    assert read_run(run).order_lines["kind"].tolist() == [""] * 4
