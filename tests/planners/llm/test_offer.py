"""A working tree as a proposal: its edits make the same tree of the base, byte for byte and mode for mode."""

import random
from pathlib import Path

import pytest

from agent.planners.llm.offer import edits_between, offer
from agent.protocol.edit import Create, Delete, Splice
from agent.repo.store import Store
from agent.repo.tree import EXECUTABLE, Entry
from tests.repo.project import Project

FILES = {
    "a.py": b"one\ntwo\nthree\n",
    "crlf.txt": b"a\r\nb\r\n",
    "empty": b"",
    "latin": b"caf\xe9 \x00\xff\n",
    "pkg/b.py": b"x = 1\n" * 50,
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, str]:
    folder: Path = tmp_path_factory.mktemp("offer")
    project = Project(folder / "repo", folder / "state").init()
    for path, content in FILES.items():
        project.write(path, content)
    project.commit()
    store = project.store()
    return store, store.tree_of(store.resolve("HEAD"))


@pytest.mark.parametrize(
    "changes",
    [
        {"a.py": b"one\n2\nthree\n"},
        {"a.py": b""},
        {"a.py": b"one\ntwo\nthree\none\ntwo\nthree\n"},
        {"a.py": b"oneone\ntwo\nthree\n"},
        {"crlf.txt": b"a\r\nb\n"},
        {"empty": b"\n"},
        {"latin": b"caf\xe8 \x00\xff\n"},
        {"pkg/b.py": b"x = 1\n" * 49},
        {"pkg/b.py": None, "pkg/c.py": b"x = 1\n"},
        {"new/deep/file.py": b"", "a.py": None},
        {},
    ],
)
def test_the_edits_make_the_tree_of_the_base(
    base: tuple[Store, str], changes: dict[str, bytes | None]
) -> None:
    store, before = base
    after = store.write(before, changes)
    assert store.apply(before, edits_between(store, before, after)) == after


def test_random_changes_come_back_byte_for_byte(base: tuple[Store, str]) -> None:
    store, before = base
    chance = random.Random(5)
    for _ in range(20):
        old = FILES["pkg/b.py"]
        start, end = sorted(chance.choices(range(len(old)), k=2))
        new = old[:start] + bytes(chance.choices(b"x =1\n", k=chance.randrange(9))) + old[end:]
        after = store.write(before, {"pkg/b.py": new})
        assert store.apply(before, edits_between(store, before, after)) == after


def test_a_new_script_stays_executable(base: tuple[Store, str]) -> None:
    store, before = base
    entry = Entry(EXECUTABLE, store.keep(b"#!/bin/sh\n"))
    after = store.write(before, {"run.sh": entry})
    (edit,) = edits_between(store, before, after)
    assert edit == Create(path="run.sh", content=b"#!/bin/sh\n", executable=True)
    assert store.apply(before, [edit]) == after


def test_a_change_is_one_splice_that_holds_only_what_differs(base: tuple[Store, str]) -> None:
    store, before = base
    after = store.write(before, {"a.py": b"one\n2\nthree\n", "empty": None})
    assert edits_between(store, before, after) == (
        Splice(path="a.py", start=4, old=b"two", new=b"2"),
        Delete(path="empty", old=b""),
    )


def test_a_proposal_says_who_made_it_and_why_in_a_line(base: tuple[Store, str]) -> None:
    store, before = base
    after = store.write(before, {"a.py": b""})
    made = offer(store, before, after, planner="cheap", said="It was\n\n  too long. " + "x" * 900)
    assert made.planner == "cheap"
    assert made.rationale.startswith("It was too long. xxx")
    assert len(made.rationale) <= 600
