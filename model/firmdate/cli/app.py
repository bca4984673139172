"""The command group, and how whatever goes wrong becomes one message and one exit code."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from firmdate import __version__
from firmdate.cli import INTERRUPTED
from firmdate.cli.batch import batch
from firmdate.cli.check import check
from firmdate.cli.compare import compare
from firmdate.cli.completion import COMPLETE_VARIABLE, completion
from firmdate.cli.explain import explain
from firmdate.cli.init import init
from firmdate.cli.output import say_error, say_problems
from firmdate.cli.past_runs import export, report
from firmdate.cli.reference import math, schema
from firmdate.cli.solve import solve
from firmdate.data.suggest import did_you_mean, got
from firmdate.errors import FirmdateError, InputError, LimitError

BAD_INPUT, INTERNAL = 1, 4
BROKEN_PIPE = 128 + 13
"""As a shell reports a program that a closed pipe ended."""

_DEBUG = "--debug"


class _Commands(click.Group):
    """A group that says which command was probably meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, with the nearest command in the message."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            commands = self.list_commands(ctx)
            hint = did_you_mean(args[0], commands) or f"; commands: {', '.join(commands)}"
            ctx.fail(f"no such command {got(args[0])}{hint}")
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order in which a newcomer needs them."""
        return list(self.commands)


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 ok, 1 bad input, 2 no feasible answer, 3 a limit was hit, 4 internal, "
    "5 a scenario of a batch failed.",
)
@click.version_option(__version__, prog_name="firmdate", message="%(prog)s %(version)s")
@click.option(_DEBUG, is_flag=True, help="Show the traceback of an unexpected error (may stand anywhere).")
@click.pass_context
def cli(context: click.Context, debug: bool) -> None:  # noqa: ARG001 - main() looks at it
    """When can each order line really be promised, and what must be made, moved or bought for it?"""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _command in (init, check, solve, explain, compare, batch, report, export, schema, math, completion):
    cli.add_command(_command)


def run(args: Sequence[str]) -> int:
    """Run one command and return its exit code; whatever goes wrong is said on standard error.

    Args:
        args: The words after ``firmdate``.
    """
    debug = _DEBUG in args
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Names from the data may hold characters that the terminal's encoding lacks.
            stream.reconfigure(errors="replace")
    try:
        code = _invoke([arg for arg in args if arg != _DEBUG])
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        return BROKEN_PIPE
    except OSError as error:
        if debug:
            traceback.print_exception(error)
        _discard_output()
        say_error(f"{error.filename or 'the output'}: cannot be read or written ({error.strerror or error})")
        return BAD_INPUT
    except Exception as error:
        return _say_unexpected(error, debug)
    return code


def _open_streams() -> None:
    """Where the caller closed an output, what is written to it goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open until the end


def _discard_output() -> None:
    """Python flushes standard output once more on exit; what is left must have somewhere to go."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _invoke(args: list[str]) -> int:
    written: list[Path] = []  # the runs that the command has published so far
    try:
        returned = cli.main(
            args, prog_name="firmdate", standalone_mode=False, obj=written, complete_var=COMPLETE_VARIABLE
        )
    except (FirmdateError, click.ClickException, MemoryError) as error:
        return _say_failed(error)
    except (KeyboardInterrupt, click.Abort):
        what = f"already written: {', '.join(map(str, written))}" if written else "nothing was written"
        click.echo(f"interrupted: {what}", err=True)
        return INTERRUPTED
    except SystemExit as left:
        # Outside its standalone mode click leaves so after a completion, and for a closed pipe, there with code 1.
        return BROKEN_PIPE if left.code else 0
    return returned if isinstance(returned, int) else 0


def _say_failed(error: FirmdateError | click.ClickException | MemoryError) -> int:
    """Say what the user can mend, and return the exit code."""
    match error:
        case InputError():
            say_problems(error.problems)
            return error.exit_code
        case FirmdateError():
            say_error(str(error))
            return error.exit_code
        case MemoryError():
            say_error("memory ran out; try a shorter horizon_days, resolution: week, or a machine with more memory")
            return LimitError.exit_code
        case _:
            say_error(error.format_message().rstrip("."))
    if isinstance(error, click.UsageError):
        click.echo(f"try: {error.ctx.command_path if error.ctx else 'firmdate'} --help", err=True)
    return BAD_INPUT


def _say_unexpected(error: Exception, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    what = " ".join(f"{type(error).__name__}: {error}".split())
    advice = "please report it with the lines above" if debug else f"run again with {_DEBUG} and report what it shows"
    say_error(f"internal error ({what}); this is a defect of Firmdate: {advice}")
    return INTERNAL
