"""Problems as GitLab's Code Quality report, which merge requests show at their lines."""

import json
from collections.abc import Sequence

from agent.ci.problem import Level, Problem
from agent.ci.sarif import fingerprint
from agent.ci.shown import line

_SEVERITIES = {Level.ERROR: "major", Level.WARNING: "minor", Level.NOTICE: "info"}
_ROOT = "."


def code_quality(problems: Sequence[Problem]) -> str:
    """Return a JSON array; every entry of it has a place of its own, as GitLab wants."""
    found = {(key := fingerprint(one)): _entry(one, key) for one in problems}
    return json.dumps(list(found.values()), indent=1) + "\n"


def _entry(problem: Problem, key: str) -> dict[str, object]:
    place = problem.location
    return {
        "description": f"{line(problem.title)}: {line(problem.message)}",
        "check_name": f"ratchet/{problem.rule}",
        "fingerprint": key,
        "severity": _SEVERITIES[problem.level],
        "location": {
            "path": line(place.path, 1000) if place else _ROOT,
            "lines": {"begin": max(1, place.line) if place else 1},
        },
    }
