"""The planner on small real repositories: it finds, confirms, explains, and stops when it must."""

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import pytest

from agent.planners.planner import Exhausted, Problem
from agent.planners.search.search_planner import SearchPlanner
from agent.protocol.check import RunEnd, TestStatus
from agent.protocol.progress import Progress
from agent.protocol.proposal import Proposal
from agent.verify.run_on import run_on
from tests.planners.bench import Bench
from tests.verify.lab import PYTEST

Files = Mapping[str, str | bytes]

NO_PASSING_TEST: Files = {
    "queue_of.py": """\
class Queue:
    def __init__(self):
        self.items = []

    def put(self, item):
        self.items.append(item)

    def take(self):
        return self.items.pop()
""",
    "test_queue.py": """\
from queue_of import Queue


def test_first_in_first_out():
    queue = Queue()
    for item in (1, 2, 3):
        queue.put(item)
    assert [queue.take(), queue.take(), queue.take()] == [1, 2, 3]
""",
}
HANGING: Files = {
    "steps.py": """\
def halvings(number):
    count = 0
    while number > 0:
        if number == 1:
            return count
        number = number - number // 3
        count += 1
    return count


def double(number):
    return number * 2
""",
    "test_steps.py": """\
from steps import double, halvings


def test_double():
    assert double(3) == 6


def test_halvings():
    assert [halvings(n) for n in (1, 2, 4, 8, 9)] == [0, 1, 2, 3, 3]
""",
}
TWO_FILES: Files = {
    "shop/__init__.py": "",
    "shop/price.py": """\
def net(price, discount):
    if discount > 50:
        raise ValueError(discount)
    return price * (100 - discount) // 100
""",
    "shop/cart.py": """\
from shop.price import net


class Cart:
    def __init__(self):
        self.lines = []

    def add(self, name, price, discount=0):
        self.lines.append((name, price, discount))

    def total(self):
        return sum(net(price, discount) for name, price, discount in self.lines)
""",
    "tests/test_cart.py": """\
import pytest

from shop.cart import Cart


def test_total():
    cart = Cart()
    cart.add("tea", 200)
    cart.add("cup", 100, 20)
    assert cart.total() == 280


def test_half_price_is_allowed():
    cart = Cart()
    cart.add("cup", 100, 50)
    assert cart.total() == 50


def test_fifty_percent_is_the_limit():
    cart = Cart()
    cart.add("cup", 100, 51)
    with pytest.raises(ValueError):
        cart.total()


def test_a_cart_may_be_empty():
    assert Cart().total() == 0
""",
    "conftest.py": "",
}
OFF_BY_ONE: Files = {**TWO_FILES, "shop/price.py": str(TWO_FILES["shop/price.py"]).replace("> 50", ">= 50")}
ASYNC_AND_MODULE: Files = {
    "late.py": """\
import asyncio

RETRIES = 0


async def fetch(source):
    for attempt in range(RETRIES):
        value = source()
        if value is not None:
            return value
        await asyncio.sleep(0)
    return None
""",
    "test_late.py": """\
import asyncio

from late import fetch


def test_a_value_is_fetched():
    assert asyncio.run(fetch(lambda: 7)) == 7
""",
}
WINDOWS: Files = {
    "low.py": b"def low(items):\r\n\tbest = items[0]\r\n\tfor item in items:\r\n\t\tif item > best:\r\n"
    b"\t\t\tbest = item\r\n\treturn best\r\n",
    "test_low.py": "from low import low\n\ndef test_low(): assert low([3, 1, 2]) == 1\n\n"
    "def test_one(): assert low([3]) == 3\n",
}
FIXABLE = {
    "no passing test": (NO_PASSING_TEST, "queue_of.py"),
    "hanging test": (HANGING, "steps.py"),
    "two suspicious files": (OFF_BY_ONE, "shop/price.py"),
    "module-level code": (ASYNC_AND_MODULE, "late.py"),
    "windows line ends": (WINDOWS, "low.py"),
}
QUICK = ("two suspicious files",)


