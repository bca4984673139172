from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from cli.said import Firmdate
from firmdate.cli.app import cli
from firmdate.cli.completion import COMPLETE_VARIABLE, SHELLS

SYNTAX_CHECKS = {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "--no-execute"]}
PROMISES = "order,line,status\nSO_1,1,on_time\nSO_1,2,late\nSO_2,1,late\n"


def completed(words: str, folder: Path) -> list[str]:
    """What a shell is offered for the last word of a command line."""
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        COMPLETE_VARIABLE: "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    command = [sys.executable, "-m", "firmdate"]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=folder, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with runs of two scenarios."""
    for run in ("alpha/20210101", "alpha/20210102", "beta/20210101"):
        (tmp_path / "solver_runs" / run).mkdir(parents=True)
    (tmp_path / "solver_runs" / "baselines").mkdir()
    (tmp_path / "solver_runs" / "alpha" / "20210102" / "promises.csv").write_text(PROMISES)
    return tmp_path


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gets_a_script_that_it_can_read(firmdate: Firmdate, shell: str) -> None:
    said = firmdate("completion", shell)
    assert (said.code, said.err) == (0, "")
    assert f"{COMPLETE_VARIABLE}={shell}_complete" in said.out
    if shutil.which(shell):
        subprocess.run(SYNTAX_CHECKS[shell], input=said.out, text=True, check=True)


def test_bash_completes_after_sourcing_the_script(folder: Path, firmdate: Firmdate) -> None:
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    program = bin_folder / "firmdate"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m firmdate "$@"\n')
    program.chmod(0o755)
    script = firmdate("completion", "bash").out
    ask = 'COMP_WORDS=(firmdate com)\nCOMP_CWORD=1\n_firmdate_completion firmdate\necho "${COMPREPLY[@]}"'
    env = {
        **os.environ,
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    done = subprocess.run(["bash", "-c", f"{script}\n{ask}"], capture_output=True, text=True, env=env, check=True)
    assert done.stdout.split() == ["compare", "completion"]


def test_commands_choices_and_keys_are_completed(folder: Path) -> None:
    assert completed("firmdate ", folder) == list(cli.commands)
    assert completed("firmdate init --template m", folder) == ["minimal", "manufacturing"]
    assert completed("firmdate solve x.yaml --set ho", folder) == ["horizon_days="]


def test_runs_and_their_order_lines_are_completed(folder: Path) -> None:
    assert completed("firmdate report a", folder) == ["alpha", "a"]
    assert completed("firmdate explain alpha SO_1", folder) == ["SO_1/1", "SO_1/2"]
    assert completed("firmdate explain solver_runs/alpha/20210102 SO_2", folder) == ["SO_2/1"]
    assert completed("firmdate explain beta SO", folder) == []
    assert completed("firmdate explain --runs elsewhere alpha SO", folder) == []


def has_option(command: click.Command, name: str) -> bool:
    return any(name in parameter.opts for parameter in command.params)


@pytest.mark.parametrize("name", ["init", "check", "solve", "explain", "compare", "batch"])
def test_commands_that_report_can_do_so_in_json(name: str) -> None:
    assert has_option(cli.commands[name], "--json")


@pytest.mark.parametrize("name", ["init", "check", "solve", "compare", "batch", "export"])
def test_commands_that_take_time_or_talk_can_be_quiet(name: str) -> None:
    assert has_option(cli.commands[name], "--quiet")
