"""Asks the person at the terminal for what a task asks, unless somebody answers it elsewhere first."""

import os
import select
import sys
import termios
import threading
from types import TracebackType

import click

from agent.cli.terminal import one_line, sanitize
from agent.cli.work.follow import Signpost, Tasks
from agent.cli.work.progress import ProgressLine
from agent.protocol.errors import RatchetError
from agent.protocol.policy import Answer, Approval, Decision

_ANSWERS = {"y": Decision.ALLOW, "yes": Decision.ALLOW, "n": Decision.DENY, "no": Decision.DENY}
_SETTLES_SECONDS = 0.3
"""An answer that was given before somebody began to follow comes right behind its question."""
_LINE = 1024


class ApprovalPrompt:
    """An Approver that reads from the terminal in a thread of its own; a context manager."""

    def __init__(self, tasks: Tasks, progress: ProgressLine) -> None:
        self._tasks = tasks
        self._progress = progress
        self._open: tuple[str, threading.Thread] | None = None
        self._woken, self._wake = os.pipe()

    def __enter__(self) -> "ApprovalPrompt":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        os.close(self._wake)
        os.close(self._woken)

    def ask(self, task_id: str, approval: Approval) -> None:
        """Show a question to the letter and wait for the answer in the background."""
        self._end()
        thread = threading.Thread(
            target=self._converse, args=(task_id, approval), name="approval prompt", daemon=True
        )
        self._open = (approval.id, thread)
        thread.start()

    def settled(self, answer: Answer) -> None:
        """End the prompt for a question that was answered, and say by whom."""
        if self._open is not None and self._open[0] == answer.approval_id:
            self._end()
        click.echo(one_line(f"answered: {answer.decision} by {answer.by}"), err=True)

    def _end(self) -> None:
        if self._open is None:
            return
        os.write(self._wake, b".")
        self._open[1].join()
        os.read(self._woken, 1)
        self._open = None

    def _converse(self, task_id: str, approval: Approval) -> None:
        if self._is_woken(_SETTLES_SECONDS):
            return
        self._progress.hide()
        try:
            _show(approval)
            if _is_in_background():
                # Reading now would stop this process.
                Signpost().ask(task_id, approval)
            else:
                self._answer(task_id, approval)
        finally:
            self._progress.show()

    def _answer(self, task_id: str, approval: Approval) -> None:
        while True:
            click.echo("allow? [y/n] ", err=True, nl=False)
            line = self._line()
            if line is None:
                click.echo("", err=True)
                return
            if line == "":
                click.echo(f"\nhint: answer with `ratchet tasks approve {task_id}`, or deny", err=True)
                return
            decision = _ANSWERS.get(line.strip().lower())
            if decision is not None:
                self._hand_over(task_id, approval, decision)
                return

    def _hand_over(self, task_id: str, approval: Approval, decision: Decision) -> None:
        try:
            self._tasks.resolve(task_id, approval.id, decision)
        except RatchetError as error:
            # Somebody else was faster, or the task has ended.
            click.echo(f"ratchet: {one_line(error.message)}", err=True)

    def _line(self) -> str | None:
        """Return the next line typed, empty at the end of the input; None when it is settled."""
        terminal = sys.stdin.fileno()
        ready, _, _ = select.select([terminal, self._woken], [], [])
        if self._woken in ready:
            # What was half typed is not meant for the next question, nor for the shell.
            termios.tcflush(terminal, termios.TCIFLUSH)
            return None
        return os.read(terminal, _LINE).decode("utf-8", "replace")

    def _is_woken(self, seconds: float) -> bool:
        return bool(select.select([self._woken], [], [], seconds)[0])


def _is_in_background() -> bool:
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp()
    except OSError:
        return False


def _show(approval: Approval) -> None:
    click.echo(f"asks     {one_line(approval.reason, 400)}", err=True)
    for action in approval.actions:
        click.echo(f"  {action.subject}: {one_line(action.value, 400)}", err=True)
    if approval.detail:
        click.echo(sanitize(approval.detail), err=True)
