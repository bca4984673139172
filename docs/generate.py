"""Writes what the documents show of the program: tables of the schema, and what commands print.

Between ``<!-- begin NAME -->`` and ``<!-- end NAME -->`` of a document stands what the block of that name gives. The
commands and code of the pages are run, and what they print stands below them; see ``pages.py``. The rest is written by
hand. Run it after every change of the schema, the tutorial or the model:

    python docs/generate.py [NAME…]      write all documents, or those that are named
    python docs/generate.py --check      only say which documents are out of date (exit code 1)
    python docs/generate.py --picture    take the picture of the report again, with Chromium
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import cached_property
from pathlib import Path
from typing import Any

import reference
from firmdate.cli import run
from firmdate.cli.tables import text_table
from firmdate.runs.store import read_run
from firmdate.scenario.files import scenario_json_schema
from pages import as_run

ROOT = Path(__file__).resolve().parents[1]
SHOWN_ONLY = ("README.md",)
PAGES = (
    "docs/index.md",
    "docs/tutorial.md",
    "docs/promise-a-backlog.md",
    "docs/compare-plans.md",
    "docs/run-in-ci.md",
    "docs/postgresql.md",
    "docs/adding-a-constraint.md",
    "docs/late-orders.md",
    "docs/tables.md",
    "docs/scenario.md",
    "docs/commands.md",
    "docs/api.md",
    *sorted(page.relative_to(ROOT).as_posix() for page in (ROOT / "docs" / "rules").glob("*.md")),
    "docs/run-files.md",
    "docs/model.md",
    "docs/mathematics.md",
    "docs/rules/allocation.md",
    "docs/rules/fair-share.md",
)
"""Pages whose every block is run."""
DOCUMENTS = (*SHOWN_ONLY, *PAGES)
PICTURE = ROOT / "docs" / "images" / "report.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PICTURE_SIZE = "1264,1240"

WHAT_IF = "scenarios/res1-loses-a-shift.yaml"
PROMISES_SHOWN = 12
LATE_SHOWN = 6

_BLOCK = re.compile(r"(<!-- begin ([a-z-]+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)
_PROMISE_HEADS = {
    "order": "order",
    "line": "line",
    "item": "item",
    "location": "location",
    "tier": "tier",
    "quantity": "quantity",
    "requested_date": "requested",
    "promise_date": "promised",
    "days_late": "days late",
    "status": "status",
    "reason": "reason",
}


class Program:
    """The command line, with a folder for its runs.

    Args:
        runs: Folder of the runs.
    """

    def __init__(self, runs: Path) -> None:
        self._runs = runs

    def says(self, *args: str) -> str:
        """What a command prints on standard output.

        Raises:
            SystemExit: if the command fails.
        """
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(args)
        if code:
            raise SystemExit(f"firmdate {' '.join(args)} failed:\n{out.getvalue()}{err.getvalue()}")
        return out.getvalue()

    def runs(self, command: str, *args: str) -> str:
        """The same for a command that writes runs."""
        return self.says(command, *args, "--runs", str(self._runs))

    @cached_property
    def solved(self) -> str:
        """What ``solve`` says of the tutorial."""
        return self.runs("solve", "scenarios/tutorial.yaml")

    @property
    def tutorial_run(self) -> Path:
        """The run of the tutorial."""
        return Path(self.solved.rpartition("run: ")[2].strip())

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of a scenario."""
        return scenario_json_schema()


def main() -> int:
    """Write or check the documents, or take the picture."""
    parser = argparse.ArgumentParser(description="Refresh what the documents show of the program.")
    parser.add_argument("documents", nargs="*", metavar="NAME", help="such as docs/tutorial.md; all when left out")
    parser.add_argument("--check", action="store_true", help="only say which documents are out of date")
    parser.add_argument("--picture", action="store_true", help="take the picture of the report, with Chromium")
    chosen = parser.parse_args()
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        program = Program(Path(folder))
        if chosen.picture:
            take_picture(program)
            return 0
        return refresh(program, chosen.documents or DOCUMENTS, write=not chosen.check)


def refresh(program: Program, documents: Sequence[str], *, write: bool) -> int:
    """Write or check documents, and return the exit code."""
    stale = []
    for name in documents:
        before = Path(name).read_text(encoding="utf-8")
        after = current(name, before, program)
        if after != before:
            stale.append(name)
            if write:
                Path(name).write_text(after, encoding="utf-8")
    said = "written" if write else "out of date, run python docs/generate.py"
    print("\n".join(f"{name}: {said}" for name in stale) or "all documents are current")
    return 1 if stale and not write else 0


def current(name: str, text: str, program: Program) -> str:
    """A document as it should be: its blocks filled in, its commands run."""
    text = filled(text, program)
    if name not in PAGES:
        return text
    with tempfile.TemporaryDirectory() as folder:
        return as_run(name, text, Path(folder).resolve())


def filled(text: str, program: Program) -> str:
    """A document with every block as it should be."""
    return _BLOCK.sub(lambda found: f"{found[1]}{BLOCKS[found[2]](program).rstrip()}\n{found[3]}", text)


def planning_tables(program: Program) -> str:
    """Every planning table with its columns."""
    return program.says("schema", "--markdown").removeprefix("# Planning tables").strip()


def scenario_keys(program: Program) -> str:
    """The keys of a scenario."""
    needed = {key for option in program.schema["anyOf"] for key in option["required"]} - {"extends"}
    rows = [
        (f"`{key}`", _values(value), _default(value, required=key in needed), value["description"])
        for key, value in program.schema["properties"].items()
    ]
    return _markdown_table(("key", "value", "default", "meaning"), rows)


