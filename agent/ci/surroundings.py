"""Which CI this runs in, where a change begins there, and what to do when that commit is not in the clone."""

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from agent.protocol.value import Value

_MOST_BYTES = 32 * 1024 * 1024
"""GitHub sends no larger event."""


class Runner(StrEnum):
    """Whose runner this is."""

    GITHUB = "github"
    GITLAB = "gitlab"
    NONE = "none"


_REMEDIES = {
    Runner.GITHUB: "give `actions/checkout` the input `fetch-depth: 0`",
    Runner.GITLAB: 'set the variable `GIT_DEPTH: "0"` for the job',
    Runner.NONE: "run `git fetch --unshallow`, or name the range: `ratchet ci verify BASE..HEAD`",
}


class Surroundings(Value):
    """What the environment of a job says; revisions and paths in it are outside text."""

    runner: Runner
    bases: tuple[str, ...] = ()
    """Revisions, best first: where the first that is there meets HEAD's history, the change begins."""
    step_summary: Path | None = None
    step_outputs: Path | None = None

    @property
    def remedy(self) -> str:
        """Return what to do when a commit is missing."""
        return _REMEDIES[self.runner]


def surroundings(environ: Mapping[str, str]) -> Surroundings:
    """Read the environment of a job (GitHub Actions, GitLab CI, or anything else)."""
    if environ.get("GITHUB_ACTIONS") == "true":
        return Surroundings(
            runner=Runner.GITHUB,
            bases=_github_bases(environ),
            step_summary=_path(environ, "GITHUB_STEP_SUMMARY"),
            step_outputs=_path(environ, "GITHUB_OUTPUT"),
        )
    if environ.get("GITLAB_CI") == "true":
        return Surroundings(runner=Runner.GITLAB, bases=_gitlab_bases(environ))
    return Surroundings(runner=Runner.NONE)


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]) if environ.get(name) else None


def _github_bases(environ: Mapping[str, str]) -> tuple[str, ...]:
    event = _event(_path(environ, "GITHUB_EVENT_PATH"))
    branch = environ.get("GITHUB_BASE_REF", "")
    # The branch first: what is checked out is merged with its tip, which may be newer than the event.
    named = (f"origin/{branch}" if branch else "", _text(event, "pull_request", "base", "sha"))
    return _known(*named, _text(event, "merge_group", "base_sha"), _text(event, "before"))


def _gitlab_bases(environ: Mapping[str, str]) -> tuple[str, ...]:
    names = ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_COMMIT_BEFORE_SHA")
    return _known(*(environ.get(name, "") for name in names))


def _known(*revisions: str) -> tuple[str, ...]:
    """Leave out what is empty, and the zeros that stand for a commit that was none."""
    return tuple(revision for revision in revisions if revision.strip("0"))


def _event(path: Path | None) -> dict[str, Any]:
    if path is None or not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return {}
    try:
        read = json.loads(path.read_bytes())
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _text(document: Any, *names: str) -> str:
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, str) else ""
