"""A verification in a real sandbox puts what a change broke at its line in the editor."""

from pathlib import Path

import pytest

from agent.client import registration
from tests.client.conftest import end
from tests.e2e.conftest import CART, new_repository, share_caches
from tests.lsp.attached import attached
from tests.lsp.told import FAILING, PUSHES, WRONG, published

BROKEN = CART["cart.py"].replace("return len(prices)", "raise LookupError")


@pytest.mark.long
def test_what_a_change_broke_is_shown_where_it_fails(
    tmp_path: Path, state_dir: Path, base_root: Path
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    share_caches(state_dir, state)
    (tmp_path / "cart").mkdir()
    cart = new_repository(tmp_path / "cart", CART)
    cart.write({"cart.py": BROKEN})
    try:
        with attached(state, cart.path, capabilities=PUSHES, sandbox="bubblewrap") as editor:
            uri = editor.open("cart.py")
            task_id = editor.command("verify", uri=uri)["task"]
            editor.open("test_cart.py")
            (broken,) = published(editor, "cart.py", bool)
            assert (broken["code"], broken["range"]["start"]["line"]) == ("broken-by-change", 8)
            assert broken["data"] == {"task": task_id, "tests": ["test_cart.py::test_count"]}
            assert "LookupError" in broken["message"]
            (failing,) = published(editor, "test_cart.py", bool)
            assert (failing["code"], failing["data"]["tests"]) == ("failing-test", [FAILING])
            assert failing["range"]["start"]["line"] == WRONG + 3
    finally:
        written = registration.read(state)
        if written is not None:
            end(written.pid)
