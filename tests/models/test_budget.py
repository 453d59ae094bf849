"""Budgets: held by all tasks and processes together, whatever an endpoint says about its tokens."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.models.budget import Account, Bound, Budget, accounts_of
from agent.models.faults import FaultKind, ModelFault
from agent.models.ledger import FILE
from agent.protocol.limits import TaskLimits
from tests.models.spending import TASKS, spend

_HOLD = """
import sys
from pathlib import Path
from agent.models.budget import Account, Bound, Budget, accounts_of
from agent.models.faults import ModelFault
budget = Budget(Path(sys.argv[1]), [Account("task:1", Bound(tokens=1000))])
made = 0
try:
    while True:
        budget.hold(10, 0.0)
        made += 1
except ModelFault:
    print(made)
"""
_DIE = """
import os, sys
from pathlib import Path
from agent.models.budget import Account, Budget
Budget(Path(sys.argv[1]), [Account("task:1")]).hold(700, 0.5)
os.kill(os.getpid(), 9)
"""


def test_a_task_overspends_by_one_request_at_most_whatever_the_meter_says(tmp_path: Path) -> None:
    with ThreadPoolExecutor(TASKS) as pool:
        tasks = list(pool.map(lambda n: spend(n, tmp_path, 0.004), range(TASKS)))
    for one in tasks:
        print(one.line())
        assert one.calls > 1
        assert one.overspent <= one.dearest
    worst = max(one.overspent / one.dearest for one in tasks)
    print(f"{TASKS} tasks, most overspent: {worst:.2f} requests")


def test_processes_share_an_account(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLD, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    made = [int(one.communicate()[0]) for one in running]
    assert sum(made) == 100


def test_many_tasks_can_be_the_first_to_spend(tmp_path: Path) -> None:
    for number in range(12):
        # Each makes the journal another, for which SQLite does not always wait.
        with ThreadPoolExecutor(12) as threads:
            budgets = list(threads.map(lambda _, place=tmp_path / f"{number}": Budget(place, []), range(12)))
        for budget in budgets:
            budget.close()


def test_a_hold_of_a_killed_process_counts_in_full(tmp_path: Path) -> None:
    died = subprocess.run([sys.executable, "-c", _DIE, str(tmp_path)], check=False)
    assert died.returncode == -9
    budget = Budget(tmp_path, [Account("task:1", Bound(tokens=1000))])
    assert budget.spent()["task:1"].tokens == 700
    with pytest.raises(ModelFault, match="1000 tokens"):
        budget.hold(400, 0.0)
    budget.close()


def test_sub_tasks_share_the_account_of_their_parent(tmp_path: Path) -> None:
    parent = Account("task:parent", Bound(cost_usd=1.0))
    one, two = (Budget(tmp_path, [parent, Account(f"task:{name}")]) for name in ("one", "two"))
    one.settle(one.hold(10, 0.6), 10, 0.6)
    with pytest.raises(ModelFault) as raised:
        two.hold(10, 0.6)
    assert raised.value.kind is FaultKind.BUDGET
    # What one account refuses is counted in none.
    assert two.spent()["task:two"].calls == 0
    one.close()
    two.close()


def test_a_task_has_an_account_of_its_own_and_shares_that_of_the_day() -> None:
    task, day = accounts_of("1", TaskLimits(cost_usd=0.2, model_calls=9, tokens_per_day=1000))
    assert (task.key(), task.bound) == ("task:1", Bound(0.2, None, 9))
    assert (day.daily, day.bound) == (True, Bound(None, 1000, None))


def test_a_hold_is_settled_once(tmp_path: Path) -> None:
    budget = Budget(tmp_path, [Account("task:1")])
    number = budget.hold(100, 1.0)
    budget.settle(number, 10, 0.1)
    budget.settle(number, 90, 0.9)
    assert budget.spent()["task:1"].tokens == 10
    assert budget.spent()["task:1"].cost_usd == pytest.approx(0.1)
    budget.close()


def test_a_ledger_that_cannot_be_used_stops_calls_and_says_where_it_is(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database" * 100)
    with pytest.raises(ModelFault, match="cannot be written down") as raised:
        Budget(tmp_path, [Account("task:1")])
    assert FILE in raised.value.hint


def test_old_accounts_are_forgotten(tmp_path: Path) -> None:
    budget = Budget(tmp_path, [Account("task:old")])
    budget.settle(budget.hold(10, 0.1), 10, 0.1)
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("UPDATE accounts SET touched = 0")
    database.close()
    new = Budget(tmp_path, [Account("task:new")])
    assert budget.spent()["task:old"].tokens == 0
    budget.close()
    new.close()
