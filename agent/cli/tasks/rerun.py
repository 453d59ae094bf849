"""Runs a recorded task in this process, against a server that gives its models' answers again."""

from collections.abc import Iterator

from agent.cli.work.follow import Shown, Signpost, follow
from agent.cli.work.foreground import Foreground
from agent.config import state_dir
from agent.models.server.script import Answer, Call, Fault
from agent.models.server.scripted_server import ScriptedServer
from agent.protocol.conversation import Turn
from agent.protocol.model import Api, ModelProfile, Prices
from agent.protocol.progress import silent
from agent.protocol.report import Report, report
from agent.protocol.state import TaskState
from agent.protocol.task import TaskSpec

_FAULTS = {
    "auth": Fault.UNAUTHORIZED,
    "quota": Fault.QUOTA,
    "overflow": Fault.OVERFLOW,
    "refused": Fault.REFUSAL,
    "not_found": Fault.UNKNOWN_MODEL,
}


def rerun(then: TaskState) -> tuple[Report, Report]:
    """Return the report of a finished task and that of the same task run again."""
    assert then.spec is not None and then.snapshot is not None
    shown = Shown(lambda _: None, silent, Signpost())
    with ScriptedServer(list(_script(then))) as server, Foreground(state_dir()) as tasks:
        spec = _again(then.spec, then.snapshot.commit, server.base_url)
        reports = follow(tasks, tasks.create(spec), shown, lambda _: None)
    return report(then), reports[0]


def _script(then: TaskState) -> Iterator[Answer]:
    for turn in then.turns:
        yield _answer(turn)


def _answer(turn: Turn) -> Answer:
    if turn.fault:
        return Answer(fault=_FAULTS.get(turn.fault, Fault.BAD_REQUEST))
    calls = tuple(Call(use.name, use.arguments, use.id) for use in turn.uses)
    return Answer(text=turn.text, calls=calls)


def _again(spec: TaskSpec, commit: str, base_url: str) -> TaskSpec:
    """Return a spec that begins where the task began, and leads to no branch."""
    changes = {
        "models": tuple(_local(one, base_url) for one in spec.models),
        "deliver": False,
        "apply": False,
    }
    base = spec.base if spec.head is not None or spec.kind in ("verify", "review") else commit
    return spec.model_copy(update={**changes, "base": base, "deadline": None, "parent": None})


def _local(profile: ModelProfile, base_url: str) -> ModelProfile:
    plain = {"base_url": base_url, "key": "", "api": Api.CHAT, "prices": Prices()}
    return profile.model_copy(update={**plain, "tools": True, "stream": True, "system": True})
