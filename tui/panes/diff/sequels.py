"""The tasks that were begun for hunks of a patch, followed for as long as the patch is looked at."""

from dataclasses import dataclass, field, replace

from agent.protocol.progress import Progress
from tui.feed.feed import Feed
from tui.feed.task_log import TaskLog
from tui.panes.diff.sequel import Sequel, Wish, is_proven
from tui.panes.diff.standing import Begun


@dataclass(slots=True)
class Sequels:
    """Knows them by the patch that each is about."""

    feed: Feed
    _begun: dict[str, Begun] = field(default_factory=dict)

    def add(self, sequel: Sequel) -> None:
        """Follow one more."""
        self._begun[sequel.task_id] = Begun(sequel)
        self.feed.open(sequel.task_id)

    def all(self) -> tuple[Sequel, ...]:
        """Return what was begun, in order."""
        return tuple(one.sequel for one in self._begun.values())

    def close(self) -> None:
        """Follow none any more."""
        for task_id in self._begun:
            self.feed.close(task_id)

    def take(self, log: TaskLog) -> bool:
        """Take in what became of a task; False when it is none of these."""
        known = self._begun.get(log.task_id)
        if known is not None:
            self._begun[log.task_id] = replace(known, state=log.state)
        return known is not None

    def take_live(self, task_id: str, progress: Progress) -> bool:
        """Take in what a running task tells; False when it is nothing new."""
        known, said = self._begun.get(task_id), f"{progress.phase} {progress.message}".strip()
        if known is None or known.message == said:
            return False
        self._begun[task_id] = replace(known, message=said)
        return True

    def measuring(self, patch: str) -> Begun | None:
        """Return what proved a patch; else what measures it, or measured it last."""
        about = self._about(patch)
        return next((one for one in about if is_proven(one.state)), about[0] if about else None)

    def bringing(self, patch: str) -> Begun | None:
        """Return what brings a patch somewhere, or did so last."""
        return next((one for one in self._about(patch) if one.sequel.wish is not Wish.VERIFY), None)

    def proof(self, patch: str) -> str | None:
        """Return a task that has proven a patch."""
        return next((one.sequel.task_id for one in self._about(patch) if is_proven(one.state)), None)

    def is_busy(self, patch: str) -> bool:
        """Say whether a patch is at work in a task."""
        return any(one.state is None or one.state.finished is None for one in self._about(patch))

    def _about(self, patch: str) -> list[Begun]:
        """Return those of a patch, the newest first."""
        return [one for one in reversed(self._begun.values()) if one.sequel.patch == patch]
