"""Postings by the block."""

import sqlite3

import pytest

from agent.index.code_index import CodeIndex
from agent.index.errors import IndexDamaged
from agent.repo.store import Store


def test_postings_are_found_after_another_process_has_merged_their_packs(project):
    for number in range(20):
        project.write({f"m{number}.py": f"def step{number}(): return shared\n"})
        project.view()
    view = project.view()
    first = view.posting("shared")
    assert len(first.files) == 20
    with CodeIndex(Store.open(project.root, project.state)) as other:
        other.collect()
    assert sorted(view.posting("shared").files) == sorted(first.files)
    assert len(view.posting("step7").files) == 1
    assert not view.posting("nowhere").files


def test_postings_that_are_listed_and_not_there_are_damage(project):
    project.commit({"a.py": "def step(): return shared\n"})
    view = project.view()
    with sqlite3.connect(project.open().file) as other:
        # What is left of an index of SQLite's whose table has lost a row.
        other.execute("ALTER TABLE term RENAME TO whole")
        other.execute("CREATE TABLE term AS SELECT row, pack, first, keys, postings FROM whole")
        other.execute("CREATE TABLE lost AS SELECT * FROM term")
        other.execute("DROP TABLE term")
        other.execute(
            "CREATE VIEW term AS SELECT abs(random()) + 9 AS row, pack, first, keys, postings FROM lost"
        )
    with pytest.raises(IndexDamaged, match="missing"):
        view.posting("shared")
