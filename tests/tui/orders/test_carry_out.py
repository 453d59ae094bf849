"""Orders reach the daemon, and what cannot be done is said with what can."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from agent.protocol.control import Steered
from agent.protocol.forge import Trigger
from agent.protocol.model import ModelProfile
from agent.protocol.state import TaskState, fold
from agent.protocol.summary import Status
from agent.protocol.task import TaskKind, TaskSpec
from tests.daemon.daemon_process import DaemonProcess
from tests.lsp.history import finished, spec, state
from tests.tui.shop import desk_of
from tui.app import RatchetApp
from tui.desk import Desk
from tui.messages import Go, OpenTask, Trouble
from tui.orders.carry_out import carry_out, hears
from tui.orders.order import Act
from tui.orders.parse import parse
from tui.orders.reply import Noted, Reply

MODEL = ModelProfile(name="small", base_url="http://127.0.0.1:9/v1", model="small-1")
Say = Callable[..., Awaitable[Reply | None]]


def at_a_desk(
    daemon: DaemonProcess, repository: Path | None, doing: Callable[[Desk, Say], Awaitable[None]]
) -> None:
    async def sitting() -> None:
        desk = desk_of(RatchetApp(lambda: lambda _: desk), daemon, repository)
        assert desk.client is not None

        async def say(text: str, task: TaskState | None = None, *, task_id: str = "") -> Reply | None:
            return await carry_out(parse(text), desk, task, task_id=task_id)

        async with desk.client:
            running = asyncio.create_task(desk.feed.run())
            await doing(desk, say)
            running.cancel()

    asyncio.run(sitting())


async def opened(desk: Desk, reply: Reply | None) -> TaskSpec:
    assert isinstance(reply, OpenTask) and desk.client is not None
    return (await desk.client.task(reply.task_id)).spec


def test_words_and_commands_become_tasks_and_verbs_change_them(scripted: DaemonProcess, shop: Path) -> None:
    async def doing(desk: Desk, say: Say) -> None:
        assert desk.client is not None
        made = await opened(desk, await say("add a discount"))
        assert (made.kind, made.goal, made.stages) == (TaskKind.DO, "add a discount", ("small",))
        assert (await opened(desk, await say("/verify"))).kind is TaskKind.VERIFY
        long = TaskSpec(kind=TaskKind.DO, repository=str(shop), tests=("sleep:60",), models=(MODEL,))
        task_id = (await desk.client.create(long)).summary.task_id
        at_work = fold(await desk.client.history(task_id))
        assert await say("rather in cents", at_work) is None
        bodies = [event.body for event in await desk.client.history(task_id)]
        assert [one.text for one in bodies if isinstance(one, Steered)] == ["rather in cents"]
        assert await say("/priority 7", task_id=task_id) == Noted("priority 7")
        assert (await desk.client.task(task_id)).summary.priority == 7
        while not any(one.task_id == task_id for one in desk.feed.tasks()):
            await asyncio.sleep(0.01)
        assert isinstance(await say(f"/cancel {task_id[-8:]}"), Noted)
        assert isinstance(await say("/cancel nobody"), Trouble)
        async for _ in desk.client.events(task_id):
            continue
        assert (await desk.client.task(task_id)).summary.status is Status.FINISHED
        over = fold(await desk.client.history(task_id))
        assert (await opened(desk, await say("and now this", over))).goal == "and now this"

    at_a_desk(scripted, shop, doing)


def test_an_approval_is_answered_from_the_prompt(scripted: DaemonProcess, shop: Path) -> None:
    async def doing(desk: Desk, say: Say) -> None:
        assert desk.client is not None
        asking = TaskSpec(kind=TaskKind.FIX, repository=str(shop), tests=("ask",))
        task_id = (await desk.client.create(asking)).summary.task_id
        while (await desk.client.task(task_id)).summary.status is not Status.WAITING:
            await asyncio.sleep(0.02)
        assert await say("/deny not today", task_id=task_id) == Noted("denied")
        answers = (await desk.client.task(task_id)).answers
        assert [(one.decision, one.reason) for one in answers] == [("deny", "not today")]
        refused = await say("/approve", task_id=task_id)
        assert isinstance(refused, Trouble) and refused.sentence

    at_a_desk(scripted, shop, doing)


def test_the_model_that_was_chosen_takes_further_tasks(scripted: DaemonProcess, shop: Path) -> None:
    async def doing(desk: Desk, say: Say) -> None:
        assert await say("/model") == Noted("models for further tasks: small (as the settings say)")
        assert await say("/model small") == Noted("models for further tasks: small")
        assert (await opened(desk, await say("/fix"))).stages == ("small",)
        assert isinstance(await say("/model huge"), Trouble) and desk.model == "small"
        await say("/model auto")
        assert (await opened(desk, await say("/fix"))).stages == ("search", "small")

    at_a_desk(scripted, shop, doing)


def test_what_cannot_be_done_is_said_with_what_can(
    scripted: DaemonProcess, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def doing(desk: Desk, say: Say) -> None:
        said = [await say(text) for text in ("/fix", "some words", "/cancel", "/nothing")]
        assert [one.sentence for one in said if isinstance(one, Trouble) and one.hint] == [
            "this is in no git repository",
            "this is in no git repository",
            "this does not say which task",
            "there is no command /nothing",
        ]
        desk.repository = shop
        monkeypatch.setenv("RATCHET_CONFIG", str(shop / "none.toml"))
        lacking = [await say("some words"), await say("/model")]
        for one in lacking:
            assert isinstance(one, Trouble) and "model" in one.sentence and "/fix" in one.hint
        desk.client = None
        recorded = await say("/fix")
        assert isinstance(recorded, Trouble) and recorded.sentence.startswith("this is a recording")

    at_a_desk(scripted, None, doing)


def test_what_follows_a_task_from_a_forge_is_done_in_a_clone_and_never_in_a_mirror(
    scripted: DaemonProcess, shop: Path
) -> None:
    trigger = Trigger(happened="comment", verb="fix", repository="acme/shop", number=7, actor="ann")
    mirror = TaskSpec(kind=TaskKind.FIX, repository=str(shop), trigger=trigger)
    looked_at = TaskState(task_id="t1", spec=mirror)

    async def doing(desk: Desk, say: Say) -> None:
        refused = await say("/verify", looked_at)
        assert isinstance(refused, Trouble) and refused.sentence == "this is no clone of acme/shop"
        desk.names = frozenset({"github:acme/shop"})
        assert (await opened(desk, await say("/verify", looked_at))).trigger is None

    at_a_desk(scripted, shop, doing)


def test_what_is_for_the_screen_is_handed_to_it(scripted: DaemonProcess, shop: Path) -> None:
    async def doing(_: Desk, say: Say) -> None:
        assert await say("/theme") == Act("app.change_theme")
        went = await say("/index Cart")
        assert isinstance(went, Go) and (went.screen, went.argument) == ("index", "Cart")
        assert await say("") is None

    at_a_desk(scripted, shop, doing)


def test_words_are_for_a_model_only_while_it_can_hear_them() -> None:
    with_model = spec(TaskKind.DO, models=(MODEL,))
    assert hears(state("t", with_model))
    assert not hears(state("t", with_model, finished()))
    assert not hears(state("t", spec(TaskKind.FIX)))
    assert not hears(None)
