"""Small real repositories, and the real command run on them in a real sandbox."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}

CACHES = ("downloads", "environments", "guest", "host-root", "roots", "runners")

CART = {
    "cart.py": (
        "def total(prices, discount=0):\n"
        "    amount = 0\n"
        "    for price in prices:\n"
        "        amount += price\n"
        "    return amount + discount\n"
        "\n"
        "\n"
        "def count(prices):\n"
        "    return len(prices)\n"
    ),
    "test_cart.py": (
        "from cart import count, total\n"
        "\n"
        "\n"
        "def test_total_adds_up():\n"
        "    assert total([1, 2, 3]) == 6\n"
        "\n"
        "\n"
        "def test_discount_is_taken_off():\n"
        "    assert total([10, 5], discount=3) == 12\n"
        "    assert total([8], discount=8) == 0\n"
        "\n"
        "\n"
        "def test_count():\n"
        "    assert count([1, 2]) == 2\n"
    ),
}


def share_caches(shared: Path, own: Path) -> None:
    """Let a state directory of one's own have what takes long to make."""
    for name in CACHES:
        if (shared / name).is_dir():
            (own / name).symlink_to(shared / name)


class Repository:
    """A git repository of the test, made with plain git."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def git(self, *arguments: str) -> str:
        """Run git and return its output."""
        done = subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            env={**os.environ, **IDENTITY},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        """Write files into the working tree."""
        for name, text in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)

    def commit(self, files: Mapping[str, str], message: str = "change") -> str:
        """Write files, commit everything, and return the commit id."""
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")

    def fingerprint(self) -> dict[str, bytes]:
        """Return every file of the checkout and of `.git` that a fix may not touch."""
        kept = {}
        for path in sorted(self.path.rglob("*")):
            name = path.relative_to(self.path).as_posix()
            delivered = name.startswith(
                (".git/objects/", ".git/refs/heads/ratchet/", ".git/logs/refs/heads/ratchet/")
            )
            if path.is_file() and not delivered:
                kept[name] = path.read_bytes()
        return kept


@pytest.fixture
def make_repository(tmp_path: Path) -> Callable[..., Repository]:
    def make(files: Mapping[str, str] | None = None, name: str = "project") -> Repository:
        path = tmp_path / name
        path.mkdir()
        return new_repository(path, files or {})

    return make


@pytest.fixture(scope="session")
def made_cart(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The repository of all tests that are content with CART: its environment is built once."""
    return new_repository(tmp_path_factory.mktemp("cart"), CART)


@pytest.fixture
def cart(made_cart: Repository) -> Iterator[Repository]:
    """A repository in which one of three tests fails."""
    with put_back(made_cart):
        yield made_cart


def new_repository(path: Path, files: Mapping[str, str]) -> Repository:
    """Make a repository in an empty folder, with one commit if there are files."""
    repository = Repository(path)
    repository.git("init", "-q", "-b", "main")
    if files:
        repository.commit(files, "start")
    return repository


@contextmanager
def put_back(repository: Repository) -> Iterator[None]:
    """Make a repository in the end what it was before; only objects nobody refers to are left."""
    config, start = (repository.path / ".git" / "config").read_bytes(), repository.git("rev-parse", "HEAD")
    yield
    repository.git("checkout", "-q", "-f", "-B", "main", start)
    repository.git("clean", "-q", "-f", "-d", "-x")
    branches = repository.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split()
    for branch in set(branches) - {"main"}:
        repository.git("branch", "-q", "-D", branch)
    (repository.path / ".git" / "config").write_bytes(config)


class Ratchet:
    """The real command in its own process."""

    def __init__(self, state: Path) -> None:
        self.environ = {**os.environ, "RATCHET_STATE_DIR": str(state), "NO_COLOR": "1"}
        self.environ["RATCHET_CONFIG"] = str(state / "no-config.toml")
        # The quicker sandbox and no daemon: what the others add has tests of its own.
        self.environ |= {"RATCHET_FOREGROUND": "1", "RATCHET_SANDBOX": "bubblewrap"}

    def start(self, *arguments: str, cwd: Path | None = None) -> subprocess.Popen[str]:
        """Start it in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "agent", *arguments],
            cwd=cwd or Path(__file__).parents[2],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        process = self.start(*arguments, cwd=cwd)
        out, err = process.communicate(timeout=240)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def json(self, *arguments: str) -> dict[str, object]:
        """Run it with --json and return the one object it prints, its exit code under `exit`."""
        done = self.run(*arguments, "--json")
        document = json.loads(done.stdout)
        return {**document, "exit": done.returncode, "stderr": done.stderr}


@pytest.fixture
def ratchet(state_dir: Path) -> Ratchet:
    return Ratchet(state_dir)
