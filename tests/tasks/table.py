"""States of tasks that models work on."""

from collections.abc import Sequence

from agent.protocol.control import Steered
from agent.protocol.conversation import ToolUse, Turn
from agent.protocol.edit import Create
from agent.protocol.event import Body, EditsApplied, ProposalMade, TurnTaken, VerdictReached
from agent.protocol.model import ModelProfile, Role
from agent.protocol.proposal import Proposal
from agent.protocol.state import TaskState
from agent.protocol.verdict import Scope, Verdict
from tests.tasks.test_next_step import FAILED, PATCH, SPEC, recorded, state

CHEAP = ModelProfile(name="cheap", base_url="http://127.0.0.1:9/v1", model="small")
STRONG = ModelProfile(name="strong", base_url="https://models.example.org/v1", model="large")
MODELS = (CHEAP, STRONG)
ESCALATING = SPEC.model_copy(update={"stages": ("search", "cheap", "strong"), "models": MODELS})
BY_CHEAP = SPEC.model_copy(update={"stages": ("cheap",), "models": MODELS})


def working(tree: str = "1" * 40, name: str = "edit", result: str = "Done", **known: object) -> TurnTaken:
    """Return a turn in which the model called a tool."""
    use = ToolUse(id="1", name=name, arguments="{}", result=result)
    return TurnTaken(turn=Turn(**{**_KNOWN, "uses": (use,), "tree": tree, **known}))


def word(text: str = "That is it.", tree: str = "1" * 40, **known: object) -> TurnTaken:
    """Return a last word."""
    return TurnTaken(turn=Turn(**{**_KNOWN, "text": text, "tree": tree, **known}))


def fault(kind: str = "auth", tree: str = "1" * 40) -> TurnTaken:
    """Return a turn that ended in a fault."""
    return TurnTaken(turn=Turn(**_KNOWN, tree=tree, fault=kind, reason=f"cheap: {kind}"))


def offered(planner: str = "cheap") -> ProposalMade:
    """Return a proposal."""
    edits = (Create(path="a.py", content=b""),)
    return ProposalMade(proposal=Proposal(planner=planner, edits=edits, rationale="because"))


def gave_up(planner: str, reason: str = "nothing left") -> ProposalMade:
    """Return what a planner says that has nothing more to offer."""
    return ProposalMade(proposal=Proposal(planner=planner, edits=(), rationale=""), exhausted=reason)


def refused_by_verdict(tree: str = "1" * 40, **known: object) -> tuple[Body, ...]:
    """Return a proposal, applied, with a verdict that proves nothing unless `known` says so."""
    patch = PATCH.model_copy(update={"tree": tree})
    verdict = Verdict(**{"tree": tree, "scope": Scope.FULL, "still_failing": (FAILED.id,), **known})
    return offered(), EditsApplied(patch=patch), VerdictReached(verdict=verdict)


def steered(text: str) -> Steered:
    """Return words of the user."""
    return Steered(text=text, by="cli:ann")


def after(facts: Sequence[Body], **known: object) -> TaskState:
    """Return the state of a fix by `cheap` after some events."""
    begun = state(**{"spec": BY_CHEAP, **known})
    for body in facts:
        begun = recorded(begun, body)
    return begun


_KNOWN: dict[str, object] = {"role": Role.EDIT, "model": "cheap"}
