"""The places that an answer names, and which of them do not exist."""

from pathlib import Path

import pytest

from agent.planners.llm.citations import citations
from agent.repo.store import Store
from tests.repo.project import Project


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, str]:
    folder: Path = tmp_path_factory.mktemp("cited")
    project = Project(folder / "repo", folder / "state").init()
    project.write("shop/cart.py", "one\ntwo\nthree\n")
    project.write("a-b.py", "no newline")
    project.write("empty.py", "")
    project.commit()
    store = project.store()
    return store, store.tree_of(store.resolve("HEAD"))


def faults(repository: tuple[Store, str], text: str) -> dict[str, str]:
    return {f"{one.path}:{one.line}-{one.end}": one.fault for one in citations(text, *repository)}


@pytest.mark.parametrize(
    ("text", "place", "fault"),
    [
        ("see shop/cart.py:2.", "shop/cart.py:2-2", ""),
        ("(`shop/cart.py:1-3`)", "shop/cart.py:1-3", ""),
        ("shop/cart.py:1\u20133", "shop/cart.py:1-3", ""),
        ("**a-b.py:1**", "a-b.py:1-1", ""),
        ("shop/cart.py:4", "shop/cart.py:4-4", "the file has 3 lines"),
        ("shop/cart.py:2-9", "shop/cart.py:2-9", "the file has 3 lines"),
        ("shop/cart.py:0", "shop/cart.py:0-0", "there is no such line"),
        ("shop/cart.py:3-1", "shop/cart.py:3-1", "there is no such line"),
        ("empty.py:1", "empty.py:1-1", "the file has 0 lines"),
        ("shop/basket.py:1", "shop/basket.py:1-1", "there is no such file"),
        ("cart.py:1", "cart.py:1-1", "there is no such file"),
    ],
)
def test_a_place_is_looked_up(repository: tuple[Store, str], text: str, place: str, fault: str) -> None:
    assert faults(repository, text) == {place: fault}


@pytest.mark.parametrize(
    "text", ["at 12:30", "http://example.org:80/a", "file:///shop/cart.py:2", "version 1.2:3 of it", "key: 3"]
)
def test_what_only_looks_like_a_place_is_none(repository: tuple[Store, str], text: str) -> None:
    assert [place for place in faults(repository, text) if place.startswith("shop/cart.py")] == []


def test_each_place_counts_once_in_the_order_it_is_named(repository: tuple[Store, str]) -> None:
    text = "shop/cart.py:2, a-b.py:1, shop/cart.py:2 and shop/cart.py:1"
    assert list(faults(repository, text)) == ["shop/cart.py:2-2", "a-b.py:1-1", "shop/cart.py:1-1"]


def test_a_flood_of_places_is_bounded(repository: tuple[Store, str]) -> None:
    text = " ".join(f"shop/cart.py:{line}" for line in range(1, 5000))
    assert len(citations(text, *repository)) == 200
