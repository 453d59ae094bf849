"""A small repository on a desk: its index, its store and, when wanted, a sandbox to run it in."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.index.code_index import CodeIndex
from agent.index.search.hybrid import Search
from agent.protocol.check import Check
from agent.protocol.limits import TaskLimits
from agent.repo.store import Store
from agent.tools.calling import call, call_all
from agent.tools.tool import Bench, Desk, Outcome
from agent.tools.toolbox import toolbox
from agent.verify.workbench import Workbench
from sandboxes.sandbox import Limits
from tests.repo.project import Project
from tests.verify.lab import PYTEST, Lab

CART = """\
\"\"\"A cart.\"\"\"


class Cart:
    \"\"\"Holds items.\"\"\"

    def __init__(self):
        self.items = []

    def add(self, price, count=1):
        self.items.append((price, count))

    def total(self):
        # the total of all items
        return sum(price for price, count in self.items)
"""
TAX = """\
from shop.cart import Cart

RATE = 0.2


def gross(cart: Cart) -> float:
    return cart.total() * (1 + RATE)
"""
TESTS = """\
from shop.cart import Cart


def test_total_counts_every_item():
    cart = Cart()
    cart.add(2, 3)
    assert cart.total() == 6


def test_an_empty_cart_costs_nothing():
    assert Cart().total() == 0
"""
SHOP = {
    "shop/__init__.py": "",
    "shop/cart.py": CART,
    "shop/tax.py": TAX,
    "tests/test_cart.py": TESTS,
    "README.md": "# Shop\n\nA small shop.\n",
}


@dataclass(frozen=True)
class Asked:
    """A tool call as a model makes it."""

    name: str
    arguments: str
    id: str = "1"


def asked(name: str, /, **arguments: Any) -> Asked:
    """Return a call."""
    return Asked(name, json.dumps(arguments))


@dataclass
class Table:
    """A desk whose tree moves on with each call that changes it."""

    desk: Desk
    store: Store

    def call(self, name: str, /, **arguments: Any) -> Outcome:
        """Make one call."""
        outcome = call(toolbox(self.desk), self.desk, asked(name, **arguments))
        if outcome.tree:
            self.desk = replace(self.desk, tree=outcome.tree)
        return outcome

    def calls(self, *calls: Asked) -> Sequence[Outcome]:
        """Make several calls of one answer."""
        done, self.desk = call_all(toolbox(self.desk), self.desk, calls)
        return [one.outcome for one in done]

    def text(self, path: str) -> str:
        """Return a file of the working tree."""
        return self.store.read(self.desk.tree, path).decode()

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Change the working tree as earlier edits would have."""
        changes = {path: new.encode() if isinstance(new, str) else new for path, new in files.items()}
        self.desk = replace(self.desk, tree=self.store.write(self.desk.tree, changes))


def lay(folder: Path, files: Mapping[str, str | bytes]) -> tuple[Table, CodeIndex]:
    """Commit files, index the commit, and put both on a desk that may write."""
    project = Project(folder / "repo", folder / "state").init()
    for path, content in files.items():
        project.write(path, content)
    commit = project.commit()
    store = project.store()
    tree = store.tree_of(store.resolve(commit))
    index = CodeIndex(store)
    view = index.view(commit)
    desk = Desk(store=store, base=tree, tree=tree, view=view, search=Search(view), writable=True)
    return Table(desk, store), index


def bench_of(
    store: Store, lab: Lab, *checks: Check, seconds: float = 120, limits: Limits | None = None
) -> Bench:
    """Return a bench of a lab; close its workbench."""
    workbench = Workbench(store, lab.backend, lab.environment, limits or Limits(), task_id="tools")
    return Bench(workbench, checks or (PYTEST,), (), TaskLimits(test_seconds=10), time.monotonic() + seconds)
