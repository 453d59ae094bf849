"""What expressions and variables of a job stand for, as far as a run tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.protocol.value import Value
from agent.verify.workflows.document import Plain
from agent.verify.workflows.expressions import Scope, Unknown, fill

WORKSPACE = "/workspace"
TEMPORARY = "/tmp/ratchet-runner"
_MATCHED = frozenset({"matrix", "inputs"})
_OUTSIDE = frozenset(
    {"github.ref", "github.ref_name", "github.head_ref", "github.actor", "github.triggering_actor"}
)


class RunFacts(Value):
    """What is known of a run; names of branches and people are outside text."""

    repository: str
    """`owner/name`."""
    event: str
    head: str
    branch: str = ""
    actor: str = ""
    id: int = 0
    attempt: int = 1
    workflow: str = ""


@dataclass(frozen=True, slots=True)
class Variables:
    """Variables with their values, and those whose values are not known, with what they need."""

    values: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)

    def seen_by(self, scope: Scope) -> Scope:
        """Return what expressions see that may refer to them."""
        return scope.with_context("env", self.values)

    def and_then(self, texts: Mapping[str, str], scope: Scope) -> "Variables":
        """Return them with those that come after and may refer to them."""
        values, unknown = dict(self.values), dict(self.unknown)
        inner = self.seen_by(scope)
        for name, text in texts.items():
            try:
                values[name] = fill(text, inner)
                unknown.pop(name, None)
            except Unknown as reason:
                values.pop(name, None)
                unknown[name] = reason.what
        return Variables(values, unknown)


def scope_of(facts: RunFacts, inputs: Mapping[str, Plain] | None = None) -> Scope:
    """Return what is known before it is said which job it is."""
    contexts = {"github": github(facts), "runner": _RUNNER, "matrix": {}, "env": {}, "inputs": inputs or {}}
    return Scope(contexts, _MATCHED if inputs is not None else frozenset({"matrix"}), _OUTSIDE)


_RUNNER: Mapping[str, Plain] = {
    "os": "Linux",
    "arch": "X64",
    "debug": "",
    "temp": TEMPORARY,
    "environment": "",
}


def github(facts: RunFacts) -> Mapping[str, Plain]:
    """Return what the context `github` holds; what depends on the event is only there where it is certain."""
    owner, _, name = facts.repository.partition("/")
    found: dict[str, Plain] = {
        "repository": facts.repository,
        "repository_owner": owner,
        "event_name": facts.event,
        "workflow": facts.workflow,
        "workspace": WORKSPACE,
        "actor": facts.actor,
        "run_id": str(facts.id),
        "run_attempt": str(facts.attempt),
        "server_url": "https://github.com",
        "event": {"repository": {"name": name, "full_name": facts.repository}},
    }
    if facts.event in ("push", "schedule", "workflow_dispatch") and facts.branch:
        found |= {
            "sha": facts.head,
            "ref_name": facts.branch,
            "ref": f"refs/heads/{facts.branch}",
            "head_ref": "",
        }
    elif facts.event in ("pull_request", "pull_request_target"):
        found["head_ref"] = facts.branch
    return found


def default_variables(facts: RunFacts, job: str) -> Mapping[str, str]:
    """Return what the runner itself sets for every step, as far as it is known."""
    known = github(facts)
    told = {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": WORKSPACE,
        "GITHUB_JOB": job,
        "RUNNER_OS": "Linux",
        "RUNNER_ARCH": "X64",
    }
    names = (
        "repository",
        "event_name",
        "run_id",
        "run_attempt",
        "sha",
        "ref",
        "ref_name",
        "head_ref",
        "workflow",
    )
    return told | {f"GITHUB_{name.upper()}": str(known[name]) for name in names if name in known}
