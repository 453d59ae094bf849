"""A fix by a real daemon, put into a buffer in which somebody types, by a server in its own process."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.client import registration
from tests.client.conftest import end
from tests.daemon.daemon_process import PATIENCE, until
from tests.e2e.conftest import CART, Repository, new_repository, share_caches
from tests.e2e.test_daemon_fix import Daemon
from tests.lsp.desk import NVIM, At, Desk
from tests.lsp.editor import Editor


@dataclass(frozen=True)
class Fixed:
    """A repository with a finished fix."""

    daemon: Daemon
    cart: Repository
    task: str
    verified: str
    """What the fix makes of cart.py."""


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory, state_dir: Path, base_root: Path) -> Iterator[Fixed]:
    """Return a repository in which a test was fixed, on a branch that is not checked out."""
    state = tmp_path_factory.mktemp("daemon")
    share_caches(state_dir, state)
    daemon = Daemon(state)
    cart = new_repository(tmp_path_factory.mktemp("cart"), CART)
    report = daemon.ratchet.json("fix", "-C", str(cart.path))
    assert report["outcome"] == "verified", report
    verified = cart.git("show", f"{report['branch']}:cart.py") + "\n"
    yield Fixed(daemon, cart, str(report["task_id"]), verified)
    written = registration.read(state)
    if written is not None:
        end(written.pid)


def apply(editor: Editor, desk: Desk, task: str) -> str:
    """Order a patch to be applied, and return the last thing that the server said about it."""
    order = {"command": "ratchet.apply", "arguments": [{"task": task}]}
    assert editor.ask("workspace/executeCommand", **order)["result"] == {"task": task}
    while not (said := desk.hear(editor.hear(lambda one: "method" in one))):
        pass
    return said


@pytest.mark.long
def test_a_proven_fix_joins_what_was_typed_and_the_merge_is_proven_on_request(fixed: Fixed) -> None:
    with Editor(environ=fixed.daemon.ratchet.environ) as editor:
        editor.initialize(**NVIM)
        desk = Desk(editor.send, fixed.cart.path, tells_late=True)
        desk.open("cart.py")
        desk.type("cart.py", At(8, 22), At(8, 22), "  # counts 漢")
        desk.answers = ["Verify now"]

        said = apply(editor, desk, fixed.task)

        assert "unverified: cart.py has other changes, too" in said
        typed = "return len(prices)  # counts 漢\n"
        assert desk.text("cart.py") == fixed.verified.replace("return len(prices)\n", typed) != fixed.verified
        assert (fixed.cart.path / "cart.py").read_text() == CART["cart.py"]
        judged = fixed.daemon.tasks("watch", judge(fixed.daemon))
        assert judged["outcome"] == "verified", json.dumps(judged)
        assert "test_cart.py::test_discount_is_taken_off" in json.dumps(judged["verdict"]["fixed"])  # type: ignore[index]


def judge(daemon: Daemon) -> str:
    """Return the task that the server began."""
    for _ in until(PATIENCE):
        newest = daemon.newest()
        if newest["kind"] == "verify":
            return newest["task_id"]
    raise AssertionError("nothing is verified")


@pytest.mark.long
def test_a_proven_fix_is_in_an_untouched_buffer_what_was_verified(fixed: Fixed) -> None:
    with Editor(environ=fixed.daemon.ratchet.environ) as editor:
        editor.initialize(**NVIM)
        desk = Desk(editor.send, fixed.cart.path, tells_late=True)
        desk.open("cart.py")
        assert "exactly as they were verified" in apply(editor, desk, fixed.task)
        assert desk.text("cart.py") == fixed.verified
