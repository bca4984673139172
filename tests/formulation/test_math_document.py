from __future__ import annotations

import re

from firmdate.formulation.math_document import math_document
from firmdate.formulation.rules import CONSTRAINTS, OBJECTIVES


def test_every_rule_has_a_section_with_its_meaning_and_a_formula() -> None:
    document = math_document()
    for indexed in (*CONSTRAINTS, *OBJECTIVES):
        section = document.split(f"### `{indexed.name}`")[1].split("###")[0]
        assert " ".join((indexed.rule.__doc__ or "").split()) in section
        assert section.count("$$") == 2


def test_the_stock_balance_is_written_as_its_rule_states_it() -> None:
    section = math_document().split("### `stock_balance`")[1].split("###")[0]
    assert r"\sum_{s \in \text{POSTS\_TO}(n)} \text{post}_{n,s} \cdot \text{Start}_{s}" in section
    assert r"\forall\, n \in \text{NODES}" in section


def test_every_name_in_a_formula_is_declared() -> None:
    document = math_document()
    declared = set(re.findall(r"^\| `(\w+)`", document, flags=re.MULTILINE))
    used = {name.replace("\\", "") for name in re.findall(r"\\text\{([\w\\]+)\}", document)}
    assert used <= declared
