"""Triggers, and what the forge says about them."""

from typing import Any

from agent.protocol.forge import Happened, Permission, PullRequest, Trigger, Verb
from agent.repo.forge.values import Branch, Issue, WorkflowRun
from agent.tasks.admission.facts import Facts

REPOSITORY = "acme/shop"
US = "ratchet-acme[bot]"
HEAD, BASE, NEWER, DEFAULT = "a" * 40, "b" * 40, "c" * 40, "d" * 40
EVENTS = {
    "fix": (Happened.COMMENT, Verb.FIX),
    "do": (Happened.COMMENT, Verb.DO),
    "review": (Happened.REVIEW_COMMENT, Verb.REVIEW),
    "explain": (Happened.REVIEW_COMMENT, Verb.EXPLAIN),
    "verify": (Happened.COMMENT, Verb.VERIFY),
    "stop": (Happened.COMMENT, Verb.STOP),
    "help": (Happened.COMMENT, Verb.HELP),
    "unknown": (Happened.COMMENT, Verb.UNKNOWN),
    "label": (Happened.LABEL, Verb.FIX),
    "button": (Happened.BUTTON, Verb.FIX),
    "opened": (Happened.PULL, Verb.VERIFY),
    "failed": (Happened.RUN, Verb.FIX),
}
"""What can happen, and what is wanted then."""


def trigger(event: str, actor: str = "ann", **known: Any) -> Trigger:
    """Return what a signed delivery says."""
    happened, verb = EVENTS[event]
    more: dict[str, Any] = {"number": 12}
    if happened in (Happened.COMMENT, Happened.REVIEW_COMMENT):
        more["comment"] = 99
    if happened in (Happened.BUTTON, Happened.PULL, Happened.RUN):
        more["head"] = HEAD
    if happened is Happened.RUN:
        more |= {"run": 5, "attempt": 1}
    first = {"happened": happened, "verb": verb, "repository": REPOSITORY, "actor": actor}
    return Trigger(**{**first, **more, **known})


def pull(author: str = "ann", **known: Any) -> PullRequest:
    """Return an open pull request of the repository itself."""
    usual: dict[str, Any] = {
        "number": 12,
        "title": "Add tax",
        "author": author,
        "open": True,
        "head": HEAD,
        "head_branch": "tax",
        "head_repository": REPOSITORY,
        "base": BASE,
        "base_branch": "main",
    }
    return PullRequest(**{**usual, **known})


def run(actor: str = "ann", **known: Any) -> WorkflowRun:
    """Return a workflow run that failed on the head of that pull request."""
    usual: dict[str, Any] = {
        "id": 5,
        "attempt": 1,
        "name": "CI",
        "path": ".github/workflows/ci.yml",
        "event": "pull_request",
        "conclusion": "failure",
        "head": HEAD,
        "head_branch": "tax",
        "head_repository": REPOSITORY,
        "actor": actor,
        "triggered_by": actor,
        "pulls": (12,),
    }
    return WorkflowRun(**{**usual, **known})


def issue(**known: Any) -> Issue:
    """Return an open issue."""
    return Issue(**{"number": 12, "title": "Tax is wrong", "body": "See the till.", "author": "zoe", **known})


def facts(event: str, permissions: dict[str, Permission], **known: Any) -> Facts:
    """Return what the forge says about an event on that pull request."""
    person = next(iter(permissions))
    happened, _ = EVENTS[event]
    usual: dict[str, Any] = {
        "me": US,
        "permissions": permissions,
        "pull": pull(person),
        "default": Branch(name="main", commit=DEFAULT),
        "run": run(person) if happened is Happened.RUN else None,
    }
    return Facts(**{**usual, **known})
