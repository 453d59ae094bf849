"""Which change a job is about: as its arguments say, or else its environment."""

from pathlib import Path

from agent.ci.surroundings import Runner, Surroundings
from agent.cli.terminal import one_line
from agent.cli.work.revisions import ends
from agent.config import state_dir
from agent.protocol.errors import RepositoryError
from agent.repo.store import Store

Ends = tuple[str | None, str | None]


def change_of(change: str | None, directory: Path, place: Surroundings) -> Ends:
    """Return base and head as commit ids where they are named; None as `ends` does.

    Raises RepositoryError, with what to do in this CI, when a commit is not in the clone.
    """
    if change is None and place.runner is Runner.NONE:
        return None, None
    store = Store.open(directory.absolute(), state_dir())
    if change is None:
        return _of_job(store, place)
    base, head = ends(change)
    return _resolved(store, base, place), _resolved(store, head, place)


def _resolved(store: Store, revision: str | None, place: Surroundings) -> str | None:
    try:
        return None if revision is None else store.resolve(revision)
    except RepositoryError as error:
        raise RepositoryError(error.message, hint=place.remedy) from error


def _of_job(store: Store, place: Surroundings) -> Ends:
    head = store.resolve("HEAD")
    for revision in place.bases:
        base = _meets(store, revision, head)
        if base is not None:
            return base, head
    if place.bases:
        tried = one_line(", ".join(place.bases))
        raise RepositoryError(
            f"the commit that this change begins at is not in this clone (looked for {tried})",
            hint=place.remedy,
        )
    raise RepositoryError(
        "nothing in this job says where the change begins",
        hint="name it: `ratchet ci verify origin/main..HEAD`, in a clone that has both",
    )


def _meets(store: Store, revision: str, head: str) -> str | None:
    try:
        return store.merge_base(store.resolve(revision), head)
    except RepositoryError:
        return None
