from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import firmdate as fd
from cli.said import Firmdate, Said, Solve
from firmdate.errors import CertificateError, InfeasibleError, InputError, LimitError, Problem
from firmdate.plan.result import Plan
from firmdate.scenario.schema import Scenario

COMMANDS = ("init", "check", "solve", "explain", "compare", "batch", "report", "export", "schema", "math", "completion")


def spawn(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **environment}
    return subprocess.run([sys.executable, *args], capture_output=True, text=True, env=env, check=False)


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["solve", "--help"], ["slove"]])
def test_light_commands_import_nothing_heavy(args: list[str]) -> None:
    code = f"""
import sys
from firmdate.cli import run
run({args!r})
heavy = ("pandas", "numpy", "pyomo", "highspy", "pydantic", "rich", "jinja2", "yaml", "scipy")
print("heavy:", [name for name in heavy if name in sys.modules])
"""
    assert spawn("-c", code).stdout.splitlines()[-1] == "heavy: []"


def test_import_of_the_package_is_light() -> None:
    code = "import sys, firmdate; print([name for name in ('pandas', 'pyomo', 'click') if name in sys.modules])"
    assert spawn("-c", code).stdout == "[]\n"


def test_public_names_come_from_their_homes() -> None:
    assert fd.compare.__module__ == "firmdate.plan.compare"
    assert fd.Plan is Plan
    assert fd.Scenario is Scenario
    assert set(fd.__all__) <= set(dir(fd))
    with pytest.raises(AttributeError, match="has no attribute 'slove'"):
        fd.slove  # noqa: B018


def test_version_is_that_of_the_project() -> None:
    said = spawn("-m", "firmdate", "--version")
    assert said.stdout == f"firmdate {fd.__version__}\n"
    project = Path(__file__).parents[2] / "pyproject.toml"
    assert f'version = "{fd.__version__}"' in project.read_text()


