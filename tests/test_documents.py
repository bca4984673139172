"""The documents are true: what they show is what the program says now, and every block of the pages runs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))

import generate  # noqa: E402 - beside the documents
import pages  # noqa: E402
import reference  # noqa: E402
from firmdate.cli.app import cli  # noqa: E402

NOTEBOOK = DOCS / "tutorial.ipynb"
NOT_RUN = {
    "docs/development.md": "sets up environments; its checks are those of .ci/run",
    "docs/decisions.md": "has no commands",
    "docs/cluster.md": "needs several machines; has tests of its own",
    "docs/performance.md": "shows measurements",
}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[generate.Program]:
    """The command line, as the generator uses it."""
    with chdir(ROOT):
        yield generate.Program(tmp_path_factory.mktemp("runs"))


@pytest.mark.parametrize("name", generate.DOCUMENTS)
def test_a_document_shows_what_the_program_says(name: str, program: generate.Program) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert generate.current(name, text, program) == text, f"run python docs/generate.py {name}"


def test_every_page_is_run_or_says_why_not() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in DOCS.rglob("*.md")}
    assert found - set(generate.PAGES) - set(NOT_RUN) == set()
    assert set(generate.PAGES) - found == set()


def run_page(text: str, folder: Path) -> str:
    folder.mkdir()
    return pages.as_run("page", text, folder)


def test_output_follows_the_block_that_printed_it(tmp_path: Path) -> None:
    page = "```python\nfor n in range(4):\n    print(n)\n```\n\n<!-- first 2 -->\n```text\nold\n```\n\nAnd:\n"
    assert "```text\n0\n1\n…\n```\n\nAnd:\n" in run_page(page, tmp_path / "page")


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("```sh\nfirmdate check none.yaml\n```\n", "exit code 1 in place of 0"),
        ("<!-- exit 2 -->\n```sh\nfirmdate check none.yaml\n```\n", "exit code 1 in place of 2"),
        ("```sh\nfalse && echo on\n```\n", "exit code 1 in place of 0"),
        ("words\n\n```text\nmade up\n```\n", "belongs to no block that was run"),
        ("```python\nprint(1)\n```\n\nwords\n\n```text\n1\n```\n", "belongs to no block that was run"),
        ("```sql\nselect 1\n```\n", "nobody knows how to run this sql block"),
        ("```diff\n--- a/model/firmdate/none.py\n+++ b/model/firmdate/none.py\n@@ -1 +1 @@\n-a\n+b\n```\n", "none.py"),
    ],
)
def test_a_block_that_does_not_hold_is_found(page: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(pages.PageError, match=re.escape(message)):
        run_page(page, tmp_path / "page")


def test_the_workflow_runs_what_its_page_runs() -> None:
    text = (DOCS / "run-in-ci.md").read_text(encoding="utf-8")
    (workflow,) = (block for block in pages.blocks(text, "yaml") if "jobs:" in block)
    steps = yaml.safe_load(workflow)["jobs"]["plans"]["steps"]
    commands = [step["run"] for step in steps if step.get("run", "").startswith("firmdate ")]
    assert commands
    assert [command for command in commands if f"{command}\n" not in list(pages.blocks(text, "sh"))] == []


def test_the_reference_names_every_command_and_option() -> None:
    text = reference.commands()
    assert re.findall(r"^## `firmdate (\w+)`$", text, re.MULTILINE) == list(cli.commands)
    options = {name for command in cli.commands.values() for option in command.params for name in option.opts}
    assert [name for name in sorted(options) if name.startswith("--") and f"`{name}" not in text] == []


def code_cells() -> list[str]:
    """Source of the code cells of the notebook."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_the_notebook_is_stored_without_outputs() -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)


def test_the_notebook_runs_from_top_to_bottom(tmp_path: Path) -> None:
    # Its cells are plain Python, so that no kernel is needed: they share one namespace, as in Jupyter.
    names: dict[str, object] = {"__name__": "notebook"}
    with chdir(tmp_path):
        for number, source in enumerate(code_cells(), start=1):
            exec(compile(source, f"cell {number}", "exec"), names)
    assert (tmp_path / "my-plan" / "tutorial.yaml").exists()


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("zensical", reason="the site needs the extra docs")
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    built = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    written = {path.stem for path in (tmp_path / "site").rglob("*.html")} - {"404"}
    assert written == {path.stem for path in DOCS.rglob("*.md")}
    mathematics = (tmp_path / "site" / "mathematics.html").read_text(encoding="utf-8")
    assert mathematics.count("<math") > 10
    for page in (tmp_path / "site").rglob("*.html"):
        loaded = re.findall(r'<(?:script|img|link)[^>]+(?:src|href)="(https?:[^"]+)"', page.read_text(encoding="utf-8"))
        assert loaded == [], page.name


def test_every_page_is_in_the_navigation() -> None:
    nav = json.dumps(tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"])
    assert [path.name for path in DOCS.glob("*.md") if f'"{path.name}"' not in nav] == []
