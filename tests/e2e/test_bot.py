"""From something that happens on a forge to what the team sees there, with everything real in between."""

from pathlib import Path

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
