"""Without a webhook the forge is asked, and what it says leads to the same tasks."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from agent.bot.intake import submit
from agent.bot.payloads import read_json, read_payload
from agent.bot.polling import Memory, Poll, Round
from agent.bot.seen import wanted_by
from agent.bot.wanted import wanted
from agent.client.client import Client
from agent.client.launch import finder
from agent.protocol.errors import UsageError
from agent.protocol.forge import Happened, Permission, Verb
from agent.repo.forge.open import open_forge
from agent.repo.forge.values import Account, Seen, WorkflowRun
from agent.sections import BotConfig
from tests.bot.deliveries import HEAD
from tests.daemon.daemon_process import DaemonProcess
from tests.forge.fake import FakeForge
from tests.forge.faults import Fault

ANN, ROBOT, US = (
    Account(login=name, id=1, bot=bot) for name, bot in (("ann", False), ("robot", True), ("us", False))
)
RUN = WorkflowRun(
    id=5,
    attempt=2,
    name="ci",
    path=".github/workflows/ci.yml",
    event="push",
    conclusion="failure",
    head=HEAD,
    head_branch="tax",
    head_repository="acme/shop",
    actor="ann",
    triggered_by="ann",
)


def seen(happened: Happened, **more: Any) -> Seen:
    """Return something that ann did to pull request 12."""
    known = {"key": "k", "at": 1, "actor": ANN, "number": 12, "comment": 1, "head": HEAD}
    return Seen(happened=happened, **{**known, **more})


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        (seen(Happened.COMMENT, body="/ratchet fix\n\n@us help"), [Verb.FIX, Verb.HELP]),
        (seen(Happened.REVIEW_COMMENT, body="/ratchet explain"), [Verb.EXPLAIN]),
        (seen(Happened.LABEL, label="ratchet:review"), [Verb.REVIEW]),
        (seen(Happened.PULL), [Verb.VERIFY]),
        (seen(Happened.RUN, run=RUN), [Verb.FIX]),
        (seen(Happened.COMMENT, body="/ratchet fix", edited=True), None),
        (seen(Happened.COMMENT, body="/ratchet fix", actor=ROBOT), None),
        (seen(Happened.COMMENT, body="/ratchet fix", actor=US), None),
        (seen(Happened.COMMENT, body="> /ratchet fix"), None),
        (seen(Happened.LABEL, label="bug"), None),
        (seen(Happened.PULL, actor=US), None),
        (seen(Happened.PULL, actor=ROBOT), None),
        (seen(Happened.RUN), None),
        (seen(Happened.RUN, run=RUN.model_copy(update={"conclusion": "success"})), None),
        (seen(Happened.RUN, run=RUN.model_copy(update={"head_repository": "mallory/shop"})), None),
        (seen(Happened.RUN, run=RUN.model_copy(update={"head_repository": None})), None),
        (seen(Happened.RUN, run=RUN.model_copy(update={"head_branch": "ratchet/1"})), None),
        (seen(Happened.RUN, run=RUN.model_copy(update={"actor": "robot[bot]"})), None),
        (seen(Happened.BUTTON), None),
    ],
)
def test_what_polling_finds_is_wanted_as_from_a_delivery(thing: Seen, expected: list[Verb] | None) -> None:
    found = wanted_by(thing, "acme/shop", BotConfig(), "us")
    assert (None if isinstance(found, str) else [one.trigger.verb for one in found]) == expected


@pytest.mark.parametrize(
    ("thing", "at"),
    [
        (seen(Happened.LABEL, label="ratchet"), 1),
        (seen(Happened.COMMENT, body="/ratchet fix"), 1),
        (seen(Happened.COMMENT, body="/ratchet do add a tax"), None),
        (seen(Happened.COMMENT, body="/ratchet verify"), None),
    ],
)
def test_an_issue_that_tells_what_to_change_counts_as_it_was_when_it_was_asked_for(
    thing: Seen, at: int | None
) -> None:
    found = wanted_by(thing, "acme/shop", BotConfig(), "us", on_issue=thing.happened is Happened.LABEL)
    assert [one.trigger.asked_at for one in found if not isinstance(one, str)] == [at]


@pytest.mark.parametrize("setting", [{"on_pull": None}, {"on_failure": False}, {"label": ""}])
def test_what_is_switched_off_is_not_wanted(setting: dict[str, Any]) -> None:
    off = {"on_pull": Happened.PULL, "on_failure": Happened.RUN, "label": Happened.LABEL}
    thing = seen(off[next(iter(setting))], run=RUN, label="ratchet")
    assert isinstance(wanted_by(thing, "acme/shop", BotConfig(**setting), "us"), str)


@pytest.mark.parametrize("names", [(), ("acme/*",), ("acme",), ("acme/shop/x",)])
def test_polling_has_to_know_whom_to_ask(tmp_path: Path, names: tuple[str, ...]) -> None:
    config = BotConfig(repositories=names)
    with pytest.raises(UsageError):
        Poll(config, open_forge(config, None), Client(finder(tmp_path, print)), Memory(tmp_path), "", print)


def test_a_memory_that_is_not_ours_is_no_memory(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    assert memory.read() == {}
    memory.write({"acme/shop": 17})
    assert memory.read() == {"acme/shop": 17}
    (tmp_path / "bot" / "polled.json").write_text("[1")
    with pytest.raises(UsageError):
        memory.read()


def test_each_thing_that_happens_becomes_one_task_also_when_a_webhook_tells_of_it(
    tmp_path: Path, resting: DaemonProcess
) -> None:
    said: list[str] = []
    with FakeForge(tmp_path / "forge") as fake:
        shop = fake.add_repository("acme/polled")
        shop.grant("ann", Permission.WRITE)
        before = shop.open_issue("Earlier", "", "ann")
        config = fake.bot_config(repositories=("acme/polled",))
        forge = open_forge(config, None)

        async def work() -> None:
            async with Client(finder(resting.state, said.append, "bot")) as tasks:
                poll = Poll(config, forge, tasks, Memory(tmp_path), "", said.append)
                now = time.time()
                await poll.once(now - 60)
                comment = shop.comment(before, "ann", "/ratchet do it")
                shop.label(before, "ratchet", "ann")
                await poll.once(now + 1)
                # Nothing is forgotten, and nothing done twice.
                await Poll(config, forge, tasks, Memory(tmp_path), "", said.append).once(now + 2)
                body = fake.delivery("issue_comment", "created", shop, comment=comment)[1]
                told = wanted("issue_comment", read_payload(read_json(body)), config, "")
                assert not isinstance(told, str)
                said.append(" ".join(await submit(told, ("delivery:1",), config, tasks)))

        asyncio.run(work())
    with resting.client() as http:
        listed = http.get("/v1/tasks", params={"repository": "github:acme/polled"}).json()["tasks"]
    assert sorted(one["kind"] for one in listed) == ["do", "do"], said
    assert said[-1] in [one["task_id"] for one in listed]


@pytest.mark.parametrize("fault", [Fault.SECONDARY, Fault.UNAVAILABLE, Fault.RESET, Fault.FORBIDDEN])
def test_what_could_not_be_asked_is_found_in_the_next_round(
    tmp_path: Path, resting: DaemonProcess, fault: Fault
) -> None:
    said: list[str] = []
    with FakeForge(tmp_path / "forge") as fake:
        shop = fake.add_repository(f"acme/{fault.name.lower()}")
        issue = shop.open_issue("Earlier", "", "ann")
        config = fake.bot_config(repositories=(shop.name,))

        async def work() -> list[Round]:
            async with Client(finder(resting.state, said.append, "bot")) as tasks:
                memory = Memory(tmp_path)
                poll = Poll(config, open_forge(config, None), tasks, memory, "", said.append)
                now = time.time()
                first = await poll.once(now - 60)
                comment = shop.comment(issue, "ann", "/ratchet do it")
                fake.faults.add(fault, path="*/issues/comments*", seconds=30, times=9)
                second = await poll.once(now + 1)
                fake.faults.clear()
                third = await Poll(config, open_forge(config, None), tasks, memory, "", said.append).once(
                    now + 2
                )
                assert f"{shop.name} comment:{comment}: " in said[-1]
                return [first, second, third]

        rounds = asyncio.run(work())
    assert [one.failed for one in rounds] == [0, 1, 0], said
    assert (rounds[1].pause > 0) is (fault is Fault.SECONDARY)
