"""A small repository, and the app opened in it on a daemon that has its index."""

import subprocess
from pathlib import Path

from agent.client.client import Client
from agent.client.registration import Address
from tests.daemon.daemon_process import DaemonProcess
from tui.app import RatchetApp
from tui.desk import Desk, Told
from tui.feed.daemon_feed import DaemonFeed
from tui.messages import Go, OpenTask

CART = '''"""A cart."""


class Cart:
    """What somebody buys."""

    def total(self, prices: list[int]) -> int:
        """Return the sum."""
        return add_up(prices)


def add_up(prices: list[int]) -> int:
    """Add numbers up."""
    return sum(prices)
'''
TESTS = """from shop.cart import Cart, add_up


def test_total() -> None:
    assert Cart().total([1, 2]) == 3


def test_add_up() -> None:
    assert add_up([1, 2]) == 3
"""
MODELS = """
[models.small]
base_url = "http://127.0.0.1:9/v1"
model = "small-1"
"""


def make_shop(folder: Path) -> Path:
    """Return the top of a repository with one class, one function and a test of each."""
    files = {
        "shop/__init__.py": "",
        "shop/cart.py": CART,
        "tests/test_cart.py": TESTS,
        "notes of mine.md": "# Mine\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@localhost")
    for command in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "Begin")):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def desk_of(owner: RatchetApp, daemon: DaemonProcess, repository: Path | None) -> Desk:
    """Return a desk on a daemon; whoever runs it closes the client."""

    async def find() -> Address:
        return Address(socket=daemon.registration["socket"])

    told, client = Told(owner), Client(find)
    return Desk(told, DaemonFeed(client, told), client, repository or Path(), repository)


def shop_app(
    daemon: DaemonProcess, repository: Path | None, first: Go | OpenTask | None = None
) -> RatchetApp:
    """Return the app on a daemon, opened in a repository."""
    return RatchetApp(lambda: lambda app: desk_of(app, daemon, repository), first=first)
