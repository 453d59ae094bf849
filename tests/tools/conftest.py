"""Desks to call tools on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tools.table import SHOP, Table, bench_of, lay
from tests.verify.lab import Lab, any_backend, runner_environment

Laid = Callable[..., Table]


@pytest.fixture(scope="session")
def lab(state_dir: Path) -> Lab:
    """Return a lab with the pytest that most repositories have."""
    return Lab(any_backend(state_dir), runner_environment(state_dir, ("pytest==8.4.2",)))


@pytest.fixture
def lay_out(tmp_path: Path) -> Iterator[Laid]:
    """Return a maker of desks, one a test."""
    opened = []

    def make(files: dict[str, str | bytes]) -> Table:
        table, index = lay(tmp_path, files)
        opened.append(index)
        return table

    yield make
    for index in opened:
        index.close()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    """Yield the shop as it was committed; a desk never changes, so that one is enough for all tests."""
    table, index = lay(tmp_path_factory.mktemp("shop"), SHOP)
    yield table
    index.close()


@pytest.fixture
def table(shop: Table) -> Table:
    """Return the shop, where nothing can be run."""
    return Table(replace(shop.desk, cancel=threading.Event()), shop.store)


@pytest.fixture
def working(table: Table, lab: Lab) -> Iterator[Table]:
    """Yield the shop with a sandbox to run it in."""
    bench = bench_of(table.store, lab)
    with closing(bench.workbench):
        table.desk = replace(table.desk, bench=bench)
        yield table
