"""The doctor on screen: what it found, worst first, and what to do when it finds out nothing."""

import asyncio
import json
from pathlib import Path

import pytest
from textual.app import App
from textual.widgets import OptionList, Static

from agent.client.client import Client
from agent.client.registration import Address
from agent.protocol.errors import RatchetError
from tui.desk import Desk, Told
from tui.feed.daemon_feed import DaemonFeed
from tui.screens.doctor.examination import examine
from tui.screens.doctor.report import Level, read
from tui.screens.doctor.screen import DoctorScreen


def said(*findings: tuple[str, str], **more: object) -> str:
    rows = [{"name": name, "level": level, "detail": "d", "remedy": ""} for name, level in findings]
    return json.dumps({"findings": rows, **more})


async def nowhere() -> Address:
    return Address(socket="/nonexistent")


def test_what_is_worst_comes_first_and_the_rest_stays_in_order() -> None:
    report = read(said(("a", "ok"), ("b", "warn"), ("c", "fail"), ("d", "warn"), newer="field"))
    assert [one.name for one in report.worst_first] == ["c", "b", "d", "a"]
    assert report.sentence == "1 fine, 2 to look at, 1 not working"


def test_a_refusal_is_told_in_the_doctors_own_words() -> None:
    with pytest.raises(RatchetError, match="no such model") as refused:
        read(json.dumps({"outcome": "usage", "reason": "no such model", "hint": "see docs/models.md"}))
    assert refused.value.hint == "see docs/models.md"


def test_a_crash_is_told_by_its_last_line() -> None:
    with pytest.raises(RatchetError, match="KeyError: 'x'"):
        read("", "Traceback\n  File\nKeyError: 'x'\n\n")


def children() -> set[int]:
    """Return the ids of the processes that this one has begun and not seen to the end."""
    found: set[int] = set()
    for path in Path("/proc/self/task").glob("*/children"):
        found |= {int(one) for one in path.read_text().split()}
    return found


def test_a_doctor_that_nobody_waits_for_any_more_ends() -> None:
    began: set[int] = set()

    async def doing() -> None:
        examining = asyncio.ensure_future(examine())
        async with asyncio.timeout(60):
            while not (found := children() - before):
                await asyncio.sleep(0.01)
        began.update(found)
        examining.cancel()
        with pytest.raises(asyncio.CancelledError):
            await examining

    before = children()
    asyncio.run(doing())
    assert began and children() == before


def test_where_nothing_isolates_the_screen_says_so_and_what_to_install_and_looks_again_at_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The doctor finds neither bubblewrap nor an engine.
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setenv("RATCHET_STATE_DIR", str(tmp_path / "state"))

    async def doing() -> None:
        async with App[None]().run_test(size=(80, 24)) as pilot:
            told, client = Told(pilot.app), Client(nowhere)
            screen = DoctorScreen(Desk(told, DaemonFeed(client, told), client, tmp_path, None))
            await pilot.app.push_screen(screen)
            findings = screen.query_one(OptionList)
            for _ in range(2):
                assert findings.loading
                async with asyncio.timeout(60):
                    while findings.loading:
                        await pilot.pause(0.05)
                assert screen._found[0].level is Level.FAIL
                obstacle = screen.query_one("#obstacle", Static)
                assert obstacle.display and "Install" in str(obstacle.content)
                await pilot.press("r")

    asyncio.run(doing())
