"""The first step: fix the base, and say what working on it would do."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from agent.policy import DEFAULTS
from agent.protocol.errors import DeliveryRefused, UsageError
from agent.protocol.event import SnapshotTaken
from agent.protocol.patch import Snapshot
from agent.protocol.policy import Action, Decision, Subject
from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind, TaskSpec
from agent.repo.branch import check_new_branch
from agent.repo.store import Store
from agent.tasks.branch_name import branch_name
from agent.tasks.consent import has_consent
from agent.tasks.context import Context
from agent.tasks.given_patch import check_patch, put_on, to_deliver
from agent.tasks.judge_verify import delivers
from agent.tasks.measure_base import chosen_checks
from agent.tasks.policy import decide_all
from agent.tasks.stages import stages
from sandboxes.environment import EnvironmentSpec
from sandboxes.fetch.indexes import uv_environment

DEFAULT_INDEX = "package-index"
"""Stands for the host that packages come from when the user's settings name none."""
SYSTEM_PACKAGES = "system-packages"
"""Stands for the hosts of the Debian archive."""


def take_snapshot(state: TaskState, context: Context) -> SnapshotTaken:
    """Fix the base tree, and for `verify` and `review` the changed tree; raises RepositoryError."""
    context.on_progress(Progress(phase="snapshot"))
    spec = context.spec
    check_patch(spec)
    if spec.branch:
        _check_branch(context.store, branch_name(state))
    taken = snapshot_of(spec, context.store)
    known = {"rules": context.rules(taken.snapshot.tree), "actions": actions_of(context, taken)}
    return taken.model_copy(update=known)


def snapshot_of(spec: TaskSpec, store: Store) -> SnapshotTaken:
    """Return the trees that a task is about; raises RepositoryError, UsageError."""
    if spec.kind not in (TaskKind.VERIFY, TaskKind.REVIEW):
        return SnapshotTaken(snapshot=_base(spec, store))
    if delivers(spec):
        return to_deliver(spec, store)
    # Without a named head the working tree is the change, and the base has to be named or is HEAD.
    current = store.snapshot(clean=spec.head is not None)
    base = store.resolve(spec.base or "HEAD")
    known = {"commit": base, "tree": store.tree_of(base), "dirty": False}
    head_tree = current.tree if spec.head is None else store.tree_of(store.resolve(spec.head))
    if spec.patch is not None:
        head_tree = put_on(store, head_tree, spec.patch)
    return SnapshotTaken(snapshot=current.model_copy(update=known), head_tree=head_tree)


def _base(spec: TaskSpec, store: Store) -> Snapshot:
    if spec.base is None:
        return store.snapshot(clean=spec.clean)
    commit = store.resolve(spec.base)
    return Snapshot(head=commit, commit=commit, tree=store.tree_of(commit))


def _check_branch(store: Store, branch: str) -> None:
    try:
        check_new_branch(store, branch)
    except DeliveryRefused as refused:
        raise UsageError(refused.message, hint=refused.hint) from None


def actions_of(context: Context, taken: SnapshotTaken) -> tuple[Action, ...]:
    """Return what a task does before there is any patch, each action once."""
    trees = dict.fromkeys((taken.snapshot.tree, taken.head_tree or taken.snapshot.tree))
    actions = [Action(subject=Subject.TOOL, value=context.spec.kind), *_models(context)]
    if context.spec.kind is not TaskKind.ASK:
        for tree in trees:
            actions += _commands(context, tree)
            actions += _hosts(context, tree, taken.snapshot.commit)
    if context.spec.limits.cost_usd is not None:
        actions.append(Action(subject=Subject.COST, value=str(context.spec.limits.cost_usd)))
    return tuple(dict.fromkeys(actions))


def _models(context: Context) -> Iterator[Action]:
    """Yield the models on other machines that nobody has allowed for this repository yet."""
    spec = context.spec
    named = {*stages(spec), *spec.roles.values()}
    for host in dict.fromkeys(one.host for one in spec.models if one.name in named and one.is_remote):
        if not has_consent(context.state, spec.repository, host):
            yield Action(subject=Subject.MODEL, value=host)


def _commands(context: Context, tree: str) -> Iterator[Action]:
    config = context.config(tree)
    checks = chosen_checks(context.store, context.spec, tree, config)
    declared = {name: check.command for name, check in config.checks.items()}
    for check in checks:
        line = context.spec.command or declared.get(check.name) or " ".join((check.kind, *check.argv))
        yield Action(subject=Subject.COMMAND, value=line)
    for line in config.environment.setup:
        yield Action(subject=Subject.COMMAND, value=line)


def _hosts(context: Context, tree: str, commit: str) -> list[Action]:
    """Return whom an environment is fetched from; nobody when a rule is about it and it is here."""
    hosts = list(_all_hosts(context.environment(tree, commit)))
    rules = (*DEFAULTS, *context.spec.policy, *context.rules(tree))
    in_question = decide_all(rules, hosts) is not Decision.ALLOW
    return [] if in_question and context.has_environment(tree, commit) else hosts


def _all_hosts(wanted: EnvironmentSpec) -> Iterator[Action]:
    if wanted.requirements or wanted.build_requires:
        for host in _indexes():
            yield Action(subject=Subject.NETWORK, value=host)
    if wanted.system:
        yield Action(subject=Subject.NETWORK, value=SYSTEM_PACKAGES)


def _indexes() -> tuple[str, ...]:
    settings = uv_environment(os.environ)
    named = (settings.get(name, "") for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL"))
    urls = [url[url.find("http") :] for text in named for url in text.split()]
    hosts = (urlsplit(url).hostname for url in urls)
    return tuple(dict.fromkeys(host for host in hosts if host)) or (DEFAULT_INDEX,)
