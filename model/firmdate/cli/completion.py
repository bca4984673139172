"""``firmdate completion``: what a shell needs to complete commands, options, files, runs and order lines."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem, get_completion_class

COMPLETE_VARIABLE = "_FIRMDATE_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
_LINES_OFFERED = 200


@click.command(
    epilog="""\b
bash: add to ~/.bashrc                    eval "$(firmdate completion bash)"
zsh:  add to ~/.zshrc, below compinit     eval "$(firmdate completion zsh)"
fish: firmdate completion fish > ~/.config/fish/completions/firmdate.fish"""
)
@click.argument("shell", type=click.Choice(SHELLS), metavar="|".join(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete firmdate's commands."""
    chosen = get_completion_class(shell)
    root = context.find_root().command
    if chosen is None:
        raise click.UsageError(f"click of this environment cannot complete {shell}; install click 8.1 or later")
    script = chosen(root, {}, "firmdate", COMPLETE_VARIABLE)
    click.echo(script.source_template % script.source_vars())


def complete_runs(context: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """Names of scenarios that have runs, and files: a run is named either way."""
    return [*_items(_scenarios_with_runs(context), typed), CompletionItem(typed, type="file")]


def complete_lines(context: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """Order lines of the run that is named before, with their status."""
    named = context.params.get("run")
    path = _promises(context, str(named)) if named else None
    if path is None:
        return []
    found: list[CompletionItem] = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            line = f"{row['order']}/{row['line']}"
            if line.startswith(typed):
                found.append(CompletionItem(line, help=row["status"].replace("_", " ")))
            if len(found) == _LINES_OFFERED:
                break
    return found


def complete_keys(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Keys of a scenario that a command can set, each with its equals sign."""
    from firmdate.scenario.files import scenario_json_schema

    keys = [f"{key}=" for key in scenario_json_schema()["properties"] if key not in ("extends", "changes", "expect")]
    return _items(keys, typed)


def _items(texts: Iterable[str], typed: str) -> list[CompletionItem]:
    return [CompletionItem(text) for text in texts if text.startswith(typed)]


def _runs_dir(context: click.Context) -> Path:
    return Path(context.params.get("runs_dir") or "solver_runs")


def _scenarios_with_runs(context: click.Context) -> list[str]:
    folder = _runs_dir(context)
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name != "baselines")


def _promises(context: click.Context, run: str) -> Path | None:
    """The promises of a run, or of the latest run of a scenario, where they are CSV."""
    for folder in (Path(run), *sorted((_runs_dir(context) / run).glob("*"), reverse=True)):
        if (folder / "promises.csv").is_file():
            return folder / "promises.csv"
    return None