def solve(problem: Problem) -> Proposal | Exhausted:
    planner = SearchPlanner()
    return planner.propose(problem, planner.localize(problem), 0)


def outcomes(problem: Problem, proposal: Proposal) -> set[TestStatus]:
    """Run all tests on the proposed tree, without the planner."""
    tree = problem.store.apply(problem.tree, proposal.edits)
    run = run_on(problem.workbench, tree, PYTEST, seconds=60, test_seconds=5)
    assert run.end is RunEnd.COMPLETE
    return {test.status for test in run.tests}


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=() if one in QUICK else pytest.mark.long) for one in FIXABLE]
)
def test_a_small_fault_is_repaired(bench: Bench, name: str) -> None:
    files, path = FIXABLE[name]
    heard: list[Progress] = []
    with bench.problem(files, test_seconds=1, seconds=120) as problem:
        assert problem.failing
        found = solve(replace(problem, on_progress=heard.append))
        assert isinstance(found, Proposal), found
        assert {edit.path for edit in found.edits} == {path}
        assert path in found.rationale
        assert outcomes(problem, found) == {TestStatus.PASSED}
        assert found.effort.candidates > 0 and found.effort.seconds > 0
    searching = [one for one in heard if one.phase == "search"]
    assert searching and searching[-1].candidates and searching[-1].seconds_left is not None


def test_the_fault_is_ranked_above_code_that_other_tests_prove(bench: Bench) -> None:
    with bench.problem(OFF_BY_ONE) as problem:
        suspects = SearchPlanner().localize(problem)
        assert (suspects[0].path, suspects[0].symbol) == ("shop/price.py", "net")
        assert all(one.score >= other.score for one, other in pairwise(suspects))
        assert not [one for one in suspects if one.path.startswith("tests/")]
        assert all(one.reason for one in suspects)


def test_a_refused_proposal_leads_to_another_one(bench: Bench) -> None:
    with bench.problem(OFF_BY_ONE) as problem:
        planner = SearchPlanner()
        suspects = planner.localize(problem)
        seen = []
        cursor = 0
        for _ in range(2):
            found = planner.propose(problem, suspects, cursor)
            assert isinstance(found, Proposal), found
            seen.append(found.edits)
            cursor = found.cursor
        assert seen[0] != seen[1]


def test_what_cannot_be_repaired_is_given_up_with_a_reason(bench: Bench) -> None:
    files = {
        "one.py": "VALUE = 1\n",
        "test_one.py": "from one import VALUE\n\ndef test(): assert VALUE == 8**9\n",
    }
    with bench.problem(files, seconds=20) as problem:
        found = solve(problem)
        assert isinstance(found, Exhausted)
        assert found.reason and found.candidates > 0


def test_the_deadline_ends_a_search_as_timed_out(bench: Bench) -> None:
    with bench.problem(HANGING, test_seconds=1) as problem:
        planner = SearchPlanner()
        suspects = planner.localize(problem)
        found = planner.propose(replace(problem, deadline=time.monotonic() + 0.1), suspects, 0)
        assert isinstance(found, Exhausted) and found.timed_out


def test_cancel_ends_a_search(bench: Bench) -> None:
    stop = threading.Event()
    heard: list[Progress] = []

    def listen(progress: Progress) -> None:
        heard.append(progress)
        if progress.phase == "search":
            stop.set()

    with bench.problem(
        {**HANGING, "test_steps.py": str(HANGING["test_steps.py"]) + "    assert 0\n"}
    ) as problem:
        found = solve(replace(problem, cancel=stop, on_progress=listen))
        assert isinstance(found, Exhausted) and "cancelled" in found.reason
        assert heard[0].phase == "localize"


def test_no_suspect_means_nothing_to_search(bench: Bench) -> None:
    with bench.problem(WINDOWS) as problem:
        found = SearchPlanner().propose(problem, (), 0)
        assert isinstance(found, Exhausted) and "suspicion" in found.reason
