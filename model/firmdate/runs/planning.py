"""The plan of a scenario: all parts planned, or some of them taken over from an earlier run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firmdate.errors import Problem
from firmdate.runs.record import Outcome, levels, plan_warnings, total_sizes, versions
from firmdate.runs.shards import SHARD_LINES, Means, PlannedShard, plan_shard, portions_of, split_data

if TYPE_CHECKING:
    import pandas as pd

    from firmdate.backlog.results import PreviousRun
    from firmdate.data.planning_data import PlanningData
    from firmdate.network.horizon import BoolArray
    from firmdate.network.parts import Whole
    from firmdate.plan.result import Plan
    from firmdate.runs.part_keys import PartKeys
    from firmdate.runs.take_over import Offer
    from firmdate.scenario.schema import Scenario


@dataclass(frozen=True)
class Job:
    """What is planned.

    Args:
        scenario: The scenario.
        data: Its planning data, changed and checked.
        whole: Their parts.
        keys: What the plans of the parts depend on.
        changed: Alerts of the changes.
        means: How it is planned.
        previous: Results that are kept or preferred.
    """

    scenario: Scenario
    data: PlanningData
    whole: Whole
    keys: PartKeys
    changed: pd.DataFrame
    means: Means
    previous: PreviousRun | None


def planned_anew(job: Job, warnings: Sequence[Problem]) -> Plan:
    """Plan all parts."""
    from firmdate.plan.union import union
    from firmdate.runs.take_over import pending_of, sums_of

    means, parts = job.means, job.whole.parts
    planned = _planned(job, np.ones(parts.count, dtype=bool))
    with means.stages.stage("plan"):
        tables = union([one.tables for one in planned], job.changed)
    outcome = Outcome.total([one.outcome for one in planned])
    sizes = {**total_sizes([one.sizes for one in planned]), "parts": parts.count, "parts_taken_over": 0}
    run = _record(job, outcome, sizes, tables.kpis, warnings)
    plan = tables.plan(job.scenario, run, _text([line for one in planned for line in one.log]))
    if means.kept is not None and outcome.proven.all():
        with means.stages.stage("parts"):
            sums = sums_of(planned, outcome.levels, job.data, parts)
            means.kept.pending = pending_of(job.keys, sums, plan, job.data, parts)
    return plan


def taken_over(job: Job, given: Offer, warnings: Sequence[Problem]) -> Plan | None:
    """Plan the parts that an earlier run does not have; None where that run turns out to be of no use."""
    from firmdate.plan.union import union
    from firmdate.plan.written import TakenRows, WrittenPlan
    from firmdate.runs.kept_runs import Pending
    from firmdate.runs.splice import SpliceError
    from firmdate.runs.table_files import read_table
    from firmdate.runs.take_over import EarlierRows, sums_of, take_over, unfinished_folder

    means, parts = job.means, job.whole.parts
    assert means.kept is not None
    with EarlierRows(given.record) as earlier:
        planned = _planned(job, given.fresh)
        levels_ = planned[0].outcome.levels
        with means.stages.stage("plan"):
            tables = union([one.tables for one in planned], job.changed.iloc[:0])
        sums = sums_of(planned, levels_, job.data, parts)
        try:
            with means.stages.stage("take over"), unfinished_folder(means.kept) as folder:
                taken = take_over(given, earlier, tables, sums, job.changed, job.data, parts, folder)
        except (SpliceError, OSError) as error:
            means.kept.warnings.append(f"{given.record.run}: nothing is taken over from this run ({error})")
            return None
    total = taken.sums
    values = total.level_values.sum(axis=1)
    outcome = Outcome(levels_, values, values, np.ones(len(values), dtype=bool))
    kpis = {name: round(float(figure.sum()), 6) + 0.0 for name, figure in total.figures.items()}
    kpis["optimistic"] = tables.kpis["optimistic"]
    fresh = int(given.fresh.sum())
    sizes = total_sizes([one.sizes for one in planned])
    sizes |= {"lines": len(job.data["demands"]), "parts": parts.count, "parts_taken_over": parts.count - fresh}
    log = [f"{parts.count - fresh:,} of {parts.count:,} parts as in {given.record.run.name}"]
    log += [line for one in planned for line in one.log]
    means.kept.pending = Pending(job.keys, total, taken.rows, taken.causes)
    run = _record(job, outcome, sizes, kpis, warnings)
    fresh_plan = tables.plan(job.scenario, run, "")
    rows = TakenRows(given.record.path, given.new_part, taken.old_row, taken.fresh_row, fresh_plan, taken.fresh_parts)
    plan = WrittenPlan(folder, read_table, job.scenario, kpis, run, _text(log), rows)
    plan.know("causes", taken.causes)
    return plan


def _planned(job: Job, chosen: BoolArray) -> list[PlannedShard]:
    """Plan some parts, portion by portion."""
    means = job.means
    most, processes = (math.inf, 1) if means.time_limited else (SHARD_LINES, means.processes)
    number = portions_of(job.whole, chosen, most, processes)
    shards, count = split_data(job.data, job.whole, number), int(number.max()) + 1
    if count > 1 and not means.time_limited and (processes > 1 or means.cluster is not None):
        from firmdate.runs.portions import plan_on_cluster, plan_side_by_side

        plan = plan_side_by_side if means.cluster is None else plan_on_cluster
        with means.stages.stage("portions"):
            return plan(job.scenario, shards, count, means, job.previous)
    planned = [plan_shard(job.scenario, shard, means, job.previous) for shard in shards]
    means.cache.save()
    return planned


def _record(
    job: Job, outcome: Outcome, sizes: Mapping[str, int], kpis: Mapping[str, float], warnings: Sequence[Problem]
) -> dict[str, object]:
    """What ``run.json`` says."""
    scenario, means = job.scenario, job.means
    about_kept = means.kept.warnings if means.kept is not None else []
    return {
        "status": "optimal" if outcome.proven.all() else "limit",
        "scenario": scenario.name,
        "versions": versions(),
        "input_hash": job.keys.input_hash,
        "options": {"mode": scenario.mode, "objective": scenario.objective, "planned_orders": scenario.planned_orders},
        "sizes": sizes,
        "levels": levels(outcome),
        "stages": means.stages.record(),
        "peak_mb": means.stages.peak_mb(),
        "warnings": [*map(str, warnings), *plan_warnings(kpis, outcome), *means.cache.warnings, *about_kept],
        "certified": True,
    }


def _text(log: Sequence[str]) -> str:
    return "\n".join(log) + "\n"
