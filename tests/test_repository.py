"""The repository as a product: layers, sizes, documents, pins and commands that its files promise."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from firmdate.cli.app import cli

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "model").rglob("*.py"))
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]

MOST_LINES = 400
MOST_FUNCTION_LINES = 60
MOST_PICTURE_BYTES = 200_000

# Written so that this file does not hold what it looks for.
PRIVATE_PATH = re.compile(r"(?<![\w.$}{/-])/(?:root|home|work|Users|opt|tmp/[a-z]+)/[\w.]")
REGISTRY_HOST = re.compile(r"\b(?:[\w-]+\.)*(?:py[p]i\.org|python[h]osted\.org|npm[j]s\.(?:org|com)|ana[c]onda\.org)\b")


def named(path: Path) -> str:
    """Name of a test case about a file."""
    return path.relative_to(ROOT).as_posix()


def project_files() -> list[Path]:
    """Every file under version control, or about to be; without a clone, every file that no tool has left."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not re.search(r"/\.(?!ci/|github/)|__pycache__", path.as_posix())]
    return sorted(path for path in paths if path.is_file())


def fenced(path: Path, language: str) -> list[str]:
    """The code blocks of a document in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def readme_command(heading: str) -> str:
    """The one command that the README gives under a heading."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split(f"## {heading}\n")[1]
    (command,) = re.findall(r"^```sh\n(.*?)\n```$", section.partition("\n## ")[0], re.DOTALL | re.MULTILINE)
    assert "\n" not in command
    return str(command)


def test_imports_point_one_way(capsys: pytest.CaptureFixture[str]) -> None:
    broken = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert not broken, capsys.readouterr().out


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_modules_and_functions_are_short(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    lengths = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None
    }
    assert {name: length for name, length in lengths.items() if length > MOST_FUNCTION_LINES} == {}


@pytest.mark.parametrize("pattern", [PRIVATE_PATH, REGISTRY_HOST], ids=["private path", "registry host"])
def test_no_file_names_what_is_private(pattern: re.Pattern[str]) -> None:
    found = []
    for path in project_files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{named(path)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("see /" + "home/jane/plan.csv", PRIVATE_PATH),
        ("'/" + "root/.cache'", PRIVATE_PATH),
        ("https://files.python" + "hosted.org/packages", REGISTRY_HOST),
        ("--index-url https://py" + "pi.org/simple", REGISTRY_HOST),
    ],
)
def test_private_names_would_be_found(text: str, pattern: re.Pattern[str]) -> None:
    assert pattern.search(text)


def links(document: Path) -> Iterator[str]:
    """Files that a document links to."""
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            yield target


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "bench" / "README.md"], ids=named)
def test_links_lead_to_files(document: Path) -> None:
    assert [target for target in links(document) if not (document.parent / target).exists()] == []


def test_the_picture_of_the_report_is_small() -> None:
    size = (ROOT / "docs" / "images" / "report.png").stat().st_size
    assert 0 < size < MOST_PICTURE_BYTES


def shown_commands() -> list[list[str]]:
    """Every ``firmdate …`` of the documents that could be run as it stands."""
    texts = [
        re.sub(r"\s+", " ", found) for path in DOCUMENTS for found in re.findall(r"`(firmdate [^`]+)`", read(path))
    ]
    texts += [
        part.strip()
        for path in DOCUMENTS
        for block in fenced(path, "sh")
        for line in block.replace("\\\n", " ").splitlines()
        for part in line.split("&&")
        if part.strip().startswith("firmdate ")
    ]
    alone = {re.split(r" [>|] ", text)[0] for text in texts}
    return [shlex.split(text)[1:] for text in sorted(alone) if not re.search(r" --help|\b[A-Z]{2,}\b", text)]


def read(path: Path) -> str:
    """Text of a file."""
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("args", shown_commands(), ids=" ".join)
def test_shown_commands_are_understood(args: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    name, *rest = args
    assert name in cli.commands
    if rest:
        cli.commands[name].make_context(name, rest)
    assert [arg for arg in rest if arg.startswith("scenarios") and not (ROOT / arg).exists()] == []


def test_many_commands_are_shown() -> None:
    assert {args[0] for args in shown_commands()} >= {"check", "solve", "compare", "explain", "batch", "schema", "math"}


def test_python_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (code,) = fenced(ROOT / "README.md", "python")
    exec(compile(code, "README.md", "exec"), {})


def test_ci_runs_the_tests_as_the_readme_does() -> None:
    command = readme_command("Run the tests")
    install, _, test = command.rpartition(" && ")
    assert install.startswith("python3 -m venv .venv && ")
    assert f"  {test} " in read(ROOT / ".ci" / "run")


def test_ci_solves_as_the_readme_does() -> None:
    assert readme_command("Solve the tutorial").endswith(" && firmdate solve scenarios/tutorial.yaml")
    assert 'readme_command "Solve the tutorial"' in read(ROOT / ".ci" / "run")
    assert ".ci/run" in read(ROOT / ".github" / "workflows" / "ci.yml")


def pins(name: str) -> list[str]:
    """The versions that a file of pinned packages holds."""
    lines = read(ROOT / name).splitlines()
    return [line.removesuffix("\\").strip() for line in lines if re.match(r"[a-z0-9]", line)]


def test_both_files_pin_the_same_versions() -> None:
    assert pins("constraints.txt") == pins("requirements-dev.txt")


def test_every_pin_has_hashes() -> None:
    entries = re.split(r"\n(?=[a-z0-9])", read(ROOT / "requirements-dev.txt"))
    assert [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []


def test_every_requirement_is_pinned() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    extras = project["optional-dependencies"]
    required = [*project["dependencies"], *(one for name in extras if name != "bench" for one in extras[name])]
    names = {re.split(r"[\[>=<]", one)[0].lower() for one in required} - {"firmdate"}
    assert names - {pin.partition("==")[0] for pin in pins("constraints.txt")} == set()


def test_the_changelog_names_the_version() -> None:
    version = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]["version"]
    assert f"\n## [{version}]" in read(ROOT / "CHANGELOG.md")
