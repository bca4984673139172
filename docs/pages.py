"""Runs the code blocks of a page, in their order and in one folder, and writes what they print below them.

A page is Markdown. Its blocks are run as a reader would run them:

- ``sh``: commands; ``firmdate …`` runs in this process, anything else in a shell.
- ``python``: all blocks of a page share their names.
- a block with ``title="FILE"``: written to that file.
- ``diff``: applied to a copy of the package, with which the rest of the page then runs.
- ``text`` right below a block that was run: replaced by what that block printed.

A comment right above a block says what is special: ``<!-- exit 1 -->`` (it fails so, and what it says on standard error
is shown), ``<!-- first 8 -->`` (above the output: only so many lines), ``<!-- not run: reason -->``.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firmdate.cli import run

ROOT = Path(__file__).resolve().parents[1]

_BLOCK = re.compile(
    r"(?:^<!-- (?P<special>(?:exit|first|not run:) ?[^\n]*?) -->\n)?"
    r"^```(?P<language>\w*)(?P<info>[^\n]*)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_TITLE = re.compile(r'title="([^"]+)"')
_RUN_ID = re.compile(r"\d{8}T\d{9}Z-[0-9a-f]{8}")
_SHOWN_RUN_ID = "<run id>"


class PageError(Exception):
    """A block of a page cannot be run as it stands."""


@dataclass
class _Session:
    """What the blocks of a page share.

    Args:
        page: Name of the page, for messages.
        folder: Where the blocks run.
        names: Names of the Python blocks.
        printed: What the last block printed; None where the next block is no output.
        patched: True once the page has changed the package.
    """

    page: str
    folder: Path
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "page"})
    printed: str | None = None
    patched: bool = False

    def block(self, found: re.Match[str]) -> str:
        """Run one block, and return it as it should be."""
        special, language, body = found["special"] or "", found["language"], found["body"]
        title = _TITLE.search(found["info"])
        printed, self.printed = self.printed, None
        if special.startswith("not run:"):
            return found[0]
        if language == "text":
            if printed is None:
                raise PageError(f"{self.page}: this output belongs to no block that was run:\n{body}")
            head = f"<!-- {special} -->\n" if special else ""
            return f"{head}```text\n{_first(printed, special)}\n```"
        if title is not None:
            path = self.folder / title[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
            self.printed = ""
        elif language == "sh":
            self.printed = self._shell(body, int(special.removeprefix("exit ") or 0))
        elif language == "python":
            self.printed = self._python(body)
        elif language == "diff":
            self._patch(body)
        else:
            raise PageError(f"{self.page}: nobody knows how to run this {language or 'nameless'} block:\n{body}")
        return found[0]

    def _shell(self, body: str, wanted: int) -> str:
        said, code = "", 0
        for line in body.replace("\\\n", " ").splitlines():
            for command in filter(None, line.partition("#")[0].split(" && ")):
                if code:
                    break
                out, err, code = self._command(" ".join(command.split()))
                said += out + (err if code else _warnings(err))
        if code != wanted:
            raise PageError(f"{self.page}: exit code {code} in place of {wanted} of:\n{body}{said}")
        return self._tidy(said)

    def _command(self, command: str) -> tuple[str, str, int]:
        """Standard output, standard error and exit code of a command."""
        firmdate = command.startswith("firmdate ")
        if firmdate and not self.patched and " | " not in command:
            words, _, target = command.partition(" > ")
            out, err = io.StringIO(), io.StringIO()
            with redirect_stdout(out), redirect_stderr(err):
                code = run(shlex.split(words)[1:])
            if target:
                (self.folder / target).write_text(out.getvalue(), encoding="utf-8")
                return "", err.getvalue(), code
            return out.getvalue(), err.getvalue(), code
        return self._apart(["bash", "-c", f'firmdate() {{ "{sys.executable}" -m firmdate "$@"; }}; {command}'])

    def _apart(self, words: list[str]) -> tuple[str, str, int]:
        model = self.folder if self.patched else ROOT
        environment = {**os.environ, "PYTHONPATH": str(model / "model"), "NO_COLOR": "1"}
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout, done.stderr, done.returncode

    def _python(self, body: str) -> str:
        if self.patched:
            out, err, code = self._apart([sys.executable, "-c", body])
            if code:
                raise PageError(f"{self.page}: {err}")
            return self._tidy(out)
        shown = io.StringIO()
        with redirect_stdout(shown):
            exec(compile(body, self.page, "exec"), self.names)
        return self._tidy(shown.getvalue())

    def _patch(self, body: str) -> None:
        if not self.patched:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / "model", self.folder / "model", ignore=ignored)
            self.patched = True
        command = ["git", "apply", "--recount", "-"]
        done = subprocess.run(command, cwd=self.folder, input=body, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PageError(f"{self.page}: {done.stderr}\nof:\n{body}")

    def _tidy(self, said: str) -> str:
        """Output without what differs from run to run."""
        said = _RUN_ID.sub(_SHOWN_RUN_ID, said.replace(f"{self.folder}/", "")).replace("\r", "")
        lines = said.rstrip().splitlines()
        seconds = any(line.endswith("  seconds") for line in lines)
        return "\n".join(re.sub(r"\s+(seconds|\d+\.\d)$", "", line) if seconds else line.rstrip() for line in lines)


def as_run(page: str, text: str, folder: Path) -> str:
    """The text of a page with the output that its blocks have now.

    Args:
        page: Name of the page.
        text: Its Markdown.
        folder: An empty folder; gets the shipped scenarios.

    Raises:
        PageError: if a block fails, or cannot be run.
    """
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    session = _Session(page, folder)
    with chdir(folder), _plain():
        parts, at = [], 0
        for found in _BLOCK.finditer(text):
            between = text[at : found.start()]
            if between.strip():
                session.printed = None
            parts += [between, session.block(found)]
            at = found.end()
        return "".join([*parts, text[at:]])


def blocks(text: str, language: str) -> Iterator[str]:
    """The blocks of a page in one language."""
    return (found["body"] for found in _BLOCK.finditer(text) if found["language"] == language)


@contextmanager
def _plain() -> Iterator[None]:
    """Output as in a pipe, whatever the terminal."""
    before = os.environ.get("NO_COLOR")
    os.environ["NO_COLOR"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["NO_COLOR"]
        else:
            os.environ["NO_COLOR"] = before


def _warnings(err: str) -> str:
    """What a command that succeeds still wants to be read, without its progress."""
    return "".join(line for line in err.splitlines(keepends=True) if line.startswith("warning: "))


def _first(printed: str, special: str) -> str:
    lines = printed.splitlines()
    most = int(special.removeprefix("first ")) if special.startswith("first ") else len(lines)
    return "\n".join([*lines[:most], *(["…"] if len(lines) > most else [])])
