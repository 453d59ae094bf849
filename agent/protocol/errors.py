"""The one exception tree. Results are data; these are the surprises that end a task or a command.

RatchetError
├── UsageError            wrong arguments or configuration
├── RepositoryError       git: not a repository, empty, unreadable, a ref that does not resolve
│   └── DeliveryRefused   the branch moved, the merge conflicts, nothing to undo
├── PatchRefused          an edit that does not match, leaves the tree or touches git's own files
├── EnvironmentFailed     the repository's environment cannot be built, collected or run
├── IsolationUnavailable  no sandbox in force
└── Interrupted           the user cancelled
"""

from typing import ClassVar

from agent.protocol.outcome import Outcome


class RatchetError(Exception):
    """One sentence for the user, a hint what to do, a stable code, the outcome it ends a task with."""

    code: ClassVar[str] = "error"
    outcome: Outcome = Outcome.ERROR

    def __init__(self, message: str, *, hint: str = "", log: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.log = log


class UsageError(RatchetError):
    """Wrong arguments or configuration."""

    code = "usage"
    outcome = Outcome.USAGE


class RepositoryError(RatchetError):
    """Git cannot give what was asked for."""

    code = "repository"
    outcome = Outcome.USAGE


class DeliveryRefused(RepositoryError):
    """A proven patch could not be put where the user asked; the patch itself is kept."""

    code = "delivery"
    outcome = Outcome.UNVERIFIED


class PatchRefused(RatchetError):
    """An edit that does not match its anchor, leaves the tree, or touches git's own files."""

    code = "patch"
    outcome = Outcome.DENIED


class EnvironmentFailed(RatchetError):
    """The repository's environment cannot be built, collected or run; `log` holds the tail."""

    code = "environment"
    outcome = Outcome.ENVIRONMENT


class IsolationUnavailable(RatchetError):
    """No sandbox is in force and none may be skipped."""

    code = "sandbox"
    outcome = Outcome.SANDBOX


class Interrupted(RatchetError):
    """The user cancelled."""

    code = "interrupted"
    outcome = Outcome.INTERRUPTED
