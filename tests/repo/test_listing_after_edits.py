"""What a store says of a tree that it has just made is what git says of it."""

from pathlib import Path

from agent.protocol.edit import Create, Delete, Splice
from agent.repo.tree import list_tree
from tests.repo.project import Project


def test_the_listing_of_an_edited_tree_is_the_one_of_git_in_its_order(tmp_path: Path) -> None:
    project = Project(tmp_path / "repo", tmp_path / "state").init()
    for path in ("b.py", "a/x.py", "a.py", "ä.py", "gone.py"):
        project.write(path, "x = 1\n")
    commit = project.commit()
    store = project.store()
    tree = store.tree_of(store.resolve(commit))
    edits = (
        Splice(path="b.py", start=4, old=b"1", new=b"2"),
        Create(path="a/new.py", content=b"y\n", executable=True),
        Create(path="z/deep/er.py", content=b""),
        Delete(path="gone.py", old=b"x = 1\n"),
    )
    made = store.apply(tree, edits)
    assert list(store.list(made).items()) == list(list_tree(store.objects.ours, made).items())
