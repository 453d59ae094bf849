"""The trees that a verdict compares, composed by path class."""

from dataclasses import dataclass

from agent.repo.store import Store
from agent.repo.tree import Entry
from agent.verify.path_class import PathClass, path_class
from agent.verify.test_control import changed_control


@dataclass(frozen=True, slots=True)
class Trees:
    """Tree ids; `changed` and `test_control` are paths that differ between base and candidate.

    Settings (class config) always belong to the candidate's side of a comparison: red has base's,
    every tree with candidate source has candidate's. Files that decide how tests run are the
    exception in `gated`, which is the candidate with base's version of them.
    """

    base: str
    red: str
    """Base source and settings with the candidate's tests."""
    candidate: str
    gated: str
    """The candidate with base's test-control files; equals `candidate` when none changed."""
    base_tests_on_candidate: str | None
    """Candidate source with base's tests; None when no test changed."""
    test_control: tuple[str, ...]
    changed: tuple[str, ...]
    red_as_is: str = ""
    """Red with the candidate's test-control files, to compare with the candidate as it is."""

    @property
    def changed_tests(self) -> tuple[str, ...]:
        """Return the changed files of tests and what they read, without those that decide how tests run."""
        return tuple(
            path
            for path in self.changed
            if path_class(path) is PathClass.TEST and path not in self.test_control
        )


def compose(store: Store, base_tree: str, head_tree: str) -> Trees:
    """Compose the trees of a change from its two ends."""
    changed = store.changed(base_tree, head_tree)
    control = changed_control(store, base_tree, head_tree, changed)
    tests = [path for path in changed if path_class(path) is PathClass.TEST and path not in control]
    red = _with(store, base_tree, head_tree, tests)
    gated = _with(store, head_tree, base_tree, control)
    return Trees(
        base=base_tree,
        red=red,
        candidate=head_tree,
        gated=gated,
        base_tests_on_candidate=_with(store, gated, base_tree, tests) if tests else None,
        test_control=control,
        changed=changed,
        red_as_is=_with(store, red, head_tree, list(control)),
    )


def _with(store: Store, tree: str, other: str, paths: list[str] | tuple[str, ...]) -> str:
    """Return a tree with some paths as they are in another one."""
    if not paths:
        return tree
    theirs = store.list(other)
    changes: dict[str, Entry | bytes | None] = {path: theirs.get(path) for path in paths}
    return store.write(tree, changes)
