"""Postings by the block."""

from agent.index.code_index import CodeIndex
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