def change_keys(program: Program) -> str:
    """The keys of a change."""
    rows = [
        (f"`{key}`", value["description"]) for key, value in program.schema["$defs"]["change"]["properties"].items()
    ]
    return _markdown_table(("key", "meaning"), rows)


def run_files(program: Program) -> str:
    """The files of a run, with every column and figure."""
    return program.says("schema", "--run-files").removeprefix("# Files of a run").strip()


def mathematics(program: Program) -> str:
    """The formulation, from the rules."""
    return program.says("math").partition("\n")[2].strip()


def templates(program: Program) -> str:
    """The templates of ``init``."""
    entries = json.loads(program.says("init", "--list", "--json"))
    return _markdown_table(("template", "what it is"), [(f"`{e['template']}`", e["description"]) for e in entries])


def command_reference(program: Program) -> str:  # noqa: ARG001 - reads the commands themselves
    """Every command with its options."""
    return reference.commands()


def interface(program: Program) -> str:  # noqa: ARG001 - reads the docstrings themselves
    """Every public name of the package."""
    return reference.interface()


def checked(program: Program) -> str:
    """What ``check`` says of the tutorial."""
    return _screen(program.says("check", "scenarios/tutorial.yaml"))


def solved(program: Program) -> str:
    """What ``solve`` says of the tutorial: figures and the first late lines."""
    figures_part, _, late_part = program.solved.partition("\nlate lines")
    late_lines = late_part.splitlines()[: LATE_SHOWN + 2]
    return _screen("\n".join([figures_part, "late lines" + late_lines[0], *late_lines[1:], "  …"]))


def promises(program: Program) -> str:
    """The first order lines of ``promises.csv``."""
    frame = read_run(program.tutorial_run).promises
    orders = frame[~frame["order"].astype(str).str.startswith("FC_")]
    shown = text_table(orders.head(PROMISES_SHOWN), _PROMISE_HEADS)
    return _markdown_table(shown.heads, shown.rows, shown.right)


def explained(program: Program) -> str:
    """What ``explain`` says of a line."""
    return _screen(program.says("explain", str(program.tutorial_run), "SO_1016/1"))


def what_if(program: Program) -> str:  # noqa: ARG001 - a file is shown
    """The what-if scenario without what it expects."""
    text = Path(WHAT_IF).read_text(encoding="utf-8")
    return f"```yaml\n{text.partition('expect:')[0]}```"


def compared(program: Program) -> str:
    """What ``compare`` says of the tutorial and the what-if: tiers and lines."""
    text = program.runs("compare", "--quiet", str(program.tutorial_run), WHAT_IF)
    return _screen(text.partition("\nby customer")[0])


def batched(program: Program) -> str:
    """What ``batch`` says of three scenarios, without the seconds."""
    paths = (f"scenarios/{name}.yaml" for name in ("tutorial", "res1-loses-a-shift", "s1-quota-doubled"))
    lines = program.runs("batch", "--quiet", *paths).splitlines()
    return _screen("\n".join(re.sub(r"\s+(seconds|[0-9.]+)$", "", line) for line in lines))


BLOCKS: Mapping[str, Callable[[Program], str]] = {
    "tables": planning_tables,
    "scenario-keys": scenario_keys,
    "change-keys": change_keys,
    "run-files": run_files,
    "mathematics": mathematics,
    "templates": templates,
    "commands": command_reference,
    "interface": interface,
    "check": checked,
    "solve": solved,
    "promises": promises,
    "explain": explained,
    "what-if": what_if,
    "compare": compared,
    "batch": batched,
}
"""What stands in a block, by its name."""


def take_picture(program: Program) -> None:
    """Photograph the page of the tutorial.

    Raises:
        SystemExit: where no browser is installed.
    """
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise SystemExit(f"the picture needs one of: {', '.join(BROWSERS)}")
    page = program.tutorial_run / "report.html"
    PICTURE.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += [f"--user-data-dir={profile}", f"--window-size={PICTURE_SIZE}", f"--screenshot={PICTURE}"]
        subprocess.run([*command, page.as_uri()], check=True, capture_output=True)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size / 1000:.0f} kB")


def _values(value: Mapping[str, Any]) -> str:
    """The type of a key of the scenario's schema, or its choices."""
    if "enum" in value:
        return " / ".join(f"`{choice}`" for choice in value["enum"])
    if "enum" in value.get("items", {}):
        return "list of " + " / ".join(f"`{choice}`" for choice in value["items"]["enum"])
    if "anyOf" in value:
        several = {_values(one) for one in value["anyOf"] if one.get("type") != "null"}
        return "mapping, or list of mappings" if "list of texts" in several else " or ".join(sorted(several))
    kinds = value["type"] if isinstance(value["type"], list) else [value["type"]]
    if value.get("format") == "date":
        return "date"
    if "array" in kinds:
        return "list of changes" if "$ref" in value["items"] else "list of texts"
    return "mapping" if "object" in kinds else "whole number" if "integer" in kinds else "text"


def _default(value: Mapping[str, Any], *, required: bool) -> str:
    if required:
        return "required"
    default = value.get("default")
    if isinstance(default, list):
        return "all" if default else "none"
    return "" if default in (None, "") else f"`{default}`"


def _markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]], numeric: frozenset[str] = frozenset()) -> str:
    rule = ["--:" if head in numeric else "---" for head in heads]
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in (heads, rule, *cells))


def _screen(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```"


if __name__ == "__main__":
    sys.exit(main())
