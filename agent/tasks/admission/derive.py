"""The spec that is in force once a task from a forge was admitted."""

from agent.config import REPOSITORY_FILE, RepositoryConfig, machine, parse_repository, tightened
from agent.protocol.errors import UsageError
from agent.protocol.forge import Admission, Happened, ObjectId, RunEvidence, Trigger, Verb
from agent.protocol.task import TaskKind, TaskSpec
from agent.protocol.value import Value
from agent.repo.store import Store
from agent.tasks.admission.facts import Facts
from agent.tasks.admission.goals import default_goal

_KINDS = {
    Verb.FIX: TaskKind.FIX,
    Verb.DO: TaskKind.DO,
    Verb.REVIEW: TaskKind.REVIEW,
    Verb.EXPLAIN: TaskKind.ASK,
    Verb.VERIFY: TaskKind.VERIFY,
    Verb.STOP: TaskKind.REPLY,
    Verb.HELP: TaskKind.REPLY,
    Verb.UNKNOWN: TaskKind.REPLY,
}


class Ground(Value):
    """The commits of the base repository that a task stands on."""

    code: ObjectId
    """What it is about."""
    rules: ObjectId
    """Whose configuration and instructions hold."""


def ground(trigger: Trigger, facts: Facts) -> Ground:
    """Return the commits that an admitted trigger is about."""
    assert facts.default is not None
    rules = facts.pull.base if facts.pull is not None else facts.default.commit
    if trigger.happened is Happened.RUN and facts.run is not None:
        return Ground(code=facts.run.head, rules=rules)
    return Ground(code=facts.pull.head if facts.pull is not None else facts.default.commit, rules=rules)


def check_kind(spec: TaskSpec, trigger: Trigger) -> None:
    """Raise UsageError unless a task is of the kind that its trigger asks for."""
    wanted = _KINDS[trigger.verb]
    if spec.kind is not wanted:
        raise UsageError(f"`{trigger.verb}` makes a task of kind {wanted}, not {spec.kind}")


def derive(spec: TaskSpec, admission: Admission, facts: Facts, at: Ground, store: Store) -> TaskSpec:
    """Return the spec in force on our mirror, the same when it was derived before; raises UsageError.

    Whatever of the request could reach further than the trigger does is set anew here: paths, patches,
    where it is delivered. Of commits of strangers nothing is delivered.
    """
    trigger = spec.trigger
    assert trigger is not None
    measured = spec.kind in (TaskKind.VERIFY, TaskKind.REVIEW)
    known = {
        "repository": str(store.root),
        "machine": machine(),
        "base": store.merge_base(at.rules, at.code) if measured else at.code,
        "head": at.code if measured else None,
        "configured_by": at.rules,
        "goal": spec.goal or _goal(spec, trigger, facts, at, store),
        "deliver": spec.deliver and not admission.fork,
        "clean": True,
        **_NEVER,
        **(
            _failed(admission.evidence) if admission.evidence is not None else {"command": None, "python": ""}
        ),
    }
    return tightened(spec.model_copy(update=known), configuration(store, at.rules))


_NEVER = {"patch": None, "proven_by": None, "branch": None, "apply": False}


def configuration(store: Store, commit: str) -> RepositoryConfig:
    """Return what the repository says about itself in a commit; raises UsageError."""
    tree = store.tree_of(commit)
    return parse_repository(store.read(tree, REPOSITORY_FILE) if REPOSITORY_FILE in store.list(tree) else b"")


def _failed(evidence: RunEvidence) -> dict[str, object]:
    """Return what is run for a workflow run: its failed step, else the repository's checks."""
    return {"command": evidence.command or None, "python": evidence.python, "tests": ()}


def _goal(spec: TaskSpec, trigger: Trigger, facts: Facts, at: Ground, store: Store) -> str:
    about = facts.pull or facts.issue
    if spec.kind is not TaskKind.ASK or facts.pull is None:
        return default_goal(spec.kind, trigger, about)
    base = store.tree_of(store.merge_base(at.rules, at.code))
    return default_goal(spec.kind, trigger, about, store.diff(base, store.tree_of(at.code)).diff)
