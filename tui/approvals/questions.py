"""The open questions of all tasks, oldest first, and which of them were put off or announced."""

from collections.abc import Callable, Sequence

from tui.approvals.question import Question

Key = tuple[str, str]


class Questions:
    """What is asked now; replaced task by task, as the daemon tells."""

    def __init__(self) -> None:
        self._open: dict[Key, Question] = {}
        self._over: set[Key] = set()
        self._put_off: set[Key] = set()
        self._announced: set[Key] = set()

    def __len__(self) -> int:
        return len(self._open)

    def all(self) -> Sequence[Question]:
        """Return what is open, in the order in which it was heard of."""
        return tuple(self._open.values())

    def of(self, task_id: str) -> Sequence[Question]:
        """Return what a task asks."""
        return tuple(one for one in self._open.values() if one.task_id == task_id)

    def has(self, question: Question) -> bool:
        """Say whether a question is still open."""
        return question.key in self._open

    def replace(self, task_id: str, now: Sequence[Question]) -> Sequence[Question]:
        """Take what a task asks now; returns what it asked before and asks no more."""
        keys = {one.key for one in now}
        over = [one for one in self.of(task_id) if one.key not in keys]
        for one in over:
            self.settle(one)
        for one in now:
            # What was asked for before an answer may come in after it.
            if one.key not in self._over:
                self._open.setdefault(one.key, one)
        return over

    def settle(self, question: Question) -> None:
        """Take a question as answered, for good: its id is never asked again."""
        self._open.pop(question.key, None)
        self._over.add(question.key)
        self._put_off.discard(question.key)

    def put_off(self, question: Question) -> None:
        """Let a question wait until somebody asks for it."""
        self._put_off.add(question.key)

    def pressing(self, is_open: Callable[[str], bool]) -> Question | None:
        """Return the first question of a task that is looked at, unless it was put off."""
        waiting = (one for one in self._open.values() if one.key not in self._put_off)
        return next((one for one in waiting if is_open(one.task_id)), None)

    def unannounced(self) -> Sequence[Question]:
        """Return what nobody was told of yet; it counts as told from then on."""
        fresh = [one for key, one in self._open.items() if key not in self._announced]
        self._announced |= {one.key for one in fresh}
        return fresh

    def after(self, question: Question | None, step: int = 1) -> Question | None:
        """Return the neighbour of a question, around the end; the first without one, None without any."""
        keys = list(self._open)
        if not keys:
            return None
        if question is None or question.key not in self._open:
            return self._open[keys[0]]
        return self._open[keys[(keys.index(question.key) + step) % len(keys)]]

    def place(self, question: Question) -> tuple[int, int]:
        """Return which of how many a question is, from 1; 0 when it is over."""
        keys = list(self._open)
        return (keys.index(question.key) + 1 if question.key in self._open else 0, len(keys))
