"""From something that happens on a forge to what the team sees there, with everything real in between."""

from pathlib import Path

import pytest

from tests.e2e.conftest import CART
from tests.e2e.team import serving, team

GOOD = {**CART, "cart.py": CART["cart.py"].replace("+ discount", "- discount")}
BROKEN = {"cart.py": CART["cart.py"]}


def test_a_comment_is_answered_by_a_proven_fix(tmp_path: Path, state_dir: Path, base_root: Path) -> None:
    with team(tmp_path, state_dir, GOOD, on_pull="off") as at_work, serving(at_work):
        shop = at_work.shop
        head = shop.commit("rounding", BROKEN, "Round the discount", author="ann")
        number = shop.open_pull("rounding", author="ann", title="Round the discount")
        said = shop.comment(number, "ann", "/ratchet fix")

        at_work.until(lambda: ("github-actions[bot]", "eyes") in shop.reactions(said), "no eyes")
        at_work.until(lambda: [one for one in shop.checks(head) if one.conclusion], "the check does not end")

        (branch,) = [name for name in shop.branches() if name.startswith("ratchet/")]
        (check,) = shop.checks(head)
        assert check.conclusion == "success"
        assert "- discount" in shop.text(branch, "cart.py")
        at_work.until(lambda: branch in at_work.sticky(number), "the comment does not name the branch")
        assert "test_discount_is_taken_off" in at_work.sticky(number)
        assert shop.head(number) == head
        assert not at_work.fake.overlaps


WORKFLOW = """\
name: CI
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.11"
      - run: pip install pytest
      - name: Run tests
        run: python -m pytest -q
"""
LOG = """\
2026-11-22T10:00:00.1000000Z ##[group]Run python -m pytest -q
2026-11-22T10:00:00.1000000Z python -m pytest -q
2026-11-22T10:00:00.1000000Z ##[endgroup]
2026-11-22T10:00:01.1000000Z .F.                                                                      [100%]
2026-11-22T10:00:01.1000000Z E       assert 18 == 12
2026-11-22T10:00:01.1000000Z =========================== short test summary info ============================
2026-11-22T10:00:01.1000000Z FAILED test_cart.py::test_discount_is_taken_off - assert 18 == 12
2026-11-22T10:00:01.1000000Z 1 failed, 2 passed in 0.02s
2026-11-22T10:00:01.2000000Z ##[error]Process completed with exit code 1.
"""


@pytest.mark.long
def test_a_red_run_is_reproduced_and_turned_green(tmp_path: Path, state_dir: Path, base_root: Path) -> None:
    files = {**GOOD, ".github/workflows/ci.yml": WORKFLOW}
    with team(tmp_path, state_dir, files, on_pull="off") as at_work, serving(at_work):
        shop = at_work.shop
        head = shop.commit("rounding", BROKEN, "Round the discount", author="ann")
        number = shop.open_pull("rounding", author="ann")
        shop.fail_run(".github/workflows/ci.yml", "test", "Run tests", LOG, head, actor="ann")

        at_work.until(lambda: [one for one in shop.checks(head) if one.conclusion], "the check does not end")

        (branch,) = [name for name in shop.branches() if name.startswith("ratchet/")]
        assert [one.conclusion for one in shop.checks(head)] == ["success"]
        assert "- discount" in shop.text(branch, "cart.py")
        at_work.until(lambda: branch in at_work.sticky(number), "the comment does not name the branch")
