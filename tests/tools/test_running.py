"""What runs code runs it in a sandbox, on the working tree, and leaves nothing behind."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from agent.protocol.errors import Interrupted
from agent.tools.calling import call
from agent.tools.prove import prove
from agent.tools.toolbox import toolbox
from sandboxes.sandbox import MIB, Limits
from tests.tools.table import Table, asked, bench_of
from tests.tools.test_edit import FIX, block
from tests.verify.lab import Lab

TEST = "tests/test_cart.py"


def test_a_command_runs_on_the_working_tree_and_says_how_it_ended(working: Table) -> None:
    working.call("edit", edits=block("new.txt", "", "made by an edit\n"))
    outcome = working.call("run", command="cat new.txt; echo trouble >&2; ls -a; exit 3")
    assert outcome.text.startswith("exit status 3, ")
    assert "made by an edit" in outcome.text
    assert 'source="stderr">\ntrouble\n' in outcome.text
    assert ".git\n" not in outcome.text


def test_what_a_command_writes_is_gone_with_its_sandbox(working: Table) -> None:
    before = working.desk.tree
    working.call("run", command="echo x > made.txt; rm README.md; mkdir -p .git/hooks")
    assert working.desk.tree == before
    assert working.call("run", command="ls").text.count("README.md") == 1
    assert not (working.store.root / "made.txt").exists()


def test_a_command_has_no_network_and_no_environment_of_ours(
    working: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATCHET_TEST_KEY", "canary-4711")
    found = working.call("run", command="env; cat /proc/*/environ | tr '\\0' '\\n'; cat /proc/net/dev").text
    assert "canary-4711" not in found
    assert "eth0" not in found


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("sleep 60", "timeout: It was ended"),
        ("python -c 'x = bytearray(1 << 30)'; exit 7", ""),
        ("kill -9 $$", "ended by signal 9"),
        ("no-such-program", "exit status 127"),
        ("exit 0 # \u202e", "exit status 0"),
    ],
)
def test_every_end_of_a_command_is_told_apart(table: Table, lab: Lab, command: str, said: str) -> None:
    bench = bench_of(table.store, lab, limits=Limits(memory=256 * MIB))
    with closing(bench.workbench):
        table.desk = replace(table.desk, bench=bench)
        outcome = table.call("run", command=command, seconds=4 if "sleep" in command else 60)
    assert not outcome.refused
    # Where memory cannot be bounded, the sandbox says so, and Python's own error is the end.
    assert outcome.text.startswith(said or ("out_of_memory: It was ended", "exit status 7"))


def test_a_command_ends_with_the_time_of_the_task(table: Table, lab: Lab) -> None:
    bench = bench_of(table.store, lab, seconds=0)
    with closing(bench.workbench):
        table.desk = replace(table.desk, bench=bench)
        assert table.call("run", command="sleep 50", seconds=50).text.startswith("timeout")


def test_cancelling_ends_what_runs(working: Table) -> None:
    threading.Timer(1.0, working.desk.cancel.set).start()
    began = time.monotonic()
    with pytest.raises(Interrupted):
        call(toolbox(working.desk), working.desk, asked("run", command="sleep 300", seconds=300))
    assert time.monotonic() - began < 200


def test_the_verdict_comes_back_as_data(working: Table) -> None:
    red = working.call("verify", tests=[TEST]).text
    assert red.startswith("scope target: still failing 1; passed 1")
    assert "assert 2 == 6" in red
    working.call("edit", edits=FIX)
    assert working.call("verify").text.startswith("scope impacted: fixed 1; passed 1")
    broken = block("shop/cart.py", "        self.items = []\n", "        self.items = [(1, 1)]\n")
    working.call("edit", edits=broken)
    found = working.call("verify", scope="full").text
    assert "broken 1" in found
    assert f"broken: {TEST}::test_an_empty_cart_costs_nothing" in found


def test_without_a_change_there_is_nothing_to_compare(working: Table) -> None:
    assert working.call("verify").refused


def test_the_targets_of_the_task_are_what_verify_runs(working: Table) -> None:
    working.desk = replace(working.desk, target=(f"{TEST}::test_total_counts_every_item",))
    working.call("edit", edits=FIX)
    assert working.call("verify").text.startswith("scope target: fixed 1; passed 0")


def test_a_new_complaint_is_told_from_those_of_the_base(working: Table) -> None:
    assert working.call("diagnostics").refused
    working.write({"shop/old.py": "import shop.tax\n\nshop.tax.RATES\n"})
    working.desk = replace(working.desk, base=working.desk.tree)
    changed = "import shop.tax\n\nNEW: int = 'x'\nshop.tax.RATES\n"
    working.write({"shop/old.py": changed, "shop/bad.py": "def f(:\n"})
    found = working.call("diagnostics").text
    assert found.startswith("Checked with: compile, ty.")
    new, _, old = found.partition("In the base, too:")
    assert "shop/old.py:3: ty: " in new
    assert "shop/bad.py:1: compile: " in new
    assert "shop/old.py:4: ty: " in old
    assert "old.py:4" not in new


def test_diagnostics_of_a_file_that_is_none_are_refused(working: Table) -> None:
    assert working.call("diagnostics", paths=["README.md"]).refused
    assert working.call("diagnostics", paths=["../x.py"]).refused
    assert working.call("diagnostics", paths=["./shop/cart.py"]).text.endswith("No complaint.")


REVIEWED = "        return sum(price * count for price, count in self.items) or None\n"
PROOF = "from shop.cart import Cart\n\ndef test_it():\n    assert Cart().total() == 0\n"


@pytest.fixture
def review(working: Table) -> Iterator[Table]:
    """Yield a change that fixes one thing and breaks another, as it is reviewed."""
    old = "        return sum(price for price, count in self.items)\n"
    working.call("edit", edits=block("shop/cart.py", old, REVIEWED))
    working.desk = replace(working.desk, writable=False, reviewing=True)
    yield working


@pytest.mark.parametrize(
    ("source", "is_proven"),
    [
        (PROOF, True),
        (PROOF.replace("== 0", "+ 1 == 1"), False),
        (PROOF.replace("== 0", "is None"), False),
        (PROOF.replace("assert", "assert 1 == 2 or"), True),
        ("from shop.cart import Nothing\n\ndef test_it(): pass\n", False),
        ("def test_it(:\n", False),
        ("x = 1\n", False),
        ("def test_it():\n    assert False\n", False),
        (
            "import os, shop.cart\n\ndef test_it():\n    shop.cart.Cart().total() is None and os._exit(0)\n",
            True,
        ),
    ],
)
def test_a_finding_is_proven_by_a_test_that_fails_on_the_change_for_a_reason(
    review: Table, source: str, is_proven: bool
) -> None:
    proof = prove(review.desk, source)
    assert bool(proof.proven) == is_proven, (proof.evidence, proof.head, proof.base)
    assert proof.evidence.startswith("not proven") != is_proven


def test_a_proof_is_in_neither_tree_afterwards_and_stays_inside(review: Table) -> None:
    before = review.desk
    outcome = review.call("prove", source=PROOF, folder="tests")
    assert outcome.text.startswith("PROVEN. ")
    assert review.desk == before
    for folder in ("../x", ".git/hooks", "/tmp/x", "shop/cart.py", "a/../b", "a\\b"):
        assert review.call("prove", source=PROOF, folder=folder).refused


def test_a_review_can_read_and_prove_but_not_write(review: Table) -> None:
    names = {tool.name for tool in toolbox(review.desk)}
    assert "prove" in names
    assert not names & {"edit", "run", "verify", "diagnostics"}
