"""A question comes up over any screen, is answered once, and goes when somebody else was faster."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input
from textual.worker import Worker

from agent.client.client import Client
from agent.client.registration import Address
from agent.protocol.policy import ApprovalScope, Decision
from agent.protocol.task import TaskKind, TaskSpec
from tests.daemon.daemon_process import DaemonProcess
from tui.app import RatchetApp
from tui.approvals import asking
from tui.approvals.approval_screen import ApprovalScreen
from tui.desk import Desk, Told
from tui.feed.daemon_feed import DaemonFeed


class Session:
    """An app on a daemon, in the hands of somebody who waits for what he does."""

    def __init__(self, app: RatchetApp, pilot: Pilot[None]) -> None:
        assert app.desk is not None and app.asking is not None and app.desk.client is not None
        self.app, self.pilot = app, pilot
        self.desk, self.client, self.questions = app.desk, app.desk.client, app.asking.questions
        self._opened: list[str] = []

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not true():
                await self.pilot.pause(0.02)

    async def asking_task(self, *words: str, opened: bool = True) -> str:
        """Return a task that asks, once its question is here."""
        tests = words or ("ask", "step")
        spec = TaskSpec(kind=TaskKind.FIX, repository="/src/shop", tests=tests, attended=True)
        task_id = (await self.client.create(spec)).summary.task_id
        if opened:
            self.desk.feed.open(task_id)
            self._opened.append(task_id)
        await self.until(lambda: self.questions.of(task_id))
        return task_id

    async def modal(self) -> ApprovalScreen:
        """Return the modal once it takes answers."""
        await self.until(lambda: isinstance(self.app.screen, ApprovalScreen))
        screen = self.app.screen
        assert isinstance(screen, ApprovalScreen)
        await self.until(lambda: screen.check_action("answer", ()))
        return screen

    async def gone(self) -> None:
        await self.until(lambda: not isinstance(self.app.screen, ApprovalScreen))

    async def leave(self) -> None:
        """Let go of the tasks, as their screens would."""
        for task_id in self._opened:
            self.desk.feed.close(task_id)
        await self.until(lambda: all(one.is_finished for one in self._fetching()))

    def _fetching(self) -> list[Worker[object]]:
        return [one for one in self.app.workers if one.group.startswith("asking-")]

    def said(self) -> str:
        return "\n".join(f"{one.title} {one.message}" for one in self.app._notifications)


@asynccontextmanager
async def session(daemon: DaemonProcess, folder: Path) -> AsyncIterator[Session]:
    async def find() -> Address:
        return Address(socket=daemon.registration["socket"])

    def make(app: RatchetApp) -> Desk:
        told, client = Told(app), Client(find)
        return Desk(told, DaemonFeed(client, told), client, folder, None)

    app = RatchetApp(lambda: make)
    async with app.run_test(size=(80, 24)) as pilot:
        async with asyncio.timeout(60):
            while app.asking is None or len(app.screen_stack) < 2:
                await pilot.pause(0.02)
        user = Session(app, pilot)
        try:
            yield user
        finally:
            await user.leave()


def test_what_an_open_task_asks_comes_up_takes_no_early_key_and_is_allowed_with_scope_and_reason(
    scripted: DaemonProcess, tmp_path: Path
) -> None:
    async def doing() -> None:
        async with session(scripted, tmp_path) as user:
            task_id = await user.asking_task()
            await user.until(lambda: isinstance(user.app.screen, ApprovalScreen))
            # Meant for whatever was there before.
            await user.pilot.press("a")
            assert (await user.client.task(task_id)).open_approvals
            screen = await user.modal()
            assert screen.query_one("#pattern", Input).value == "apply"
            await user.pilot.press("3", "z", "enter", "a")
            await user.until(lambda: "matches nothing" in user.said() and screen.answering is None)
            # What is written answers nothing either.
            await user.pilot.press("3", *"ap*", "enter", "r", *"and", "enter")
            assert user.questions.has(screen.question)
            await user.pilot.press("a")
            await user.gone()
            answer = (await user.client.task(task_id)).answers[0]
            assert (answer.decision, answer.reason) == (Decision.ALLOW, "and")
            assert (answer.scope, answer.rules[0].pattern) == (ApprovalScope.PATTERN, "ap*")
            await user.until(lambda: user.said().count("answered: allow") == 1)

    asyncio.run(doing())


def test_several_questions_are_one_modal_that_goes_on_until_somebody_elsewhere_answers_the_last(
    scripted: DaemonProcess, tmp_path: Path
) -> None:
    async def doing() -> None:
        async with session(scripted, tmp_path) as user:
            first, second = await user.asking_task(), await user.asking_task()
            screen = await user.modal()
            assert screen.question.task_id == first
            assert "1 of 2" in str(screen.query_one("#approval").border_title)
            await user.pilot.press("d")
            await user.until(lambda: screen.question.task_id == second)
            assert len([one for one in user.app.screen_stack if isinstance(one, ApprovalScreen)]) == 1
            async with user.client.__class__(user.client._connection._find) as other:
                await other.approve(second)
            await user.gone()
            await user.until(lambda: "answered: allow by local:" in user.said())
            assert (await user.client.task(first)).answers[0].decision is Decision.DENY

    asyncio.run(doing())


def test_what_a_task_asks_that_is_not_open_is_announced_and_shown_by_a_key(
    scripted: DaemonProcess, tmp_path: Path
) -> None:
    async def doing() -> None:
        async with session(scripted, tmp_path) as user:
            task_id = await user.asking_task(opened=False)
            await user.until(lambda: "F8" in user.said())
            assert not isinstance(user.app.screen, ApprovalScreen)
            await user.pilot.press("f8")
            await user.modal()
            await user.pilot.press("escape")
            await user.gone()
            await user.pilot.press("f8")
            await user.modal()
            await user.client.cancel(task_id)
            await user.gone()
            await user.until(lambda: "the task has ended" in user.said())
            await user.pilot.press("f8")
            await user.until(lambda: "no task waits" in user.said())

    asyncio.run(doing())


@pytest.mark.long
def test_who_is_writing_is_not_interrupted(
    scripted: DaemonProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The test says when somebody has had the time to write more.
    monkeypatch.setattr(asking, "_TYPED_SECONDS", 3600)

    async def doing() -> None:
        async with session(scripted, tmp_path) as user:
            await user.until(lambda: user.app.focused)
            field = Input("half a sent", select_on_focus=False)
            await user.app.screen.mount(field)
            user.app.screen.set_focus(field)
            task_id = await user.asking_task()
            assert user.app.asking is not None
            await user.until(lambda: user.app.asking and user.app.asking._is_due)
            await user.pilot.press("e")
            user.app.asking._put_up()
            assert not isinstance(user.app.screen, ApprovalScreen) and user.app.asking._is_due
            user.app.asking._put_up()
            await user.modal()
            assert field.value == "half a sente"
            # Or it goes on asking in the tests after this one.
            await user.client.cancel(task_id)
            await user.gone()

    asyncio.run(doing())


@pytest.mark.long
def test_what_was_answered_while_the_palette_lay_over_it_is_gone_below_it(
    scripted: DaemonProcess, tmp_path: Path
) -> None:
    async def doing() -> None:
        async with session(scripted, tmp_path) as user:
            task_id = await user.asking_task()
            screen = await user.modal()
            await user.pilot.press("ctrl+p")
            await user.until(lambda: user.app.screen is not screen)
            await user.client.approve(task_id)
            await user.until(lambda: not user.questions.of(task_id))
            assert screen in user.app.screen_stack and user.app.screen is not screen
            user.app.pop_screen()
            await user.until(lambda: screen not in user.app.screen_stack)

    asyncio.run(doing())


@pytest.mark.long
def test_an_answer_that_cannot_be_sent_says_so_and_leaves_the_question_open(tmp_path: Path) -> None:
    async def doing(daemon: DaemonProcess) -> None:
        async with session(daemon, tmp_path) as user:
            task_id = await user.asking_task()
            screen = await user.modal()
            daemon.kill()
            await user.pilot.press("a")
            await user.until(lambda: "answering" in str(screen.query_one("#approval").border_title))
            await user.pilot.press("escape")
            await user.gone()
            assert user.questions.of(task_id)

    with DaemonProcess(tmp_path / "state") as daemon:
        asyncio.run(doing(daemon))
