"""A review's findings: noted with what the harness saw of their tests, at places that exist."""

from dataclasses import replace

import pytest

from agent.tools.toolbox import toolbox
from tests.tools.table import CART, Table

BROKEN = "        return sum(price * count for price, count in self.items) or None\n"
OLD = "        return sum(price for price, count in self.items)\n"
PROOF = "from shop.cart import Cart\n\ndef test_it():\n    assert Cart().total() == 0\n"
PLACE = {"path": "shop/cart.py", "line": 15, "title": "an empty cart costs None"}


@pytest.fixture
def review(working: Table) -> Table:
    """Return a change that breaks something, as it is reviewed."""
    working.write({"shop/cart.py": CART.replace(OLD, BROKEN)})
    working.desk = replace(working.desk, writable=False, reviewing=True)
    return working


def test_a_finding_whose_test_fails_on_the_change_alone_is_proven(review: Table) -> None:
    finding = review.call("finding", **PLACE, test=PROOF, severity="error").finding
    assert finding is not None
    assert (finding.proven, finding.severity, finding.test) == (True, "error", PROOF)
    assert "passes on the base and fails on the change" in finding.evidence


def test_what_no_test_shows_is_noted_as_unproven(review: Table) -> None:
    without = review.call("finding", **PLACE).finding
    wrong = review.call("finding", **PLACE, test=PROOF.replace("== 0", "is None")).finding
    assert without is not None and wrong is not None
    assert (without.proven, without.evidence) == (False, "no test was given")
    assert not wrong.proven
    assert wrong.evidence.startswith("not proven")


def test_a_place_that_does_not_exist_is_refused(review: Table) -> None:
    for place in ({"path": "shop/none.py"}, {"line": 999}, {"path": "../x.py"}, {"folder": ".git/hooks"}):
        outcome = review.call("finding", **{**PLACE, **place})
        assert outcome.refused, place
        assert outcome.finding is None


def test_where_nothing_can_be_run_findings_stay_unproven(table: Table) -> None:
    table.desk = replace(table.desk, writable=False, reviewing=True)
    outcome = table.call("finding", **PLACE, test=PROOF)
    assert not outcome.refused, outcome.text
    finding = outcome.finding
    assert finding is not None
    assert (finding.proven, finding.evidence) == (False, "nothing can be run in this task")


def test_only_a_review_has_findings(table: Table) -> None:
    assert "finding" not in {tool.name for tool in toolbox(table.desk)}
