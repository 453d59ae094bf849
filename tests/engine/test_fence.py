"""An owner that was stopped for a while and goes on can do no harm, and neither can one that died."""

import time

import pytest
from sqlalchemy import select

from agent.engine.checkpoints import Checkpoints
from agent.engine.errors import LeaseLost
from agent.engine.lease import Lease
from agent.engine.outbox import Outbox, Result
from agent.engine.schema import EFFECTS
from agent.protocol.event import TaskFinished
from agent.protocol.outcome import Outcome
from tests.engine.rig import USUAL, Rig, go_on, is_stopped
from tests.engine.stories import wait_until


def _lease(rig: Rig) -> Lease:
    rig.submit()
    lease = rig.queue().claim(rig.owner())
    assert lease is not None
    return lease


@pytest.mark.parametrize(
    "command",
    [
        "stop-once={0}.mark",
        "stop-once={0}.mark checkpoint",
        "stop-once={0}.mark effect={0}",
        "stop-in-effect={0}",
    ],
    ids=["append", "checkpoint", "effect", "after-looking"],
)
def test_an_owner_that_was_stopped_and_goes_on_has_no_effect(rig: Rig, command: str) -> None:
    effects, gate = rig.folder / "effects", rig.folder / "gate"
    task = rig.submit(f"{command.format(effects)} effect={effects} gate={gate}")
    stale = rig.start()
    wait_until(lambda: rig.times_run(task, "propose:1") == 1 and is_stopped(stale))
    fresh = rig.start()
    wait_until(effects.exists)
    go_on(stale)
    wait_until(lambda: f"{task} closed {stale.pid}" in rig.run())
    assert rig.steps(task) == ["submit"]
    if "checkpoint" in command:
        saved = Checkpoints(rig.database, Lease(task, "", "")).load("propose:1")
        assert saved == str(fresh.pid).encode()
    gate.touch()
    rig.wait_for(task)
    assert rig.steps(task) == ["submit", "propose:1", "finish"]
    assert effects.read_text().splitlines() == [f"{task} propose:1"]


def test_the_task_of_a_killed_process_of_this_machine_goes_on_without_waiting_for_silence(rig: Rig) -> None:
    task = rig.submit(f"die-once={rig.folder}/died")
    first = rig.start(pace=USUAL)
    wait_until(lambda: not first.is_alive())
    rig.start(pace=USUAL)
    rig.wait_for(task, seconds=USUAL.silent * 0.8)


@pytest.mark.long
def test_the_task_of_a_machine_that_is_gone_goes_on_within_40_seconds(rig: Rig) -> None:
    task = rig.submit(f"wait=5 die-once={rig.folder}/died")
    gone = rig.start(pace=USUAL, owners=rig.folder / "elsewhere")
    wait_until(lambda: rig.times_run(task, "propose:1") == 1)
    rig.start(pace=USUAL)
    wait_until(lambda: not gone.is_alive())
    died = time.monotonic()
    wait_until(lambda: rig.times_run(task, "propose:1") == 2, seconds=40)
    print(f"resumed after {time.monotonic() - died:.1f} s (limit 40 s)")
    rig.wait_for(task)


def test_an_effect_whose_maker_died_before_it_could_say_so_is_found_again(rig: Rig) -> None:
    effects = rig.folder / "effects"
    task = rig.submit(f"die-in-effect={effects}")
    first = rig.start()
    wait_until(lambda: not first.is_alive())
    assert effects.read_text().splitlines() == [f"{task} propose:1"]
    rig.start()
    rig.wait_for(task)
    assert rig.times_run(task, "propose:1") == 2
    assert effects.read_text().splitlines() == [f"{task} propose:1"]


def test_an_effect_that_was_recorded_is_neither_made_nor_looked_for_again(rig: Rig) -> None:
    outbox, made = Outbox(rig.database, _lease(rig)), []

    def act() -> Result:
        made.append("made")
        return {"branch": f"b{len(made)}"}

    def find() -> Result | None:
        made.append("looked")
        return None

    first = outbox.once("branch", {"tree": "t"}, find=find, act=act)
    assert outbox.once("branch", {"tree": "t"}, find=find, act=act) == first == {"branch": "b2"}
    assert made == ["looked", "made"]
    assert outbox.once("branch", {"tree": "other"}, find=find, act=act) == {"branch": "b4"}
    assert outbox.once("branch", {"now": 1}, find=find, act=act, key="k") == {"branch": "b6"}
    assert outbox.once("branch", {"now": 2}, find=find, act=act, key="k") == {"branch": "b6"}


def test_what_an_owner_says_late_about_an_effect_changes_nothing(rig: Rig) -> None:
    late = _lease(rig)

    def act_slowly() -> Result:
        rig.queue().release(late)
        lease = rig.queue().claim(rig.owner())
        assert lease is not None
        Outbox(rig.database, lease).once("apply", {}, find=lambda: None, act=lambda: {"files": ["a.py"]})
        return {"files": []}

    Outbox(rig.database, late).once("apply", {}, find=lambda: None, act=act_slowly)
    with rig.database.read() as connection:
        assert connection.scalar(select(EFFECTS.c.result)) == '{"files": ["a.py"]}'


def test_an_effect_that_failed_is_tried_again(rig: Rig) -> None:
    outbox = Outbox(rig.database, _lease(rig))

    def fail() -> Result:
        raise OSError("the network is down")

    with pytest.raises(OSError, match="network"):
        outbox.once("push", {}, find=lambda: None, act=fail)
    assert outbox.once("push", {}, find=lambda: None, act=lambda: {"ok": 1}) == {"ok": 1}


def test_without_the_lease_nothing_is_made_or_saved(rig: Rig) -> None:
    lost = Lease(_lease(rig).task_id, "another token", "x")
    with pytest.raises(LeaseLost):
        Outbox(rig.database, lost).once("push", {}, find=lambda: {"ok": 1}, act=lambda: {"ok": 1})
    with pytest.raises(LeaseLost):
        Outbox(rig.database, lost).check_fence()
    with pytest.raises(LeaseLost):
        Checkpoints(rig.database, lost).save("step", b"x")


def test_a_checkpoint_is_replaced_kept_over_owners_and_gone_with_its_task(rig: Rig) -> None:
    lease = _lease(rig)
    checkpoints = Checkpoints(rig.database, lease)
    assert checkpoints.load("search") is None
    for data in (b"one", b"two" * 100_000):
        checkpoints.save("search", data)
        assert checkpoints.load("search") == data
    checkpoints.save("other", b"kept")
    rig.queue().release(lease)
    again = rig.queue().claim(rig.owner())
    assert again is not None
    assert Checkpoints(rig.database, again).load("search") == b"two" * 100_000
    end = TaskFinished(outcome=Outcome.NO_PATCH, reason="x")
    rig.store.append(again.task_id, "finish", end, lease=again)
    assert Checkpoints(rig.database, again).load("search") is None
    assert Checkpoints(rig.database, again).load("other") is None
