"""What a pull request changes of the instructions that Ratchet takes, which is shown and not obeyed."""

from pathlib import PurePosixPath

from agent.config import REPOSITORY_FILE
from agent.planners.llm.opening import GUIDANCE
from agent.protocol.errors import RepositoryError
from agent.protocol.task import TaskSpec
from agent.repo.store import Store


def unheeded(spec: TaskSpec, store: Store) -> str:
    """Return one sentence about changed configuration and instructions, empty when there is none."""
    code = spec.head or spec.base
    if spec.configured_by is None or code is None:
        return ""
    before = store.tree_of(_fork_point(store, spec.configured_by, code))
    changed = store.changed(before, store.tree_of(code))
    # Names of ours alone: the folder that a file lies in is outside text.
    names = {REPOSITORY_FILE} & set(changed) | {PurePosixPath(path).name for path in changed} & set(GUIDANCE)
    if not names:
        return ""
    those = " and ".join(sorted(names))
    return f"changes of {those} are not obeyed here: what {spec.configured_by[:12]} says holds"


def _fork_point(store: Store, first: str, second: str) -> str:
    try:
        return store.merge_base(first, second)
    except RepositoryError:
        return first
