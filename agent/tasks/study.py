"""What the turns of a task share, made on first use: the index, the models, the messages they begin with."""

import gc
from collections.abc import Iterator
from itertools import zip_longest

from agent.index.code_index import CodeIndex
from agent.index.search.hybrid import Search, search_of
from agent.models.model import Model, Request
from agent.models.tokens import of_request
from agent.planners.llm.assignment import Assignment, Job
from agent.planners.llm.opening import Opening, opening
from agent.planners.llm.turn import Seat, specs
from agent.protocol.conversation import Plan
from agent.protocol.errors import EnvironmentFailed, IsolationUnavailable
from agent.protocol.model import EditFormat, ModelProfile, Role
from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.tasks.context import Context
from agent.tasks.judgement import failing, targets
from agent.tasks.known_secrets import keys_of, secrets_of
from agent.tasks.stages import profile, stage, turns
from agent.tasks.study_ahead import StudyAhead
from agent.tools.harmless import HARMLESS
from agent.tools.tool import Bench, Desk
from agent.tools.toolbox import toolbox

_SMALL = 16_000
"""Tokens of context below which a model writes whole files best."""
_JOBS = {
    TaskKind.FIX: Job.FIX,
    TaskKind.DO: Job.DO,
    TaskKind.ASK: Job.ASK,
    TaskKind.REVIEW: Job.REVIEW,
}


class Study:
    """Everything but the conversation that a turn of a task needs; `close` lets go of it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._models: dict[str, Model] = {}
        self._openings: dict[tuple[str, str], tuple[Opening, int]] = {}
        """With the tokens that they and the tools take, by model and edit format."""
        self._index: CodeIndex | None = None
        self._found: Search | None = None
        self._pieces: Iterator[None] | None = None
        self._harvested: tuple[str, ...] | None = None

    def close(self) -> None:
        """Close the index, and forget what was read of it."""
        if self._index is None:
            return
        self._index.close()
        self._index = self._found = self._pieces = None
        self._models.clear()
        gc.unfreeze()
        gc.collect()
        gc.freeze()

    def role(self, state: TaskState) -> Role:
        """Return what the next turn is for: the first one of a change makes the plan."""
        if state.spec is not None and state.spec.kind is TaskKind.REVIEW:
            return Role.REVIEW
        return Role.EDIT if turns(state) else Role.PLAN

    def profile(self, state: TaskState) -> ModelProfile:
        """Return the model that takes the next turn."""
        name = stage(state)
        assert name is not None
        return profile(self._context.spec, name, self.role(state))

    def desk(self, state: TaskState) -> Desk:
        """Return what the tools of the next turn work on."""
        assert state.snapshot is not None
        taken = turns(state)
        spec = self._context.spec
        return Desk(
            store=self._context.store,
            base=state.snapshot.tree,
            advice=self._context.ruling(state.snapshot.tree),
            tree=taken[-1].tree if taken else state.head_tree or state.snapshot.tree,
            view=self._search(state.snapshot.commit).view,
            search=self._search(state.snapshot.commit),
            bench=self._bench(state),
            writable=spec.kind in (TaskKind.FIX, TaskKind.DO),
            reviewing=spec.kind is TaskKind.REVIEW,
            edit_format=_edit_format(self.profile(state)),
            target=tuple(test.id for test in targets(state)) if spec.kind is TaskKind.FIX else (),
            plan=state.plan or Plan(),
            on_progress=self._context.on_progress,
            cancel=self._context.cancel,
            secrets=self._secrets(state),
        )

    def _secrets(self, state: TaskState) -> tuple[str, ...]:
        """Return the models' keys and the repository's own secrets, whose base stays what it is."""
        assert state.snapshot is not None
        if self._harvested is None:
            trees = dict.fromkeys((state.snapshot.tree, state.head_tree or state.snapshot.tree))
            self._harvested = secrets_of(self._context.store, trees)
        return (*keys_of(self._context.spec.models), *self._harvested)

    def seat(self, state: TaskState, desk: Desk) -> Seat:
        """Return who takes the next turn."""
        assert state.snapshot is not None
        chosen = self.profile(state)
        if chosen.name not in self._models:
            self._models[chosen.name] = StudyAhead(self._context.model(chosen), self._ahead(state))
        key = (chosen.name, desk.edit_format)
        if key not in self._openings:
            self._openings[key] = self._begun(state, desk, chosen)
        return Seat(self._models[chosen.name], self.role(state), *self._openings[key])

    def _begun(self, state: TaskState, desk: Desk, chosen: ModelProfile) -> tuple[Opening, int]:
        assert desk.search is not None
        begun = opening(_assignment(state, self._context), desk, desk.search, chosen.context)
        return begun, of_request(Request(begun.messages, specs(toolbox(desk))))

    def _search(self, commit: str) -> Search:
        """Return the search of the base; a commit stays what it is, so that one is enough."""
        if self._found is None:
            self._context.on_progress(Progress(phase="index", message="bringing the index up to date"))
            self._index = CodeIndex(self._context.store)
            self._found = search_of(self._index.view(commit))
            # What is there now stays as long as the task; `close` thaws it.
            gc.freeze()
        return self._found

    def _ahead(self, state: TaskState) -> Iterator[None]:
        assert state.snapshot is not None
        if self._pieces is None:
            search, store = self._search(state.snapshot.commit), self._context.store
            code = {path: file.blob for path, file in search.view.files().items() if file.language}
            harmless = HARMLESS.prepare(store, code, self._secrets(state))
            self._pieces = (None for _ in zip_longest(search.prepare(), harmless))
        return self._pieces

    def _bench(self, state: TaskState) -> Bench | None:
        """Return where code can be run; a review goes on without when there is no such place."""
        context, spec = self._context, self._context.spec
        assert state.snapshot is not None
        if spec.kind is TaskKind.ASK:
            return None
        try:
            bench = context.workbench(state.head_tree or state.snapshot.tree, state.snapshot.commit)
        except (EnvironmentFailed, IsolationUnavailable) as error:
            if spec.kind is not TaskKind.REVIEW:
                raise
            context.on_progress(Progress(phase="environment", message=f"nothing can be run: {error.message}"))
            return None
        return Bench(bench, state.checks, state.baseline or (), spec.limits, context.deadline)


def _edit_format(chosen: ModelProfile) -> EditFormat:
    if chosen.edit_format is not None:
        return chosen.edit_format
    return EditFormat.WHOLE_FILE if chosen.context < _SMALL else EditFormat.SEARCH_REPLACE


def _assignment(state: TaskState, context: Context) -> Assignment:
    spec = context.spec
    assert state.snapshot is not None
    tests = targets(state) if spec.kind is TaskKind.FIX else failing(state.baseline or ())
    change = context.store.diff(state.snapshot.tree, state.head_tree).diff if state.head_tree else ""
    return Assignment(
        job=_JOBS[spec.kind],
        goal=spec.goal,
        intent=spec.intent,
        tests=tests,
        checks=tuple(" ".join((check.kind, *check.argv)) for check in state.checks),
        change=change,
    )
