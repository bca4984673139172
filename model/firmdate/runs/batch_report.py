"""A batch as JUnit XML for build servers and as Markdown for reviewers."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from firmdate.data.suggest import counted
from firmdate.runs.batch import BatchResult, ScenarioResult
from firmdate.runs.figures import late_unit_days, shown, shown_change

MISMATCHES_SHOWN = 20
"""So many mismatches of a scenario are listed; the rest is counted."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SYMBOLS = {"ok": "✅ ok", "moved": "⚠️ moved", "failed": "❌ failed", "error": "❌ error"}


def junit_xml(batch: BatchResult) -> str:
    """One test case per scenario: a failure where figures differ, an error where there is no plan."""
    errors = sum(result.status == "error" for result in batch.results)
    suite = ElementTree.Element(
        "testsuite",
        name="firmdate batch",
        tests=str(len(batch.results)),
        failures=str(len(batch.failures) - errors),
        errors=str(errors),
        skipped="0",
        time=f"{sum(result.seconds for result in batch.results):.3f}",
    )
    for result in batch.results:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname="scenarios",
            name=_xml_text(result.name),
            file=_xml_text(result.path.as_posix()),
            time=f"{result.seconds:.3f}",
        )
        if result.status == "error":
            _explain(case, "error", "no plan", result.message)
        elif result.status != "ok":
            _explain(case, "failure", f"{len(result.mismatches)} differ", "\n".join(mismatch_lines(result)))
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def markdown(batch: BatchResult) -> str:
    """The table that a reviewer reads in a pull request, and what is wrong below it."""
    tiers = sorted({tier for result in batch.results for tier in late_unit_days(result.kpis or {})})
    by_tier = [f"late unit-days, tier {tier}" for tier in tiers]
    heads = ["scenario", "status", "lines", "late lines", *by_tier, "baseline"]
    rule = ["---", "---", *["--:"] * (len(heads) - 3), "---"]
    rows = [_row(result, tiers) for result in batch.results]
    failed = len(batch.failures)
    many = counted(len(rows), "scenario")
    title = f"{failed} of {many} failed" if failed else f"{many} as expected"
    lines = [f"### {title}", "", *(f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows))]
    for result in batch.failures:
        lines += ["", f"**{_cell(result.name)}** ({result.status})", ""]
        what = mismatch_lines(result) if result.mismatches else result.message.splitlines()
        lines += [f"- {_cell(line)}" for line in what]
    return "\n".join(lines) + "\n"


def mismatch_lines(result: ScenarioResult) -> list[str]:
    """One line per mismatch; beyond a bound, their number."""
    lines = [str(mismatch) for mismatch in result.mismatches[:MISMATCHES_SHOWN]]
    more = len(result.mismatches) - len(lines)
    return [*lines, f"and {more} more"] if more else lines


def against_baseline_text(result: ScenarioResult) -> str:
    """How a result stands against its baseline, in a few words."""
    if result.status == "error":
        return "–"
    if result.accepted:
        return "accepted"
    if result.baseline is None:
        return "no baseline"
    moved = [mismatch for mismatch in result.mismatches if mismatch.against == "baseline"]
    if not moved:
        return "unchanged"
    dates = sum(mismatch.figure.startswith("promise ") for mismatch in moved)
    return f"{len(moved) - dates} figures, {dates} dates moved"


def _row(result: ScenarioResult, tiers: list[int]) -> list[str]:
    kpis, before = result.kpis or {}, result.baseline
    late, late_before = late_unit_days(kpis), late_unit_days(before or {})
    cells = [_cell(result.name), _SYMBOLS[result.status], shown(kpis.get("lines"))]
    cells.append(_with_change(kpis.get("late_lines"), (before or {}).get("late_lines")))
    cells += [_with_change(late.get(tier), late_before.get(tier)) for tier in tiers]
    return [*cells, against_baseline_text(result)]


def _with_change(value: float | None, before: float | None) -> str:
    if value is None or before is None or shown(value - before) == "0":
        return shown(value)
    return f"{shown(value)} ({shown_change(value - before)})"


def _explain(case: ElementTree.Element, kind: str, message: str, text: str) -> None:
    ElementTree.SubElement(case, kind, message=message, type=kind).text = _xml_text(text)


def _xml_text(text: str) -> str:
    return _NOT_XML.sub("�", text)


def _cell(text: str) -> str:
    return re.sub(r"([\\|`*_<>\[\]])", r"\\\1", text).replace("\n", " ")
