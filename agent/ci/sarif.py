"""Problems as SARIF 2.1.0, the form of code scanning (OASIS, 2020)."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import agent
from agent.ci.problem import RULES, Level, Problem
from agent.ci.shown import line, lines

LIMIT = 5000
"""Results that GitHub keeps of one run."""
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTICE: "note"}


def sarif(problems: Sequence[Problem]) -> str:
    """Return a log with one run; what has no place in a file is a notification of the run."""
    placed = [one for one in problems if one.location is not None]
    elsewhere = [one for one in problems if one.location is None]
    if len(placed) > LIMIT:
        note = f"{len(placed) - LIMIT} more problems are left out"
        elsewhere.append(Problem(rule="outcome", level=Level.WARNING, title=note, message=note))
    run = {
        "tool": {"driver": _driver()},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository"}}},
        "results": [_result(one) for one in placed[:LIMIT]],
        "invocations": [_invocation(elsewhere)],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _driver() -> dict[str, Any]:
    rules = [
        {"id": name, "shortDescription": {"text": text}, "defaultConfiguration": {"level": "warning"}}
        for name, text in RULES.items()
    ]
    return {"name": "Ratchet", "semanticVersion": agent.__version__, "rules": rules}


def _invocation(problems: Sequence[Problem]) -> dict[str, Any]:
    notifications = [{"level": _LEVELS[one.level], "message": {"text": _text(one)}} for one in problems]
    failed = any(one.level is Level.ERROR for one in problems)
    return {"executionSuccessful": not failed, "toolExecutionNotifications": notifications}


def _result(problem: Problem) -> dict[str, Any]:
    assert problem.location is not None
    uri = quote(line(problem.location.path, 4000))
    region = {"startLine": max(1, problem.location.line)}
    place = {"artifactLocation": {"uri": uri, "uriBaseId": "SRCROOT"}, "region": region}
    return {
        "ruleId": problem.rule,
        "ruleIndex": list(RULES).index(problem.rule),
        "level": _LEVELS[problem.level],
        "message": {"text": _text(problem)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"ratchet/v1": fingerprint(problem)},
    }


def fingerprint(problem: Problem) -> str:
    """Return what stays the same when a problem moves to another line."""
    path = problem.location.path if problem.location else ""
    told = "\0".join((problem.rule, path, problem.title))
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _text(problem: Problem) -> str:
    text = f"{line(problem.title)}\n{lines(problem.message)[:4000]}"
    # `[text](target)` is a link in a plain message, too (section 3.11.6).
    return text.replace("](", "] (")
