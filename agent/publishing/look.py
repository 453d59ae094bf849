"""What has to be read from the forge to know what a task wants there."""

from collections.abc import Sequence
from typing import Protocol

from agent.protocol.forge import ObjectId


class Look(Protocol):
    """Looks at one task's place; asked only when an answer is needed. Raises ForgeError and GitError.

    The same question is asked again for each effect that follows: keep the answers for as long as a
    task is being brought up to date.
    """

    def secrets(self) -> frozenset[str]:
        """Return values that no text may show: those of the repository and of this daemon."""

    def pull_head(self) -> ObjectId:
        """Return where the pull request stands now."""

    def pull_diff(self) -> str:
        """Return the diff of the pull request as it stands now."""

    def reviews(self) -> Sequence[str]:
        """Return the texts of our own reviews of the pull request, oldest first; nobody else's."""

    def follows(self, commit: ObjectId) -> bool:
        """Say whether the head that the task is about has a commit among its ancestors."""

    def default_branch(self) -> str:
        """Return the name of the branch that pull requests go to by default."""

    def run_branch(self) -> str:
        """Return the name of the branch on which the workflow run failed."""
