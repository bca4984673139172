from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from firmdate.errors import InputError
from firmdate.runs.baselines import Mismatch
from firmdate.runs.batch import SOLVE_MODULES, BatchResult, ScenarioResult, batch, find_scenarios
from firmdate.runs.batch_report import MISMATCHES_SHOWN, junit_xml, markdown
from firmdate.runs.store import read_kpis, write_kpis, write_run
from firmdate.runs.table_files import read_table, write_table
from runs.batch_work import work
from runs.hand_plan import KPIS, hand_plan


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """A folder with the run that the work of the batches finds."""
    write_run(hand_plan(), tmp_path / "ready").rename(tmp_path / "solved")
    return tmp_path


def scenario(folder: Path, name: str, text: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(f"name: {name}\ndata: data\nplanning_date: 2021-01-01\n" + textwrap.dedent(text))
    return path


def accept_hand_plan(baselines: Path, name: str) -> Path:
    folder = baselines / name
    folder.mkdir(parents=True)
    plan = hand_plan()
    write_kpis(plan.kpis, folder)
    write_table(plan.promises, folder, "promises", "csv")
    return folder


def test_one_bad_scenario_does_not_take_the_others_along(ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = "expect: {late_lines: 2, promises: {0012/2: 2021-01-11, X/9: 2021-01-11}}"
    paths = [
        scenario(ready, "killed"),
        scenario(ready, "fine", "expect: {late_lines: 1, promises: {0012/2: 2021-01-12, NO/1: unpromised}}"),
        *(scenario(ready, name) for name in ("exits", "leaves", "infeasible", "defect")),
        scenario(ready, "failing", failing),
        scenario(ready, "unreadable", "expect: {late_line: 2}"),
    ]
    monkeypatch.chdir(ready)
    seen: list[tuple[int, int]] = []
    result = batch(
        [path.relative_to(ready) for path in paths],
        workers=2,
        baselines="baselines",
        runs_dir="runs",
        progress=lambda done, total, _: seen.append((done, total)),
        work=work,
    )
    assert seen == [(done, 8) for done in range(1, 9)]
    by_name = {one.name: one for one in result.results}
    assert list(by_name) == [path.stem for path in paths]
    statuses = {name: one.status for name, one in by_name.items()}
    assert statuses == {**dict.fromkeys(by_name, "error"), "fine": "ok", "failing": "failed"}
    assert by_name["killed"].message == "the process was killed by signal 9 (out of memory?)"
    assert by_name["exits"].message == "the process ended with exit code 7 and without a result"
    assert by_name["leaves"].message == "the process ended with exit code 0 and without a result"
    assert by_name["infeasible"].message == "the rules contradict each other"
    assert by_name["defect"].message == "internal error (ZeroDivisionError: by accident)"
    assert "did you mean 'late_lines'" in by_name["unreadable"].message
    assert by_name["failing"].mismatches == (
        Mismatch("expect", "late_lines", "2", "1"),
        Mismatch("expect", "promise 0012/2", "2021-01-11", "2021-01-12"),
        Mismatch("expect", "promise X/9", "2021-01-11", "no such line"),
    )
    assert by_name["fine"].run is not None
    assert by_name["fine"].run.parent == Path("runs/fine")
    assert by_name["fine"].baseline is None
    assert sorted(folder.name for folder in Path("runs").iterdir()) == ["failing", "fine"]


def test_what_moved_against_the_baseline_fails_until_it_is_accepted(ready: Path) -> None:
    path = scenario(ready, "moved")
    folder = accept_hand_plan(ready / "baselines", "moved")
    promises = read_table(folder, "promises")
    promises.loc[1, "promise_date"] = pd.Timestamp("2021-01-09")
    promises.loc[3, "promise_date"] = pd.Timestamp("2021-01-20")
    promises["order"] = promises["order"].replace({"0013": "0014"})
    write_table(promises, folder, "promises", "csv")
    kpis = {**KPIS, "total_cost": 1234.6, "late_unit_days": KPIS["late_unit_days"] * (1 + 1e-8), "old": 1.0}
    write_kpis({name: value for name, value in kpis.items() if name != "overloads"}, folder)

    def run(accept: bool) -> ScenarioResult:
        return batch([path], accept=accept, work=work, baselines=ready / "baselines", runs_dir=ready / "runs").results[
            0
        ]

    before = (folder / "kpis.json").read_bytes()
    result = run(accept=False)
    assert result.status == "moved"
    assert {(one.figure, one.wanted, one.got) for one in result.mismatches} == {
        ("total_cost", "1234.6", "1234.5"),
        ("old", "1", "no such figure"),
        ("overloads", "no such figure", "1"),
        ("promise 0012/2", "2021-01-09", "2021-01-12"),
        ("promise NO/1", "2021-01-20", "unpromised"),
        ("promise 0013/1", "no such line", "unpromised"),
        ("promise 0014/1", "unpromised", "no such line"),
    }
    assert (folder / "kpis.json").read_bytes() == before
    accepted = run(accept=True)
    assert (accepted.status, accepted.accepted) == ("ok", True)
    assert read_kpis(folder) == pytest.approx(KPIS, abs=1e-6)
    assert run(accept=False).mismatches == ()


def test_strict_wants_a_baseline_and_accept_makes_only_those_that_hold(ready: Path) -> None:
    paths = [scenario(ready, "fine"), scenario(ready, "failing", "expect: {late_lines: 2}")]

    def run(accept: bool) -> list[tuple[str, bool]]:
        folders = (ready / "accepted", ready / "runs")
        result = batch(paths, baselines=folders[0], runs_dir=folders[1], work=work, strict=True, accept=accept)
        return [(one.status, one.accepted) for one in result.results]

    assert run(accept=False) == [("moved", False), ("failed", False)]
    assert run(accept=True) == [("ok", True), ("failed", False)]
    assert [folder.name for folder in (ready / "accepted").iterdir()] == ["fine"]
    assert run(accept=False)[0] == ("ok", False)


def test_broken_baseline_is_an_error_of_its_scenario(ready: Path) -> None:
    folder = accept_hand_plan(ready / "baselines", "fine")
    (folder / "kpis.json").write_text("{")
    result = batch([scenario(ready, "fine")], baselines=ready / "baselines", runs_dir=ready / "runs", work=work)
    assert result.results[0].status == "error"
    assert "kpis.json: is not valid JSON" in result.results[0].message


def test_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    paths = [scenario(tmp_path / folder, "same") for folder in ("a", "b")]
    with pytest.raises(InputError, match="has the same name \\(got 'same'\\)") as error:
        batch(paths, runs_dir=tmp_path)
    assert len(error.value.problems) == 2


def test_nothing_to_solve_is_refused() -> None:
    with pytest.raises(InputError, match="no scenario to solve"):
        batch([])


def test_folder_means_its_scenarios(tmp_path: Path) -> None:
    second, first = scenario(tmp_path, "b"), scenario(tmp_path, "a")
    extending = tmp_path / "c.yml"
    extending.write_text("# what if\nextends: a.yaml\n")
    broken = tmp_path / "d.yaml"
    broken.write_bytes(b"\xff\xfe")
    notes = tmp_path / "notes.yaml"
    notes.write_text("colours: [red]\n")
    (tmp_path / "readme.txt").write_text("name: x")
    scenario(tmp_path / "below", "below")
    assert find_scenarios([tmp_path]) == ([first, second, extending, broken], [notes])
    assert find_scenarios([notes, second, tmp_path])[0] == [notes, second, first, extending, broken]


@pytest.mark.parametrize(("name", "message"), [("none", "no such scenario file"), ("empty", "has no scenario")])
def test_missing_scenarios_are_refused(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=message):
        find_scenarios([tmp_path / name])


INTERRUPTED = """
import signal
import sys
from pathlib import Path
from firmdate.runs.batch import batch
from runs.batch_work import work

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin without it
folder = Path(sys.argv[1])
try:
    batch([folder / "slow.yaml", folder / "next.yaml"], runs_dir=folder / "runs", work=work, preload=[])
except KeyboardInterrupt:
    print("interrupted")
"""


def test_baselines_that_cannot_be_written_are_one_line(ready: Path) -> None:
    (ready / "file").write_text("")
    (result,) = batch(
        [scenario(ready, "fine")], accept=True, work=work, baselines=ready / "file", runs_dir=ready / "runs"
    ).results
    advice = "is a file where a folder is needed; move it or choose another folder with --baselines"
    assert result.message == f"{ready / 'file' / 'fine'}: {ready / 'file'} {advice}"
    assert (result.status, result.accepted) == ("error", False)


def test_interrupt_while_a_batch_imports_is_quiet(ready: Path) -> None:
    """Ctrl-C reaches the whole group of processes, also the one that imports what the scenarios need."""
    scenario(ready, "slow")
    scenario(ready, "next")
    slow = f"import pathlib, time\npathlib.Path({str(ready / 'importing')!r}).touch()\ntime.sleep(0.5)\n"
    (ready / "slow_to_import.py").write_text(slow)
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED.replace("preload=[]", "preload=['slow_to_import']"), str(ready)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ready), *(path for path in sys.path if path)])},
        start_new_session=True,
    )
    while not (ready / "importing").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate() == ("interrupted\n", "")


