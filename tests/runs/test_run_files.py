"""Every file of a run is explained, and nothing is explained that no run has."""

from __future__ import annotations

from pathlib import Path

from firmdate.plan.result import PLAN_TABLES, RULE_TABLES
from firmdate.runs.run_files import COLUMN_MEANINGS, OTHER_FILES, OWN_MEANINGS, TABLE_MEANINGS, run_files_markdown
from firmdate.runs.store import write_run
from runs.hand_plan import hand_plan


def test_every_table_and_column_has_a_meaning() -> None:
    assert list(TABLE_MEANINGS) == [*PLAN_TABLES, *RULE_TABLES]
    every = {**PLAN_TABLES, **RULE_TABLES}
    columns = {column for names in every.values() for column in names}
    assert columns - set(COLUMN_MEANINGS) == set()
    assert {table: set(own) - set(every[table]) for table, own in OWN_MEANINGS.items()} == {
        table: set() for table in OWN_MEANINGS
    }


def test_every_file_of_a_run_has_a_meaning(tmp_path: Path) -> None:
    run = write_run(hand_plan(), tmp_path, extra_files={"report.html": ""})
    explained = {f"{table}.csv" for table in PLAN_TABLES} | set(OTHER_FILES)
    assert {path.name for path in run.iterdir()} == explained


def test_the_document_has_a_row_per_column() -> None:
    rows = [line for line in run_files_markdown().splitlines() if line.startswith("| `")]
    assert len(rows) > sum(map(len, PLAN_TABLES.values())) + len(OTHER_FILES)
