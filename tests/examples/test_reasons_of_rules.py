"""A line that a rule holds back says which rule it is."""

from __future__ import annotations

from pathlib import Path

import pytest

import firmdate as fd

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.mark.parametrize(
    ("scenario", "line", "kind", "reason", "competing"),
    [
        (
            "demand-classes",
            "X",
            "allocation",
            "its allocation lets it use no more of VALVE at DC before 2021-01-10",
            "Y",
        ),
        (
            "over-allocation",
            "SO_4",
            "allocation",
            "its allocation lets it use no more of MOTOR at DC; "
            "also all supply of MOTOR at DC inside the horizon is given out by allocation",
            "SO_5",
        ),
        (
            "fair-share",
            "SO_A",
            "supply",
            "all supply of GEAR at DC inside the horizon is given out in fair shares",
            "SO_C",
        ),
        ("lot-sizes", "SO_1", "lot_size", "what is left for BOLT at DC makes no whole lot", ""),
        (
            "expedite",
            "PATIENT",
            "cost",
            "supplying PUMP at SHOP in time costs no less than the penalty for being late",
            "",
        ),
    ],
)
def test_reason_names_the_rule(scenario: str, line: str, kind: str, reason: str, competing: str) -> None:
    plan = fd.solve(SCENARIOS / f"rule-{scenario}.yaml")
    row = plan.promises.set_index("order").loc[line]
    assert (row["gating_kind"], row["reason"]) == (kind, reason)
    served = plan.explanations.set_index("order").loc[line, "competing"]
    assert str(served).startswith(competing)


def test_a_commitment_is_why_another_line_was_served() -> None:
    plan = fd.solve(SCENARIOS / "rule-commitments.yaml")
    assert plan.explain("SO_2", "1").competing == ("SO_1/1 (committed for 2021-12-01)",)