def test_interrupted_batch_ends_its_processes(ready: Path) -> None:
    scenario(ready, "slow")
    scenario(ready, "next")
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(ready)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    while not (ready / "started").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (out, err) == ("interrupted\n", "")
    worker_id = int((ready / "started").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(worker_id, 0)
    assert not (ready / "runs").exists()


@pytest.mark.parametrize("module", SOLVE_MODULES)
def test_preloaded_modules_exist(module: str) -> None:
    assert importlib.util.find_spec(module) is not None


def results() -> BatchResult:
    late = {"lines": 1200.0, "late_lines": 3.0, "late_unit_days_tier_1": 0.0, "late_unit_days_tier_2": 4.5}
    before = {**late, "late_lines": 5.0, "late_unit_days_tier_2": 4.0}
    many = tuple(Mismatch("baseline", f"promise A/{n}", "2021-01-01", "2021-01-02") for n in range(30))
    return BatchResult(
        (
            ScenarioResult(Path("s/fine.yaml"), "fine", "ok", kpis=late, baseline=late, seconds=1.5),
            ScenarioResult(Path("s/new.yaml"), "new", "ok", kpis=late),
            ScenarioResult(
                Path("s/moved.yaml"), "moved|pipe", "moved", mismatches=many, kpis=late, baseline=before, seconds=1.0
            ),
            ScenarioResult(
                Path("s/bad.yaml"), "bad", "failed", mismatches=(Mismatch("expect", "late_lines", "2", "3"),), kpis=late
            ),
            ScenarioResult(Path("s/dead.yaml"), "dead", "error", message="a.csv:3: item: <b>\x00unknown\nsecond"),
        )
    )


def test_markdown_is_what_a_reviewer_needs() -> None:
    lines = markdown(results()).splitlines()
    assert lines[0] == "### 3 of 5 scenarios failed"
    assert lines[2:9] == [
        "| scenario | status | lines | late lines | late unit-days, tier 1 | late unit-days, tier 2 | baseline |",
        "| --- | --- | --: | --: | --: | --: | --- |",
        "| fine | ✅ ok | 1,200 | 3 | 0 | 4.5 | unchanged |",
        "| new | ✅ ok | 1,200 | 3 | 0 | 4.5 | no baseline |",
        "| moved\\|pipe | ⚠️ moved | 1,200 | 3 (-2) | 0 | 4.5 (+0.5) | 0 figures, 30 dates moved |",
        "| bad | ❌ failed | 1,200 | 3 | 0 | 4.5 | no baseline |",
        "| dead | ❌ error | – | – | – | – | – |",
    ]
    text = "\n".join(lines[9:])
    assert "- late\\_lines: expect 2, got 3" in text
    assert "- and 10 more" in text
    assert "a.csv:3: item: \\<b\\>" in text


def test_markdown_says_when_all_is_well() -> None:
    fine = BatchResult(results().results[:2])
    assert markdown(fine).startswith("### 2 scenarios as expected\n")


def test_junit_has_a_case_per_scenario() -> None:
    root = ElementTree.fromstring(junit_xml(results()))
    (suite,) = root
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "time")} == {
        "tests": "5",
        "failures": "2",
        "errors": "1",
        "time": "2.500",
    }
    cases = {case.get("name"): case for case in suite}
    assert [child.tag for name in ("fine", "new") for child in cases[name]] == []
    (failure,) = cases["moved|pipe"]
    assert failure.tag == "failure"
    assert len((failure.text or "").splitlines()) == MISMATCHES_SHOWN + 1
    (error,) = cases["dead"]
    assert (error.tag, error.text) == ("error", "a.csv:3: item: <b>�unknown\nsecond")