def test_help_lists_the_commands_in_order(firmdate: Firmdate) -> None:
    said = firmdate("--help")
    listed = [line.split()[0] for line in said.out.split("Commands:")[1].splitlines() if line.startswith("  ")]
    assert tuple(listed[: len(COMMANDS)]) == COMMANDS
    assert firmdate().out == said.out
    assert (said.code, said.err) == (0, "")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["slove"], "error: no such command (got 'slove'); did you mean 'solve'?\ntry: firmdate --help\n"),
        (["xyzzy"], "error: no such command (got 'xyzzy'); commands: init, check,"),
        (["solve"], "error: Missing argument 'SCENARIO'\ntry: firmdate solve --help\n"),
        (["solve", "a.yaml", "--formt", "csv"], "error: No such option"),
        (["solve", "a.yaml", "--format", "xls"], "error: Invalid value for '--format'"),
        (["batch", "x", "--workers", "0"], "error: Invalid value for '--workers'"),
        (["compare", "tutorial"], "error: comparing with the unconstrained plan needs a scenario file"),
        (["solve", "none.yaml"], "error: none.yaml"),
        (["explain", "tutorial", "A/1"], "error: solver_runs: no such run"),
    ],
)
def test_bad_usage_is_bad_input(
    firmdate: Firmdate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = firmdate(*args)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(message)


PROBLEMS = (
    Problem("demands.csv:3", "item", "unknown item (got 'PMP'); did you mean 'PUMP'?"),
    Problem("lanes.csv:9", "lead_time_days", "is negative (got -1)"),
    Problem("on_hand.csv:2", "quantity", "is negative (got -4)", warning=True),
)


@pytest.mark.parametrize(
    "wrong",
    [
        (
            InputError(PROBLEMS),
            1,
            "error: demands.csv:3: item: unknown item (got 'PMP'); did you mean 'PUMP'?\n"
            "error: lanes.csv:9: lead_time_days: is negative (got -1)\n"
            "warning: on_hand.csv:2: quantity: is negative (got -4)\n"
            "2 errors, 1 warning\n",
        ),
        (InputError(PROBLEMS[1]), 1, "error: lanes.csv:9: lead_time_days: is negative (got -1)\n"),
        (InfeasibleError("rules A and B contradict each other"), 2, "error: rules A and B contradict each other\n"),
        (LimitError("the time limit was hit"), 3, "error: the time limit was hit\n"),
        (MemoryError(), 3, "error: memory ran out; "),
        (CertificateError("the plan breaks a balance"), 4, "error: the plan breaks a balance\n"),
        (ValueError("bad\nthing"), 4, "error: internal error (ValueError: bad thing); this is a defect of Firmdate: "),
        (KeyboardInterrupt(), 130, "\ninterrupted: nothing was written\n"),
    ],
)
def test_whatever_goes_wrong_has_its_message_and_code(
    firmdate: Firmdate, tiny: Path, solved_as: Callable[[Solve], None], wrong: tuple[BaseException, int, str]
) -> None:
    error, code, message = wrong

    def fail(_: Scenario) -> Plan:
        raise error

    solved_as(fail)
    said = firmdate("solve", tiny, "--quiet")
    assert (said.code, said.out) == (code, "")
    assert said.err.startswith(message)
    assert "Traceback" not in said.err
    assert not Path("solver_runs").exists()


def test_debug_shows_the_traceback_wherever_it_stands(
    firmdate: Firmdate, tiny: Path, solved_as: Callable[[Solve], None]
) -> None:
    def fail(_: Scenario) -> Plan:
        raise ZeroDivisionError("by accident")

    solved_as(fail)
    for args in (("--debug", "solve", tiny), ("solve", tiny, "--debug")):
        said = firmdate(*args)
        assert said.code == 4
        assert "Traceback (most recent call last)" in said.err
        assert said.err.rstrip().endswith("please report it with the lines above")


def test_closed_pipe_is_quiet() -> None:
    command = f"{sys.executable} -m firmdate schema --tables; echo code $? >&2"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    shell = subprocess.Popen(
        ["bash", "-c", f"({command}) | true"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    )
    _, err = shell.communicate()
    assert err in {"code 141\n", "code 0\n"}  # 0 if all was written before the reader was gone


def in_shell(line: str) -> subprocess.CompletedProcess[str]:
    """A command line of bash, in which ``firmdate`` is the program under test."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    program = f'firmdate() {{ "{sys.executable}" -m firmdate "$@"; }}'
    return subprocess.run(["bash", "-c", f"{program}; {line}"], capture_output=True, text=True, env=env, check=False)


def test_a_closed_output_is_no_fault() -> None:
    said = in_shell("firmdate schema >&-")
    assert (said.returncode, said.stderr) == (0, "")
    said = in_shell("firmdate slove 2>&-")
    assert (said.returncode, said.stdout) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
@pytest.mark.parametrize("command", ["--help", "schema"])
def test_an_output_that_takes_no_more(command: str) -> None:
    said = in_shell(f"firmdate {command} >/dev/full")
    assert said.stderr == "error: the output: cannot be read or written (No space left on device)\n"
    assert said.returncode == 1


def test_a_place_that_cannot_be_read(firmdate: Firmdate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(_: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", "runs/tutorial/run.json")

    monkeypatch.setattr("firmdate.runs.store.is_run", refuse)
    said = firmdate("explain", "tutorial", "A/1", "--runs", tmp_path)
    assert said == Said(1, "", "error: runs/tutorial/run.json: cannot be read or written (Permission denied)\n")


def test_an_interrupt_while_the_command_line_is_imported() -> None:
    code = """
import sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == "firmdate.cli.app":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
from firmdate.cli import main
main(["--help"])
"""
    said = spawn("-c", code)
    assert (said.returncode, said.stdout, said.stderr) == (130, "", "")


def test_control_characters_of_the_data_do_not_reach_the_terminal(firmdate: Firmdate, tmp_path: Path) -> None:
    said = firmdate("explain", "a\x1b[2Jb", "A/1", "--runs", tmp_path)
    assert "\x1b" not in said.err
