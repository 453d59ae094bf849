"""Puts what tasks came to where the CI shows it; outside text does not steer the runner meanwhile."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from agent.ci.annotations import annotations
from agent.ci.code_quality import code_quality
from agent.ci.junit import junit
from agent.ci.outputs import outputs
from agent.ci.problem import Level, Problem, problems
from agent.ci.sarif import sarif
from agent.ci.shown import code, code_block
from agent.ci.summary import LIMIT, summary
from agent.ci.surroundings import Runner, Surroundings, surroundings
from agent.cli.ci.options import ReportFiles
from agent.cli.ci.quiet_text import quiet_streams
from agent.cli.errors import shown_to_the_user
from agent.cli.work.options import TaskOptions
from agent.protocol.errors import RatchetError, UsageError
from agent.protocol.outcome import exit_code
from agent.protocol.report import Report


class Publisher:
    """Writes what was asked for, once the tasks are over."""

    def __init__(self, files: ReportFiles, place: Surroundings, log: TextIO) -> None:
        self.place = place
        self._files = files
        self._log = log
        wanted = files.annotations
        self._annotates = place.runner is Runner.GITHUB if wanted is None else wanted
        self._summary = files.summary or place.step_summary

    def prepare(self) -> None:
        """Make the folders of the files; raises UsageError, before an hour of tests runs for nothing."""
        files = self._files
        for path in (files.junit, files.sarif, files.code_quality, files.patch, files.summary):
            if path is not None:
                _make_room(path)

    def __call__(self, reports: Sequence[Report], exits_with: int) -> None:
        """Publish reports and the exit code they lead to; raises UsageError when a file cannot be written."""
        found = problems(reports)
        _write(self._files.junit, junit(reports))
        _write(self._files.sarif, sarif(found))
        _write(self._files.code_quality, code_quality(found))
        _write(self._files.patch, "".join(report.patch or "" for report in reports))
        _append(self._summary, summary(reports, _room(self._summary)))
        _append(self.place.step_outputs, outputs(reports, exits_with))
        self._annotate(found)

    def fault(self, error: RatchetError) -> None:
        """Publish why there is no report."""
        told = f"{error.message}\n{error.hint}".strip()
        self._annotate([Problem(rule="outcome", level=Level.ERROR, title="ratchet", message=told)])
        log = f"{code_block(error.log[-4000:])}\n\n" if error.log else ""
        _append(self._summary, f"## Ratchet: ❌ {error.outcome}\n\n{code(error.message, 600)}\n\n{log}")
        if error.hint:
            _append(self._summary, f"Next: {code(error.hint, 400)}\n\n")
        _append(self.place.step_outputs, outputs((), exit_code(error.outcome)))

    def _annotate(self, found: Sequence[Problem]) -> None:
        if self._annotates:
            self._log.write(annotations(found))
            self._log.flush()


@contextmanager
def published(files: ReportFiles, options: TaskOptions) -> Iterator[Publisher]:
    """Publish what the block hands over, and its RatchetError.

    In GitHub's runner nothing that the block prints is a command.
    """
    place = surroundings(os.environ)
    # A machine reads standard output then; the runner reads both.
    log = sys.stderr if options.as_json or options.events else sys.stdout
    publisher = Publisher(files, place, log)
    with ExitStack() as stack:
        if place.runner is Runner.GITHUB:
            stack.enter_context(quiet_streams())
        stack.enter_context(shown_to_the_user(options.as_json))
        try:
            publisher.prepare()
            yield publisher
        except RatchetError as error:
            publisher.fault(error)
            raise


def _room(path: Path | None) -> int:
    return LIMIT - (path.stat().st_size if path is not None and path.is_file() else 0)


def _make_room(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"{path} cannot be written", hint="name another place")


def _write(path: Path | None, text: str) -> None:
    if path is None:
        return
    try:
        path.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error


def _append(path: Path | None, text: str) -> None:
    if path is None:
        return
    try:
        with path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
