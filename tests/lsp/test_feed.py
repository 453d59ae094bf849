"""The feed follows tasks over restarts of the daemon, in bounded memory."""

import asyncio
import gc
import time
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from agent.client.client import Client
from agent.client.problems import DaemonUnavailable
from agent.client.registration import Address
from agent.engine.database import Database
from agent.engine.store import TaskStore
from agent.protocol.check import TestResult
from agent.protocol.errors import RatchetError
from agent.protocol.state import TaskState
from agent.protocol.summary import Status, TaskSummary
from agent.protocol.task import TaskKind, TaskSpec
from lsp.feed import READ_AT_START, Feed
from lsp.shelf import MOST_ENDED, Shelf
from tests.daemon.daemon_process import DaemonProcess
from tests.lsp import history

PATIENCE = 60.0


def client_of(daemon: DaemonProcess) -> Client:
    async def find() -> Address:
        return Address(socket=daemon.registration["socket"])

    return Client(find)


async def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


def watched(
    daemon: DaemonProcess, *roots: str, check: Callable[[Feed, Client], Coroutine[Any, Any, None]]
) -> None:
    async def watch() -> None:
        async with client_of(daemon) as client:
            feed = Feed(client)
            watching = asyncio.create_task(feed.watch({one: Path(one) for one in roots}))
            try:
                await check(feed, client)
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)

    asyncio.run(watch())


def spec(root: str, *tests: str) -> TaskSpec:
    return TaskSpec(kind=TaskKind.FIX, repository=root, tests=tests)


def test_a_task_is_followed_from_its_beginning_to_its_end(scripted: DaemonProcess) -> None:
    heard: list[TaskState] = []

    async def check(feed: Feed, client: Client) -> None:
        feed.listen(heard.append)
        task_id = (await client.create(spec("/feed/a", "step", "progress:3", "step"))).summary.task_id
        await client.create(spec("/feed/elsewhere", "step"))
        await until(lambda: (known := feed.state(task_id)) and known.finished)
        assert [one.task_id for one in feed.tasks(Path("/feed/a"))] == [task_id]
        assert feed.tasks(Path("/feed/elsewhere")) == []

    watched(scripted, "/feed/a", check=check)
    assert [one.seq for one in heard] == list(range(1, len(heard) + 1))


class BrokenOff(Client):
    """Tells of one task, and the stream ends in the same moment."""

    async def changes(self) -> AsyncIterator[TaskSummary]:
        yield TaskSummary(
            task_id="20260101-000001-feed",
            kind=TaskKind.FIX,
            repository="/feed/a",
            status=Status.RUNNING,
            priority=0,
            created_at=0,
            updated_at=0,
            seq=1,
        )
        raise DaemonUnavailable("the stream broke off", hint="")


def test_a_follower_that_had_no_time_to_begin_leaves_nothing_behind() -> None:
    async def nowhere() -> Address:
        raise DaemonUnavailable("there is no daemon", hint="")

    async def check() -> None:
        async with BrokenOff(nowhere) as client:
            with pytest.raises(DaemonUnavailable, match="broke off"):
                await Feed(client).watch({"/feed/a": Path("/feed/a")})

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(check())
        gc.collect()


def test_of_many_ended_tasks_the_newest_are_read_and_each_is_told_once(scripted: DaemonProcess) -> None:
    database = Database.open(scripted.state)
    store = TaskStore(database)
    told = [history.snapshot(), history.finished()]
    ids = [f"20260101-0000{number:02}-feed" for number in range(READ_AT_START + 9)]
    for one in ids:
        store.create(spec("/feed/old"), task_id=one, facts=told)
    database.close()
    heard: list[TaskState] = []

    async def check(feed: Feed, client: Client) -> None:
        feed.listen(heard.append)
        await until(lambda: len(feed.tasks(Path("/feed/old"))) >= READ_AT_START)
        await asyncio.sleep(0.2)
        assert [one.task_id for one in feed.tasks(Path("/feed/old"))] == ids[::-1][:READ_AT_START]
        assert feed.snapshot_at(ids[-1]) is not None

    watched(scripted, "/feed/old", check=check)
    assert len(heard) == READ_AT_START


@pytest.mark.long
def test_a_restarted_daemon_goes_on_where_the_old_one_ended(tmp_path: Path) -> None:
    state = tmp_path / "state"
    heard: list[int] = []

    async def check(feed: Feed, client: Client) -> None:
        feed.listen(lambda one: heard.append(one.seq))
        task_id = (await client.create(spec("/feed/b", "step", "sleep:1.5", "step"))).summary.task_id
        await until(lambda: heard)
        await asyncio.to_thread(first.kill)
        second = DaemonProcess(state)
        try:
            await asyncio.to_thread(second.wait_until_ready)
            await until(lambda: (known := feed.state(task_id)) and known.finished)
        finally:
            await asyncio.to_thread(second.stop)

    with DaemonProcess(state) as first:
        watched(first, "/feed/b", check=check)
    assert heard == list(range(1, len(heard) + 1))


def test_a_task_that_is_unknown_ends_its_own_following_only(scripted: DaemonProcess) -> None:
    async def check(feed: Feed, client: Client) -> None:
        with pytest.raises(RatchetError):
            await feed.follow("20260101-000000-none")
        task_id = (await client.create(spec("/feed/c", "step"))).summary.task_id
        await asyncio.gather(feed.follow(task_id), feed.follow(task_id))
        known = feed.state(task_id)
        assert known is not None and known.finished is not None

    watched(scripted, "/feed/none", check=check)


def test_without_a_daemon_the_watch_ends_with_a_reason_and_can_begin_anew() -> None:
    async def nowhere() -> Address:
        raise RatchetError("there is no daemon")

    async def watch() -> None:
        async with Client(nowhere) as client:
            feed = Feed(client)
            for _ in range(2):
                with pytest.raises(RatchetError, match="there is no daemon"):
                    await feed.watch({"/feed/d": Path("/feed/d")})

    asyncio.run(watch())


def ended(number: int, *tests: TestResult) -> TaskState:
    told = [history.snapshot(), history.measured(*tests), history.finished()]
    return history.state(f"t{number:05}", spec("/feed/e"), *told)


def test_old_ended_tasks_are_dropped_and_open_ones_are_not() -> None:
    shelf = Shelf()
    still_open = history.state("t00000", spec("/feed/e"), history.snapshot())
    shelf.put(still_open)
    for number in range(1, MOST_ENDED + 21):
        shelf.put(ended(number))
    kept = [one.task_id for one in shelf.of("/feed/e")]
    assert (len(kept), kept[0], kept[-1]) == (MOST_ENDED + 1, f"t{MOST_ENDED + 20:05}", "t00000")


def test_tasks_with_very_many_results_leave_less_room() -> None:
    shelf = Shelf()
    tests = [history.passed(f"a.py::test_{one}") for one in range(10_000)]
    for number in range(8):
        shelf.put(ended(number, *tests))
    assert [one.task_id for one in shelf.of("/feed/e")] == ["t00007", "t00006", "t00005", "t00004"]
