"""The step in which the forge says who asked and what it is about, before anything is done for it."""

from agent.config import load_user
from agent.protocol.event import TriggerAdmitted
from agent.protocol.forge import Admission, ObjectId, Trigger
from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind, TaskSpec
from agent.repo.forge.port import Forge
from agent.repo.store import Store
from agent.tasks.admission.asking import asked
from agent.tasks.admission.commits import Wanted, bring
from agent.tasks.admission.decide import decide
from agent.tasks.admission.derive import check_kind, derive, ground
from agent.tasks.admission.facts import Facts, look
from agent.tasks.context import Context


def admit(state: TaskState, context: Context) -> TriggerAdmitted:
    """Return what the forge lets the task be; raises ForgeError after a quarter of an hour, UsageError."""
    context.on_progress(Progress(phase="admit", message="asking the forge"))
    assert state.spec is not None and state.spec.trigger is not None
    spec, trigger = state.spec, state.spec.trigger
    check_kind(spec, trigger)
    return asked(context, lambda: _admitted(spec, trigger, context))


def _admitted(spec: TaskSpec, trigger: Trigger, context: Context) -> TriggerAdmitted:
    forge = context.forge
    facts = look(trigger, forge)
    admission = decide(trigger, facts, load_user().bot)
    if admission.refused or spec.kind is TaskKind.REPLY:
        return TriggerAdmitted(admission=admission, spec=spec)
    at = ground(trigger, facts)
    wanted = Wanted(trigger, admission.fork, (at.code, at.rules))
    store = Store.open(bring(wanted, context), context.state, context.cancel)
    for commit in wanted.commits:
        store.resolve(commit)
    admission = _with_evidence(admission, facts, trigger, forge, store)
    if admission.refused:
        return TriggerAdmitted(admission=admission, spec=spec)
    return TriggerAdmitted(admission=admission, spec=derive(spec, admission, facts, at, store))


def _with_evidence(
    admission: Admission, facts: Facts, trigger: Trigger, forge: Forge, store: Store
) -> Admission:
    """Add how the workflow run failed; where nothing of it can be done again, that is a refusal."""
    if facts.run is None:
        return admission
    # Few tasks are about a workflow run, and all would import its YAML parser.
    from agent.tasks.admission.failed_run import failed_run  # noqa: PLC0415

    found = failed_run(trigger, forge, lambda path: _file(store, facts.run.head if facts.run else "", path))
    if isinstance(found, str):
        return admission.model_copy(update={"refused": found})
    return admission.model_copy(update={"evidence": found})


def _file(store: Store, commit: ObjectId, path: str) -> bytes | None:
    tree = store.tree_of(commit)
    entry = store.entry(tree, path)
    return store.read_blobs([entry.blob])[entry.blob] if entry is not None and entry.is_file else None
