"""What a task's plan asks of its forge, each question once."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from agent.protocol.forge import ObjectId, PullRequest
from agent.protocol.state import TaskState
from agent.publishing.making.hand import Hand
from agent.repo.forge.errors import ForgeRefused, KeyRefused, NotOnForge
from agent.repo.git import Git

Secrets = Callable[[TaskState], frozenset[str]]
"""From a task's state to the values that no text of it may show."""


class ForgeLook:
    """The Look of one task, for as long as it is being brought up to date."""

    def __init__(self, hand: Hand, state: TaskState, secrets: Secrets) -> None:
        self._hand = hand
        self._state = state
        self.secrets = cache(lambda: secrets(state))
        self._pull = cache(self._read_pull)
        self.pull_diff = cache(lambda: hand.forge.pull_diff(hand.repository, self._number))
        self.reviews = cache(self._read_reviews)
        self.default_branch = cache(lambda: _named(lambda: hand.forge.default_branch(hand.repository).name))

    def pull_head(self) -> ObjectId:
        """Return where the pull request stands now."""
        return self._pull().head

    def follows(self, commit: ObjectId) -> bool:
        """Say whether the head that the task is about has a commit among its ancestors."""
        spec, admission = self._state.spec, self._state.admission
        assert spec is not None and admission is not None and admission.pull is not None
        clone = Git(Path(spec.repository) / ".git")
        if not clone.git_dir.is_dir():
            # It was tidied away; then everything is said once more rather than nothing.
            return False
        return clone.succeeds("merge-base", "--is-ancestor", commit, admission.pull.head)

    def run_branch(self) -> str:
        """Return the name of the branch on which the workflow run failed."""
        spec = self._state.spec
        assert spec is not None and spec.trigger is not None and spec.trigger.run is not None
        run = spec.trigger.run
        return _named(lambda: self._hand.forge.run(self._hand.repository, run).head_branch)

    @property
    def _number(self) -> int:
        spec, admission = self._state.spec, self._state.admission
        assert spec is not None and spec.trigger is not None and admission is not None
        number = spec.trigger.number or (admission.pull.number if admission.pull else None)
        assert number is not None
        return number

    def _read_pull(self) -> PullRequest:
        return self._hand.forge.pull(self._hand.repository, self._number)

    def _read_reviews(self) -> Sequence[str]:
        return tuple(review.body for review in self._hand.our_reviews(self._number))


def _named(ask: Callable[[], str]) -> str:
    """Return a name, empty where the forge does not tell: nothing is opened then, but the rest is shown."""
    try:
        return ask()
    except KeyRefused:
        raise
    except (ForgeRefused, NotOnForge):
        return ""
