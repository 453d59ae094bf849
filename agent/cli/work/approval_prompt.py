"""Asks the person at the terminal for what a task asks, unless somebody answers it elsewhere first."""

import os
import select
import sys
import termios
import threading
import time
from queue import SimpleQueue
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
    """An Approver that reads from the terminal in a thread of its own; a context manager.

    Asks one question after the other, of whichever task it is.
    """

    def __init__(self, tasks: Tasks, progress: ProgressLine) -> None:
        self._tasks = tasks
        self._progress = progress
        self._questions: SimpleQueue[tuple[str, Approval] | None] = SimpleQueue()
        self._settled: set[tuple[str, str]] = set()
        self._ended: set[str] = set()
        self._closing = False
        self._woken, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._serve, name="approval prompt", daemon=True)

    def __enter__(self) -> "ApprovalPrompt":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        self._questions.put(None)
        self._look_again()
        self._thread.join()
        os.close(self._wake)
        os.close(self._woken)

    def ask(self, task_id: str, approval: Approval) -> None:
        """Take a question; it is shown to the letter when those before it are over."""
        self._questions.put((task_id, approval))

    def settled(self, task_id: str, answer: Answer) -> None:
        """End the prompt for a question that was answered, and say by whom."""
        self._settled.add((task_id, answer.approval_id))
        self._look_again()
        click.echo(one_line(f"answered: {answer.decision} by {answer.by}"), err=True)

    def ended(self, task_id: str) -> None:
        """Ask no more for a task that has ended."""
        self._ended.add(task_id)
        self._look_again()

    def _look_again(self) -> None:
        """Have the thread see whether its question is over."""
        os.write(self._wake, b".")

    def _serve(self) -> None:
        while (question := self._questions.get()) is not None:
            self._converse(*question)

    def _converse(self, task_id: str, approval: Approval) -> None:
        if self._is_over(task_id, approval, _SETTLES_SECONDS):
            return
        self._progress.hide()
        try:
            _show(task_id, approval)
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
            line = self._line(task_id, approval)
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

    def _line(self, task_id: str, approval: Approval) -> str | None:
        """Return the next line typed, empty at the end of the input; None when the question is over."""
        terminal = sys.stdin.fileno()
        while True:
            ready, _, _ = select.select([terminal, self._woken], [], [])
            if self._woken in ready and self._is_over(task_id, approval):
                # What was half typed is not meant for the next question, nor for the shell.
                termios.tcflush(terminal, termios.TCIFLUSH)
                return None
            if terminal in ready:
                return os.read(terminal, _LINE).decode("utf-8", "replace")

    def _is_over(self, task_id: str, approval: Approval, seconds: float = 0.0) -> bool:
        """Say whether nobody need answer a question any more, now or within some seconds."""
        end = time.monotonic() + seconds
        while True:
            if self._closing or task_id in self._ended or (task_id, approval.id) in self._settled:
                return True
            left = max(0.0, end - time.monotonic())
            if not select.select([self._woken], [], [], left)[0]:
                return False
            os.read(self._woken, _LINE)


def _is_in_background() -> bool:
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp()
    except OSError:
        return False


def _show(task_id: str, approval: Approval) -> None:
    click.echo(f"asks     {one_line(approval.reason, 400)} (task {task_id})", err=True)
    for action in approval.actions:
        click.echo(f"  {action.subject}: {one_line(action.value, 400)}", err=True)
    if approval.detail:
        click.echo(sanitize(approval.detail), err=True)
