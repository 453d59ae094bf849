"""Which rule holds for an action: pure decisions over the rules of all origins."""

import unicodedata
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from agent.policy import APPROVAL, DEFAULT, ORGANIZATION, REPOSITORY, USER, VERDICT
from agent.protocol.policy import Action, Decision, Rule, Subject

_STRICTNESS = (Decision.ALLOW, Decision.ASK, Decision.DENY)


def decide(rules: Sequence[Rule], action: Action) -> Decision:
    """Return what the rules say about an action; allow when none matches.

    Within one origin the last rule that matches counts. The user's and the organization's take the
    place of the defaults; where several origins have a say, the repository's among them, the
    strictest holds, so that nobody weakens what another pinned. What somebody allowed for the rest
    of a task answers the defaults and what the user wants to be asked, and nobody else.
    """
    rule = deciding(rules, action)
    return Decision.ALLOW if rule is None else rule.decision


def deciding(rules: Sequence[Rule], action: Action) -> Rule | None:
    """Return the rule that decides about an action, None when none matches."""
    said = {rule.origin: rule for rule in rules if matches(rule, action)}
    people = [said[origin] for origin in (USER, ORGANIZATION) if origin in said]
    people = people or [said[origin] for origin in (DEFAULT,) if origin in said]
    others = [said[origin] for origin in (REPOSITORY, VERDICT) if origin in said]
    if APPROVAL in said:
        answered = (rule.origin != ORGANIZATION and rule.decision is Decision.ASK for rule in people)
        people = [said[APPROVAL] if yes else rule for yes, rule in zip(answered, people, strict=True)]
    return max([*people, *others], key=lambda rule: _STRICTNESS.index(rule.decision), default=None)


def decide_all(rules: Sequence[Rule], actions: Iterable[Action]) -> Decision:
    """Return the strictest decision on several actions."""
    return _strictest(decide(rules, action) for action in actions)


def matches(rule: Rule, action: Action) -> bool:
    """Say whether a rule is about an action; `*` stands for anything, `/` included.

    A pattern of a path holds for everything below it too, and one without `/` for that name in any
    folder. Case and Unicode form of paths and hosts make no difference: file systems ignore them.
    """
    if rule.subject is not action.subject:
        return False
    if rule.subject is Subject.COST:
        # What somebody allowed is an upper bound; to lines of a policy it is the lowest.
        own = rule.origin == APPROVAL
        return _reaches(rule.pattern, action.value) if own else _reaches(action.value, rule.pattern)
    if rule.subject is Subject.PATH:
        return _covers(_canonical(rule.pattern), _canonical(action.value))
    if rule.subject in (Subject.NETWORK, Subject.MODEL):
        return fnmatchcase(_canonical(action.value), _canonical(rule.pattern))
    return fnmatchcase(action.value, rule.pattern)


def _reaches(value: str, bound: str) -> bool:
    try:
        return float(value) >= float(bound)
    except ValueError:
        # A bound that cannot be read holds from the first cent.
        return True


def _covers(pattern: str, path: str) -> bool:
    parts = path.split("/")
    for length in range(1, len(parts) + 1):
        whole = "/".join(parts[:length])
        named = parts[length - 1]
        if fnmatchcase(named if "/" not in pattern else whole, pattern):
            return True
    return False


def _canonical(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip("/")


def _strictest(decisions: Iterable[Decision]) -> Decision:
    return max(decisions, key=_STRICTNESS.index, default=Decision.ALLOW)
