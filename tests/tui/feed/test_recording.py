"""A recording shows what the daemon would have, and goes no further than its reader wants."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.protocol.errors import UsageError
from agent.protocol.outcome import Outcome
from agent.protocol.progress import Progress
from agent.protocol.summary import Status, TaskSummary
from agent.protocol.task import TaskKind
from tests.lsp.history import delivered, finished, measured, passed, patched, snapshot, spec, verdict
from tests.tui.recorded import app_of, log
from tests.tui.terminal import written
from tui.feed.feed import Link, LinkState
from tui.feed.recording import RecordedFeed
from tui.feed.task_log import TaskLog
from tui.start import read_recording

WHOLE = log(
    "t1",
    spec(TaskKind.FIX),
    snapshot(),
    measured(passed("a")),
    *patched("d", "f"),
    verdict(),
    delivered(),
    finished(),
)
OTHER = log("t2", spec(TaskKind.ASK), snapshot())


class Heard:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.summaries: list[TaskSummary] = []
        self.seen: list[tuple[str, int]] = []
        self.progress: list[tuple[str, Progress]] = []
        self.links: list[LinkState] = []

    def listed(self, summary: TaskSummary) -> None:
        self.summaries.append(summary)

    def changed(self, log: TaskLog) -> None:
        self.seen.append((log.task_id, log.state.seq))

    def live(self, task_id: str, progress: Progress) -> None:
        self.progress.append((task_id, progress))

    def linked(self, state: LinkState) -> None:
        self.links.append(state)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.001)


def test_what_is_not_played_is_there_at_once_and_told_to_whoever_opens_it() -> None:
    async def doing() -> None:
        heard = Heard()
        feed = RecordedFeed([WHOLE, OTHER], heard)
        assert [one.task_id for one in feed.tasks()] == ["t2", "t1"]
        assert [one.status for one in feed.tasks()] == [Status.RUNNING, Status.FINISHED]
        assert feed.tasks()[1].outcome is Outcome.VERIFIED
        running = asyncio.create_task(feed.run())
        feed.open("t1")
        await until(lambda: heard.seen)
        assert heard.seen == [("t1", len(WHOLE))]
        assert [one.task_id for one in heard.summaries] == ["t2", "t1"]
        assert heard.links[-1].link is Link.RECORDED and "at its end" in heard.links[-1].reason
        running.cancel()

    asyncio.run(doing())


def test_a_player_pauses_steps_and_plays_on_to_the_end() -> None:
    async def doing() -> None:
        heard = Heard()
        feed = RecordedFeed([[WHOLE[0], Progress(phase="snapshot"), *WHOLE[1:]]], heard, speed=1e6)
        feed.open("t1")
        feed.pause()
        running = asyncio.create_task(feed.run())
        await asyncio.sleep(0)
        assert feed.log("t1") is None and "paused at event 0" in heard.links[-1].reason
        for _ in range(3):
            feed.step()
        await until(lambda: len(heard.seen) == 2)
        assert heard.seen == [("t1", 1), ("t1", 2)] and heard.progress == [("t1", Progress(phase="snapshot"))]
        assert heard.summaries[-1].status is Status.RUNNING and not feed.ended
        feed.pause()
        await until(lambda: feed.ended)
        assert heard.seen == [("t1", seq) for seq in range(1, len(WHOLE) + 1)]
        running.cancel()

    asyncio.run(doing())


def test_two_recordings_are_played_in_the_order_in_which_they_happened() -> None:
    async def doing() -> None:
        heard = Heard()
        feed = RecordedFeed([WHOLE, OTHER], heard, speed=1e6)
        running = asyncio.create_task(feed.run())
        await until(lambda: feed.ended)
        begun = [(one.task_id, one.seq) for one in heard.summaries]
        assert begun[:4] == [("t1", 1), ("t2", 1), ("t1", 2), ("t2", 2)]
        assert heard.seen == [], "nobody had opened one"
        running.cancel()

    asyncio.run(doing())


def test_a_file_of_events_is_read_back_whatever_its_strings_hold(tmp_path: Path) -> None:
    odd = log("t1", spec(TaskKind.DO, goal="a\u2028b\x85c\r\nd"), snapshot())
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(event.model_dump_json() for event in odd) + "\n\n", encoding="utf-8")
    assert read_recording(path) == odd


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"hello\n", "line 1"),
        (b"[]\n", "it is no object"),
        (b'{"seq": 1}\n', "line 1"),
        (WHOLE[0].model_dump_json().encode() + b'\n{"seq": 2, "task_', "line 2"),
        (b"\xff\xfe\x00", "utf-8"),
    ],
)
def test_what_is_no_log_is_refused_and_says_where_one_comes_from(
    tmp_path: Path, data: bytes, why: str
) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(data)
    with pytest.raises(UsageError, match="is no log of a task") as refused:
        read_recording(path)
    assert why in refused.value.message and "--events" in refused.value.hint
    with pytest.raises(UsageError, match="cannot be read"):
        read_recording(tmp_path)


def test_the_app_plays_a_recording_with_its_keys() -> None:
    async def doing() -> None:
        app = app_of(WHOLE, OTHER, speed=1e-3)
        async with app.run_test() as pilot:
            async with asyncio.timeout(60):
                while app.desk is None or app.desk.told.link_state.link is not Link.RECORDED:
                    await pilot.pause(0.02)
            assert app.desk.client is None
            await pilot.press("f9")
            assert "paused" in app.desk.told.link_state.reason
            for _ in range(3):
                await pilot.press("f10")
            async with asyncio.timeout(60):
                while len(app.desk.feed.tasks()) < 2:
                    await pilot.pause(0.02)

    asyncio.run(doing())


def test_the_command_refuses_what_is_no_log_before_anything_is_painted() -> None:
    status, data = written(["-m", "agent", "tui", "--from", "README.md"])
    assert status == 2 and b"\x1b" not in data
    assert b"README.md is no log of a task: line 1 is no event" in data and b"--events" in data
