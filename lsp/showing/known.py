"""Everything that the tasks of a repository say, put together anew when they or the files changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from lsp.facts.checkout import patch_of
from lsp.facts.complaints import complaints
from lsp.facts.fact import Fact
from lsp.facts.failing import failing
from lsp.facts.findings import findings
from lsp.facts.hunks import Hunk, has_hunks, hunks_of
from lsp.facts.origins import Origin, origins
from lsp.facts.results import Results, results_of
from lsp.facts.suspects import suspects
from lsp.facts.tests import Record, records
from lsp.text.documents import Documents
from lsp.text.placing import live_lines


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a repository; `facts` by path, origins newest first."""

    facts: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)
    origins: tuple[Origin, ...] = ()
    patches: Mapping[str, Mapping[str, tuple[Hunk, ...]]] = field(default_factory=dict)
    """By task: the hunks between the tree that it found and the one that its verdict is about."""
    applied: frozenset[str] = frozenset()
    """Tasks whose patch is in the user's files."""

    @property
    def patched(self) -> frozenset[str]:
        """Return the files that patches change."""
        return frozenset(path for hunks in self.patches.values() for path in hunks)


class Digest:
    """Makes `Known`; remembers of each task what does not change."""

    def __init__(self, documents: Documents, uri: Callable[[Path], str]) -> None:
        self._documents = documents
        self._uri = uri
        self._results: dict[tuple[str, bool], tuple[object, object, Results]] = {}
        self._patches: dict[str, tuple[str, dict[str, tuple[Hunk, ...]]]] = {}

    def prepare(self, state: TaskState) -> None:
        """Do what takes long for one task, so that it need not be done for many at once."""
        self._result(state, applied=False)
        self._hunks(state)

    def of(self, repository: Path, states: Sequence[TaskState]) -> Known:
        """Return what tasks, newest first, say of a repository as it is in the editor and on the disk."""
        patches = {state.task_id: self._hunks(state) for state in states}
        applied = frozenset(self._applied(repository, states, patches))
        known = records([self._result(state, state.task_id in applied) for state in states])
        found = [
            *failing(known),
            *complaints(states),
            *findings(states),
            *suspects([state for state in states if state.task_id not in applied], known),
        ]
        self._forget(states)
        by_path: dict[str, list[Fact]] = {}
        for fact in found:
            by_path.setdefault(fact.location.path, []).append(fact)
        facts = {path: tuple(here) for path, here in by_path.items()}
        return Known(facts, known, tuple(origins(states, patches)), patches, applied)

    def _result(self, state: TaskState, applied: bool) -> Results:
        key = (state.task_id, applied)
        held = self._results.get(key)
        # An event leaves what it does not change the same object.
        if held is None or held[0] is not state.baseline or held[1] is not state.verdict:
            held = (state.baseline, state.verdict, results_of(state, applied=applied))
            self._results[key] = held
        return held[2]

    def _hunks(self, state: TaskState) -> dict[str, tuple[Hunk, ...]]:
        diff = patch_of(state)
        told = self._patches.get(state.task_id)
        if told is None or told[0] != diff:
            told = self._patches[state.task_id] = (diff, hunks_of(diff))
        return told[1]

    def _applied(
        self,
        repository: Path,
        states: Iterable[TaskState],
        patches: Mapping[str, Mapping[str, tuple[Hunk, ...]]],
    ) -> Iterable[str]:
        """Yield the tasks whose patch is there, whoever put it there."""
        for state in states:
            makes = state.spec is not None and state.spec.kind in (TaskKind.FIX, TaskKind.DO)
            hunks = patches[state.task_id] if makes and state.finished is not None else {}
            if hunks and all(self._has(repository, path, here) for path, here in hunks.items()):
                yield state.task_id

    def _has(self, repository: Path, path: str, hunks: Sequence[Hunk]) -> bool:
        return has_hunks(live_lines(self._documents, self._uri(repository / path)), hunks)

    def _forget(self, states: Sequence[TaskState]) -> None:
        tasks = {state.task_id for state in states}
        self._results = {key: held for key, held in self._results.items() if key[0] in tasks}
        self._patches = {task: told for task, told in self._patches.items() if task in tasks}
