"""The failpoints, in chains: each link kills the daemon once on the way of one task to its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.kill.repositories import PRICE, SECOND_FAILURE, SLOWER
from tests.kill.triggers import Trigger, after, before

_STORE = "agent.engine.store"
_QUEUE = "agent.engine.queue"
_SANDBOX = "sandboxes.worker_sandbox:WorkerSandbox"
_PLANNER = "agent.planners.search.search_planner"
_DELIVER = "agent.tasks.deliver_step"
_BRANCH = "agent.repo.branch"


@dataclass(frozen=True, slots=True)
class Chain:
    """One task, and the points at which it is interrupted, in the order in which it meets them."""

    triggers: tuple[Trigger, ...]
    files: Mapping[str, str] = field(default_factory=lambda: PRICE)
    dirty: bool = False
    spec: Mapping[str, Any] = field(default_factory=dict)


def recorded(kind: str) -> tuple[Trigger, Trigger]:
    """Return the points right before and right after the commit of an event."""
    return after(f"{_STORE}:_insert", kind), after(f"{_STORE}:TaskStore.append", kind)


DANGEROUS = Chain(
    (
        after(f"{_STORE}:TaskStore.create"),
        after("agent.engine.checkpoints:Checkpoints.save"),
        recorded("VerdictReached")[0],
        after(f"{_BRANCH}:_create_ref"),
        after("agent.repo.delivery:replace_file"),
        recorded("TaskFinished")[0],
    ),
    dirty=True,
    spec={"apply": True},
)
"""For every run of the tests: where something could most easily be lost or done twice."""

# A task that gets nowhere is given up after the death of five owners, so that a step is
# interrupted five times at most, and what is longer is spread over several tasks.
CHAINS = {
    "start": Chain(
        (
            after("agent.daemon.lifecycle:StateLock.acquire"),
            after("agent.daemon.auth:Tokens.prepare"),
            before("agent.daemon.lifecycle:listen_unix"),
            after("agent.daemon.lifecycle:listen_unix"),
            after("agent.engine.migrations:upgrade"),
            after("agent.engine.database:Database.open"),
            before("agent.daemon.lifecycle:StateLock.register"),
            after("agent.daemon.lifecycle:StateLock.register"),
            before("agent.daemon.daemon:Daemon.take_over"),
            after(f"{_STORE}:TaskStore.rebuild"),
            before("agent.daemon.daemon:Daemon.reap"),
            after("sandboxes.cgroups:reap_groups"),
            after("agent.daemon.daemon:Daemon.take_over"),
        )
    ),
    "submit": Chain(
        (
            after(f"{_STORE}:_claim"),
            after(f"{_STORE}:_begin"),
            after(f"{_STORE}:TaskStore.create"),
            after("agent.daemon.worker_link:WorkerLink.start"),
            after("agent.engine.lease:Owner.__init__"),
            before("agent.engine.worker:Worker.serve"),
            after(f"{_QUEUE}:upsert"),
            after(f"{_QUEUE}:Queue.claim", "Lease"),
            before("agent.engine.holds:Holds._free_if_silent"),
            after("agent.engine.holds:Holds._free_if_silent"),
            after("agent.tasks.run:RepairStory.open"),
        )
    ),
    "snapshot": Chain(
        (
            after("agent.repo.objects:open_objects"),
            before("agent.repo.objects:Objects._fetch"),
            after("agent.repo.objects:Objects._fetch"),
            *recorded("SnapshotTaken"),
        )
    ),
    "dirty snapshot": Chain(
        (
            after("agent.repo.working_tree:working_tree"),
            after("agent.repo.git_commit:store_commit"),
            after("agent.repo.store:Store.snapshot"),
        ),
        dirty=True,
    ),
    "environment": Chain(
        (
            before("sandboxes.environments:Environments.build"),
            after("sandboxes.fetch.wheelhouse:Gathering.gather"),
            after("sandboxes.construction:_Construction.build"),
            after("sandboxes.construction:_Construction.prove"),
            after("sandboxes.construction:construct"),
        )
    ),
    "sandbox": Chain(
        (
            after("sandboxes.environments:Environments.build"),
            after("sandboxes.cgroups:make_group"),
            after("sandboxes.bubblewrap_sandbox:BubblewrapBackend.open"),
            after(f"{_SANDBOX}.unpack"),
            before(f"{_SANDBOX}.close"),
        )
    ),
    "baseline": Chain(
        (
            before(f"{_SANDBOX}.run", nth=2),
            after(f"{_SANDBOX}.run", nth=2),
            after(f"{_SANDBOX}.close"),
            *recorded("BaselineMeasured"),
            *recorded("GroupsSplit"),
            before(f"{_PLANNER}:SearchPlanner.localize"),
            after(f"{_PLANNER}:SearchPlanner.localize"),
            *recorded("LocationsRanked"),
            before(f"{_QUEUE}:Queue.must_yield", nth=2),
        )
    ),
    "search": Chain(
        (
            before(f"{_PLANNER}:SearchPlanner.propose"),
            after("agent.planners.search.evaluation:Evaluator.__enter__"),
            after(f"{_SANDBOX}.connect"),
            after(f"{_PLANNER}:Episode._confirm"),
            before("agent.engine.checkpoints:Checkpoints.save"),
        )
    ),
    "proposal": Chain(
        (
            after("agent.engine.checkpoints:upsert"),
            after("agent.engine.checkpoints:Checkpoints.save"),
            before("agent.planners.search.evaluation:Evaluator.__exit__"),
            after(f"{_PLANNER}:SearchPlanner.propose"),
            *recorded("ProposalMade"),
            after("agent.repo.store:Store.apply"),
            *recorded("EditsApplied"),
        )
    ),
    "verdict": Chain(
        (
            before("agent.verify.measure:measure"),
            before(f"{_QUEUE}:Queue.renew"),
            after(f"{_QUEUE}:Queue.renew"),
            after("agent.verify.measure:measure"),
            *recorded("VerdictReached"),
            before("agent.engine.outbox:Outbox._intend"),
        ),
        files=PRICE | SLOWER,
    ),
    "intent": Chain(
        (
            after("agent.engine.outbox:Outbox._intend"),
            after(f"{_DELIVER}:_Branch.find"),
            before(f"{_DELIVER}:_Branch.act"),
            after(f"{_BRANCH}:_commit"),
            before(f"{_BRANCH}:_send_objects"),
        )
    ),
    "branch": Chain(
        (
            after(f"{_BRANCH}:_send_objects"),
            before(f"{_BRANCH}:_create_ref"),
            after(f"{_BRANCH}:_create_ref"),
            before("agent.engine.outbox:Outbox._record"),
            after("agent.engine.outbox:Outbox._record"),
            recorded("TaskFinished")[1],
        )
    ),
    "end": Chain(
        (
            after(f"{_QUEUE}:Queue.signal"),
            *recorded("PatchDelivered"),
            recorded("TaskFinished")[0],
        )
    ),
    "plan": Chain(
        (
            before(f"{_DELIVER}:_Apply.act"),
            after("agent.repo.delivery:plan_apply"),
            before("agent.repo.journal:record"),
            after("agent.repo.journal:_saved"),
            after("agent.repo.journal:record"),
        ),
        dirty=True,
        spec={"apply": True},
    ),
    "write": Chain(
        (
            before("agent.repo.checkout:replace_file"),
            before("agent.repo.checkout:_write"),
            after("agent.repo.checkout:_write"),
            after("agent.repo.delivery:find_applied", "tuple"),
            before("agent.engine.outbox:Outbox._record"),
        ),
        dirty=True,
        spec={"apply": True},
    ),
    "rewrite": Chain(
        (
            before("agent.repo.checkout:_write"),
            before("agent.repo.delivery:resume_apply"),
            after("agent.repo.delivery:resume_apply"),
            after("agent.repo.checkout:replace_file"),
            after("agent.engine.outbox:Outbox._record"),
        ),
        spec={"apply": True},
    ),
    "groups": Chain(
        (
            before("agent.tasks.split_step:split"),
            after(f"{_STORE}:check_fence", "Lease"),
            after(f"{_STORE}:TaskStore.create", "Lease"),
            after("agent.tasks.split_step:split"),
            *recorded("GroupsSplit"),
            *recorded("PatchDelivered"),
        ),
        files=PRICE | SECOND_FAILURE,
    ),
}

_IN_DOCKER = {"sandbox": "docker"}
CONTAINERS = {
    "containers": Chain(
        (
            after("sandboxes.docker_profile:create"),
            after("sandboxes.docker_containers:start"),
            after("sandboxes.docker_sandbox:DockerBackend.open"),
            after(f"{_SANDBOX}.unpack"),
            before(f"{_SANDBOX}.run", nth=2),
        ),
        spec=_IN_DOCKER,
    ),
    "busy containers": Chain(
        (
            after(f"{_SANDBOX}.connect"),
            before("agent.planners.search.evaluation:Evaluator.__exit__"),
            before("sandboxes.docker_containers:remove"),
            after("sandboxes.docker_containers:remove"),
            recorded("VerdictReached")[0],
            before("sandboxes.docker_containers:reap"),
            after("sandboxes.docker_containers:reap"),
        ),
        spec=_IN_DOCKER,
    ),
}

STOPS = tuple(
    Trigger(target, action="stop")
    for target in (
        f"{_PLANNER}:Episode._confirm",
        "agent.verify.measure:measure",
        f"{_BRANCH}:_send_objects",
        # The fence was asked for the last time before this one.
        f"{_BRANCH}:_create_ref",
        "agent.repo.delivery:plan_apply",
        "agent.tasks.finish_step:finish",
    )
)
"""Where a worker is stopped for so long that another takes its task over."""
